/* What keeps a node at fault from being heard: bypassing it, and muting what is not a number.
 *
 * Numbered as cited below:
 *   G1  whether a node is bypassed can change at any time, so it is looked at once a block and kept
 *       in the pending slot: who runs the block again looks again
 *   G2  the mode of the block before is in the committed slot, so the fade falls into the same
 * block whoever computes it
 */
#include "engine/worker_node.h"

/* Different for every voice in the patch, the same in every run of it. */
static uint32_t seed_of(uint32_t type, uint32_t id, uint32_t lane)
{
    return id * 0x9e3779b9u ^ (lane + 1) * 0x85ebca6bu ^ (type + 1u) * 0xc2b2ae35u;
}

static void init_lane(const SyWorker *worker, uint32_t type, uint32_t id, uint32_t lane,
                      unsigned char *state)
{
    const SyModule *module = sy_registry_at(type);
    const size_t lane_bytes = (module->state_size + 63) & ~63u;

    memset(state + lane * lane_bytes, 0, module->state_size);
    module->init(&worker->context, state + lane * lane_bytes, seed_of(type, id, lane));
}

void sy_node_init_lanes(const SyWorker *worker, uint32_t type, uint32_t id, uint32_t n_lanes,
                        unsigned char *state)
{
    for (uint32_t lane = 0; lane < n_lanes; lane++) {
        init_lane(worker, type, id, lane, state);
    }
}

static bool is_bypassed(const SyWorker *worker, const SyPlanNode *node)
{
    return atomic_load_explicit(&sy_node_shared(worker, node)->bypassed, memory_order_relaxed);
}

static bool was_bypassed(const SyWorker *worker, const SyPlanNode *node)
{
    return *sy_node_mode(node, sy_node_committed(worker, node)) == SY_NODE_BYPASSED; /* G2 */
}

bool sy_node_is_guarded(const SyWorker *worker, const SyPlanNode *node)
{
    return is_bypassed(worker, node) || was_bypassed(worker, node);
}

bool sy_node_begin_guarded(const SyWorker *worker, const SyPlanNode *node)
{
    unsigned char *state = sy_node_pending(worker, node);
    const bool bypassed = is_bypassed(worker, node); /* G1 */

    *sy_node_mode(node, state) = bypassed ? SY_NODE_BYPASSED : SY_NODE_RUN;
    if (!bypassed && was_bypassed(worker, node)) {
        sy_node_init_lanes(worker, node->type, node->id, node->n_lanes, state);
    }
    return !bypassed;
}

/* Frames [offset, end) of all wires that are heard, on their way from what was there before the
 * block to what the wires hold. */
static void cross_fade(const SyWorker *worker, const SyPlanNode *node, uint32_t offset,
                       uint32_t end)
{
    const SySegment *segment = worker->segment;
    const float *tails = sy_node_tails(node, sy_node_committed(worker, node));
    const uint32_t n_outputs = sy_registry_at(node->type)->n_outputs;

    for (uint32_t port = 0; port < n_outputs; port++) {
        for (uint32_t voice = 0; voice < node->voices && node->heard >> port & 1; voice++) {
            float *wire = sy_node_wire(worker, node, port, voice);
            const float from = tails[port * node->voices + voice];
            for (uint32_t i = offset; i < end; i++) {
                const float to =
                    segment->fade_shape[(uint64_t)i * segment->fade_frames / worker->block];
                wire[i] = from * (1 - to) + wire[i] * to;
            }
        }
    }
}

static void pass_through(SyWorker *worker, const SyWork *work, const SyPlanNode *node,
                         uint32_t offset, uint32_t n)
{
    const SyModule *type = sy_registry_at(node->type);

    for (uint32_t voice = 0; voice < node->n_lanes; voice++) {
        const float *dry =
            sy_gather(worker, work, node, type->bypass - 1u, voice, offset, n, worker->in_planes);
        for (uint32_t port = 0; port < type->n_outputs; port++) {
            memcpy(sy_node_wire(worker, node, port, voice) + offset, dry, n * sizeof(float));
        }
    }
}

static void silence(const SyWorker *worker, const SyPlanNode *node, uint32_t offset, uint32_t n)
{
    const uint32_t n_outputs = sy_registry_at(node->type)->n_outputs;

    for (uint32_t port = 0; port < n_outputs; port++) {
        for (uint32_t voice = 0; voice < node->voices; voice++) {
            memset(sy_node_wire(worker, node, port, voice) + offset, 0, n * sizeof(float));
        }
    }
}

void sy_node_bypass(SyWorker *worker, const SyWork *work, const SyPlanNode *node, uint32_t offset,
                    uint32_t end)
{
    const SyModule *type = sy_registry_at(node->type);

    if (type->bypass && !type->per_instance) {
        pass_through(worker, work, node, offset, end - offset);
    } else {
        silence(worker, node, offset, end - offset);
    }
    if (!was_bypassed(worker, node)) {
        cross_fade(worker, node, offset, end);
    }
}

void sy_node_return(const SyWorker *worker, const SyPlanNode *node, uint32_t offset, uint32_t end)
{
    if (was_bypassed(worker, node)) {
        cross_fade(worker, node, offset, end);
    }
}

/* A lane is one voice of each output, or all of them if the type is per_instance. */
static bool is_wild(const SyWorker *worker, const SyPlanNode *node, float *const *out, uint32_t n)
{
    const uint32_t n_voices = node->voices / node->n_lanes;

    for (uint32_t left = node->heard; left; left &= left - 1) {
        const uint32_t port = (uint32_t)__builtin_ctz(left);
        for (uint32_t v = 0; v < n_voices; v++) {
            const float *wire = out[port] + (size_t)v * worker->block;
            if (worker->context.dsp->wild(&wire, 1, n)) {
                return true;
            }
        }
    }
    return false;
}

void sy_node_tame(const SyWorker *worker, const SyPlanNode *node, uint32_t voice, float *const *out,
                  uint32_t n)
{
    SyNodeWork *work = sy_node_work(worker, node);

    if (!is_wild(worker, node, out, n)) {
        return;
    }
    const SyModule *type = sy_registry_at(node->type);
    const uint32_t n_voices = type->per_instance ? node->voices : 1;
    for (uint32_t port = 0; port < type->n_outputs; port++) {
        for (uint32_t v = 0; v < n_voices && node->heard >> port & 1; v++) {
            memset(out[port] + (size_t)v * worker->block, 0, n * sizeof(float));
        }
    }
    init_lane(worker, node->type, node->id, voice, sy_node_pending(worker, node));
    atomic_store_explicit(&work->n_wild,
                          atomic_load_explicit(&work->n_wild, memory_order_relaxed) + 1,
                          memory_order_relaxed);
}
