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
 * finds the first one committed brings the rest up to it */
#include <string.h>

#include "engine/claim.h"
#include "engine/worker.h"
#include "modules/registry.h"

typedef struct Batch {
    const SyModule *type;
    uint32_t n_lanes, n_nodes;
    const SyPlanNode *nodes[SY_LANES_MAX];
} Batch;

static SyNodeShared *shared_node(const SyWorker *worker, const SyPlanNode *node)
{
    return &worker->segment->nodes[node->slot];
}

static uint64_t commit_word(const SyWorker *worker, const SyPlanNode *node)
{
    return atomic_load_explicit(&shared_node(worker, node)->commit, memory_order_acquire);
}

static bool is_committed(const SyWorker *worker, const SyWork *work, const SyPlanNode *node)
{
    return sy_commit_epoch(commit_word(worker, node)) == work->epoch;
}

static unsigned char *pending_state(const SyWorker *worker, const SyPlanNode *node)
{
    const unsigned slot = sy_commit_slot(commit_word(worker, node)) ^ 1;
    return (unsigned char *)sy_at(worker->segment, node->state_at + slot * node->state_bytes);
}

static void prepare_state(const SyWorker *worker, const SyPlanNode *node)
{
    const unsigned slot = sy_commit_slot(commit_word(worker, node));
    memcpy(pending_state(worker, node),
           sy_at(worker->segment, node->state_at + slot * node->state_bytes), node->state_bytes);
}

static float *wire(const SyWorker *worker, const SyPlanNode *node, uint32_t port, uint32_t voice)
{
    return (float *)sy_at(worker->segment, node->wires_at) +
           ((size_t)port * node->voices + voice) * worker->block;
}

/* The last frame of every heard output goes into the pending state, for cables that close loops. */
static void keep_tails(const SyWorker *worker, const SyPlanNode *node)
{
    float *tails = (float *)(pending_state(worker, node) + node->tails_from);
    const uint32_t n_outputs = sy_registry_at(node->type)->n_outputs;

    for (uint32_t port = 0; port < n_outputs; port++) {
        for (uint32_t voice = 0; voice < node->voices && node->heard >> port & 1; voice++) {
            tails[port * node->voices + voice] = wire(worker, node, port, voice)[worker->block - 1];
        }
    }
}

/* P: everything the node wrote precedes its commit word; its readers acquire the task's claim word,
 * which is released after this one. */
static void commit(const SyWorker *worker, const SyWork *work, const SyPlanNode *node)
{
    const unsigned slot = sy_commit_slot(commit_word(worker, node)) ^ 1;
    atomic_store_explicit(&shared_node(worker, node)->commit, sy_commit_word(work->epoch, slot),
                          memory_order_release);
}

/* Parameters as seen from frame `offset` of the block on. */
static void place_ramps(const SyModule *type, const SyRampShared *shared, int64_t frame,
                        SyRamp *ramps)
{
    for (uint32_t p = 0; p < type->n_params; p++) {
        const int64_t at = frame - shared[p].start;
        ramps[p] = (SyRamp){
            .from = shared[p].from,
            .to = shared[p].to,
            .slope = shared[p].slope,
            .frame = at < shared[p].length ? (int32_t)at : shared[p].length,
            .length = shared[p].length,
        };
    }
}

static void fill_lane(SyWorker *worker, const SyWork *work, const SyPlanNode *node,
                      const SyModule *type, uint32_t index, uint32_t voice, const SyRamp *ramps,
                      uint32_t offset, uint32_t n)
{
    const size_t plane = (size_t)index * SY_PORTS_MAX * worker->block;
    SyLane *lane = &worker->lanes[index];

    lane->state = pending_state(worker, node) + (size_t)voice * node->lane_bytes;
    lane->params = ramps;
    lane->patched = node->patched;
    lane->heard = node->heard;
    lane->n_voices = type->per_instance ? node->voices : 1;
    lane->voice_stride = worker->block;
    for (uint32_t p = 0; p < type->n_inputs; p++) {
        lane->in[p] = sy_gather(worker, work, node, p, voice, offset, n,
                                worker->in_planes + plane + (size_t)p * worker->block);
    }
    for (uint32_t p = 0; p < type->n_outputs; p++) {
        /* A per_instance module writes all its voices, so its wires take what nobody hears too. */
        lane->out[p] = node->heard >> p & 1 || type->per_instance
                           ? wire(worker, node, p, voice) + offset
                           : worker->out_planes + plane + (size_t)p * worker->block;
    }
}

