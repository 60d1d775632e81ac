/* Some blocks go another way if nothing happens in the whole patch: without a look at each node,
 * and through a feedback loop without a piece for each frame. */
#ifndef SY_TESTS_INSTRUCTIONS_WAYS_H
#define SY_TESTS_INSTRUCTIONS_WAYS_H

#include "tests/instructions/bench.h"

/* Computes the case as it is, and once more with all nodes looked at in each block; returns whether
 * both leave the same behind, and prints it if they do not. */
bool ways_agree(const Case *its_case, uint32_t block, const SyWorkerTables *tables);

#endif
