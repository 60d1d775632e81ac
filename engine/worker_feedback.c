/* The nodes of a feedback loop take turns, a frame each. What a frame of a node takes is mostly
 * what has to be done around it, so there are two ways to do that, to the same bits.
 *
 * In pieces, each frame is a piece like any other, with all that may happen in it:
 * worker_pieces.c. Smoothly, in a block in which nothing happens, lanes are laid out once and moved
 * on by a frame after each; only inputs where cables are added up are gathered anew.
 *
 * R3 is in worker_render.c. */
#include "engine/worker_feedback.h"

#include "engine/worker_pieces.h"
#include "engine/worker_trace.h"

/* A node's turn in each frame. */
typedef struct Turn {
    const SyModule *type;
    uint32_t first;          /* of its lanes */
    uint32_t gathered;       /* mask of inputs: cables to be added up */
    uint32_t moving;         /* mask of inputs that are wires */
    uint32_t written, heard; /* masks of outputs that are wires, and that somebody listens to */
} Turn;

static bool is_undisturbed(const SyWorker *worker, const SyWork *work, const SyPlanNode *node)
{
    const SyParamsShared *params = sy_at(worker->segment, node->params_at);

    return work->start >= params->rest_at && !sy_registry_at(node->type)->isolated &&
           (work->quiet || !sy_worker_needs_cutting(worker, work, node));
}

/* Whether nothing happens to the loop in the block: no event, birth or bypass, no parameter that
 * moves, nor a cable anywhere; and there are lanes enough. */
static bool is_smooth(const SyWorker *worker, const SyWork *work, const SyPlanNode *nodes,
                      uint32_t n_nodes)
{
    uint32_t n_lanes = 0;
    bool smooth = work->at_rest && n_nodes <= SY_LANES_MAX;

    for (uint32_t i = 0; smooth && i < n_nodes; i++) {
        n_lanes += nodes[i].n_lanes;
        smooth = n_lanes <= SY_LANES_MAX && is_undisturbed(worker, work, &nodes[i]);
    }
    return smooth;
}

static Turn lay_out(SyWorker *worker, const SyWork *work, const SyPlanNode *node, uint32_t number,
                    uint32_t first)
{
    const SyModule *type = sy_registry_at(node->type);
    Turn turn = {.type = type, .first = first, .heard = node->heard};

    sy_lanes_place_params(type, sy_at(worker->segment, node->params_at), work->start,
                          worker->ramps[number]);
    turn.gathered = sy_lanes_lay_out(worker, work, node, sy_node_prepare(worker, node),
                                     worker->ramps[number], first, 0);
    turn.moving = ((1u << type->n_inputs) - 1) & ~node->silent & ~turn.gathered;
    turn.written = type->per_instance ? (1u << type->n_outputs) - 1 : node->heard;
    return turn;
}

/* Whether the frame that a lane has just put out is not a number in one of its outputs. */
static bool is_wild(const SyLane *lane, uint32_t heard)
{
    float sum = 0;

    for (uint32_t left = heard; left; left &= left - 1) {
        const float *out = lane->out[__builtin_ctz(left)];
        for (uint32_t v = 0; v < lane->n_voices; v++) {
            sum += out[(size_t)v * lane->voice_stride] * 0.0f;
        }
    }
    return sum != 0;
}

static void move_on(SyLane *lane, const Turn *turn)
{
    for (uint32_t left = turn->moving; left; left &= left - 1) {
        lane->in[__builtin_ctz(left)]++;
    }
    for (uint32_t left = turn->written; left; left &= left - 1) {
        lane->out[__builtin_ctz(left)]++;
    }
}

static void take_turn(SyWorker *worker, const SyWork *work, const SyPlanNode *node,
                      const Turn *turn, uint32_t frame)
{
    sy_node_announce(worker, work, node, 1);
    sy_lanes_gather(worker, work, node, turn->gathered, turn->first, frame, 1);
    sy_lanes_process(worker, turn->type, turn->first, node->n_lanes, 1);
    for (uint32_t voice = 0; voice < node->n_lanes; voice++) {
        SyLane *lane = &worker->lanes[turn->first + voice];
        if (is_wild(lane, turn->heard)) {
            sy_node_tame(worker, node, voice, lane->out, 1);
        }
        move_on(lane, turn);
    }
}

static void run_smoothly(SyWorker *worker, const SyWork *work, const SyPlanNode *nodes,
                         uint32_t n_nodes)
{
    Turn turns[SY_LANES_MAX];

    for (uint32_t i = 0, first = 0; i < n_nodes; first += nodes[i++].n_lanes) {
        turns[i] = lay_out(worker, work, &nodes[i], i, first);
    }
    for (uint32_t frame = 0; frame < worker->block; frame++) {
        for (uint32_t i = 0; i < n_nodes; i++) {
            take_turn(worker, work, &nodes[i], &turns[i], frame);
        }
    }
}

/* As sy_worker_begin_alone() found it. */
static bool is_run(const SyWorker *worker, const SyPlanNode *node)
{
    return *sy_node_mode(node, sy_node_pending(worker, node)) == SY_NODE_RUN;
}

static void run_in_pieces(SyWorker *worker, const SyWork *work, const SyPlanNode *nodes,
                          uint32_t n_nodes)
{
    for (uint32_t i = 0; i < n_nodes; i++) {
        sy_worker_begin_alone(worker, work, &nodes[i]);
    }
    for (uint32_t frame = 0; frame < worker->block; frame++) {
        for (uint32_t i = 0; i < n_nodes; i++) {
            sy_node_announce(worker, work, &nodes[i], 1);
            sy_worker_run_frames(worker, work, &nodes[i], is_run(worker, &nodes[i]), frame,
                                 frame + 1);
        }
    }
}

static void finish(const SyWorker *worker, const SyWork *work, const SyPlanNode *nodes,
                   uint32_t n_nodes)
{
    for (uint32_t i = 0; i < n_nodes; i++) {
        if (!sy_node_is_committed(worker, work, &nodes[i])) {
            sy_node_commit(worker, work, &nodes[i]);
        }
    }
}

void sy_worker_run_loop(SyWorker *worker, const SyWork *work, const SyPlanNode *nodes,
                        uint32_t n_nodes)
{
    const float *wires[SY_WIRES_MAX];

    if (!sy_node_is_committed(worker, work, &nodes[0])) { /* R3 */
        if (is_smooth(worker, work, nodes, n_nodes)) {
            run_smoothly(worker, work, nodes, n_nodes);
        } else {
            run_in_pieces(worker, work, nodes, n_nodes);
        }
        for (uint32_t i = 0; i < n_nodes; i++) {
            sy_node_keep_tails(worker, &nodes[i], sy_node_pending(worker, &nodes[i]), wires);
        }
        sy_trace_loop(worker, work, nodes, n_nodes);
    }
    finish(worker, work, nodes, n_nodes);
}
