/* R1 to R4 are in worker_render.c. */
#include "engine/worker_pieces.h"

#include "engine/jail.h"
#include "engine/worker_trace.h"

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

bool sy_worker_begin_alone(SyWorker *worker, const SyWork *work, const SyPlanNode *node)
{
    const SyModule *type = sy_registry_at(node->type);
    const uint32_t birth = birth_of(worker, work, node);

    sy_node_announce(worker, work, node, 1);
    sy_node_prepare(worker, node);
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

/* Frames [offset, offset + n) of a node, whose parameters are in worker->ramps[0]. */
static void run_piece(SyWorker *worker, const SyWork *work, const SyPlanNode *node, uint32_t offset,
                      uint32_t n)
{
    const SyModule *type = sy_registry_at(node->type);
    SyNodeBatch batch; /* of one */

    batch.type = type;
    batch.n_lanes = node->n_lanes;
    batch.n_nodes = 1;
    batch.nodes[0] = node;
    batch.pending[0] = sy_node_pending(worker, node);
    sy_lanes_fill(worker, work, &batch, offset, n);
    if (type->isolated) {
        sy_jail_enter(worker, node);
        sy_lanes_process(worker, type, 0, node->n_lanes, n);
        sy_jail_leave(worker);
    } else {
        sy_lanes_process(worker, type, 0, node->n_lanes, n);
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

    while (offset < end) {
        const uint32_t next = take_events(worker, work, node, first, offset, end, params);
        sy_lanes_place_ramps(sy_registry_at(node->type), params, work->start + offset,
                             worker->ramps[0]);
        run_piece(worker, work, node, offset, next - offset);
        offset = next;
    }
}

/* Frames [offset, end) of a node, cut where it is born and at its events. */
static void run_pieces(SyWorker *worker, const SyWork *work, const SyPlanNode *node,
                       uint32_t offset, uint32_t end)
{
    const uint32_t birth = birth_of(worker, work, node), first = first_event(worker, work, node);

    offset = offset < birth ? birth : offset;
    if (first != UINT32_MAX) {
        run_between_events(worker, work, node, first, offset, end);
    } else if (offset < end) {
        sy_lanes_place_params(sy_registry_at(node->type), sy_at(worker->segment, node->params_at),
                              work->start + offset, worker->ramps[0]);
        run_piece(worker, work, node, offset, end - offset);
    }
}

void sy_worker_run_frames(SyWorker *worker, const SyWork *work, const SyPlanNode *node,
                          bool to_be_run, uint32_t offset, uint32_t end)
{
    if (to_be_run) {
        run_pieces(worker, work, node, offset, end);
        sy_node_return(worker, node, offset, end);
    } else {
        sy_node_bypass(worker, work, node, offset, end);
    }
}

void sy_worker_run_alone(SyWorker *worker, const SyWork *work, const SyPlanNode *node)
{
    const bool to_be_run = sy_worker_begin_alone(worker, work, node);
    const float *wires[SY_WIRES_MAX];

    sy_worker_run_frames(worker, work, node, to_be_run, 0, worker->block);
    sy_node_keep_tails(worker, node, sy_node_pending(worker, node), wires);
    sy_trace_nodes(worker, work, &node, 1);
    sy_node_commit(worker, work, node);
}

bool sy_worker_needs_cutting(const SyWorker *worker, const SyWork *work, const SyPlanNode *node)
{
    return first_event(worker, work, node) != UINT32_MAX || birth_of(worker, work, node) > 0 ||
           sy_node_is_guarded(worker, node);
}
