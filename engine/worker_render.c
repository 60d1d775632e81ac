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
#include "engine/jail.h"
#include "engine/worker_node.h"
#include "engine/worker_trace.h"

#define AHEAD       3   /* nodes */
#define AHEAD_BYTES 512 /* of a state: beyond, the processor sees by itself where it goes */

typedef struct Batch {
    const SyModule *type;
    uint32_t n_lanes, n_nodes;
    const SyPlanNode *nodes[SY_LANES_MAX];
} Batch;

/* The tails are written anew by every block. */
static void prepare_state(const SyWorker *worker, const SyPlanNode *node)
{
    unsigned char *pending = sy_node_pending(worker, node);
    unsigned char *committed = sy_node_committed(worker, node);

    for (uint32_t lane = 0; lane < node->n_lanes; lane++) {
        const size_t from = (size_t)lane * node->lane_bytes;
        for (uint32_t at = 0; at < node->used_bytes; at += 64) { /* lanes are whole lines */
            memcpy(pending + from + at, committed + from + at, 64);
        }
    }
    *sy_node_mode(node, pending) = *sy_node_mode(node, committed);
}

/* The last frame of every heard output goes into the pending state, for cables that close loops and
 * for the fade of a node that is bypassed. */
static void keep_tails(const SyWorker *worker, const SyPlanNode *node)
{
    float *tails = sy_node_tails(node, sy_node_pending(worker, node));

    for (uint32_t left = node->heard; left; left &= left - 1) {
        const uint32_t port = (uint32_t)__builtin_ctz(left);
        for (uint32_t voice = 0; voice < node->voices; voice++) {
            tails[port * node->voices + voice] =
                sy_node_wire(worker, node, port, voice)[worker->block - 1];
        }
    }
}

/* P: everything the node wrote precedes its commit word; its readers acquire the task's claim word,
 * which is released after this one. */
static void commit(const SyWorker *worker, const SyWork *work, const SyPlanNode *node)
{
    const unsigned slot = sy_commit_slot(sy_node_commit_word(worker, node)) ^ 1;
    atomic_store_explicit(&sy_node_work(worker, node)->commit, sy_commit_word(work->epoch, slot),
                          memory_order_release);
}

_Static_assert(offsetof(SyRamp, frame) == offsetof(SyRampShared, start) &&
                   offsetof(SyRamp, length) == offsetof(SyRampShared, length),
               "a ramp is copied as one, but for where it is");

/* Parameters as seen from frame `offset` of the block on. */
static void place_ramps(const SyModule *type, const SyRampShared *shared, int64_t frame,
                        SyRamp *ramps)
{
    for (uint32_t p = 0; p < type->n_params; p++) {
        const int64_t at = frame - shared[p].start;
        memcpy(&ramps[p], &shared[p], offsetof(SyRamp, frame));
        ramps[p].frame = at < shared[p].length ? (int32_t)at : shared[p].length;
    }
}

/* The same of a node's parameters, most of which nobody has touched for a while. */
static void place_params(const SyModule *type, const SyParamsShared *params, int64_t frame,
                         SyRamp *ramps)
{
    if (frame < params->rest_at) {
        place_ramps(type, params->ramps, frame, ramps);
        return;
    }
    for (uint32_t p = 0; p < type->n_params; p++) {
        ramps[p] = (SyRamp){.from = params->to[p], .to = params->to[p]};
    }
}

