/* An oscillator in step with a clock.
 *
 * The clock's rising edges are beats. At beat n after the downbeat the phase is n times the ratio,
 * to the frame and to the last bit: a ratio within 2e-7 of p / q, q up to 64, is that fraction, and
 * n p mod q is a whole number, so nothing adds up over hours. Between two beats the phase runs as
 * fast as the last two were apart:
 *
 *     phase = ratio n + (frames since the beat) ratio / (frames from beat to beat)
 *
 * What a player expects, beyond that:
 *
 * - Before the second edge there is no tempo. The first edge begins a cycle (unless it is one-shot,
 *   which only a reset begins), which runs at the rate of the knob.
 * - A beat that is late, as when a clock slows down: the oscillator waits at the very end of what
 * it should have done by then, and never goes back, so a pulse does not come twice. A beat that is
 *   early takes it there at once.
 * - The clock stops: it waits, and goes on in step when the clock does. The pause is not a tempo:
 *   one beat of more than twice the last does not count, two of them do.
 * - A reset begins the cycle in its frame, and makes the nearest beat the downbeat, the last one or
 *   the one to come. While the clock stands, that is the one to come, and the oscillator waits for
 *   it at 0.
 */
#ifndef SY_DSP_LFO_CLOCK_H
#define SY_DSP_LFO_CLOCK_H

#include "dsp/lfo.h"
#include "dsp/vec.h"

#define SY_LFO_FASTEST     0.49f /* cycles a frame */
#define SY_LFO_DENOMINATOR 64
#define SY_LFO_NEAR        2e-7 /* a ratio is a fraction when it is as near as this */
#define SY_LFO_SHORT       (UINT64_C(1) << 32) /* of a cycle: how far before a beat it waits */

/* Takes up a ratio: as p / q, or q = 0 and as it is. */
SY_INLINE void sy_lfo_set_ratio(SyLfoState *s, float ratio)
{
    s->ratio = ratio;
    for (uint32_t q = 1; q <= SY_LFO_DENOMINATOR; q++) {
        const double exact = (double)ratio * q;
        const uint32_t p = (uint32_t)(exact + 0.5);
        const double off = exact - p;
        if (p > 0 && off < exact * SY_LFO_NEAR && -off < exact * SY_LFO_NEAR) {
            s->numerator = p;
            s->denominator = q;
            s->share = UINT64_MAX / q + 1; /* rounded up: a downbeat is not before the cycle */
            return;
        }
    }
    s->numerator = s->denominator = 0;
    s->share = (uint64_t)(((double)ratio - (uint32_t)ratio) * 0x1p63) << 1;
}

/* The phase at a beat. */
SY_INLINE uint64_t sy_lfo_at_beat(const SyLfoState *s)
{
    const uint64_t beats = (uint64_t)s->beats;
    if (s->denominator == 0)
        return beats * s->share;
    return (beats % s->denominator * s->numerator % s->denominator) * s->share;
}

/* How long the last beat was, unless it was a pause. */
SY_INLINE void sy_lfo_take_period(SyLfoState *s)
{
    s->late = s->edges == 2 && !s->late && s->since / 2 > s->period;
    if (!s->late)
        s->period = s->since;
}

SY_INLINE void sy_lfo_tick(SyLfoState *s, float ratio, bool once)
{
    if (s->edges == 0) {
        s->edges = 1;
        s->beats = 0;
        if (!once) {
            s->phase = 0;
            s->cycle++;
        }
    } else {
        sy_lfo_take_period(s);
        s->edges = 2;
        s->beats++;
        if (ratio != s->ratio)
            sy_lfo_set_ratio(s, ratio);
        const double exact =
            s->denominator ? (double)s->numerator / s->denominator : (double)s->ratio;
        const double cycles = exact / s->period;
        s->increment = (uint64_t)((cycles < SY_LFO_FASTEST ? cycles : SY_LFO_FASTEST) * 0x1p64);
        s->base = sy_lfo_at_beat(s);
        s->hold = s->base + s->period * s->increment - SY_LFO_SHORT;
    }
    s->since = 0;
}

/* Moves the phase to where the clock has it at this frame. */
SY_INLINE void sy_lfo_follow(SyLfoState *s, bool once)
{
    if (once && s->phase == UINT64_MAX)
        return;
    uint64_t phase = s->since < s->period ? s->base + s->since * s->increment : s->hold;
    const bool downbeat = s->since == 0 && s->beats == 0;
    if (phase < s->phase && !downbeat) {
        if (once)
            phase = UINT64_MAX;
        else
            s->cycle++;
    }
    s->phase = phase;
}

/* The cycle begins at this frame. */
SY_INLINE void sy_lfo_restart(SyLfoState *s)
{
    s->phase = 0;
    s->beats = 0;
    if (s->edges < 2)
        return;
    s->beats = s->since > s->period / 2 ? -1 : 0;
    s->base = -(s->since * s->increment);
    s->hold = s->since < s->period ? (s->period - s->since) * s->increment - SY_LFO_SHORT : 0;
}

/* One frame: afterwards the phase is that of this frame if the tempo is known. */
SY_INLINE void sy_lfo_clocked(SyLfoState *s, bool ticks, bool resets, float ratio, bool once)
{
    const uint32_t cycle = s->cycle;
    if (s->edges > 0 && s->since < INT32_MAX)
        s->since++;
    if (ticks)
        sy_lfo_tick(s, ratio, once);
    if (s->edges == 2)
        sy_lfo_follow(s, once);
    if (resets) {
        sy_lfo_restart(s);
        s->cycle = cycle + 1;
    }
}

#endif