static void process(SyWorker *worker, const SyModule *type, uint32_t n_lanes, uint32_t n_frames)
{
    const SyBatch batch = {.context = &worker->context,
                           .lanes = worker->lanes,
                           .n_lanes = n_lanes,
                           .n_frames = n_frames};
    type->process(&batch);
}

static void flush(SyWorker *worker, const SyWork *work, Batch *batch)
{
    if (batch->n_lanes == 0) {
        return;
    }
    process(worker, batch->type, batch->n_lanes, worker->block);
    for (uint32_t i = 0; i < batch->n_nodes; i++) {
        keep_tails(worker, batch->nodes[i]);
        commit(worker, work, batch->nodes[i]);
    }
    batch->n_lanes = batch->n_nodes = 0;
    if (sy_ring_readable(&worker->commands) > 0) {
        sy_worker_take_commands(worker);
    }
}

static void add_to_batch(SyWorker *worker, const SyWork *work, Batch *batch, const SyPlanNode *node)
{
    if (batch->n_lanes + node->n_lanes > SY_LANES_MAX) {
        flush(worker, work, batch);
    }
    SyRamp *ramps = worker->ramps[batch->n_nodes];
    prepare_state(worker, node);
    place_ramps(batch->type, sy_at(worker->segment, node->params_at), work->start, ramps);
    for (uint32_t voice = 0; voice < node->n_lanes; voice++) {
        fill_lane(worker, work, node, batch->type, batch->n_lanes++, voice, ramps, 0,
                  worker->block);
    }
    batch->nodes[batch->n_nodes++] = node;
}

/* A node that is cut into pieces: by its birth, by events, or frame by frame in a loop. */

static uint32_t first_event(const SyWorker *worker, const SyWork *work, const SyPlanNode *node)
{
    const SyNodeShared *shared = shared_node(worker, node);
    return shared->event_epoch == work->epoch ? shared->event_first : UINT32_MAX;
}

/* Frames of silence at the start of the block. */
static uint32_t birth_of(const SyWorker *worker, const SyWork *work, const SyPlanNode *node)
{
    const int64_t silent = shared_node(worker, node)->born - work->start;
    if (silent <= 0) {
        return 0;
    }
    return silent < worker->block ? (uint32_t)silent : worker->block;
}

static void begin_alone(SyWorker *worker, const SyWork *work, const SyPlanNode *node)
{
    const SyModule *type = sy_registry_at(node->type);
    const uint32_t birth = birth_of(worker, work, node);

    prepare_state(worker, node);
    for (uint32_t p = 0; p < type->n_outputs && birth > 0; p++) {
        for (uint32_t voice = 0; voice < node->voices; voice++) {
            memset(wire(worker, node, p, voice), 0, birth * sizeof(float));
        }
    }
}

/* Brings parameters and state to frame `offset`, where a piece begins; returns where it ends: at
 * the next event, or at `end`. Parameters are taken anew from the table every time and notes only
 * at their frame (or at the birth they came before), so a piece needs no memory of the one before
 * it. */
static uint32_t take_events(SyWorker *worker, const SyWork *work, const SyPlanNode *node,
                            uint32_t offset, uint32_t end, SyRampShared *params)
{
    const SyModule *type = sy_registry_at(node->type);
    const bool at_birth = offset == birth_of(worker, work, node);
    uint32_t next = first_event(worker, work, node);

    memcpy(params, sy_at(worker->segment, node->params_at), type->n_params * sizeof(*params));
    while (next < SY_EVENTS_MAX) {
        const SyBlockEvent *event = &worker->segment->events[next];
        if (event->offset > offset) {
            return event->offset < end ? event->offset : end;
        }
        if (event->kind == SY_EVENT_PARAM) {
            params[event->param] = event->ramp;
        } else if (type->event && (event->offset == offset || at_birth)) {
            type->event(&worker->context, pending_state(worker, node), node->voices, &event->note);
        }
        next = event->next;
    }
    return end;
}

static void run_piece(SyWorker *worker, const SyWork *work, const SyPlanNode *node,
                      const SyRampShared *params, uint32_t offset, uint32_t n)
{
    const SyModule *type = sy_registry_at(node->type);
    SyRamp *ramps = worker->ramps[0];

    place_ramps(type, params, work->start + offset, ramps);
    for (uint32_t voice = 0; voice < node->n_lanes; voice++) {
        fill_lane(worker, work, node, type, voice, voice, ramps, offset, n);
    }
    process(worker, type, node->n_lanes, n);
}

