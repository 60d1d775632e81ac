/* The saw alone, at a pitch that stands still: what most oscillators of most patches are asked for.
 *
 * It is what vco.c and vco_edges.c compute, to the bit, without what they need for everything else:
 *
 * - While the step is constant, each phase follows from the last by a multiplication, so phases are
 *   neither added up nor stored; and an edge lies where a division says.
 * - The step is that of the frames before, as long as the pitch is: an exponential would take as
 * long as half of the rest, and everything would wait for it.
 * - Residues lie in memory in whole vectors, and what an edge adds is moved to fit them on its way
 *   there. Else an edge reads at another offset what the one before has just stored, and waits
 * until that has left the core.
 *
 * ns a frame, one voice in blocks of 64, where a scalar saw without any of this costs 0.6:
 *
 *                              100 Hz    1 kHz    4.2 kHz    9 kHz
 *     AVX2                       0.56      0.80       1.38      2.3
 *     AVX2, vco.c                1.12      1.69       2.36      3.6
 *
 * With vectors of 16 it took 0.93 instead of 0.72 at 1 kHz, and 1.16 instead of 1.32 at 4.2 kHz: an
 * edge then has a longer way through the processor, which shows when there is one
 * every now and then and it guesses wrongly whether. Most notes are below 1 kHz, so vectors are of
 * 8 at most.
 */
#include "dsp/blep.h"
#include "dsp/vco_pitch.h"

#define KEPT (SY_BLEP_TAPS / SY_WIDTH) /* vectors that a residue fills */
#define ALL  (SY_SPAN / SY_WIDTH)      /* vectors in a span */

/* The phase k frames from one of `last`, for a vector of them. */
SY_INLINE SyU phases(uint32_t last, uint32_t step, int32_t k)
{
    return sy_u(last + step * (uint32_t)k) + sy_u(step) * (SyU)sy_iota();
}

/* Where the vectors begin that cover the frames of SyVcoState.phase: the last two may overlap. */
SY_INLINE uint32_t past_at(uint32_t i)
{
    return sy_less(i, SY_BLEP_DELAY - SY_WIDTH);
}

/* Whether the phase moved by `step` to all frames that the edges of a span depend on, and nothing
 * waits that this file does not know of. */
SY_INLINE bool was_steady(const SyVcoState *state, int32_t step)
{
    const uint32_t last = state->phase[SY_BLEP_DELAY - 1];
    int32_t changes = (int32_t)(state->marks[SY_MARK_SYNC] | state->marks[SY_MARK_TURN]);
    SyU differ = sy_u(0);
    for (uint32_t i = 0; i < SY_VCO_STEPS; i++)
        changes |= state->step[i] ^ step;
    for (uint32_t i = 0; i < SY_BLEP_DELAY; i += SY_WIDTH) {
        const int32_t k = (int32_t)past_at(i) - (SY_BLEP_DELAY - 1);
        differ |= sy_load_u(state->phase + past_at(i)) ^ phases(last, (uint32_t)step, k);
    }
    return changes == 0 && sy_bits(differ != sy_u(0)) == 0;
}

#if SY_INTRINSICS && SY_WIDTH == 8
/* The last `by` elements of a, then the first ones of b. */
SY_INLINE SyF moved(SyF a, SyF b, uint32_t by)
{
    const SyI from = sy_iota() - (int32_t)by;
    const __m256 turned_a = _mm256_permutevar8x32_ps((__m256)a, (__m256i)from);
    const __m256 turned_b = _mm256_permutevar8x32_ps((__m256)b, (__m256i)from);
    return (SyF)_mm256_blendv_ps(turned_b, turned_a, (__m256)from);
}

/* sy_blep_add() to &residue[i], in whole vectors. */
SY_INLINE void add_edge(SyF *residue, uint32_t i, const float c[SY_BLEP_TERMS][SY_BLEP_TAPS],
                        float late, float size)
{
    SyF before = sy_f(0.0f);
    SyF *to = residue + i / SY_WIDTH;
    for (uint32_t k = 0; k < KEPT; k++) {
        const SyF here = sy_blep_at(c, k * SY_WIDTH, late) * size;
        to[k] += moved(before, here, i % SY_WIDTH);
        before = here;
    }
    to[KEPT] += moved(before, sy_f(0.0f), i % SY_WIDTH);
}
#else
SY_INLINE void add_edge(SyF *residue, uint32_t i, const float c[SY_BLEP_TERMS][SY_BLEP_TAPS],
                        float late, float size)
{
    sy_blep_add((float *)residue + i, c, late, size);
}
#endif

