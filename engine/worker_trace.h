/* What a worker records of its work, at the level that its block asks for; see trace.h.
 * Thread: worker.  RT: yes. */
#ifndef SY_ENGINE_WORKER_TRACE_H
#define SY_ENGINE_WORKER_TRACE_H

#include "engine/tracing.h"
#include "engine/worker.h"

/* Begins a task: its nodes' times are counted from here. */
static inline void sy_trace_begin(SyWorker *worker, uint32_t task, int64_t now_ns)
{
    worker->traced_task = task;
    worker->traced_ns = now_ns;
}

void sy_trace_put_task(const SyWorker *worker, const SyWork *work, uint32_t task, int64_t begin_ns,
                       int64_t end_ns);
void sy_trace_put_batch(SyWorker *worker, const SyWork *work, const SyPlanNode *const *nodes,
                        uint32_t n_nodes);
void sy_trace_put_loop(SyWorker *worker, const SyWork *work, const SyPlanNode *nodes,
                       uint32_t n_nodes);

/* A task that is about to be DONE. */
static inline void sy_trace_task(const SyWorker *worker, const SyWork *work, uint32_t task,
                                 int64_t begin_ns, int64_t end_ns)
{
    if (work->trace >= SY_TRACE_DETAILED) {
        sy_trace_put_task(worker, work, task, begin_ns, end_ns);
    }
}

/* Nodes that were computed together, and are about to be committed. */
static inline void sy_trace_nodes(SyWorker *worker, const SyWork *work,
                                  const SyPlanNode *const *nodes, uint32_t n_nodes)
{
    if (work->trace >= SY_TRACE_COMPLETE) {
        sy_trace_put_batch(worker, work, nodes, n_nodes);
    }
}

/* All nodes of a loop, before the first of them is committed. */
static inline void sy_trace_loop(SyWorker *worker, const SyWork *work, const SyPlanNode *nodes,
                                 uint32_t n_nodes)
{
    if (work->trace >= SY_TRACE_COMPLETE) {
        sy_trace_put_loop(worker, work, nodes, n_nodes);
    }
}

#endif
