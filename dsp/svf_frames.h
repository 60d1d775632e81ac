/* The frames of dsp/svf.c: from cutoffs to what is heard, a chunk at a time, for one vector of
 * voices or for two. */
#ifndef SY_DSP_SVF_FRAMES_H
#define SY_DSP_SVF_FRAMES_H

#include "dsp/cutoff.h"
#include "dsp/svf.h"

#define SY_SVF_SEED       1e-6f
#define SY_SVF_HOLD       0.04f  /* damping of energy 1 */
#define SY_SVF_ENERGY_MAX 200.0f /* of 4 (band^2 + low^2): damping 2 */

/* Where the filters of a vector are. */
typedef struct SySvfStep {
    SyF s1, s2;
    SyF energy[SY_SVF_HOLD_DELAY]; /* of the last frames, oldest first */
} SySvfStep;

/* What a frame needs of its cutoff, all that does not wait for the frame before. With
 * tan(pi cutoff / rate) = n / d: */
typedef struct SySvfCutoff {
    SyF nd;
    SyF sum;  /* d d + n n */
    SyF less; /* d d - n n */
    SyF turn; /* 2 n d */
    SyF pull; /* 2 n n */
} SySvfCutoff;

/* What the frames of a chunk are made of, and become. */
typedef struct SySvfChunk {
    SyF angles[SY_CHUNK]; /* where the cutoffs move */
    SySvfCutoff standing; /* where they do not */
    SyLanesValue damping; /* k but for what the energy adds */
    SyF in[SY_CHUNK];
    SyF low[SY_CHUNK], band[SY_CHUNK], notch[SY_CHUNK];
} SySvfChunk;

/* The cutoffs of a chunk's frames where all voices have the same: a number a frame, computed in
 * vectors of frames. */
typedef struct SySvfCourse {
    float nd[SY_ALONG * SY_WIDTH], sum[SY_ALONG * SY_WIDTH], less[SY_ALONG * SY_WIDTH],
        turn[SY_ALONG * SY_WIDTH], pull[SY_ALONG * SY_WIDTH];
} SySvfCourse;

SY_INLINE SySvfCutoff sy_svf_cutoff_of(SyF n, SyF d)
{
    const SyF dd = d * d, nn = n * n, nd = n * d;
    return (SySvfCutoff){
        .nd = nd, .sum = dd + nn, .less = dd - nn, .turn = nd + nd, .pull = nn + nn};
}

SY_INLINE SySvfCutoff sy_svf_cutoff(SyF angle)
{
    const SyTangent tangent = sy_tangent(angle);
    return sy_svf_cutoff_of(tangent.n, tangent.d);
}

SY_INLINE SySvfCutoff sy_svf_shared_cutoff(const SySvfCourse *course, uint32_t i)
{
    return (SySvfCutoff){.nd = sy_f(course->nd[i]),
                         .sum = sy_f(course->sum[i]),
                         .less = sy_f(course->less[i]),
                         .turn = sy_f(course->turn[i]),
                         .pull = sy_f(course->pull[i])};
}

static void sy_svf_fill_course(SySvfCourse *course, const SyLanesCutoff *cutoff, uint32_t at,
                               uint32_t n)
{
    SyF angles[SY_ALONG], top[SY_ALONG], bottom[SY_ALONG];
    sy_angles_along(cutoff, angles, at, n);
    for (uint32_t v = 0; v < SY_ALONG; v += SY_SIDE)
        sy_tangents(angles + v, top + v, bottom + v);
    for (uint32_t v = 0; v < SY_ALONG; v++) {
        const SySvfCutoff some = sy_svf_cutoff_of(top[v], bottom[v]);
        sy_store(course->nd + v * SY_WIDTH, some.nd);
        sy_store(course->sum + v * SY_WIDTH, some.sum);
        sy_store(course->less + v * SY_WIDTH, some.less);
        sy_store(course->turn + v * SY_WIDTH, some.turn);
        sy_store(course->pull + v * SY_WIDTH, some.pull);
    }
}

/* What a frame's step is made of. */
typedef struct SySvfScaled {
    SyF k, keep, turn, pull;
} SySvfScaled;

/* Of frame i, with the energy of four frames ago. */
SY_INLINE SySvfScaled sy_svf_scale(const SySvfChunk *chunk, const SySvfCutoff *c, SyF energy,
                                   uint32_t i)
{
    const SyF k = chunk->damping.value[i * chunk->damping.stride] +
                  sy_min(energy, sy_f(SY_SVF_ENERGY_MAX)) * (SY_SVF_HOLD / 4.0f);
    const SyF ndk = c->nd * k, by = 1.0f / (c->sum + ndk);
    return (SySvfScaled){
        .k = k, .keep = (c->less - ndk) * by, .turn = c->turn * by, .pull = c->pull * by};
}

/* Frame i; returns its energy. */
SY_INLINE SyF sy_svf_step(SySvfStep *s, const SySvfScaled *c, SySvfChunk *chunk, uint32_t i,
                          bool all)
{
    const SyF x = chunk->in[i] + SY_SVF_SEED, drive = x - s->s2;
    const SyF next1 = c->keep * s->s1 + c->turn * drive;
    const SyF next2 = s->s2 + (c->pull * drive + c->turn * s->s1);
    const SyF sum1 = s->s1 + next1, sum2 = s->s2 + next2;
    s->s1 = next1;
    s->s2 = next2;
    chunk->low[i] = 0.5f * sum2;
    if (all) {
        chunk->band[i] = 0.5f * sum1;
        chunk->notch[i] = x - c->k * (0.5f * sum1);
    }
    return sum1 * sum1 + sum2 * sum2;
}

