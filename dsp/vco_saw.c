/* The saw alone, at a pitch that stands still: what most oscillators of most patches are asked for.
 *
 * It is what vco.c and vco_edges.c compute, to the bit, without what they need for everything else:
 *
 * - While the step is constant, each phase follows from the last by a multiplication, so phases are
 *   neither added up nor stored; and how many edges there are, and where, divisions say, for a
 *   vector of edges at once.
 * - The step is that of the frames before, as long as the pitch is: an exponential would take as
 *   long as half of the rest, and everything would wait for it. Whether that is so is asked once a
 *   call, however long.
 * - Residues lie in memory in whole vectors, and what an edge adds is turned to fit them on its way
 *   there. Else an edge reads at another offset what the one before has just stored, and waits
 *   until that has left the core.
 * - All edges are found before the first is added up: what an edge's time is made of takes longer
 *   than to add it up, and a core does not look further ahead than three edges.
 *
 * ns a frame on AVX2 (Zen 3), one voice in blocks of 64 or 512, where a scalar saw without any of
 * this costs 0.46; and a voice of 16 from 55 to 880 Hz:
 *
 *                      100 Hz    1 kHz    4.2 kHz    9 kHz    55-880 Hz
 *     64                 0.44     0.74       1.29      2.1         0.47
 *     512                0.21     0.35       0.92      1.8         0.23
 *     64, vco.c          1.4      1.9        3.1       4.8         1.3
 *
 * An edge takes 25 to 30 cycles, which is what its 53 additions and multiplications and the turning
 * take; a call takes 50 beside the frames.
 *
 * With vectors of 16 an edge has a longer way through the processor, which shows when there is one
 * every now and then and it guesses wrongly whether. Most notes are below 1 kHz, so vectors are of
 * 8 at most.
 */
#include "dsp/blep.h"
#include "dsp/vco_pitch.h"

#define KEPT  (SY_BLEP_TAPS / SY_WIDTH) /* vectors that a residue fills */
#define SPAN  (SY_SPAN / SY_WIDTH)      /* vectors in a span */
#define MOST  (8 * SY_SPAN)             /* frames whose residues are added up together */
#define EDGES (MOST / 2)                /* at most, in so many frames */

/* Of the frames of SyVcoState.phase, those that fill vectors. What is written is read in the same
 * pieces by the next call: else it would have to wait until that has left the core. */
#define PAST (SY_BLEP_DELAY - SY_BLEP_DELAY % SY_WIDTH)

/* Whether the phase moved by `step` to all frames that the edges to come depend on. */
SY_INLINE bool was_steady(const SyVcoState *state, uint32_t step)
{
    uint32_t phase = state->phase[SY_BLEP_DELAY - 1], changes = 0;
    for (uint32_t i = 0; i < SY_VCO_STEPS; i++)
        changes |= (uint32_t)state->step[i] ^ step;
    for (uint32_t i = SY_BLEP_DELAY - 1; i > PAST; i--) {
        phase -= step;
        changes |= state->phase[i - 1] ^ phase;
    }
    SyU phases = sy_u(phase - step * SY_WIDTH) + sy_u(step) * (SyU)sy_iota(), differ = sy_u(0);
    for (uint32_t i = PAST; i > 0; i -= SY_WIDTH) {
        differ |= sy_load_u(state->phase + i - SY_WIDTH) ^ phases;
        phases -= sy_u(step * SY_WIDTH);
    }
    return (changes | sy_bits(differ != sy_u(0))) == 0;
}

/* How many of n frames are of whole spans in which the pitch is what it is at the first. */
SY_INLINE uint32_t held_for(const float *pitch, uint32_t n)
{
    const SyI first = (SyI)sy_f(pitch[0]);
    uint32_t held = 0;
    for (; held + SY_SPAN <= n; held += SY_SPAN) {
        SyI moved = sy_i(0);
        for (uint32_t i = 0; i < SY_SPAN; i += SY_WIDTH)
            moved |= (SyI)sy_load(pitch + held + i) ^ first;
        if (sy_bits(moved != sy_i(0)) != 0)
            break;
    }
    return held;
}

/* Edges, [n]. */
typedef struct Edges {
    _Alignas(64) uint32_t at[EDGES]; /* frames */
    _Alignas(64) float late[EDGES];  /* frames that have passed since them, at these frames */
    _Alignas(64) float late2[EDGES]; /* squared */
    _Alignas(64) float late4[EDGES];
} Edges;

