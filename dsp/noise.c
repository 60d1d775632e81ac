/* Noise.
 *
 * White: the frame's number, put through a mixer of bits together with the voice's key. Without a
 * generator's state to pass from frame to frame it vectorises, and any frame can be computed again.
 * The numbers are uniform in +-1; they repeat after 2^32 frames, a day.
 *
 * Pink, power density 1/f: eight one-pole low-pass filters, each with a noise of its own, their
 * corners a factor 4 apart. Independent noises add in power, and with the gain 1 / sqrt(corner)
 * the sum of the curves 1 / (1 + (f / corner)^2) / corner over corners so spaced is 1/f to 0.014
 * dB; only next to the rate's half must the two highest be corrected. Measured: +-0.12 dB from 20
 * Hz to 20 kHz at a rate of 48 kHz. Adding filtered copies of a single noise needs fitted numbers
 * for the same, and the usual sums of held random numbers ripple by decibels.
 *
 * Brown, density 1/f^2: white noise through one pole at 10 Hz, below which it is flat, so that it
 * does not drift away.
 *
 * Pink and brown are scaled to an effective value of 0.22, which leaves their peaks within about 1.
 *
 * Source: the mixer's constants are those of A. Appleby, MurmurHash3 (finaliser), public domain.
 */
#include "dsp/kernels.h"

typedef float SyF4 __attribute__((vector_size(16)));

#define SPAN         64
#define PINK_STREAM  0x9e3779b9u /* added to the key: other numbers */
#define BROWN_STREAM 0x3c6ef372u

/* Corner of each pole as the share of the distance to its input that it covers in a frame. */
static const float pink_pull[SY_PINK_POLES] = {0.64f,   0.16f,     0.04f,       0.01f,
                                               0.0025f, 0.000625f, 0.00015625f, 0.0000390625f};
/* 1 - pull: a pole is kept * pole + pull * input, which waits for one product and one sum. */
static const float pink_kept[SY_PINK_POLES] = {0.36f,   0.84f,     0.96f,       0.99f,
                                               0.9975f, 0.999375f, 0.99984375f, 0.9999609375f};
static const float pink_gain[SY_PINK_POLES] = {0.23307277f, 0.46614555f, 0.9141866f, 1.8283732f,
                                               3.6567464f,  7.3134928f,  14.626986f, 29.253971f};

/* Uniform in +-1; n = number, number + 1, ... */
SY_INLINE SyF white(uint32_t key, SyU n)
{
    n ^= n >> 16;
    n = n * 0x85ebca6bu + key;
    n ^= n >> 13;
    n *= 0xc2b2ae35u;
    n ^= n >> 16;
    return sy_to_float((SyI)n) * 0x1p-31f;
}

/* to[i], i < n rounded up to whole vectors, from number `first` on. */
static void fill_white(float *to, uint32_t key, uint32_t first, uint32_t n)
{
    for (uint32_t i = 0; i < n; i += SY_WIDTH)
        sy_store(to + i, white(key, (SyU)sy_iota() + (first + i)));
}

static void fill_pink(SyNoiseState *state, float *out, uint32_t n)
{
    float noise[SPAN * SY_PINK_POLES];
    SyF4 pole[2], pull[2], kept[2], gain[2], input[2];
    fill_white(noise, state->key + PINK_STREAM, state->count * SY_PINK_POLES, n * SY_PINK_POLES);
    memcpy(pole, state->pink, sizeof(pole));
    memcpy(pull, pink_pull, sizeof(pull));
    memcpy(kept, pink_kept, sizeof(kept));
    memcpy(gain, pink_gain, sizeof(gain));
    for (uint32_t i = 0; i < n; i++) {
        memcpy(input, noise + i * SY_PINK_POLES, sizeof(input));
        pole[0] = pole[0] * kept[0] + input[0] * pull[0];
        pole[1] = pole[1] * kept[1] + input[1] * pull[1];
        const SyF4 sum = pole[0] * gain[0] + pole[1] * gain[1];
        out[i] = (sum[0] + sum[1]) + (sum[2] + sum[3]);
    }
    memcpy(state->pink, pole, sizeof(pole));
}

static void fill_brown(const SyTables *tables, SyNoiseState *state, float *out, uint32_t n)
{
    float noise[SPAN];
    fill_white(noise, state->key + BROWN_STREAM, state->count, n);
    float level = state->brown;
    for (uint32_t i = 0; i < n; i++) {
        level = level * tables->brown_kept + noise[i] * tables->brown_gain;
        out[i] = level;
    }
    state->brown = level;
}

void SY_KERNEL(noise)(const SyTables *tables, SyNoiseState *state,
                      float *const out[SY_NOISE_OUTPUTS], uint32_t n_frames)
{
    for (uint32_t at = 0; at < n_frames; at += SPAN) {
        const uint32_t n = n_frames - at < SPAN ? n_frames - at : SPAN;
        float noise[SPAN];
        if (out[SY_NOISE_WHITE]) {
            fill_white(noise, state->key, state->count, n);
            memcpy(out[SY_NOISE_WHITE] + at, noise, n * sizeof(float));
        }
        if (out[SY_NOISE_PINK])
            fill_pink(state, out[SY_NOISE_PINK] + at, n);
        if (out[SY_NOISE_BROWN])
            fill_brown(tables, state, out[SY_NOISE_BROWN] + at, n);
        state->count += n;
    }
}
