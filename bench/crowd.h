/* Many voices of saw, filter and amplifier: patched in an engine, and without one. */
#ifndef SY_BENCH_CROWD_H
#define SY_BENCH_CROWD_H

#include "bench/stage.h"
#include "bench/yardstick.h"

/* Patches `instances` chains vco -> vcf -> vca with `voices` each into one out, with one lfo at all
 * cutoffs and amplifiers; `n_modules` is what the plan will hold. False when the engine refuses,
 * having said why on stderr.  Thread: the stage's.  RT: no. */
bool sy_crowd_patch(SyStage *stage, uint32_t instances, uint32_t voices, uint32_t *n_modules);

/* ns of a voice's frame. */
typedef struct SyCrowdCost {
    double vco_ns, vcf_ns, vca_ns; /* each type by itself, over all voices */
    SyRatio all;                   /* one after the other */
} SyCrowdCost;

/* The same voices by process() alone, 16 lanes at a time; each voice has memory of its own, as in
 * the engine. `deep`: vco, vcf and vca of 16 voices, then those of the next 16; else all vcos, then
 * all vcfs, then all vcas, as plans have it. `voices`: a multiple of 16. False without memory.
 * Thread: any.  RT: no. */
bool sy_crowd_kernels(uint32_t voices, bool deep, SyCrowdCost *cost);

#endif
