/* What process() is given of the nodes that are computed together: where their lanes read and
 * write, and their parameters. It is made anew for every block, from the plan and from little
 * else, so that a worker needs no memory of the block before. For engine/worker_*.c only.
 * Thread: worker.  RT: yes. */
#ifndef SY_ENGINE_WORKER_LANES_H
#define SY_ENGINE_WORKER_LANES_H

#include "engine/worker_node.h"

/* Nodes of one type, whose lanes are those in the worker's hand, from the first on. Their
 * parameters are in worker->ramps, in the same order. */
typedef struct SyNodeBatch {
    const SyModule *type;
    uint32_t n_lanes, n_nodes;
    const SyPlanNode *nodes[SY_LANES_MAX];
    unsigned char *pending[SY_LANES_MAX]; /* their pending slots */
} SyNodeBatch;

/* Parameters as seen from `frame` on: ramps[n_params]. */
void sy_lanes_place_ramps(const SyModule *type, const SyRampShared *shared, int64_t frame,
                          SyRamp *ramps);

/* The same of a node's parameters, most of which nobody has touched for a while. */
void sy_lanes_place_params(const SyModule *type, const SyParamsShared *params, int64_t frame,
                           SyRamp *ramps);

/* Makes the lanes of a node, from number `first` of those in hand on, as of frame `offset` of the
 * block. Returns the mask of inputs for which that is not enough: sy_lanes_gather() does the rest.
 */
uint32_t sy_lanes_lay_out(SyWorker *worker, const SyWork *work, const SyPlanNode *node,
                          unsigned char *pending, const SyRamp *ramps, uint32_t first,
                          uint32_t offset);

/* Adds up what arrives at these inputs in frames [offset, offset + n). */
void sy_lanes_gather(SyWorker *worker, const SyWork *work, const SyPlanNode *node, uint32_t inputs,
                     uint32_t first, uint32_t offset, uint32_t n);

/* Both for all nodes of a batch. */
void sy_lanes_fill(SyWorker *worker, const SyWork *work, const SyNodeBatch *batch, uint32_t offset,
                   uint32_t n);

/* Computes n_frames of n_lanes of the lanes in hand, from number `first` on. */
static inline void sy_lanes_process(const SyWorker *worker, const SyModule *type, uint32_t first,
                                    uint32_t n_lanes, uint32_t n_frames)
{
    const SyBatch batch = {.context = &worker->context,
                           .lanes = (SyLane *)(uintptr_t)&worker->lanes[first],
                           .n_lanes = n_lanes,
                           .n_frames = n_frames};
    type->process(&batch);
}

#endif
