/* Where a filter's cutoff is at each frame, for the filters that run in lanes.
 *
 *     angle = pi cutoff / rate,  cutoff = C4 2^(knob + tracking pitch + depth fm)
 *
 * limited to 1.5 (0.477 of the rate), and its tangent, which is the analogue cutoff that the
 * trapezoidal rule warps onto this one, as a fraction:
 *
 *     tan x = x (a0 - a1 x^2 - a2 x^4) / (b0 - x^2)
 *
 * with b0 near the square of pi / 2, where the tangent has its pole: what is left of it is so flat
 * that this is good to 0.033 cent up to 1.5. A fraction, because a filter divides anyway and can do
 * it once for both. Angles are told in units of a2^(-1/3), in which a2 is 1: a multiplication less.
 * The power of two is sy_exp2() a degree lower, which is good to 0.005 cent, and C4 is a part of
 * its exponent: three more.
 */
#ifndef SY_DSP_CUTOFF_H
#define SY_DSP_CUTOFF_H

#include "dsp/approx.h"
#include "dsp/lanes.h"

#define SY_ANGLE_OCTAVES     (-0.9086667f) /* log2 of pi in units of angle */
#define SY_ANGLE_MAX_OCTAVES (-1.9752f)    /* and of 1.5 */

/* Fits to the relative error (iteratively reweighted least squares on 4001 Chebyshev nodes). */
#define SY_TAN_N0 0.41836409f
#define SY_TAN_N2 1.0445506f
#define SY_TAN_D0 0.07093764f

typedef struct SyLanesCutoff {
    SyLanesIn pitch, fm;
    SyLanesParam cutoff, depth, tracking;
    float c4_octaves; /* log2 of the angle of C4 */
    uint32_t base;    /* frame of the call at which the ports begin */
    bool shared;      /* all voices have the same cutoff */
} SyLanesCutoff;

typedef struct SyTangent {
    SyF n, d;
} SyTangent;

SY_INLINE SyTangent sy_tangent(SyF z)
{
    const SyF z2 = z * z;
    return (SyTangent){
        .n = (SY_TAN_N0 - z2 * (z2 + SY_TAN_N2)) * z,
        .d = SY_TAN_D0 - z2,
    };
}

/* The angle whose binary logarithm is `octaves`. */
SY_INLINE SyF sy_angle(SyF octaves)
{
    const float magic = 12582912.0f; /* see sy_exp2() */
    const SyF x = sy_clamp(octaves, -126.0f, SY_ANGLE_MAX_OCTAVES);
    const SyF rounded = x + magic;
    const SyF f = x - (rounded - magic), f2 = f * f;
    const SyF low = f * 0.69312181f + 0.99999926f, middle = f * 0.05591786f + 0.24024745f;
    const SyF y = low + (middle + f2 * 0.0095701f) * f2;
    return (SyF)((SyI)y + (((SyI)rounded - (SyI)sy_f(magic)) << 23));
}

/* Frames side by side. A processor looks ahead over some hundred instructions, which is no more
 * than three frames if they come one after the other, each a long chain of operations that wait for
 * each other. Taken operation by operation, four frames at a time, each finds what it needs ready.
 */
#define SY_SIDE 4
#define SY_EACH for (uint32_t j = 0; j < SY_SIDE; j++)

/* sy_angle() of octaves x[SY_SIDE], in place and to the same bits. */
SY_INLINE void sy_angles_of(SyF x[SY_SIDE])
{
    const float magic = 12582912.0f;
    SyF rounded[SY_SIDE], f2[SY_SIDE], low[SY_SIDE], middle[SY_SIDE];
    SY_EACH x[j] = sy_max(x[j], sy_f(-126.0f));
    SY_EACH x[j] = sy_min(x[j], sy_f(SY_ANGLE_MAX_OCTAVES));
    SY_EACH rounded[j] = x[j] + magic;
    SY_EACH x[j] -= rounded[j] - magic;
    SY_EACH f2[j] = x[j] * x[j];
    SY_EACH low[j] = x[j] * 0.69312181f + 0.99999926f;
    SY_EACH middle[j] = x[j] * 0.05591786f + 0.24024745f;
    SY_EACH middle[j] += f2[j] * 0.0095701f;
    SY_EACH low[j] += middle[j] * f2[j];
    SY_EACH x[j] = (SyF)((SyI)low[j] + (((SyI)rounded[j] - (SyI)sy_f(magic)) << 23));
}

