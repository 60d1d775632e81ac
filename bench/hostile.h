/* Patches that nobody would want to hear: every type there is, parameters at random and on the
 * move, and into everything square waves, noise and whatever comes out of the others, up to +-10;
 * at the end all of it dies away into the smallest numbers there are. */
#ifndef SY_BENCH_HOSTILE_H
#define SY_BENCH_HOSTILE_H

#include <stdbool.h>
#include <stdint.h>

#define SY_HOSTILE_TYPES  64 /* module types that there can be */
#define SY_HOSTILE_BLOCKS 192
#define SY_HOSTILE_LEVEL  10.0f /* of inputs */
#define SY_HOSTILE_RATIO  2.0   /* of a block's time to the median: more is too much */

/* What was seen in one patch, or in many. */
typedef struct SyHostile {
    uint64_t n_patches, n_blocks, n_samples;
    uint64_t n_wild[SY_HOSTILE_TYPES]; /* samples that were not finite, by type */
    float highest[SY_HOSTILE_TYPES];   /* the largest that was heard of a type */
    double worst_ratio;                /* of a block's time to the median of its patch */
    uint64_t worst_seed;               /* of that patch */
    uint32_t worst_type;               /* which took most of what was too much */
} SyHostile;

/* Plays the patch of a seed for SY_HOSTILE_BLOCKS blocks of 64 frames, and adds what it sees to
 * `seen`, which begins as all zeros. A block that takes long is computed again from the same
 * states, and a patch with one is played again, so that the machine's own delays are no excuse.
 * False without memory. Thread: any, with sy_dsp_thread_init() done.  RT: no. */
bool sy_hostile_play(uint64_t seed, SyHostile *seen);

#endif
