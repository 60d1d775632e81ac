/* Real SIGKILLs, and real workers that take over: fewer, but nothing about them is pretended. */
#ifndef SY_TESTS_INSTRUCTIONS_KILLS_H
#define SY_TESTS_INSTRUCTIONS_KILLS_H

#include "tests/instructions/bench.h"

/* Plays the block `n_rounds` times; in each a worker is killed at an instruction drawn from the
 * path that snapshot_all() noted, and in every other one also the worker that takes over. Returns
 * the number of workers killed. */
uint64_t kills_at_random(Bench *bench, uint32_t n_rounds);

#endif
