/* The low-frequency oscillator.
 *
 * The phase has 64 bits: at 0.001 Hz and 48 kHz a step of a 32-bit phase would be 89.5 units, of
 * which rounding would lose 0.6 % of the tempo, and at 192 kHz 2 %. With 64 bits the step has all
 * the 24 bits that a float has. The upper 32 bits of the phase are what the waves are read off.
 *
 * There is no band-limiting and so no latency: a frame's wave is that of the phase at that frame,
 * and a reset starts at 0 in the frame in which its gate rises. At audio rates the corners alias,
 * which is what the oscillator is for.
 *
 * Steps and waves are computed a vector of frames at a time; the running sum of 64-bit numbers is
 * not, and costs an addition a frame.
 */
#include "dsp/kernels.h"

#define SPAN    64
#define FASTEST 0.49f /* cycles a frame */
#define GATE    0.5f

/* Where the cycle is at each of n frames, as 2^32 to the cycle. */
static void fill_phases(uint32_t phase[SPAN], const float cycles[SPAN], SyLfoState *state,
                        const float *reset, uint32_t n)
{
    uint64_t now = state->phase;
    float before = state->reset_in;
    for (uint32_t i = 0; i < n; i++) {
        if (reset) {
            if (reset[i] >= GATE && before < GATE)
                now = 0;
            before = reset[i];
        }
        phase[i] = (uint32_t)(now >> 32);
        now += (uint64_t)(int64_t)(cycles[i] * 0x1p64f);
    }
    state->phase = now;
    state->reset_in = reset ? before : 0.0f;
}

/* Cycles a frame. */
static void fill_cycles(float cycles[SPAN], const SyTables *tables, const SyLfoVoice *voice,
                        uint32_t at, uint32_t n)
{
    const bool constant = !voice->fm && sy_ramp_is_steady(voice->rate);
    SyF value = sy_f(0.0f);
    for (uint32_t i = 0; i < n; i += SY_WIDTH) {
        if (i == 0 || !constant) {
            SyF octaves = sy_ramp_v(voice->rate, at + i);
            if (voice->fm)
                octaves +=
                    sy_load_some(voice->fm + at + i, n - i) * sy_ramp_v(voice->fm_depth, at + i);
            value = sy_min(sy_exp2(octaves) * tables->c4_cycles, sy_f(FASTEST));
        }
        sy_store(cycles + i, value);
    }
}

SY_INLINE SyF wave(int output, SyU phase, SyU width)
{
    switch (output) {
    case SY_VCO_SAW:
        return sy_saw(phase);
    case SY_VCO_PULSE:
        return sy_select(phase < width, sy_f(1.0f), sy_f(-1.0f));
    case SY_VCO_TRIANGLE:
        return sy_triangle(phase);
    default:
        return sy_sine(phase);
    }
}

void SY_KERNEL(lfo)(const SyTables *tables, const SyLfoVoice *voice, uint32_t n_frames)
{
    for (uint32_t at = 0; at < n_frames; at += SPAN) {
        const uint32_t n = n_frames - at < SPAN ? n_frames - at : SPAN;
        float cycles[SPAN];
        uint32_t phases[SPAN] = {0};
        fill_cycles(cycles, tables, voice, at, n);
        fill_phases(phases, cycles, voice->state, voice->reset ? voice->reset + at : NULL, n);
        for (uint32_t i = 0; i < n; i += SY_WIDTH) {
            const SyU ahead = sy_to_phase(sy_ramp_v(voice->phase, at + i));
            const SyU width = sy_to_phase(sy_ramp_v(voice->width, at + i));
            const SyU phase = sy_load_u(phases + i) + ahead;
            for (int o = 0; o < SY_VCO_OUTPUTS; o++) {
                if (voice->out[o])
                    sy_store_some(voice->out[o] + at + i, wave(o, phase, width), n - i);
            }
        }
    }
}
