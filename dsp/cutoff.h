/* Where a filter's cutoff is at each frame, for the filters that run in lanes.
 *
 *     angle = pi cutoff / rate,  cutoff = C4 2^(knob + tracking pitch + depth fm)
 *
 * limited to 1.5 (0.477 of the rate), and its tangent, which is the analogue cutoff that the
 * trapezoidal rule warps onto this one, as a fraction:
 *
 *     tan x = x (945 - 105 x^2 + x^4) / (945 - 420 x^2 + 15 x^4)
 *
 * the continued fraction of tan, cut off at its fifth level: 0.008 cent at 20 kHz and 48 kHz. A
 * fraction, because a filter divides anyway and can do it once for both.
 */
#ifndef SY_DSP_CUTOFF_H
#define SY_DSP_CUTOFF_H

#include "dsp/approx.h"
#include "dsp/lanes.h"

#define SY_ANGLE_MAX 1.5f

typedef struct SyLanesCutoff {
    SyLanesIn pitch, fm;
    SyLanesParam cutoff, depth, tracking;
    float c4_angle; /* pi C4 / rate */
    uint32_t base;  /* frame of the call at which the ports begin */
} SyLanesCutoff;

typedef struct SyTangent {
    SyF n, d;
} SyTangent;

SY_INLINE SyTangent sy_tangent(SyF x)
{
    const SyF x2 = x * x;
    return (SyTangent){
        .n = x * 945.0f + (x * x2) * (x2 - 105.0f),
        .d = (945.0f - x2 * 420.0f) + (x2 * 15.0f) * x2,
    };
}

SY_INLINE SyF sy_angle(SyF octaves, float c4_angle)
{
    return sy_min(sy_exp2(octaves) * c4_angle, sy_f(SY_ANGLE_MAX));
}

/* Before the lanes are set one by one. */
SY_INLINE void sy_cutoff_begin(SyLanesCutoff *c, uint32_t base)
{
    c->base = base;
    c->pitch.patched = c->fm.patched = false;
    c->cutoff.moves = c->depth.moves = c->tracking.moves = false;
}

/* n angles where parameters are on their way. */
static void __attribute__((unused))
sy_angles_moving(const SyLanesCutoff *c, SyF angles[SY_CHUNK], uint32_t at, uint32_t n)
{
    SyLanesValue cutoff, depth, tracking, pitch, fm;
    sy_lanes_ramp(&c->cutoff, &cutoff, c->base + at, n);
    sy_lanes_ramp(&c->depth, &depth, c->base + at, n);
    sy_lanes_ramp(&c->tracking, &tracking, c->base + at, n);
    sy_lanes_input(&c->pitch, &pitch, at, n);
    sy_lanes_input(&c->fm, &fm, at, n);
    for (uint32_t i = 0; i < n; i++) {
        const SyF octaves = cutoff.value[i * cutoff.stride] +
                            tracking.value[i * tracking.stride] * pitch.value[i * pitch.stride] +
                            depth.value[i * depth.stride] * fm.value[i * fm.stride];
        angles[i] = sy_angle(octaves, c->c4_angle);
    }
}

/* n angles where they stand still; inlined with what is patched known. A term that is left out
 * would have added 0. */
SY_INLINE void sy_angles_steady(const SyLanesCutoff *c, SyF angles[SY_CHUNK], uint32_t at,
                                uint32_t n, bool pitched, bool modulated)
{
    SyF pitch[SY_CHUNK], fm[SY_CHUNK];
    const SyF cutoff = c->cutoff.end, depth = c->depth.end, tracking = c->tracking.end;
    const float c4_angle = c->c4_angle;
    if (pitched)
        sy_lanes_read(&c->pitch, pitch, at, n);
    if (modulated)
        sy_lanes_read(&c->fm, fm, at, n);
    for (uint32_t i = 0; i < n; i++) {
        SyF octaves = cutoff;
        if (pitched)
            octaves += tracking * pitch[i];
        if (modulated)
            octaves += depth * fm[i];
        angles[i] = sy_angle(octaves, c4_angle);
    }
}

/* The angles of n frames from frame `at` on; returns how many there are: 1 if all are the same. */
static uint32_t __attribute__((unused))
sy_angles(const SyLanesCutoff *c, SyF angles[SY_CHUNK], uint32_t at, uint32_t n)
{
    const bool pitched = c->pitch.patched, modulated = c->fm.patched;
    if (c->cutoff.moves || c->depth.moves || c->tracking.moves) {
        sy_angles_moving(c, angles, at, n);
    } else if (pitched && modulated) {
        sy_angles_steady(c, angles, at, n, true, true);
    } else if (pitched) {
        sy_angles_steady(c, angles, at, n, true, false);
    } else if (modulated) {
        sy_angles_steady(c, angles, at, n, false, true);
    } else {
        sy_angles_steady(c, angles, at, 1, false, false);
        return 1;
    }
    return n;
}

#endif
