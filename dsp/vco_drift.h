/* Oscillators that do not quite agree: what sets voices apart, and what makes each of them wander.
 *
 * Where a voice stands among the others is a number in +-1 made of its seed. It wanders along two
 * curves, one with a new random number every 5.5 s (at 48 kHz), one every 0.7 s, that are drawn
 * through these numbers as cubic B-splines: smooth up to the second derivative, and never beyond
 * the numbers. Any frame's place on them follows from its number alone, so nothing is remembered
 * and nothing depends on where a block is cut; after 2^32 frames, a day, it begins again without a
 * seam.
 *
 * Source: the mixer of bits is that of A. Appleby, MurmurHash3 (finaliser), public domain.
 */
#ifndef SY_DSP_VCO_DRIFT_H
#define SY_DSP_VCO_DRIFT_H

#include "dsp/vec.h"

#define SY_DRIFT_SLOW 18 /* log2 of the frames from one number to the next */
#define SY_DRIFT_FAST 15

/* Uniform in +-1. */
SY_INLINE SyF sy_drift_number(uint32_t key, SyU n)
{
    n ^= n >> 16;
    n = n * 0x85ebca6bu + key;
    n ^= n >> 13;
    n *= 0xc2b2ae35u;
    n ^= n >> 16;
    return sy_to_float((SyI)n) * 0x1p-31f;
}

/* Where the voice stands among others, +-1. */
SY_INLINE float sy_drift_spread(uint32_t key)
{
    return sy_drift_number(key, sy_u(0x3c6ef372u))[0];
}

/* The curve with 2^period frames from one number to the next. */
SY_INLINE SyF sy_drift_curve(uint32_t key, SyU frame, uint32_t period)
{
    const SyU cell = frame >> period, last = sy_u(0xffffffffu >> period);
    const SyF x = sy_to_float((SyI)(frame & ((1u << period) - 1))) * (1.0f / (float)(1u << period));
    const SyF y = 1.0f - x, x2 = x * x, y2 = y * y;
    const SyF a = sy_drift_number(key, cell), b = sy_drift_number(key, (cell + 1) & last);
    const SyF c = sy_drift_number(key, (cell + 2) & last);
    const SyF d = sy_drift_number(key, (cell + 3) & last);
    const SyF outer = a * (y2 * y) + d * (x2 * x);
    const SyF inner = b * (3.0f * x2 * (x - 2.0f) + 4.0f) + c * (3.0f * y2 * (y - 2.0f) + 4.0f);
    return (outer + inner) * (1.0f / 6.0f);
}

/* How far a voice has wandered at these frames, +-1. */
SY_INLINE SyF sy_drift(uint32_t key, SyU frame)
{
    return sy_drift_curve(key, frame, SY_DRIFT_SLOW) * 0.75f +
           sy_drift_curve(key + 0x9e3779b9u, frame, SY_DRIFT_FAST) * 0.25f;
}

#endif
