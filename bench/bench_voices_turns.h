/* Engines with voices of one kind, on one worker and on all, all of them open at once and played by
 * turns: so what the machine's host takes from one it takes from all of them, and what is compared
 * can be. */
#ifndef SY_BENCH_BENCH_VOICES_TURNS_H
#define SY_BENCH_BENCH_VOICES_TURNS_H

#include "bench/stage.h"

#define SY_TURNS_MAX 8 /* engines at once */

/* A patch, where it is to be played, and what was found. */
typedef struct SyTurn {
    uint32_t instances;   /* of vco, vcf and vca */
    uint32_t voices_each; /* of a module */
    uint32_t n_workers;
    double voices;                         /* instances * voices_each */
    double wall_ns, cpu_ns;                /* of a block: as it goes by; CPU time of all workers */
    double naive_ns;                       /* of a frame of a naive saw, beside it */
    double vco_ns, vcf_ns, vca_ns, out_ns; /* of a block, by the engine's own account */
    double n_blocks;                       /* that wall_ns is the median of */
} SyTurn;

/* Plays turns[n] (1 to SY_TURNS_MAX) in `n_rounds` (1 and more) rounds of blocks of `block` frames,
 * and fills them in; times are medians of the rounds. Opens engines: to be called while the process
 * has one thread, and on what CPUs it may use. False when it could not, having said why on stderr.
 * RT: no. */
bool sy_turns_play(SyTurn *turns, uint32_t n, uint32_t block, uint32_t n_rounds);

#endif