/* Finds the edges of n frames, the phase being `before` a frame before the first; returns how many.
 *
 * The steps before an edge are all that leave the phase within its cycle: what is left of the
 * cycle, less a unit, divided by the step. In float that may be wrong by one; made a little too
 * small, it can only be one too few, and then the phase of what should be the edge's frame is still
 * at the cycle's end. */
SY_INLINE uint32_t find_edges(Edges *edges, uint32_t before, uint32_t step, uint32_t n)
{
    const float frames = (1.0f - 0x1p-20f) / (float)step, left = (float)~before;
    const uint32_t n_edges = (uint32_t)((before + (uint64_t)step * n) >> 32);
    for (uint32_t e = 0; e < n_edges; e += SY_WIDTH) {
        const SyF cycles = sy_to_float(sy_iota() + (int32_t)e);
        const SyU early = (SyU)sy_to_int((cycles * 0x1p32f + left) * frames);
        const SyU there = early * step + (before + step);
        const SyI is_short = (SyI)there < 0;
        const SyU past = there + (sy_u(step) & (SyU)is_short);
        const SyF late = sy_to_float((SyI)past) / (float)step, late2 = late * late;
        sy_store_u(&edges->at[e], early - (SyU)is_short);
        sy_store(&edges->late[e], late);
        sy_store(&edges->late2[e], late2);
        sy_store(&edges->late4[e], late2 * late2);
    }
    return n_edges;
}

#if SY_INTRINSICS && SY_WIDTH == 8
/* sy_blep_add() to &residue[edges->at[e]], in whole vectors: turned so that what goes beyond the
 * end of one is at the beginning of the next. */
SY_INLINE void add_edge(SyF *residue, const Edges *edges, uint32_t e,
                        const float c[SY_BLEP_TERMS][SY_BLEP_TAPS])
{
    static const int32_t turns[] = {-8, -7, -6, -5, -4, -3, -2, -1, 0, 1, 2, 3, 4, 5, 6, 7};
    const float late = edges->late[e], late2 = edges->late2[e], late4 = edges->late4[e];
    SyI from;
    memcpy(&from, &turns[SY_WIDTH - edges->at[e] % SY_WIDTH], sizeof(from));
    const SyI is_before = from < 0;
    SyF before = sy_f(0.0f);
    SyF *to = residue + edges->at[e] / SY_WIDTH;
    for (uint32_t k = 0; k < KEPT; k++) {
        const SyF here = sy_blep_at(c, k * SY_WIDTH, late, late2, late4);
        const SyF turned = (SyF)_mm256_permutevar8x32_ps((__m256)here, (__m256i)from);
        to[k] += (SyF)_mm256_blendv_ps((__m256)turned, (__m256)before, (__m256)is_before);
        before = turned;
    }
    to[KEPT] += (SyF)((SyI)before & is_before);
}
#else
SY_INLINE void add_edge(SyF *residue, const Edges *edges, uint32_t e,
                        const float c[SY_BLEP_TERMS][SY_BLEP_TAPS])
{
    sy_blep_add((float *)residue + edges->at[e], c, edges->late[e], 1.0f);
}
#endif

/* The saw's jumps down, n of them. Kept apart from what calls it, or gcc takes the coefficients for
 * something that had better be copied first. */
static void __attribute__((noinline))
add_edges(SyF *residue, const Edges *edges, uint32_t n, const float c[SY_BLEP_TERMS][SY_BLEP_TAPS])
{
    for (uint32_t e = 0; e < n; e++)
        add_edge(residue, edges, e, c);
}

/* sy_saw(), of a phase that is counted from the middle of the cycle. */
SY_INLINE SyF saw_from_middle(SyU phase)
{
    return sy_to_float((SyI)phase) * 0x1p-31f;
}

SY_INLINE void write_steady(float *out, const SyF *residue, SyU heard, SyU step, SyF level,
                            uint32_t n)
{
    for (uint32_t at = 0; at < n; at += SY_SPAN) {
        for (uint32_t i = 0; i < SPAN; i++, heard += step)
            sy_store(out + at + i * SY_WIDTH, (saw_from_middle(heard) + *residue++) * level);
    }
}

SY_INLINE void write_ramped(float *out, const SyF *residue, SyU heard, SyU step,
                            const SyRamp *level, uint32_t at, uint32_t n)
{
    for (uint32_t i = 0; i < n; i += SY_WIDTH, heard += step)
        sy_store(out + i, (saw_from_middle(heard) + *residue++) * sy_ramp_v(level, at + i));
}

