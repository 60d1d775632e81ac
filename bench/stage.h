/* An engine inside synthbench: real zygote, real workers, real control thread, but the bench itself
 * is the driver of the blocks. */
#ifndef SY_BENCH_STAGE_H
#define SY_BENCH_STAGE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "engine/control_private.h"

typedef struct SyStage {
    SySegment *segment;
    SyAudio *audio;
    SyControl *control;
    pid_t zygote;
} SyStage;

/* Forks a zygote and waits for its workers; to be called while the process has one thread. Kernels
 * are those that SYNTHD_ISA names, or the best. False when it could not, having said why on stderr;
 * then there is nothing to close. */
bool sy_stage_open(SyStage *stage, uint32_t n_workers);

/* The same as `synthd --audio offline` would be set up: blocks follow each other at once, none is
 * ever late. With `arena_mb` of memory for modules. */
bool sy_stage_open_offline(SyStage *stage, uint32_t n_workers, uint32_t arena_mb);

/* Ends control thread, workers and zygote, and unmaps everything. */
void sy_stage_close(SyStage *stage);

/* Starts the control thread and has it carry out `n` commands. False when one was refused. */
bool sy_stage_edit(SyStage *stage, SyCommand *commands, size_t n);

/* The process of a worker. */
pid_t sy_stage_worker(const SyStage *stage, uint32_t index);

#endif
