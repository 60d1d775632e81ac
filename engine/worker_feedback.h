/* Feedback loops. For engine/worker_*.c only.  Thread: worker.  RT: yes. */
#ifndef SY_ENGINE_WORKER_FEEDBACK_H
#define SY_ENGINE_WORKER_FEEDBACK_H

#include "engine/worker_lanes.h"

/* Runs all nodes of a loop that is not committed, and commits them. */
void sy_worker_run_loop(SyWorker *worker, const SyWork *work, const SyPlanNode *nodes,
                        uint32_t n_nodes);

#endif