/* sy_tangent() of four frames. */
SY_INLINE void sy_tangents(const SyF z[SY_SIDE], SyF n[SY_SIDE], SyF d[SY_SIDE])
{
    SyF z2[SY_SIDE];
    SY_EACH z2[j] = z[j] * z[j];
    SY_EACH d[j] = SY_TAN_D0 - z2[j];
    SY_EACH n[j] = z2[j] + SY_TAN_N2;
    SY_EACH n[j] = SY_TAN_N0 - z2[j] * n[j];
    SY_EACH n[j] = n[j] * z[j];
}

/* Before the lanes are set one by one. */
SY_INLINE void sy_cutoff_begin(SyLanesCutoff *c, uint32_t base)
{
    c->base = base;
    c->pitch.patched = c->fm.patched = false;
    c->cutoff.moves = c->depth.moves = c->tracking.moves = false;
    c->shared = true;
}

/* What moves a voice's cutoff. */
typedef struct SyCutoffInputs {
    const float *pitch, *fm; /* from frame 0 of the call on, or NULL */
    const SyRamp *cutoff, *depth, *tracking;
} SyCutoffInputs;

/* Whether lane i of `a` has the cutoff that lane j of `b` has. */
SY_INLINE bool sy_cutoff_is_same(const SyLanesCutoff *a, int i, const SyLanesCutoff *b, int j)
{
    return a->pitch.from[i] == b->pitch.from[j] && a->fm.from[i] == b->fm.from[j] &&
           sy_ramp_is_same(a->cutoff.ramp[i], b->cutoff.ramp[j]) &&
           sy_ramp_is_same(a->depth.ramp[i], b->depth.ramp[j]) &&
           sy_ramp_is_same(a->tracking.ramp[i], b->tracking.ramp[j]);
}

/* Padding, which is not real, has the parameters of the voice in lane 0. */
SY_INLINE void sy_cutoff_lane(SyLanesCutoff *c, int lane, bool real, SyCutoffInputs inputs)
{
    sy_lanes_in(&c->pitch, lane, real && inputs.pitch ? inputs.pitch + c->base : NULL);
    sy_lanes_in(&c->fm, lane, real && inputs.fm ? inputs.fm + c->base : NULL);
    sy_lanes_param(&c->cutoff, lane, inputs.cutoff);
    sy_lanes_param(&c->depth, lane, inputs.depth);
    sy_lanes_param(&c->tracking, lane, inputs.tracking);
    if (real && c->shared)
        c->shared = sy_cutoff_is_same(c, lane, c, 0);
}

/* Whether the cutoff may differ from frame to frame. */
SY_INLINE bool sy_cutoff_moves(const SyLanesCutoff *c)
{
    return c->pitch.patched || c->fm.patched || c->cutoff.moves || c->depth.moves ||
           c->tracking.moves;
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
        const SyF octaves = (cutoff.value[i * cutoff.stride] + c->c4_octaves) +
                            tracking.value[i * tracking.stride] * pitch.value[i * pitch.stride] +
                            depth.value[i * depth.stride] * fm.value[i * fm.stride];
        angles[i] = sy_angle(octaves);
    }
}

/* n angles where they stand still; inlined with what is patched known. A term that is left out
 * would have added 0. */
