/* The labels are those of trace.h. */
#include "engine/worker_trace.h"

static SyTraceRecord *record_at(const SyWorker *worker, const SyWork *work, uint32_t index)
{
    SyTraceRecord *records = sy_at(worker->segment, worker->segment->trace_at);
    return &records[(work->trace_at + index) & (SY_TRACE_RECORDS - 1)];
}

/* Released one by one, which costs nothing on the usual machines: T4. */
static void put(const SyWorker *worker, const SyWork *work, SyTraceRecord *record, uint32_t task,
                uint32_t node, int64_t begin_ns, int64_t duration_ns)
{
    const uint32_t duration = duration_ns < UINT32_MAX ? (uint32_t)duration_ns : UINT32_MAX;

    atomic_store_explicit(&record->begin_ns, begin_ns, memory_order_release);
    atomic_store_explicit(&record->duration_ns, duration, memory_order_release);
    atomic_store_explicit(&record->worker, worker->index, memory_order_release);
    atomic_store_explicit(&record->task, task, memory_order_release);
    atomic_store_explicit(&record->node, node, memory_order_release);
    atomic_store_explicit(&record->epoch, work->epoch, memory_order_release);
}

void sy_trace_put_task(const SyWorker *worker, const SyWork *work, uint32_t task, int64_t begin_ns,
                       int64_t end_ns)
{
    put(worker, work, record_at(worker, work, task), task, 0, begin_ns, end_ns - begin_ns);
}

static void put_node(const SyWorker *worker, const SyWork *work, const SyPlanNode *node,
                     int64_t begin_ns, int64_t end_ns)
{
    const uint32_t index = (uint32_t)(node - sy_plan_nodes(work->plan));

    put(worker, work, record_at(worker, work, work->plan->n_tasks + index), worker->traced_task,
        (uint32_t)node->type << 16 | node->id, begin_ns, end_ns - begin_ns);
}

/* What was computed together is shared out by lanes: the records follow each other, and their sum
 * is what it took. */
typedef struct Shares {
    int64_t begin_ns, whole_ns;
    uint32_t n_lanes, lane;
} Shares;

static Shares share_out(SyWorker *worker, uint32_t n_lanes)
{
    const int64_t begin_ns = worker->traced_ns;

    worker->traced_ns = sy_now_ns();
    return (Shares){
        .begin_ns = begin_ns, .whole_ns = worker->traced_ns - begin_ns, .n_lanes = n_lanes};
}

static int64_t share_ends(const Shares *shares)
{
    return shares->begin_ns + shares->whole_ns * shares->lane / shares->n_lanes;
}

static void put_share(const SyWorker *worker, const SyWork *work, const SyPlanNode *node,
                      Shares *shares)
{
    const int64_t begin_ns = share_ends(shares);

    shares->lane += node->n_lanes;
    put_node(worker, work, node, begin_ns, share_ends(shares));
}

void sy_trace_put_batch(SyWorker *worker, const SyWork *work, const SyPlanNode *const *nodes,
                        uint32_t n_nodes)
{
    uint32_t n_lanes = 0;

    for (uint32_t i = 0; i < n_nodes; i++) {
        n_lanes += nodes[i]->n_lanes;
    }
    Shares shares = share_out(worker, n_lanes);
    for (uint32_t i = 0; i < n_nodes; i++) {
        put_share(worker, work, nodes[i], &shares);
    }
}

void sy_trace_put_loop(SyWorker *worker, const SyWork *work, const SyPlanNode *nodes,
                       uint32_t n_nodes)
{
    uint32_t n_lanes = 0;

    for (uint32_t i = 0; i < n_nodes; i++) {
        n_lanes += nodes[i].n_lanes;
    }
    Shares shares = share_out(worker, n_lanes);
    for (uint32_t i = 0; i < n_nodes; i++) {
        put_share(worker, work, &nodes[i], &shares);
    }
}