/* Frames [offset, end) of a node, cut where it is born and at its events. */
static void run_pieces(SyWorker *worker, const SyWork *work, const SyPlanNode *node,
                       uint32_t offset, uint32_t end)
{
    const uint32_t birth = birth_of(worker, work, node);
    SyRampShared params[SY_PARAMS_MAX];

    offset = offset < birth ? birth : offset;
    while (offset < end) {
        const uint32_t next = take_events(worker, work, node, offset, end, params);
        run_piece(worker, work, node, params, offset, next - offset);
        offset = next;
    }
}

static void run_alone(SyWorker *worker, const SyWork *work, const SyPlanNode *node)
{
    begin_alone(worker, work, node);
    run_pieces(worker, work, node, 0, worker->block);
    keep_tails(worker, node);
    commit(worker, work, node);
}

/* All nodes of a loop, frame by frame. */

static void finish_loop(const SyWorker *worker, const SyWork *work, const SyPlanNode *nodes,
                        uint32_t n_nodes)
{
    for (uint32_t i = 0; i < n_nodes; i++) {
        if (!is_committed(worker, work, &nodes[i])) {
            commit(worker, work, &nodes[i]);
        }
    }
}

static void run_loop(SyWorker *worker, const SyWork *work, const SyPlanNode *nodes,
                     uint32_t n_nodes)
{
    if (!is_committed(worker, work, &nodes[0])) { /* R3 */
        for (uint32_t i = 0; i < n_nodes; i++) {
            begin_alone(worker, work, &nodes[i]);
        }
        for (uint32_t frame = 0; frame < worker->block; frame++) {
            for (uint32_t i = 0; i < n_nodes; i++) {
                run_pieces(worker, work, &nodes[i], frame, frame + 1);
            }
        }
        for (uint32_t i = 0; i < n_nodes; i++) {
            keep_tails(worker, &nodes[i]);
        }
    }
    finish_loop(worker, work, nodes, n_nodes);
}

static bool needs_cutting(const SyWorker *worker, const SyWork *work, const SyPlanNode *node)
{
    return first_event(worker, work, node) != UINT32_MAX || birth_of(worker, work, node) > 0;
}

static void run_batches(SyWorker *worker, const SyWork *work, const SyPlanNode *nodes,
                        uint32_t n_nodes)
{
    Batch batch = {.type = sy_registry_at(nodes[0].type)};

    for (uint32_t i = 0; i < n_nodes; i++) {
        if (is_committed(worker, work, &nodes[i])) { /* R1 */
            continue;
        }
        if (needs_cutting(worker, work, &nodes[i])) {
            flush(worker, work, &batch);
            run_alone(worker, work, &nodes[i]);
        } else {
            add_to_batch(worker, work, &batch, &nodes[i]);
        }
    }
    flush(worker, work, &batch);
}

/* What the step took, shared out evenly among its nodes and smoothed over some 16 blocks. */
static void account(SyWorker *worker, const SyPlanNode *nodes, uint32_t n_nodes, int64_t ns)
{
    const uint32_t share = (uint32_t)(ns / n_nodes);
    for (uint32_t i = 0; i < n_nodes; i++) {
        _Atomic uint32_t *cost = &shared_node(worker, &nodes[i])->cost_ns;
        const uint32_t old = atomic_load_explicit(cost, memory_order_relaxed);
        const uint32_t smoothed = old == 0 ? share : old - old / 16 + share / 16;
        atomic_store_explicit(cost, smoothed, memory_order_relaxed);
    }
}

void sy_worker_run_task(SyWorker *worker, const SyWork *work, uint32_t task)
{
    const SyPlanTask *planned = &sy_plan_tasks(work->plan)[task];
    int64_t before = sy_now_ns();

    for (uint32_t s = 0; s < planned->n_steps; s++) {
        const SyPlanStep *step = &sy_plan_steps(work->plan)[planned->first_step + s];
        const SyPlanNode *nodes = &sy_plan_nodes(work->plan)[step->first_node];
        if (step->loop) {
            run_loop(worker, work, nodes, step->n_nodes);
        } else {
            run_batches(worker, work, nodes, step->n_nodes);
        }
        const int64_t after = sy_now_ns();
        account(worker, nodes, step->n_nodes, after - before);
        before = after;
    }
}