SY_INLINE void sy_angles_steady(const SyLanesCutoff *c, SyF angles[SY_CHUNK], uint32_t at,
                                uint32_t n, bool pitched, bool modulated)
{
    SyF pitch[SY_CHUNK], fm[SY_CHUNK];
    const SyF cutoff = c->cutoff.end + c->c4_octaves, depth = c->depth.end,
              tracking = c->tracking.end;
    if (pitched)
        sy_lanes_read(&c->pitch, pitch, at, n);
    if (modulated)
        sy_lanes_read(&c->fm, fm, at, n);
    uint32_t i = 0;
    for (; i + SY_SIDE <= n; i += SY_SIDE) {
        SY_EACH angles[i + j] = cutoff;
        if (pitched)
            SY_EACH angles[i + j] += tracking * pitch[i + j];
        if (modulated)
            SY_EACH angles[i + j] += depth * fm[i + j];
        sy_angles_of(angles + i);
    }
    for (; i < n; i++) {
        SyF octaves = cutoff;
        if (pitched)
            octaves += tracking * pitch[i];
        if (modulated)
            octaves += depth * fm[i];
        angles[i] = sy_angle(octaves);
    }
}

/* Where all voices have the same cutoff, a vector holds frames of it instead of voices: so many
 * vectors for a chunk, in whole fours. */
#define SY_ALONG ((SY_CHUNK / SY_WIDTH + SY_SIDE - 1) / SY_SIDE * SY_SIDE)

/* The angles of n frames from frame `at` on, to the same bits as sy_angles(); what is behind them
 * is of no use. */
static void __attribute__((unused))
sy_angles_along(const SyLanesCutoff *c, SyF angles[SY_ALONG], uint32_t at, uint32_t n)
{
    for (uint32_t v = 0; v < SY_ALONG; v++) {
        const uint32_t i = v * SY_WIDTH, frame = c->base + at + i;
        angles[v] = sy_ramp_v(c->cutoff.ramp[0], frame) + c->c4_octaves;
        if (c->pitch.patched && i < n)
            angles[v] += sy_ramp_v(c->tracking.ramp[0], frame) *
                         sy_load_some(c->pitch.from[0] + at + i, n - i);
        if (c->fm.patched && i < n)
            angles[v] +=
                sy_ramp_v(c->depth.ramp[0], frame) * sy_load_some(c->fm.from[0] + at + i, n - i);
    }
    for (uint32_t side = 0; side < SY_ALONG; side += SY_SIDE)
        sy_angles_of(angles + side);
}

/* Put out side by side again. */
SY_INLINE void sy_angles_shared(const SyLanesCutoff *c, SyF angles[SY_CHUNK], uint32_t at,
                                uint32_t n)
{
    float one[SY_ALONG * SY_WIDTH];
    SyF along[SY_ALONG];
    sy_angles_along(c, along, at, n);
    memcpy(one, along, sizeof(one));
    for (uint32_t i = 0; i < n; i++)
        angles[i] = sy_f(one[i]);
}

/* The angles of n frames from frame `at` on; returns how many there are: 1 if all are the same. */
static uint32_t __attribute__((unused))
sy_angles(const SyLanesCutoff *c, SyF angles[SY_CHUNK], uint32_t at, uint32_t n)
{
    const bool pitched = c->pitch.patched, modulated = c->fm.patched;
    if (!sy_cutoff_moves(c)) {
        sy_angles_steady(c, angles, at, 1, false, false);
        return 1;
    }
    if (c->shared && SY_WIDTH > 1 && n >= SY_SIDE) {
        sy_angles_shared(c, angles, at, n);
    } else if (c->cutoff.moves || c->depth.moves || c->tracking.moves) {
        sy_angles_moving(c, angles, at, n);
    } else if (pitched && modulated) {
        sy_angles_steady(c, angles, at, n, true, true);
    } else if (pitched) {
        sy_angles_steady(c, angles, at, n, true, false);
    } else {
        sy_angles_steady(c, angles, at, n, false, true);
    }
    return n;
}

#endif