/* The frames whose edges wait to be placed. */
SY_INLINE uint32_t waiting(const SyVcoState *state)
{
    const uint32_t *last = &state->phase[SY_BLEP_DELAY - SY_BLEP_LOOK];
    uint32_t edges = 0;
    for (uint32_t i = 0; i < SY_BLEP_LOOK; i++)
        edges |= (uint32_t)(last[i] < (uint32_t)state->step[0]) << i;
    return state->minimum ? 0 : edges;
}

SY_INLINE void move_on(SyVcoState *state, uint32_t by)
{
    for (uint32_t i = 0; i < PAST; i += SY_WIDTH)
        sy_store_u(state->phase + i, sy_load_u(state->phase + i) + by);
    for (uint32_t i = PAST; i < SY_BLEP_DELAY; i++)
        state->phase[i] += by;
    memset(state->marks, 0, sizeof(state->marks));
    state->marks[SY_MARK_WRAP] = waiting(state);
    state->sync_in = 0.0f;
    state->back = 0;
    state->live = 1u << SY_VCO_SAW;
}

/* n frames of whole spans, at most MOST. */
SY_INLINE void run_frames(const SyTables *tables, const SyVcoVoice *voice, uint32_t at, uint32_t n)
{
    SyVcoState *state = voice->state;
    const bool minimum = state->minimum;
    const uint32_t step = (uint32_t)state->step[0];
    const uint32_t ahead = minimum ? SY_BLEP_DELAY - SY_BLEP_EARLY : 0;
    const uint32_t before = state->phase[SY_BLEP_DELAY - 1 - (minimum ? 0 : SY_BLEP_LOOK)];
    const SyU heard = sy_load_u(state->phase) + (step * ahead + 0x80000000u);
    Edges edges;
    SyF residue[MOST / SY_WIDTH + KEPT];
    const uint32_t n_edges = find_edges(&edges, before, step, n);
    for (uint32_t k = 0; k < KEPT; k++)
        residue[k] = sy_load(state->saw + k * SY_WIDTH);
    for (uint32_t k = 0; k < n / SY_WIDTH; k += SPAN) {
        for (uint32_t i = 0; i < SPAN; i++)
            residue[KEPT + k + i] = sy_f(0.0f);
    }
    move_on(state, step * n);
    if (n_edges)
        add_edges(residue, &edges, n_edges, tables->fall[minimum]);
    float *out = voice->out[SY_VCO_SAW] + at;
    if (sy_ramp_is_steady(voice->level))
        write_steady(out, residue, heard, sy_u(step * SY_WIDTH), sy_f(voice->level->to), n);
    else
        write_ramped(out, residue, heard, sy_u(step * SY_WIDTH), voice->level, at, n);
    const SyF *left = residue + n / SY_WIDTH;
    for (uint32_t k = 0; k < KEPT; k++)
        sy_store(state->saw + k * SY_WIDTH, left[k]);
}

/* Whether frame `at` is like those before. Asked with few branches: after many, gcc takes what
 * follows for code that need not be fast. */
SY_INLINE bool goes_on(const SyVcoVoice *voice, uint32_t at)
{
    const SyVcoState *state = voice->state;
    const int32_t step = state->step[0];
    uint32_t other = voice->minimum ^ state->minimum;
    other |= state->marks[SY_MARK_SYNC] | state->marks[SY_MARK_TURN];
    other |= !(state->live >> SY_VCO_SAW & 1);
    other |= step <= (int32_t)SY_VCO_SLOW; /* there may be fractions */
    if (other != 0 || voice->sync || !sy_vco_is_set(voice))
        return false;
    const float set = sy_vco_set_octaves(voice);
    const float octaves = voice->pitch ? set + voice->pitch[at] : set;
    return octaves == state->octaves && was_steady(state, (uint32_t)step);
}

#if SY_WIDTH <= 8
uint32_t SY_KERNEL(vco_saw)(const SyTables *tables, const SyVcoVoice *voice, uint32_t at,
                            uint32_t n)
{
    if (n < SY_SPAN || !goes_on(voice, at))
        return 0;
    const uint32_t steady = voice->pitch ? held_for(voice->pitch + at, n) : n - n % SY_SPAN;
    for (uint32_t i = 0; i < steady; i += MOST)
        run_frames(tables, voice, at + i, sy_less(steady - i, MOST));
    return steady;
}
#endif
