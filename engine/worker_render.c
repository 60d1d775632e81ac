/* Runs the steps of a task.
 *
 * Before a node runs, its committed state slot is copied into the other one, the pending slot, and
 * process() updates that. Its wires are written beside it. One release store of the node's commit
 * word makes both hold. A worker that dies before that store leaves nothing behind that anybody
 * reads; one that dies after it leaves a node that whoever takes over skips.
 *
 * Numbered as the comments below cite them:
 *   R1  a node whose commit word has the block's epoch is never run again
 *   R2  a pending slot, and the wires of a node that is not committed, are read by nobody else
 *   R3  a loop is committed by its first node's word; the others' words follow it, and whoever
 * finds the first one committed brings the rest up to it
 *   R4  a tape is never copied: what a node writes to it in a block is the same however often it is
 * run, and where it still reads it does not write; see M5 in modules/module.h */
#include "engine/worker_feedback.h"
#include "engine/worker_pieces.h"
#include "engine/worker_trace.h"

#define AHEAD       3   /* nodes */
#define AHEAD_BYTES 512 /* of a state: beyond, the processor sees by itself where it goes */

/* Keeps all tails; returns whether there is something in the wires that is not a number. */
static bool look_over(const SyWorker *worker, const SyNodeBatch *batch)
{
    const float *wires[2 * SY_WIRES_MAX];
    uint32_t n = 0;
    bool wild = false;

    for (uint32_t i = 0; i < batch->n_nodes; i++) {
        n += sy_node_keep_tails(worker, batch->nodes[i], batch->pending[i], wires + n);
        if (n > SY_WIRES_MAX) {
            wild |= worker->context.dsp->wild(wires, n, worker->block);
            n = 0;
        }
    }
    return wild | worker->context.dsp->wild(wires, n, worker->block);
}

/* Mutes the lanes that have put out what is not a number. */
static void tame(const SyWorker *worker, const SyNodeBatch *batch)
{
    const float *wires[SY_WIRES_MAX];

    for (uint32_t i = 0, lane = 0; i < batch->n_nodes; i++) {
        const SyPlanNode *node = batch->nodes[i];
        for (uint32_t voice = 0; voice < node->n_lanes; voice++, lane++) {
            sy_node_tame(worker, node, voice, worker->lanes[lane].out, worker->block);
        }
        sy_node_keep_tails(worker, node, batch->pending[i], wires);
    }
}

static void prepare(SyWorker *worker, const SyWork *work, SyNodeBatch *batch)
{
    for (uint32_t i = 0; i < batch->n_nodes; i++) {
        const SyPlanNode *node = batch->nodes[i];
        batch->pending[i] = sy_node_prepare(worker, node);
        sy_lanes_place_params(batch->type, sy_at(worker->segment, node->params_at), work->start,
                              worker->ramps[i]);
    }
    sy_lanes_fill(worker, work, batch, 0, worker->block);
}

static void flush(SyWorker *worker, const SyWork *work, SyNodeBatch *batch)
{
    if (batch->n_nodes == 0) {
        return;
    }
    prepare(worker, work, batch);
    sy_node_announce(worker, work, batch->nodes[0], batch->n_nodes);
    sy_lanes_process(worker, batch->type, 0, batch->n_lanes, worker->block);
    sy_trace_nodes(worker, work, batch->nodes, batch->n_nodes);
    if (look_over(worker, batch)) {
        tame(worker, batch);
    }
    for (uint32_t i = 0; i < batch->n_nodes; i++) {
        sy_node_commit(worker, work, batch->nodes[i]);
    }
    batch->n_lanes = batch->n_nodes = 0;
    if (sy_ring_readable(&worker->commands) > 0) {
        sy_worker_take_commands(worker);
    }
}

/* What has to be looked at before a node is run lies in as many places as there are owners; asked
 * for some nodes ahead, it is there when its turn comes. Always inlined: gcc takes a function that
 * does nothing but this for one without any effect, and drops its calls. */
__attribute__((always_inline)) static inline void
fetch_ahead(const SyWorker *worker, const SyWork *work, const SyPlanNode *node)
{
    const unsigned char *states[2] = {sy_node_state(worker, node, 0),
                                      sy_node_state(worker, node, 1)};

    if (!work->quiet) {
        __builtin_prefetch(sy_node_shared(worker, node));
    }
    __builtin_prefetch(sy_node_work(worker, node));
    for (uint32_t at = 0; at < node->used_bytes && at < AHEAD_BYTES; at += 64) {
        __builtin_prefetch(states[0] + at);
        __builtin_prefetch(states[1] + at);
    }
    __builtin_prefetch(states[0] + node->mode_from);
    __builtin_prefetch(states[1] + node->mode_from);
    __builtin_prefetch(sy_at(worker->segment, node->params_at));
}

/* Carefully, or because they have to be cut, nodes are run one by one: see claim.h. */
static void run_batches(SyWorker *worker, const SyWork *work, const SyPlanNode *nodes,
                        uint32_t n_nodes, bool carefully)
{
    SyNodeBatch batch;

    batch.type = sy_registry_at(nodes[0].type);
    batch.n_lanes = batch.n_nodes = 0;
    const bool alone = carefully || batch.type->isolated;
    for (uint32_t i = 0; i < n_nodes; i++) {
        const SyPlanNode *node = &nodes[i];
        if (i + AHEAD < n_nodes) {
            fetch_ahead(worker, work, node + AHEAD);
        }
        if (sy_node_is_committed(worker, work, node)) { /* R1 */
            continue;
        }
        if (alone || (!work->quiet && sy_worker_needs_cutting(worker, work, node))) {
            flush(worker, work, &batch);
            sy_worker_run_alone(worker, work, node);
            continue;
        }
        if (batch.n_lanes + node->n_lanes > SY_LANES_MAX) {
            flush(worker, work, &batch);
        }
        batch.n_lanes += node->n_lanes;
        batch.nodes[batch.n_nodes++] = node;
    }
    flush(worker, work, &batch);
}

