/* The wavetable oscillator.
 *
 * A phase of 64 bits moves by a signed step each frame, so through zero as well, and its upper half
 * is where a table is read: with 32 bits, slow steps would be out of tune by what is cut off. Each
 * cycle is there at 21 levels, half an octave of harmonics apart. A frame of frequency f reads one,
 *
 *     v = 1 + 2 log2(1024 f / F)    level floor(v)
 *
 * and in the last quarter of the way to the next both, from the one to the other. So a level is
 * gone when its last harmonic gets to F: the rate less 20 kHz, as what is beyond half the rate
 * folds back from there, but 28.3 kHz at most. At 48 kHz nothing folds below 20 kHz, and what is
 * below 18 kHz is always there whole. It is one formula for every frame, so a sweep has no steps.
 *
 * Between points a table is a sum of cubic B-splines
 *
 *     b(d) = ((1 - d)^3, 3 d^3 - 6 d^2 + 4, -3 d^3 + 3 d^2 + 3 d + 1, d^3) / 6
 *
 * whose weights were made such that harmonics come out as they are (wavetable_file.c). What is left
 * is images about multiples of the table's length: of a harmonic with R points to its period they
 * are at (R - 1)^-4 of its level, which is -94 dB for the 1023rd of a cycle played below 28 Hz, and
 * less than -119 dB for all above 110 Hz. A cubic through four points of the wave itself would need
 * more than twice the points for that.
 *
 * Steps, levels and positions are computed a vector of frames at a time; the four neighbours of a
 * point are one vector of their own, read frame by frame: a load for each cycle and level instead
 * of four elements gathered. Sums have one order, so all builds give the same bits.
 *
 * Measured: aliases of the built-in waves below -110 dB, of noise as a cycle below -100 and, under
 * 110 Hz, -90; 7 to 9 ns a frame, the dearer with everything modulated.
 *
 * Sources: P. Burk, Bandlimited oscillators using wavetable synthesis, Audio Anecdotes 2, 2004;
 * M. Unser, Splines: a perfect fit for signal and image processing, IEEE SP Magazine 16, 1999.
 */
#include "dsp/pitch.h"

#define FASTEST    0.49f /* cycles a frame */
#define SPAN       64
#define TOP        ((float)(SY_WAVETABLE_LEVELS - 1))
#define HEARD_HZ   20000.0f
#define EARLY      0.012f /* of a level: what the logarithm may be wrong by */
#define HIGHEST_HZ 28284.0f
#define LOWEST_HZ  1000.0f /* at rates that cannot do without aliases */
#define HARMONICS  (SY_WAVETABLE_CYCLE / 2)

/* Four neighbours, whatever the width of the build. */
typedef float Four __attribute__((vector_size(16)));

/* What is read at each of n frames. */
typedef struct Places {
    uint32_t phase[SPAN];
    float level[SPAN]; /* 0 to TOP */
    float cycle[SPAN]; /* 0 to the last */
} Places;

SY_INLINE Four load_four(const float *from)
{
    Four x;
    memcpy(&x, from, sizeof(x));
    return x;
}

/* log2(x) for x from 2^-100 on: exact at powers of 2, elsewhere within 0.008, and nowhere a jump.
 */
SY_INLINE SyF rough_log2(SyF x)
{
    const SyI bits = (SyI)x;
    const SyF whole = sy_to_float((bits >> 23) - 127);
    const SyF rest = (SyF)((bits & 0x7fffff) | 0x3f800000) - 1.0f;
    return whole + rest * (1.0f + 0.3465f * (1.0f - rest));
}

/* Cycles a frame. */
SY_INLINE SyF speeds_at(const SyTables *tables, const SyWavetableVoice *voice, uint32_t at,
                        uint32_t n)
{
    const SyF octaves = sy_ramp_v(voice->freq, at) + sy_ramp_v(voice->fine, at) * (1.0f / 1200.0f);
    const SyPitchInputs inputs = {voice->pitch, voice->fm, voice->fm_depth, voice->exponential};
    return sy_clamp(sy_pitch_speeds(&inputs, octaves, tables->c4_cycles, at, n), -FASTEST, FASTEST);
}