/* The lanes of a node, from number `first` of those in hand on. */
static void fill_lanes(SyWorker *worker, const SyWork *work, const SyPlanNode *node,
                       const SyModule *type, uint32_t first, const SyRamp *ramps, uint32_t offset,
                       uint32_t n)
{
    unsigned char *state = sy_node_pending(worker, node);

    for (uint32_t voice = 0; voice < node->n_lanes; voice++) {
        SyLane *lane = &worker->lanes[first + voice];
        float *dropped = worker->out_planes + (first + voice) * SY_PORTS_MAX * worker->block;

        lane->state = state + (size_t)voice * node->lane_bytes;
        lane->tape = node->tape_bytes /* R4 */
                         ? sy_at(worker->segment, node->tape_at + voice * node->tape_bytes)
                         : NULL;
        lane->file = node->file_at ? sy_at(worker->segment, node->file_at) : NULL;
        lane->params = ramps;
        lane->patched = node->patched;
        lane->heard = node->heard;
        lane->n_voices = type->per_instance ? node->voices : 1;
        lane->voice_stride = worker->block;
        for (uint32_t p = 0; p < type->n_outputs; p++) {
            /* A per_instance module writes all its voices, so its wires take what nobody hears too.
             */
            lane->out[p] = node->heard >> p & 1 || type->per_instance
                               ? sy_node_wire(worker, node, p, voice) + offset
                               : dropped + (size_t)p * worker->block;
        }
    }
    sy_gather_all(worker, work, node, type, first, offset, n);
}

static void process(const SyWorker *worker, const SyModule *type, uint32_t n_lanes,
                    uint32_t n_frames)
{
    const SyBatch batch = {.context = &worker->context,
                           .lanes = (SyLane *)(uintptr_t)worker->lanes,
                           .n_lanes = n_lanes,
                           .n_frames = n_frames};
    type->process(&batch);
}

