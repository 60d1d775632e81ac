/* The low-frequency oscillator.
 *
 * The phase has 64 bits: at 0.001 Hz and 48 kHz a step of a 32-bit phase would be 89.5 units, of
 * which rounding would lose 0.6 % of the tempo, and at 192 kHz 2 %. With 64 bits the step has all
 * the 24 bits that a float has. The upper 32 bits of the phase are what the waves are read off.
 *
 * There is no band-limiting and so no latency: a frame's wave is that of the phase at that frame,
 * and a reset starts at 0 in the frame in which its gate rises. At audio rates the corners alias,
 * which is what the oscillator is for. A clock takes the place of the rate: dsp/lfo_clock.h.
 *
 * The random output has a value a cycle, the cycle's number put through a mixer of bits with the
 * voice's key, so it needs no generator that would have to be at the right place. A new value comes
 * at once, or, smooth, along 3 t^2 - 2 t^3 of the way from the last one, over a share of the cycle.
 *
 * One-shot, the phase stops at the last of its 2^64 values, until a reset.
 *
 * Steps and waves are computed a vector of frames at a time; the running sum of 64-bit numbers is
 * not, and costs an addition a frame.
 *
 * Source: the mixer's constants are those of A. Appleby, MurmurHash3 (finaliser), public domain.
 */
#include "dsp/kernels.h"
#include "dsp/lfo_clock.h"

#define SPAN 64
#define GATE 0.5f

/* Where the oscillator is at each frame. */
typedef struct Span {
    uint32_t phase[SPAN]; /* 2^32 is one cycle */
    uint32_t cycle[SPAN]; /* its number */
} Span;

SY_INLINE bool rises(float *before, float now)
{
    const bool rising = now >= GATE && *before < GATE;
    *before = now;
    return rising;
}

/* The phase a frame on. */
SY_INLINE void advance(SyLfoState *state, float cycles, bool once)
{
    const uint64_t now = state->phase, next = now + (uint64_t)(int64_t)(cycles * 0x1p64f);
    const bool over = next < now;
    state->phase = over && once ? UINT64_MAX : next;
    state->cycle += over && !once;
}

static void fill_free(Span *span, const float cycles[SPAN], SyLfoState *memory, const float *reset,
                      bool once, uint32_t n)
{
    SyLfoState state = *memory;
    for (uint32_t i = 0; i < n; i++) {
        if (reset && rises(&state.reset_in, reset[i])) {
            state.phase = 0;
            state.cycle++;
        }
        span->phase[i] = (uint32_t)(state.phase >> 32);
        span->cycle[i] = state.cycle;
        advance(&state, cycles[i], once);
    }
    memory->phase = state.phase;
    memory->cycle = state.cycle;
    memory->edges = 0;
    memory->clock_in = 0.0f;
    memory->reset_in = reset ? state.reset_in : 0.0f;
}

/* The same at a steady rate, without resets, and with no more than one cycle's end: then a frame's
 * phase is an addition, four of which do not wait for each other, and its cycle a comparison.
 * `cycles`: whether anybody asks for those. */
static void fill_steady(Span *span, uint64_t step, SyLfoState *state, bool cycles, uint32_t n)
{
    const uint64_t first = state->phase, last = first + step * n;
    uint64_t phase[4] = {first, first + step, first + 2 * step, first + 3 * step};
    for (uint32_t i = 0; i < SPAN; i += 4) {
        for (uint32_t k = 0; k < 4; k++) {
            span->phase[i + k] = (uint32_t)(phase[k] >> 32);
            if (cycles)
                span->cycle[i + k] = state->cycle + (phase[k] < first);
            phase[k] += 4 * step;
        }
    }
    state->phase = last;
    state->cycle += last < first;
    state->edges = 0;
    state->clock_in = 0.0f;
    state->reset_in = 0.0f;
}

