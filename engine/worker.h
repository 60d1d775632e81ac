/* A worker: one thread that computes nodes.
 *
 *     worker_setup.c    its start: life word, memory, everything present before the first block
 *     worker_loop.c     parks, takes commands, enters blocks, claims tasks
 *     worker_render.c   runs the steps of a task and commits their nodes
 *     worker_lanes.c    makes of nodes what process() is given
 *     worker_pieces.c   runs nodes that are cut, by birth or by events
 *     worker_feedback.c runs loops, frame by frame
 *     worker_guard.c    keeps a node at fault from being heard
 *     worker_trace.c    says what was run when, if that is asked for
 *     gather.c          sums, scales and fades what arrives at an input
 *
 * What lies in SyWorker is the worker's own. All it shares is in the segment. */
#ifndef SY_ENGINE_WORKER_H
#define SY_ENGINE_WORKER_H

#include "dsp/fft.h"
#include "engine/life.h"
#include "engine/plan.h"
#include "engine/ring.h"

/* What a task's run needs to know of its block. */
typedef struct SyWork {
    uint64_t epoch;
    int64_t start;       /* first frame */
    bool at_rest, quiet; /* as in SyBlockInfo */
    const SyPlan *plan;
    uint32_t trace, trace_at; /* as in SyBlockInfo */
} SyWork;

typedef struct SyWorker {
    SySegment *segment;
    SyWorkerShared *self;
    const SyPlaceShared *place;
    uint32_t index, incarnation;
    uint32_t block;
    uint64_t arena_to, library_to; /* as in SyWorkerShared */
    SyContext context;
    SyRing commands, replies;
    SyLife life;
    uint32_t traced_task;
    int64_t traced_ns;   /* up to where the task in hand has been recorded */
    size_t own_bytes;    /* from here: what an isolated module is kept away from */
    size_t memory_bytes; /* from here: that, and the scratch for outputs */

    /* Of the batch in hand. Planes are [lane][port][block]. */
    SyLane lanes[SY_LANES_MAX];
    SyRamp ramps[SY_LANES_MAX][SY_PARAMS_MAX]; /* by node of the batch: at most one a lane */
    float *in_planes, *out_planes;
    float *absence;      /* [block]: how much of an input's normal is left beside its cables */
    float *kept_absence; /* [block]: the same, while the normal's own input is gathered */
    float *normal;       /* [block]: that input's signal */
    const float *zeros;  /* [block]: what arrives where nothing is patched in */
    const float *ones;   /* [block]: the same, where that is heard as 1 */
} SyWorker;

/* What all workers are given: made before the first of them, read-only after that. */
typedef struct SyWorkerTables {
    SyTables tables;
    SyFft fft;
    const SyDsp *dsp;
} SyWorkerTables;

/* Builds the tables. `isa` as for sy_dsp_select. Returns SY_OK, SY_ERR_VALUE for an `isa` that is
 * not to be had here, or SY_ERR_MEMORY.  Thread: setup (of the zygote).  RT: no. */
SyStatus sy_worker_tables_init(SyWorkerTables *tables, const SySegment *segment, const char *isa);

/* Lives as worker `index` until told to retire. Returns 0 then, or the errno that kept it from
 * starting; SyWorkerShared says at which stage. Thread: worker.  RT: no until it is ready, yes
 * after that. */
int sy_worker_run(SySegment *segment, uint32_t index, uint32_t incarnation,
                  const SyWorkerTables *tables);

/* The pieces, by file. Thread: worker.  RT: as said. */

int sy_worker_setup(SyWorker *worker, const SyWorkerTables *tables); /* RT: no */
void sy_worker_loop(SyWorker *worker);

/* Carries out what is in the command ring. Called between batches too, so that a worker in the
 * middle of a long task answers in microseconds. */
void sy_worker_take_commands(SyWorker *worker);

/* Runs what is not committed yet of task number `task`, and commits it. */
void sy_worker_run_task(SyWorker *worker, const SyWork *work, uint32_t task);

/* Frames [offset, offset + n) of what arrives at one voice of an input, as if all cables that end
 * there had been mixed. Returns where they are: in the source's wire, or in `plane` [n].  */
const float *sy_gather(SyWorker *worker, const SyWork *work, const SyPlanNode *node, uint32_t port,
                       uint32_t voice, uint32_t offset, uint32_t n, float *plane);

/* The same for all voices of an input, into the lanes in hand from `first_lane` on. */
void sy_gather_port(SyWorker *worker, const SyWork *work, const SyPlanNode *node, uint32_t port,
                    uint32_t first_lane, uint32_t offset, uint32_t n);

/* Some frames of an input that several workers sum up: a step that sums. */
void sy_gather_sum(SyWorker *worker, const SyWork *work, const SyPlanStep *step);

#endif