static void fill_places(Places *places, const SyTables *tables, const SyWavetableVoice *voice,
                        uint32_t at, uint32_t n)
{
    const float folded = tables->rate - HEARD_HZ;
    const float highest = folded < HIGHEST_HZ ? folded : HIGHEST_HZ;
    const float scale = HARMONICS * tables->rate / (highest > LOWEST_HZ ? highest : LOWEST_HZ);
    const float last = (float)(voice->table->n_cycles - 1);
    float speeds[SPAN];

    for (uint32_t i = 0; i < n; i += SY_WIDTH) {
        const SyF speed = speeds_at(tables, voice, at + i, n - i);
        const SyF harmonics = sy_max(sy_abs(speed) * scale, sy_f(0x1p-100f));
        const SyF level = 1.0f + EARLY + 2.0f * rough_log2(harmonics);
        SyF position = sy_ramp_v(voice->position, at + i);
        if (voice->position_in)
            position += sy_load_some(voice->position_in + at + i, n - i);
        sy_store(speeds + i, speed);
        sy_store(places->level + i, sy_clamp(level, 0.0f, TOP));
        sy_store(places->cycle + i, sy_clamp(position, 0.0f, 1.0f) * last);
    }
    for (uint32_t i = 0; i < n; i++) {
        places->phase[i] = (uint32_t)(voice->state->phase >> 32);
        voice->state->phase += (uint64_t)(int64_t)(speeds[i] * 0x1p64f);
    }
}

/* Two neighbouring cycles of one level, `share` of the second, as four products to be added. What
 * is not needed of a frame is not read: that depends on the frame alone. */
SY_INLINE Four read_level(const SyWavetable *table, uint32_t level, uint32_t cycle, uint32_t next,
                          float share, uint32_t phase)
{
    static const Four cubic[4] = {{1.0f / 6.0f, 4.0f / 6.0f, 1.0f / 6.0f, 0.0f},
                                  {-0.5f, 0.0f, 0.5f, 0.0f},
                                  {0.5f, -1.0f, 0.5f, 0.0f},
                                  {-1.0f / 6.0f, 0.5f, -0.5f, 1.0f / 6.0f}};
    const uint32_t bits = table->bits[level], point = phase >> (32 - bits);
    const float d = (float)(int32_t)(phase << bits >> 8) * 0x1p-24f;
    const float *from = (const float *)table + table->at[level] + point;
    const Four weights = cubic[0] + d * (cubic[1] + d * (cubic[2] + d * cubic[3]));
    Four points = load_four(from + (size_t)cycle * table->stride[level]);
    if (share > 0.0f)
        points += (load_four(from + (size_t)next * table->stride[level]) - points) * share;
    return points * weights;
}

SY_INLINE Four read_frame(const SyWavetable *table, uint32_t phase, float level, float cycle)
{
    const uint32_t lower = sy_less((uint32_t)(int32_t)level, SY_WAVETABLE_LEVELS - 2);
    const uint32_t first = (uint32_t)(int32_t)cycle, next = sy_less(first + 1, table->n_cycles - 1);
    const float share = cycle - (float)(int32_t)first;
    const float way = 4.0f * (level - (float)(int32_t)lower) - 3.0f;
    const Four full = read_level(table, lower, first, next, share, phase);
    if (way <= 0.0f)
        return full;
    return full + (read_level(table, lower + 1, first, next, share, phase) - full) * way;
}

static void read_places(float *to, const SyWavetable *table, const Places *places, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++) {
        const Four sum = read_frame(table, places->phase[i], places->level[i], places->cycle[i]);
        to[i] = (sum[0] + sum[1]) + (sum[2] + sum[3]);
    }
}

void SY_KERNEL(wavetable)(const SyTables *tables, const SyWavetableVoice *voice, uint32_t n_frames)
{
    for (uint32_t at = 0; at < n_frames; at += SPAN) {
        const uint32_t n = sy_less(n_frames - at, SPAN);
        float wave[SPAN] = {0};
        Places places;
        fill_places(&places, tables, voice, at, n);
        if (!voice->out)
            continue;
        read_places(wave, voice->table, &places, n);
        for (uint32_t i = 0; i < n; i += SY_WIDTH) {
            const SyF level = sy_ramp_v(voice->level, at + i);
            sy_store_some(voice->out + at + i, sy_load(wave + i) * level, n - i);
        }
    }
}
