/* Nodes that are cut into pieces: by their birth, by events, or frame by frame in a loop. For
 * engine/worker_*.c only.  Thread: worker.  RT: yes. */
#ifndef SY_ENGINE_WORKER_PIECES_H
#define SY_ENGINE_WORKER_PIECES_H

#include "engine/worker_lanes.h"

/* Whether a block of the node is not to be computed in one go with others. */
bool sy_worker_needs_cutting(const SyWorker *worker, const SyWork *work, const SyPlanNode *node);

/* Runs a node that is not committed by itself, and commits it. */
void sy_worker_run_alone(SyWorker *worker, const SyWork *work, const SyPlanNode *node);

/* Runs all nodes of a loop, and commits them. */
void sy_worker_run_loop(SyWorker *worker, const SyWork *work, const SyPlanNode *nodes,
                        uint32_t n_nodes);

#endif
