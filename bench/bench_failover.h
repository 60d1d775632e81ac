/* The halves of synthbench failover. */
#ifndef SY_BENCH_BENCH_FAILOVER_H
#define SY_BENCH_BENCH_FAILOVER_H

#include <pthread.h>
#include <semaphore.h>

#include "bench/bench.h"
#include "bench/stage.h"

#define SY_FAILOVER_CPU 1 /* of those there are: where bench and driver stay */

/* A stage with one node that takes long enough to be hit in: an oscillator with 16 voices that
 * modulates itself, and so is computed frame by frame. A thread drives blocks, one at a time. */
typedef struct SyFailoverRig {
    SyStage stage;
    uint32_t slot; /* the node's */
    pthread_t driver;
    sem_t asked;
    _Atomic bool stopping;
    _Atomic uint64_t driven; /* blocks that have been handed out */
    uint64_t n_asked;
} SyFailoverRig;

/* What a block is looked at for. */
typedef enum SyFailoverLook {
    SY_FAILOVER_FENCE,
    SY_FAILOVER_COMMIT,
} SyFailoverLook;

/* When things were seen to happen in one block; 0 if they were not. */
typedef struct SyFailoverCourse {
    uint32_t victim, incarnation;
    uint64_t busy_of_others; /* ns, ever, before the block */
    int64_t begun_ns, killed_ns, dead_ns, fenced_ns, committed_ns;
} SyFailoverCourse;

/* False when it could not, having said why on stderr; then there is nothing to close. */
bool sy_failover_open(SyFailoverRig *rig);
void sy_failover_close(SyFailoverRig *rig);

/* Has one block computed and watches it; if `kill_at_ns` is not negative, the worker that is at the
 * node is killed so long after it has begun. `seen` becomes whether what is looked for was seen,
 * and the kill came before the node was committed. Returns false if a block does not end. */
bool sy_failover_block(SyFailoverRig *rig, int64_t kill_at_ns, SyFailoverLook look,
                       SyFailoverCourse *course, bool *seen);

/* How long the other workers have computed since the block began. */
int64_t sy_failover_busy_ns(const SyFailoverRig *rig, const SyFailoverCourse *course);

/* Waits until there is a worker in the victim's place. Returns when, or 0. */
int64_t sy_failover_await_replacement(const SyFailoverRig *rig, const SyFailoverCourse *course);

void sy_failover_pause(long ns);

/* A synthd whose modules can be told to hang: from the first late block to the notice that the
 * module is bypassed. Adds a note instead of rows when `options` names no such synthd. */
bool sy_failover_measure_hangs(const SyBenchOptions *options, uint64_t n, SyReport *report);

#endif