static void fill_clocked(Span *span, const float cycles[SPAN], const SyLfoVoice *voice, uint32_t at,
                         uint32_t n)
{
    SyLfoState *state = voice->state;
    for (uint32_t i = 0; i < n; i++) {
        const bool resets = voice->reset && rises(&state->reset_in, voice->reset[at + i]);
        const bool ticks = rises(&state->clock_in, voice->clock[at + i]);
        sy_lfo_clocked(state, ticks, resets, sy_ramp_at(voice->ratio, at + i), voice->once);
        span->phase[i] = (uint32_t)(state->phase >> 32);
        span->cycle[i] = state->cycle;
        if (state->edges < 2)
            advance(state, cycles[i], voice->once);
    }
    if (!voice->reset)
        state->reset_in = 0.0f;
}

/* Cycles a frame. Returns whether they are the same for all. */
static bool fill_cycles(float cycles[SPAN], const SyTables *tables, const SyLfoVoice *voice,
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
            value = sy_min(sy_exp2(octaves) * tables->c4_cycles, sy_f(SY_LFO_FASTEST));
        }
        sy_store(cycles + i, value);
    }
    return constant;
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

/* A cycle's random value, uniform in +-1. */
SY_INLINE SyF value_of(uint32_t key, SyU cycle)
{
    cycle ^= cycle >> 16;
    cycle = cycle * 0x85ebca6bu + key;
    cycle ^= cycle >> 13;
    cycle *= 0xc2b2ae35u;
    cycle ^= cycle >> 16;
    return sy_to_float((SyI)cycle) * 0x1p-31f;
}

/* `cycle` is that of `phase`. */
SY_INLINE SyF random_wave(uint32_t key, SyU cycle, SyU phase, SyF smooth)
{
    const SyF to = value_of(key, cycle), from = value_of(key, cycle - 1);
    const SyF way = sy_to_float((SyI)(phase >> 8)) * 0x1p-24f;
    const SyF t = sy_select(way < smooth, way / smooth, sy_f(1.0f));
    return sy_select(t < 1.0f, from + (to - from) * ((t * t) * (3.0f - (t + t))), to);
}

/* The waves of n frames, all or those that are wanted. */
static void fill_waves(const SyLfoVoice *voice, const Span *span, uint32_t at, uint32_t n)
{
    for (uint32_t i = 0; i < n; i += SY_WIDTH) {
        const SyU ahead = sy_to_phase(sy_ramp_v(voice->phase, at + i));
        const SyU width = sy_to_phase(sy_ramp_v(voice->width, at + i));
        const SyU phase = sy_load_u(span->phase + i) + ahead;
        for (int o = 0; o < SY_VCO_OUTPUTS; o++) {
            if (voice->out[o])
                sy_store_some(voice->out[o] + at + i, wave(o, phase, width), n - i);
        }
        if (voice->out[SY_LFO_RANDOM]) {
            const SyU carry = (SyU)(phase < ahead); /* all ones, that is -1, where it wrapped */
            const SyU cycle = sy_load_u(span->cycle + i) - carry;
            const SyF random =
                random_wave(voice->state->key, cycle, phase, sy_ramp_v(voice->smooth, at + i));
            sy_store_some(voice->out[SY_LFO_RANDOM] + at + i, random, n - i);
        }
    }
}

void SY_KERNEL(lfo)(const SyTables *tables, const SyLfoVoice *voice, uint32_t n_frames)
{
    for (uint32_t at = 0; at < n_frames; at += SPAN) {
        const uint32_t n = n_frames - at < SPAN ? n_frames - at : SPAN;
        float cycles[SPAN];
        Span span = {{0}, {0}};
        const bool steady = fill_cycles(cycles, tables, voice, at, n);
        if (voice->clock)
            fill_clocked(&span, cycles, voice, at, n);
        else if (steady && !voice->reset && !voice->once && cycles[0] * SPAN < 1.0f)
            fill_steady(&span, (uint64_t)(cycles[0] * 0x1p64f), voice->state,
                        voice->out[SY_LFO_RANDOM], n);
        else
            fill_free(&span, cycles, voice->state, voice->reset ? voice->reset + at : NULL,
                      voice->once, n);
        fill_waves(voice, &span, at, n);
    }
}