/* Bit i: phase wraps to the i-th of the frames whose edges are placed now, the first of which has
 * the phase `first`. */
SY_INLINE uint64_t find_edges(uint32_t first, int32_t step)
{
    uint64_t edges = 0;
    for (int32_t i = 0; i < SY_SPAN; i += SY_WIDTH) {
        const SyU phase = phases(first, (uint32_t)step, i);
        edges |= (uint64_t)sy_bits((SyI)(phase < phase - (uint32_t)step)) << i;
    }
    return edges;
}

SY_INLINE void add_edges(SyF *residue, const float c[SY_BLEP_TERMS][SY_BLEP_TAPS], uint32_t first,
                         int32_t step)
{
    for (uint64_t left = find_edges(first, step); left; left &= left - 1) {
        const uint32_t i = (uint32_t)__builtin_ctzll(left);
        const float past = (float)(int32_t)(first + (uint32_t)step * i);
        const float late = past / (float)step;
        add_edge(residue, i, c, late < 1.0f ? late : 1.0f, -2.0f);
    }
}

SY_INLINE void write_frames(SyVcoState *state, const SyTables *tables, const SyVcoVoice *voice,
                            int32_t step, uint32_t at)
{
    const uint32_t last = state->phase[SY_BLEP_DELAY - 1];
    const int32_t delay = voice->minimum ? SY_BLEP_EARLY : SY_BLEP_DELAY;
    float *out = voice->out[SY_VCO_SAW] + at;
    SyF residue[ALL + KEPT];
    for (int k = 0; k < KEPT; k++)
        residue[k] = sy_load(state->saw + k * SY_WIDTH);
    for (int k = 0; k < ALL; k++)
        residue[KEPT + k] = sy_f(0.0f);
    if (voice->minimum)
        add_edges(residue, tables->early[0], last + (uint32_t)step, step);
    else
        add_edges(residue, tables->blep[0], last - (uint32_t)step * (SY_BLEP_LOOK - 1), step);
    for (int32_t i = 0; i < SY_SPAN; i += SY_WIDTH) {
        const SyU heard = phases(last, (uint32_t)step, i + 1 - delay);
        const SyF level = sy_ramp_v(voice->level, at + (uint32_t)i);
        sy_store(out + i, (sy_saw(heard) + residue[i / SY_WIDTH]) * level);
    }
    for (int k = 0; k < KEPT; k++)
        sy_store(state->saw + k * SY_WIDTH, residue[ALL + k]);
}

/* The frames whose edges wait to be placed. */
SY_INLINE uint32_t waiting(uint32_t last, int32_t step)
{
    uint32_t edges = 0;
    for (uint32_t i = 0; i < SY_BLEP_LOOK; i++) {
        const uint32_t phase = last - (uint32_t)step * (SY_BLEP_LOOK - 1 - i);
        edges |= (uint32_t)(phase < phase - (uint32_t)step) << i;
    }
    return edges;
}

SY_INLINE void store_state(SyVcoState *state, int32_t step)
{
    const uint32_t last = state->phase[SY_BLEP_DELAY - 1] + (uint32_t)step * SY_SPAN;
    for (uint32_t i = 0; i < SY_BLEP_DELAY; i += SY_WIDTH) {
        const int32_t k = (int32_t)past_at(i) - (SY_BLEP_DELAY - 1);
        sy_store_u(state->phase + past_at(i), phases(last, (uint32_t)step, k));
    }
    memset(state->marks, 0, sizeof(state->marks));
    state->marks[SY_MARK_WRAP] = state->minimum ? 0 : waiting(last, step);
    state->sync_in = 0.0f;
    state->back = 0;
    state->live = 1u << SY_VCO_SAW;
}

#if SY_WIDTH <= 8
bool SY_KERNEL(vco_saw)(const SyTables *tables, const SyVcoVoice *voice, uint32_t at)
{
    SyVcoState *state = voice->state;
    const int32_t step = state->step[SY_VCO_STEPS - 1];
    if (voice->minimum != state->minimum)
        return false;
    if (voice->sync || !(state->live >> SY_VCO_SAW & 1) || !sy_vco_is_steady(voice, at, SY_SPAN))
        return false;
    if ((float)step <= SY_VCO_SLOW) /* there may be fractions */
        return false;
    if (sy_vco_octaves(voice, at) != state->octaves || !was_steady(state, step))
        return false;
    write_frames(state, tables, voice, step, at);
    store_state(state, step);
    return true;
}
#endif
