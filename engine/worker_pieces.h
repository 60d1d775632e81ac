/* Nodes that are cut into pieces, by their birth or by events, and those that are bypassed. For
 * engine/worker_*.c only.  Thread: worker.  RT: yes. */
#ifndef SY_ENGINE_WORKER_PIECES_H
#define SY_ENGINE_WORKER_PIECES_H

#include "engine/worker_lanes.h"

/* Whether a block of the node is not to be computed in one go with others. */
bool sy_worker_needs_cutting(const SyWorker *worker, const SyWork *work, const SyPlanNode *node);

/* Runs a node that is not committed by itself, and commits it. */
void sy_worker_run_alone(SyWorker *worker, const SyWork *work, const SyPlanNode *node);

/* What that is made of: makes the pending slot ready, and returns whether the node is to be run;
 * then runs frames [offset, end) of it, or bypasses them. */
bool sy_worker_begin_alone(SyWorker *worker, const SyWork *work, const SyPlanNode *node);
void sy_worker_run_frames(SyWorker *worker, const SyWork *work, const SyPlanNode *node,
                          bool to_be_run, uint32_t offset, uint32_t end);

#endif
