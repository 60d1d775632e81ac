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
    SyBooks *books; /* or NULL */
    SyControl *control;
    pid_t zygote;
} SyStage;

/* What a stage is to be opened for. */
typedef struct SyStageSetup {
    uint32_t n_workers;
    uint32_t n_cores;  /* workers that are woken for a block at the most */
    uint32_t arena_mb; /* for modules */
    uint32_t block;    /* frames; 0: SY_LIVE_BLOCK */
    bool offline;      /* as `synthd --audio offline`: none is ever late, workers spin a little */
    SyPlacement placement;
    bool with_books; /* as a synthd that could be killed and go on keeps them */
} SyStageSetup;

/* Opens `n` stages, stages[n], each as setups[n] says: forks a zygote for each and waits for all
 * workers; to be called while the process has one thread. Kernels are those that SYNTHD_ISA names,
 * or the best. False when it could not, having said why on stderr; then there is nothing to close.
 */
bool sy_stage_open_all(SyStage *stages, const SyStageSetup *setups, size_t n);

/* One of a live engine with 8 MB for modules, on two cores. */
bool sy_stage_open(SyStage *stage, uint32_t n_workers);

/* Ends control thread, workers and zygote, and unmaps everything. */
void sy_stage_close(SyStage *stage);

/* Starts the control thread and has it carry out `n` commands. False when one was refused. */
bool sy_stage_edit(SyStage *stage, SyCommand *commands, size_t n);

/* When a transaction was answered, and when it will be heard. */
typedef struct SyStageAnswer {
    uint64_t answered_ns; /* CLOCK_MONOTONIC: its last command */
    uint64_t serial;      /* of the plan that has it: see SyAudio.adopted */
} SyStageAnswer;

/* The same, and says when. */
bool sy_stage_edit_timed(SyStage *stage, SyCommand *commands, size_t n, SyStageAnswer *answer);

/* To be called when the patch is complete that is to be played: what synthd does then before the
 * first block. */
void sy_stage_loaded(SyStage *stage);

/* Computes blocks one after the other until the plan of `n_modules` plays and its modules have
 * faded in. False when it does not come to play, having said so. The caller drives the stage. */
bool sy_stage_settle(SyStage *stage, uint32_t n_modules);

/* Whether the plan of `n_modules` plays, nothing is about to come after it, and its modules are
 * where the engine wants to have them.  Thread: the stage's, while nobody edits. */
bool sy_stage_is_settled(const SyStage *stage, uint32_t n_modules);

/* Computes `n` blocks back to back. The caller drives the stage. */
void sy_stage_run_blocks(SyStage *stage, uint32_t n);

/* CPUs that this process may use. */
uint32_t sy_stage_cores(void);

/* The process of a worker. */
pid_t sy_stage_worker(const SyStage *stage, uint32_t index);

#endif
