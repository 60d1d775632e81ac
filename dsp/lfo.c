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
 * Waves are computed a vector of frames at a time. So are phases while the rate stands still;
 * otherwise the running sum costs an addition a frame. At a steady rate, in calls of 512 frames, a
 * saw, pulse or triangle takes a third of the time of a scalar naive saw, a sine two thirds, all
 * five waves two and a half times as long (AVX2, Zen 3).
 *
 * Source: the mixer's constants are those of A. Appleby, MurmurHash3 (finaliser), public domain.
 */
#include "dsp/kernels.h"
#include "dsp/lfo_clock.h"

#define SPAN    64
#define VECTORS (SPAN / SY_WIDTH)
#define GATE    0.5f

/* Where the oscillator is at each frame. */
typedef struct Span {
    SyU phase[VECTORS]; /* 2^32 is one cycle */
    SyU cycle[VECTORS]; /* its number */
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
        span->phase[i / SY_WIDTH][i % SY_WIDTH] = (uint32_t)(state.phase >> 32);
        span->cycle[i / SY_WIDTH][i % SY_WIDTH] = state.cycle;
        advance(&state, cycles[i], once);
    }
    memory->phase = state.phase;
    memory->cycle = state.cycle;
    memory->edges = 0;
    memory->clock_in = 0.0f;
    memory->reset_in = reset ? state.reset_in : 0.0f;
}

static void fill_clocked(Span *span, const float cycles[SPAN], const SyLfoVoice *voice, uint32_t at,
                         uint32_t n)
{
    SyLfoState *state = voice->state;
    for (uint32_t i = 0; i < n; i++) {
        const bool resets = voice->reset && rises(&state->reset_in, voice->reset[at + i]);
        const bool ticks = rises(&state->clock_in, voice->clock[at + i]);
        sy_lfo_clocked(state, ticks, resets, sy_ramp_at(voice->ratio, at + i), voice->once);
        span->phase[i / SY_WIDTH][i % SY_WIDTH] = (uint32_t)(state->phase >> 32);
        span->cycle[i / SY_WIDTH][i % SY_WIDTH] = state->cycle;
        if (state->edges < 2)
            advance(state, cycles[i], voice->once);
    }
    if (!voice->reset)
        state->reset_in = 0.0f;
}

/* Cycles a frame, from frame i of the call on. */
SY_INLINE SyF cycles_at(const SyTables *tables, const SyLfoVoice *voice, uint32_t i, uint32_t n)
{
    SyF octaves = sy_ramp_v(voice->rate, i);
    if (voice->fm)
        octaves += sy_load_some(voice->fm + i, n) * sy_ramp_v(voice->fm_depth, i);
    return sy_min(sy_exp2(octaves) * tables->c4_cycles, sy_f(SY_LFO_FASTEST));
}