static SySumShared *sum_of(const SyWorker *worker, const SyWork *work, const SyPlanNode *node,
                           uint32_t port)
{
    return sy_at(worker->segment, sy_plan_inputs(work->plan)[node->first_input + port].wires_at);
}

static void run_sum(SyWorker *worker, const SyWork *work, const SyPlanStep *step, int64_t before)
{
    const SyPlanNode *node = &sy_plan_nodes(work->plan)[step->first_node];
    SySumShared *sum = sum_of(worker, work, node, step->port);

    sy_gather_sum(worker, work, step);
    atomic_store_explicit(&sum->took_ns[step->piece], (uint32_t)(sy_now_ns() - before),
                          memory_order_relaxed);
}

/* What others have taken to sum up what the node hears. */
static uint32_t summed_ns(const SyWorker *worker, const SyWork *work, const SyPlanNode *node)
{
    uint32_t ns = 0;

    for (uint32_t left = node->summed; left; left &= left - 1) {
        SySumShared *sum = sum_of(worker, work, node, (uint32_t)__builtin_ctz(left));
        for (uint32_t piece = 0; piece < SY_SUM_PIECES; piece++) {
            ns += atomic_load_explicit(&sum->took_ns[piece], memory_order_relaxed);
        }
    }
    return ns;
}

/* What the step took, shared out evenly among its nodes and smoothed over some 16 blocks. */
static void account(SyWorker *worker, const SyWork *work, const SyPlanNode *nodes, uint32_t n_nodes,
                    int64_t ns)
{
    for (uint32_t i = 0; i < n_nodes; i++) {
        const uint32_t share =
            (uint32_t)(ns / n_nodes) + (nodes[i].summed ? summed_ns(worker, work, &nodes[i]) : 0);
        _Atomic uint32_t *cost = &sy_node_work(worker, &nodes[i])->cost_ns;
        const uint32_t old = atomic_load_explicit(cost, memory_order_relaxed);
        const uint32_t smoothed = old == 0 ? share : old - old / 16 + share / 16;
        atomic_store_explicit(cost, smoothed, memory_order_relaxed);
    }
}

static bool is_sink(const SyPlanNode *node)
{
    return sy_registry_at(node->type)->is_sink;
}

static void set_aside(const SyWorker *worker, const SyWork *work, const SyPlanNode *node)
{
    const uint32_t n_outputs = sy_registry_at(node->type)->n_outputs;
    const size_t frames = (size_t)n_outputs * node->voices * worker->block;
    float *wires = sy_node_wire(worker, node, 0, 0);

    memcpy(wires + sy_sink_place(worker->segment, work->epoch) * frames, wires,
           frames * sizeof(float));
}

/* What a task's sinks have left in their wires, which a block that is released already may write
 * again before the audio thread comes to read them. Those are committed, so whoever takes the task
 * over does this once more with the same. */
static void set_aside_sinks(const SyWorker *worker, const SyWork *work, const SyPlanTask *task)
{
    for (uint32_t s = 0; s < task->n_steps; s++) {
        const SyPlanStep *step = &sy_plan_steps(work->plan)[task->first_step + s];
        const SyPlanNode *nodes = &sy_plan_nodes(work->plan)[step->first_node];
        const bool has_sinks = !step->sums && (step->loop || is_sink(nodes));
        for (uint32_t i = 0; has_sinks && i < step->n_nodes; i++) {
            if (is_sink(&nodes[i])) {
                set_aside(worker, work, &nodes[i]);
            }
        }
    }
}

void sy_worker_run_task(SyWorker *worker, const SyWork *work, uint32_t task)
{
    const SyPlanTask *planned = &sy_plan_tasks(work->plan)[task];
    const bool carefully = sy_claim_is_careful(
        atomic_load_explicit(sy_claim_of(worker->segment, task), memory_order_relaxed));
    int64_t before = sy_now_ns();

    sy_trace_begin(worker, task, before);
    for (uint32_t s = 0; s < planned->n_steps; s++) {
        const SyPlanStep *step = &sy_plan_steps(work->plan)[planned->first_step + s];
        const SyPlanNode *nodes = &sy_plan_nodes(work->plan)[step->first_node];
        if (step->sums) {
            run_sum(worker, work, step, before);
            before = sy_now_ns();
            continue;
        }
        if (step->loop) {
            sy_worker_run_loop(worker, work, nodes, step->n_nodes);
        } else {
            run_batches(worker, work, nodes, step->n_nodes, carefully);
        }
        const int64_t after = sy_now_ns();
        account(worker, work, nodes, step->n_nodes, after - before);
        before = after;
    }
    if (planned->sinks && sy_sink_places(worker->segment) > 1) {
        set_aside_sinks(worker, work, planned);
    }
    atomic_store_explicit(&worker->self->doing, 0, memory_order_relaxed);
}