static void flush(SyWorker *worker, const SyWork *work, Batch *batch)
{
    if (batch->n_lanes == 0) {
        return;
    }
    sy_node_announce(worker, work, batch->nodes[0], batch->n_nodes);
    process(worker, batch->type, batch->n_lanes, worker->block);
    sy_trace_nodes(worker, work, batch->nodes, batch->n_nodes);
    for (uint32_t i = 0, lane = 0; i < batch->n_nodes; i++) {
        const SyPlanNode *node = batch->nodes[i];
        sy_node_tame_block(worker, node, &worker->lanes[lane]);
        keep_tails(worker, node);
        commit(worker, work, node);
        lane += node->n_lanes;
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
    place_params(batch->type, sy_at(worker->segment, node->params_at), work->start, ramps);
    fill_lanes(worker, work, node, batch->type, batch->n_lanes, ramps, 0, worker->block);
    batch->n_lanes += node->n_lanes;
    batch->nodes[batch->n_nodes++] = node;
}

/* A node that is cut into pieces: by its birth, by events, or frame by frame in a loop. */

static uint32_t first_event(const SyWorker *worker, const SyWork *work, const SyPlanNode *node)
{
    const SyNodeShared *shared = sy_node_shared(worker, node);
    return shared->event_epoch == work->epoch ? shared->event_first : UINT32_MAX;
}

/* Frames of silence at the start of the block. */
static uint32_t birth_of(const SyWorker *worker, const SyWork *work, const SyPlanNode *node)
{
    const int64_t silent = sy_node_shared(worker, node)->born - work->start;
    if (silent <= 0) {
        return 0;
    }
    return silent < worker->block ? (uint32_t)silent : worker->block;
}

/* Returns whether the node is to be run. */
static bool begin_alone(SyWorker *worker, const SyWork *work, const SyPlanNode *node)
{
    const SyModule *type = sy_registry_at(node->type);
    const uint32_t birth = birth_of(worker, work, node);

    sy_node_announce(worker, work, node, 1);
    prepare_state(worker, node);
    if (!sy_node_begin_guarded(worker, node)) {
        return false;
    }
    for (uint32_t p = 0; p < type->n_outputs && birth > 0; p++) {
        for (uint32_t voice = 0; voice < node->voices; voice++) {
            memset(sy_node_wire(worker, node, p, voice), 0, birth * sizeof(float));
        }
    }
    return true;
}

static void give_event(const SyWorker *worker, const SyModule *type, const SyPlanNode *node,
                       const SyModuleEvent *event)
{
    void *state = sy_node_pending(worker, node);

    if (type->isolated) {
        sy_jail_enter(worker, node);
        type->event(&worker->context, state, node->voices, event);
        sy_jail_leave(worker);
    } else {
        type->event(&worker->context, state, node->voices, event);
    }
}

/* Brings parameters and state to frame `offset`, where a piece begins; returns where it ends: at
 * the next event, `next` being the block's first, or at `end`. Parameters are taken anew from the
 * table every time and notes only at their frame (or at the birth they came before), so a piece
 * needs no memory of the one before it. */
static uint32_t take_events(SyWorker *worker, const SyWork *work, const SyPlanNode *node,
                            uint32_t next, uint32_t offset, uint32_t end, SyRampShared *params)
{
    const SyModule *type = sy_registry_at(node->type);
    const bool at_birth = offset == birth_of(worker, work, node);

    const SyParamsShared *shared = sy_at(worker->segment, node->params_at);
    memcpy(params, shared->ramps, type->n_params * sizeof(*params));
    while (next < SY_EVENTS_MAX) {
        const SyBlockEvent *event = &worker->segment->events[next];
        if (event->offset > offset) {
            return event->offset < end ? event->offset : end;
        }
        if (event->kind == SY_EVENT_PARAM) {
            params[event->param] = event->ramp;
        } else if (type->event && (event->offset == offset || at_birth)) {
            give_event(worker, type, node, &event->note);
        }
        next = event->next;
    }
    return end;
}

static void run_piece(SyWorker *worker, const SyWork *work, const SyPlanNode *node,
                      const SyRamp *ramps, uint32_t offset, uint32_t n)
{
    const SyModule *type = sy_registry_at(node->type);

    fill_lanes(worker, work, node, type, 0, ramps, offset, n);
    if (type->isolated) {
        sy_jail_enter(worker, node);
        process(worker, type, node->n_lanes, n);
        sy_jail_leave(worker);
    } else {
        process(worker, type, node->n_lanes, n);
    }
    for (uint32_t voice = 0; voice < node->n_lanes; voice++) {
        sy_node_tame(worker, node, voice, worker->lanes[voice].out, n);
    }
}

/* Frames [offset, end) of a node, cut at its events, of which `first` is the block's first. */
static void run_between_events(SyWorker *worker, const SyWork *work, const SyPlanNode *node,
                               uint32_t first, uint32_t offset, uint32_t end)
{
    SyRampShared params[SY_PARAMS_MAX];
    SyRamp *ramps = worker->ramps[0];

    while (offset < end) {
        const uint32_t next = take_events(worker, work, node, first, offset, end, params);
        place_ramps(sy_registry_at(node->type), params, work->start + offset, ramps);
        run_piece(worker, work, node, ramps, offset, next - offset);
        offset = next;
    }
}

/* Frames [offset, end) of a node, cut where it is born and at its events. */
static void run_pieces(SyWorker *worker, const SyWork *work, const SyPlanNode *node,
                       uint32_t offset, uint32_t end)
{
    const uint32_t birth = birth_of(worker, work, node), first = first_event(worker, work, node);
    SyRamp *ramps = worker->ramps[0];

    offset = offset < birth ? birth : offset;
    if (first != UINT32_MAX) {
        run_between_events(worker, work, node, first, offset, end);
    } else if (offset < end) {
        place_params(sy_registry_at(node->type), sy_at(worker->segment, node->params_at),
                     work->start + offset, ramps);
        run_piece(worker, work, node, ramps, offset, end - offset);
    }
}

static void run_frames(SyWorker *worker, const SyWork *work, const SyPlanNode *node, bool to_be_run,
                       uint32_t offset, uint32_t end)
{
    if (to_be_run) {
        run_pieces(worker, work, node, offset, end);
        sy_node_return(worker, node, offset, end);
    } else {
        sy_node_bypass(worker, work, node, offset, end);
    }
}

static void run_alone(SyWorker *worker, const SyWork *work, const SyPlanNode *node)
{
    const bool to_be_run = begin_alone(worker, work, node);

    run_frames(worker, work, node, to_be_run, 0, worker->block);
    keep_tails(worker, node);
    sy_trace_nodes(worker, work, &node, 1);
    commit(worker, work, node);
}

/* All nodes of a loop, frame by frame. */

static void finish_loop(const SyWorker *worker, const SyWork *work, const SyPlanNode *nodes,
                        uint32_t n_nodes)
{
    for (uint32_t i = 0; i < n_nodes; i++) {
        if (!sy_node_is_committed(worker, work, &nodes[i])) {
            commit(worker, work, &nodes[i]);
        }
    }
}

/* As begin_alone found it. */
static bool is_run(const SyWorker *worker, const SyPlanNode *node)
{
    return *sy_node_mode(node, sy_node_pending(worker, node)) == SY_NODE_RUN;
}

static void run_loop(SyWorker *worker, const SyWork *work, const SyPlanNode *nodes,
                     uint32_t n_nodes)
{
    if (!sy_node_is_committed(worker, work, &nodes[0])) { /* R3 */
        for (uint32_t i = 0; i < n_nodes; i++) {
            begin_alone(worker, work, &nodes[i]);
        }
        for (uint32_t frame = 0; frame < worker->block; frame++) {
            for (uint32_t i = 0; i < n_nodes; i++) {
                sy_node_announce(worker, work, &nodes[i], 1);
                run_frames(worker, work, &nodes[i], is_run(worker, &nodes[i]), frame, frame + 1);
            }
        }
        for (uint32_t i = 0; i < n_nodes; i++) {
            keep_tails(worker, &nodes[i]);
        }
        sy_trace_loop(worker, work, nodes, n_nodes);
    }
    finish_loop(worker, work, nodes, n_nodes);
}

static bool needs_cutting(const SyWorker *worker, const SyWork *work, const SyPlanNode *node)
{
    return first_event(worker, work, node) != UINT32_MAX || birth_of(worker, work, node) > 0 ||
           sy_node_is_guarded(worker, node);
}

/* What has to be looked at before a node is run lies in as many places as there are owners; asked
 * for some nodes ahead, it is there when its turn comes. */
static void fetch_ahead(const SyWorker *worker, const SyWork *work, const SyPlanNode *node)
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
    Batch batch = {.type = sy_registry_at(nodes[0].type)};
    const bool alone = carefully || batch.type->isolated;

    for (uint32_t i = 0; i < n_nodes; i++) {
        if (i + AHEAD < n_nodes) {
            fetch_ahead(worker, work, &nodes[i + AHEAD]);
        }
        if (sy_node_is_committed(worker, work, &nodes[i])) { /* R1 */
            continue;
        }
        if (alone || (!work->quiet && needs_cutting(worker, work, &nodes[i]))) {
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
        _Atomic uint32_t *cost = &sy_node_work(worker, &nodes[i])->cost_ns;
        const uint32_t old = atomic_load_explicit(cost, memory_order_relaxed);
        const uint32_t smoothed = old == 0 ? share : old - old / 16 + share / 16;
        atomic_store_explicit(cost, smoothed, memory_order_relaxed);
    }
}

void sy_worker_run_task(SyWorker *worker, const SyWork *work, uint32_t task)
{
    const SyPlanTask *planned = &sy_plan_tasks(work->plan)[task];
    const bool carefully = sy_claim_is_careful(
        atomic_load_explicit(&worker->segment->claims[task].word, memory_order_relaxed));
    int64_t before = sy_now_ns();

    sy_trace_begin(worker, task, before);
    for (uint32_t s = 0; s < planned->n_steps; s++) {
        const SyPlanStep *step = &sy_plan_steps(work->plan)[planned->first_step + s];
        const SyPlanNode *nodes = &sy_plan_nodes(work->plan)[step->first_node];
        if (step->loop) {
            run_loop(worker, work, nodes, step->n_nodes);
        } else {
            run_batches(worker, work, nodes, step->n_nodes, carefully);
        }
        const int64_t after = sy_now_ns();
        account(worker, nodes, step->n_nodes, after - before);
        before = after;
    }
    atomic_store_explicit(&worker->self->doing, 0, memory_order_relaxed);
}