SY_INLINE void sy_svf_frame(SySvfStep *step, SySvfChunk *chunk, const SySvfCutoff *cutoff,
                            uint32_t i, bool all)
{
    const SySvfScaled scaled = sy_svf_scale(chunk, cutoff, step->energy[0], i);
    const SyF energy = sy_svf_step(step, &scaled, chunk, i, all);
    for (int j = 1; j < SY_SVF_HOLD_DELAY; j++)
        step->energy[j - 1] = step->energy[j];
    step->energy[SY_SVF_HOLD_DELAY - 1] = energy;
}

/* The steps of four frames, of which no frame waits for another's energy. One by one, each would
 * wait for its division. */
SY_INLINE void sy_svf_step_side(SySvfStep *step, const SySvfScaled scaled[SY_SIDE],
                                SySvfChunk *chunk, uint32_t i, bool all)
{
    _Static_assert(SY_SIDE == SY_SVF_HOLD_DELAY, "the energy is that of the side before");
    for (uint32_t j = 0; j < SY_SIDE; j++)
        step->energy[j] = sy_svf_step(step, &scaled[j], chunk, i + j, all);
}

/* What they need, each voice with a cutoff of its own. */
SY_INLINE void sy_svf_scale_moving(SySvfScaled scaled[SY_SIDE], const SySvfStep *step,
                                   const SySvfChunk *chunk, uint32_t i)
{
    SyF top[SY_SIDE], bottom[SY_SIDE];
    sy_tangents(chunk->angles + i, top, bottom);
    for (uint32_t j = 0; j < SY_SIDE; j++) {
        const SySvfCutoff cutoff = sy_svf_cutoff_of(top[j], bottom[j]);
        scaled[j] = sy_svf_scale(chunk, &cutoff, step->energy[j], i + j);
    }
}

/* The same, all on one course, or, without one, standing where they are. */
SY_INLINE void sy_svf_scale_side(SySvfScaled scaled[SY_SIDE], const SySvfStep *step,
                                 const SySvfChunk *chunk, const SySvfCourse *course, uint32_t i)
{
    for (uint32_t j = 0; j < SY_SIDE; j++) {
        const SySvfCutoff cutoff = course ? sy_svf_shared_cutoff(course, i + j) : chunk->standing;
        scaled[j] = sy_svf_scale(chunk, &cutoff, step->energy[j], i + j);
    }
}

/* n frames, each voice with a cutoff of its own. Here and below, inlined with `all` known: that
 * more than `low` is heard. */
SY_INLINE void sy_svf_run_moving(SySvfStep *kept, SySvfChunk *chunk, bool all, uint32_t n)
{
    SySvfStep step = *kept;
    uint32_t i = 0;
    for (; i + SY_SIDE <= n; i += SY_SIDE) {
        SySvfScaled scaled[SY_SIDE];
        sy_svf_scale_moving(scaled, &step, chunk, i);
        sy_svf_step_side(&step, scaled, chunk, i, all);
    }
    for (; i < n; i++) {
        const SySvfCutoff cutoff = sy_svf_cutoff(chunk->angles[i]);
        sy_svf_frame(&step, chunk, &cutoff, i, all);
    }
    *kept = step;
}

/* Frames [i, n), all voices on the same course, or, without one, standing where they are. */
SY_INLINE void sy_svf_run(SySvfStep *kept, SySvfChunk *chunk, const SySvfCourse *course, bool all,
                          uint32_t i, uint32_t n)
{
    SySvfStep step = *kept;
    for (; i + SY_SIDE <= n; i += SY_SIDE) {
        SySvfScaled scaled[SY_SIDE];
        sy_svf_scale_side(scaled, &step, chunk, course, i);
        sy_svf_step_side(&step, scaled, chunk, i, all);
    }
    for (; i < n; i++) {
        const SySvfCutoff cutoff = course ? sy_svf_shared_cutoff(course, i) : chunk->standing;
        sy_svf_frame(&step, chunk, &cutoff, i, all);
    }
    *kept = step;
}

/* The same for two vectors of voices: a step waits for the last one, and that of the other vector
 * is done meanwhile. Where each voice has a cutoff of its own, there are too many numbers for the
 * registers, and it takes longer. */
SY_INLINE void sy_svf_run_pair(SySvfStep *kept_a, SySvfStep *kept_b, SySvfChunk *first,
                               SySvfChunk *second, const SySvfCourse *course, bool all, uint32_t n)
{
    SySvfStep a = *kept_a, b = *kept_b;
    uint32_t i = 0;
    for (; i + SY_SIDE <= n; i += SY_SIDE) {
        SySvfScaled scaled_a[SY_SIDE], scaled_b[SY_SIDE];
        sy_svf_scale_side(scaled_a, &a, first, course, i);
        sy_svf_scale_side(scaled_b, &b, second, course, i);
        for (uint32_t j = 0; j < SY_SIDE; j++) {
            a.energy[j] = sy_svf_step(&a, &scaled_a[j], first, i + j, all);
            b.energy[j] = sy_svf_step(&b, &scaled_b[j], second, i + j, all);
        }
    }
    *kept_a = a;
    *kept_b = b;
    sy_svf_run(kept_a, first, course, all, i, n);
    sy_svf_run(kept_b, second, course, all, i, n);
}

#endif