static void fill_cycles(float cycles[SPAN], const SyTables *tables, const SyLfoVoice *voice,
                        uint32_t at, uint32_t n)
{
    const bool moves = voice->fm || !sy_ramp_is_steady(voice->rate);
    SyF value = cycles_at(tables, voice, at, n);
    for (uint32_t i = 0; i < n; i += SY_WIDTH) {
        if (moves && i > 0)
            value = cycles_at(tables, voice, at + i, n - i);
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

/* What is read off a phase: how far ahead of it, and where waves bend. */
typedef struct Shape {
    SyU ahead, width;
    SyF smooth;
} Shape;

SY_INLINE Shape shape_at(const SyLfoVoice *voice, uint32_t i)
{
    return (Shape){.ahead = sy_to_phase(sy_ramp_v(voice->phase, i)),
                   .width = sy_to_phase(sy_ramp_v(voice->width, i)),
                   .smooth = sy_ramp_v(voice->smooth, i)};
}

SY_INLINE bool has_one_shape(const SyLfoVoice *voice)
{
    return sy_ramp_is_steady(voice->phase) && sy_ramp_is_steady(voice->width) &&
           sy_ramp_is_steady(voice->smooth);
}

/* The waves of n frames, all or those that are wanted. Output by output, because a processor can
 * look ahead over a few short chains of operations, but not over all of them. */
SY_INLINE void write_wave(const SyLfoVoice *voice, const SyU phase[VECTORS], int output,
                          uint32_t at, uint32_t n)
{
    if (voice->out[output] == NULL)
        return;
    Shape shape = shape_at(voice, at);
    float *to = voice->out[output] + at;
    if (has_one_shape(voice) && n == SPAN) {
        for (uint32_t i = 0; i < VECTORS; i++)
            sy_store(to + i * SY_WIDTH, wave(output, phase[i] + shape.ahead, shape.width));
        return;
    }
    for (uint32_t i = 0; i * SY_WIDTH < n; i++) {
        shape = shape_at(voice, at + i * SY_WIDTH);
        sy_store_some(to + i * SY_WIDTH, wave(output, phase[i] + shape.ahead, shape.width),
                      n - i * SY_WIDTH);
    }
}

static void write_random(const SyLfoVoice *voice, const Span *span, uint32_t at, uint32_t n)
{
    for (uint32_t i = 0; i * SY_WIDTH < n; i++) {
        const Shape shape = shape_at(voice, at + i * SY_WIDTH);
        const SyU phase = span->phase[i] + shape.ahead;
        const SyU carry = (SyU)(phase < shape.ahead); /* all ones, that is -1, where it wrapped */
        const SyF random =
            random_wave(voice->state->key, span->cycle[i] - carry, phase, shape.smooth);
        sy_store_some(voice->out[SY_LFO_RANDOM] + at + i * SY_WIDTH, random, n - i * SY_WIDTH);
    }
}

static void write_waves(const SyLfoVoice *voice, const Span *span, uint32_t at, uint32_t n)
{
    write_wave(voice, span->phase, SY_VCO_SAW, at, n);
    write_wave(voice, span->phase, SY_VCO_PULSE, at, n);
    write_wave(voice, span->phase, SY_VCO_TRIANGLE, at, n);
    write_wave(voice, span->phase, SY_VCO_SINE, at, n);
    if (voice->out[SY_LFO_RANDOM])
        write_random(voice, span, at, n);
}

/* Phases of a vector of frames: of each four frames in turn, `a` holds the first two and `b` the
 * others, because then their upper halves are put together within 16 bytes. */
typedef uint64_t Wide __attribute__((vector_size(SY_WIDTH * 4)));

typedef struct Phases {
    Wide a, b;
} Phases;

SY_INLINE SyU upper_halves(Phases p)
{
    const SyU a = (SyU)p.a, b = (SyU)p.b;
#if !defined(__clang__)
    const SyI i = sy_iota();
    return __builtin_shuffle(a, b, (i & ~3) + (i & 1) * 2 + 1 + (i & 2) * (SY_WIDTH / 2));
#elif SY_WIDTH == 4
    return __builtin_shufflevector(a, b, 1, 3, 5, 7);
#elif SY_WIDTH == 8
    return __builtin_shufflevector(a, b, 1, 3, 9, 11, 5, 7, 13, 15);
#else
    return __builtin_shufflevector(a, b, 1, 3, 17, 19, 5, 7, 21, 23, 9, 11, 25, 27, 13, 15, 29, 31);
#endif
}

/* Of frames 0, 1, 2, ... */
SY_INLINE Phases phases_from(uint64_t first, uint64_t step)
{
    Wide frames;
    for (uint64_t i = 0; i < SY_WIDTH / 2; i++)
        frames[i] = i % 2 + i / 2 * 4;
    const Wide a = first + step * frames;
    return (Phases){a, a + 2 * step};
}

/* The step of a rate that stands still: kept, because an exponential takes as long as the rest. */
SY_INLINE uint64_t steady_step(const SyTables *tables, const SyLfoVoice *voice)
{
    SyLfoState *state = voice->state;
    if (state->step == 0 || state->octaves != voice->rate->to) {
        state->octaves = voice->rate->to;
        state->step = (uint64_t)(cycles_at(tables, voice, 0, 0)[0] * 0x1p64f);
    }
    return state->step;
}

/* The same as fill_free() at a steady rate, without resets and one-shot, and with no more than one
 * cycle's end in n frames. */
static void fill_steady(Span *span, uint64_t step, const SyLfoState *state, bool cycles)
{
    const uint64_t first = state->phase;
    Phases p = phases_from(first, step);
    for (uint32_t i = 0; i < VECTORS; i++) {
        span->phase[i] = upper_halves(p);
        if (cycles) {
            const Phases over = {(Wide)(p.a < first), (Wide)(p.b < first)};
            span->cycle[i] = state->cycle - upper_halves(over);
        }
        p.a += step * SY_WIDTH;
        p.b += step * SY_WIDTH;
    }
}

static void end_steady(SyLfoState *state, uint64_t step, uint32_t n)
{
    const uint64_t last = state->phase + step * n;
    state->cycle += last < state->phase;
    state->phase = last;
    state->edges = 0;
    state->clock_in = 0.0f;
    state->reset_in = 0.0f;
}

static void fill_moving(Span *span, const SyTables *tables, const SyLfoVoice *voice, uint32_t at,
                        uint32_t n)
{
    float cycles[SPAN];
    memset(span, 0, sizeof(*span));
    fill_cycles(cycles, tables, voice, at, n);
    if (voice->clock)
        fill_clocked(span, cycles, voice, at, n);
    else
        fill_free(span, cycles, voice->state, voice->reset ? voice->reset + at : NULL, voice->once,
                  n);
}

void SY_KERNEL(lfo)(const SyTables *tables, const SyLfoVoice *voice, uint32_t n_frames)
{
    const bool steady = !voice->clock && !voice->reset && !voice->once && !voice->fm &&
                        sy_ramp_is_steady(voice->rate);
    const uint64_t step = steady ? steady_step(tables, voice) : UINT64_MAX;
    Span span;
    for (uint32_t at = 0; at < n_frames; at += SPAN) {
        const uint32_t n = sy_less(n_frames - at, SPAN);
        if (step < UINT64_MAX / SPAN) {
            fill_steady(&span, step, voice->state, voice->out[SY_LFO_RANDOM]);
            end_steady(voice->state, step, n);
        } else {
            fill_moving(&span, tables, voice, at, n);
        }
        write_waves(voice, &span, at, n);
    }
}
