/* Finding a waveform's edges between the frames, and taking the aliasing out of them. */
#ifndef SY_DSP_BLEP_H
#define SY_DSP_BLEP_H

#include "dsp/tables.h"
#include "dsp/vec.h"

/* Where in time an edge lies, and how the phase moves there. */
typedef struct SyEdge {
    float late;      /* frames that have passed since it, 0 to 1 */
    float motion[4]; /* the phase's first, second, ... derivative in time, a frame being 1 */
} SyEdge;

/* sy_edge_find() where the steps differ. */
static inline SyEdge sy_edge_find_bent(float past, const float step[5])
{
    const float s = step[2];
    const float m2 = 0.5f * (step[3] - step[1]);
    const float d3 = step[3] - 2.0f * s + step[1];
    const float m4 = 0.5f * (step[4] - step[0]) - 2.0f * m2;
    const float d5 = step[4] + step[0] - 4.0f * (step[3] + step[1]) + 6.0f * s;
    const float c0 = past - 0.5f * s - m2 * (1.0f / 8.0f) + m4 * (3.0f / 128.0f);
    const float c1 = s - d3 * (1.0f / 24.0f) + d5 * (3.0f / 640.0f);
    const float c2 = m2 * 0.5f - m4 * (5.0f / 48.0f);
    const float c3 = d3 * (1.0f / 6.0f) - d5 * (1.0f / 48.0f);
    const float c4 = m4 * (1.0f / 24.0f), c5 = d5 * (1.0f / 120.0f);
    float v = 0.5f - past / s, change = 1.0f;
    for (int i = 0; i < 5 && (change > 1e-4f || change < -1e-4f); i++) {
        const float v2 = v * v;
        const float f = (c0 + c1 * v) + v2 * ((c2 + c3 * v) + v2 * (c4 + c5 * v));
        const float velocity =
            (c1 + 2.0f * c2 * v) + v2 * ((3.0f * c3 + 4.0f * c4 * v) + v2 * (5.0f * c5));
        change = f / velocity;
        v -= change;
        v = v > -0.5f ? v : -0.5f; /* a NaN too */
        v = v < 0.5f ? v : 0.5f;
    }
    return (SyEdge){
        .late = 0.5f - v,
        .motion = {(((5.0f * c5 * v + 4.0f * c4) * v + 3.0f * c3) * v + 2.0f * c2) * v + c1,
                   ((20.0f * c5 * v + 12.0f * c4) * v + 6.0f * c3) * v + 2.0f * c2,
                   (60.0f * c5 * v + 24.0f * c4) * v + 6.0f * c3, 120.0f * c5 * v + 24.0f * c4},
    };
}

/* When a phase went through 0 between frames 0 and 1.
 *
 * `past`: how far beyond 0 it is at frame 1, signed. `step`: what it moved by from frame -2 to -1,
 * -1 to 0, 0 to 1, 1 to 2, 2 to 3. Whatever is passed, `late` is in 0..1.
 *
 * At a constant frequency it is a division. Under modulation the time of an edge decides how much
 * is left of the aliases: the phase is taken to be the polynomial of degree 5 through the six
 * frames around the edge (Bessel's central differences, v counted from the middle), and its zero
 * found by Newton's method from the straight line's, in two or three steps. Aliases of a saw at 2.1
 * kHz, modulated at 1.6 kHz by the whole of its frequency: -82 dB with the parabola through the
 * last three frames, -120 with this. */
SY_INLINE SyEdge sy_edge_find(float past, const float step[5])
{
    if (step[0] != step[2] || step[1] != step[2] || step[3] != step[2] || step[4] != step[2])
        return sy_edge_find_bent(past, step);
    float late = past / step[2];
    late = late > 0.0f ? late : 0.0f; /* a NaN too */
    late = late < 1.0f ? late : 1.0f;
    return (SyEdge){late, {step[2]}};
}

/* sy_edge_find() from what is known at frame 1, for edges that must not wait: the polynomial of
 * degree 3 through it and the three frames before. `step`: what the phase moved by from frame -2 to
 * -1, -1 to 0, 0 to 1. Newton's method, from the straight line's zero. Aliases of a saw modulated
 * by half of its frequency at 3/4 of it: -132 dB at 523 Hz, -125 at 1046, -101 at 2092. */
static inline SyEdge sy_edge_find_early(float past, const float step[3])
{
    const float s = step[2], a = s - step[1], b = a - (step[1] - step[0]);
    const float c1 = s + 0.5f * a + b * (1.0f / 3.0f), c2 = 0.5f * (a + b), c3 = b * (1.0f / 6.0f);
    const bool bent = a != 0.0f || b != 0.0f;
    float late = past / s;
    for (int i = 0; bent && i < 4; i++) {
        late = late > 0.0f ? late : 0.0f; /* a NaN too */
        late = late < 1.0f ? late : 1.0f;
        const float f = past - late * (c1 - late * (c2 - late * c3));
        late += f / (c1 - late * (2.0f * c2 - late * 3.0f * c3));
    }
    late = late > 0.0f ? late : 0.0f;
    late = late < 1.0f ? late : 1.0f;
    return (SyEdge){
        .late = late,
        .motion = {c1 - late * (2.0f * c2 - late * 3.0f * c3), 2.0f * c2 - 6.0f * c3 * late,
                   6.0f * c3},
    };
}

/* The polynomials of a vector of taps, from `tap` on, at `late`, of which the second and the fourth
 * power are passed too. */
SY_INLINE SyF sy_blep_at(const float c[SY_BLEP_TERMS][SY_BLEP_TAPS], uint32_t tap, float late,
                         float late2, float late4)
{
    _Static_assert(SY_BLEP_TERMS == 7, "the polynomial is written out, in pairs to be quick");
    const SyF low = sy_load(&c[0][tap]) + sy_load(&c[1][tap]) * late;
    const SyF middle = sy_load(&c[2][tap]) + sy_load(&c[3][tap]) * late;
    const SyF high = sy_load(&c[4][tap]) + sy_load(&c[5][tap]) * late;
    const SyF top = high + sy_load(&c[6][tap]) * late2;
    return (low + middle * late2) + top * late4;
}

/* to[tap] += what an edge of size `size`, `late` frames ago, adds to the frames that follow. `to`:
 * [SY_BLEP_TAPS]; `c`: of the edge's order. */
SY_INLINE void sy_blep_add(float *to, const float c[SY_BLEP_TERMS][SY_BLEP_TAPS], float late,
                           float size)
{
    const float late2 = late * late, late4 = late2 * late2;
    for (uint32_t tap = 0; tap < SY_BLEP_TAPS; tap += SY_WIDTH) {
        const SyF r = sy_blep_at(c, tap, late, late2, late4);
        sy_store(to + tap, sy_load(to + tap) + r * size);
    }
}

#endif
