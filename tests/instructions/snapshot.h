/* Every instruction of a block: the memory it leaves is what a SIGKILL there would, and from each
 * such memory the block is brought to its end by another worker. */
#ifndef SY_TESTS_INSTRUCTIONS_SNAPSHOT_H
#define SY_TESTS_INSTRUCTIONS_SNAPSHOT_H

#include "tests/instructions/bench.h"

typedef struct Steps {
    uint64_t instructions;
    uint64_t states; /* different from the one before, and so run on from */
} Steps;

/* Steps a worker through block EPOCH, and notes its path. Returns no instructions where that is not
 * permitted. With `fenced` false the dead worker's claims stay as they are: to see that it is
 * noticed. */
Steps snapshot_all(Bench *bench, bool fenced);

/* The same for the worker that takes over from the last one, had that died at an instruction drawn
 * from those that it has run; once more, for the one after that. Needs snapshot_all() before. */
Steps snapshot_next(Bench *bench);

#endif
