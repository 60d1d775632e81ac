#include "engine/worker_lanes.h"

_Static_assert(offsetof(SyRamp, frame) == offsetof(SyRampShared, start) &&
                   offsetof(SyRamp, length) == offsetof(SyRampShared, length),
               "a ramp is copied as one, but for where it is");

void sy_lanes_place_ramps(const SyModule *type, const SyRampShared *shared, int64_t frame,
                          SyRamp *ramps)
{
    for (uint32_t p = 0; p < type->n_params; p++) {
        const int64_t at = frame - shared[p].start;
        memcpy(&ramps[p], &shared[p], offsetof(SyRamp, frame));
        ramps[p].frame = at < shared[p].length ? (int32_t)at : shared[p].length;
    }
}

void sy_lanes_place_params(const SyModule *type, const SyParamsShared *params, int64_t frame,
                           SyRamp *ramps)
{
    if (frame < params->rest_at) {
        sy_lanes_place_ramps(type, params->ramps, frame, ramps);
        return;
    }
    for (uint32_t p = 0; p < type->n_params; p++) {
        ramps[p] = (SyRamp){.from = params->to[p], .to = params->to[p]};
    }
}

/* The memory of voice 0: a node's state, and a tape or a file, which few modules have. */
static void fill_memory(const SyWorker *worker, const SyPlanNode *node, unsigned char *state,
                        SyLane *lane)
{
    lane->state = state;
    lane->tape = node->tape_bytes ? sy_at(worker->segment, node->tape_at) : NULL;
    lane->file = node->file_at ? sy_at(worker->segment, node->file_at) : NULL;
}

/* What is heard of voice 0 goes to its wire, the rest where nobody looks. A per_instance module
 * writes all its voices, so its wires take what nobody hears too. */
static void point_outputs(const SyWorker *worker, const SyPlanNode *node, const SyModule *type,
                          uint32_t offset, float *dropped, SyLane *lane)
{
    const uint32_t wired = type->per_instance ? (1u << type->n_outputs) - 1 : node->heard;
    float *wires = sy_node_wire(worker, node, 0, 0) + offset;

    for (uint32_t p = 0; p < type->n_outputs; p++, dropped += worker->block) {
        lane->out[p] = dropped;
    }
    for (uint32_t left = wired; left; left &= left - 1) {
        const uint32_t port = (uint32_t)__builtin_ctz(left);
        lane->out[port] = wires + (size_t)port * node->voices * worker->block;
    }
}

/* Voice 0 of the inputs that hear a wire as it is, or nothing. Returns the mask of the others, for
 * which there is more to do. */
static uint32_t point_inputs(const SyWorker *worker, const SyWork *work, const SyPlanNode *node,
                             uint32_t n_inputs, uint32_t offset, SyLane *lane)
{
    const SyPlanInput *input = &sy_plan_inputs(work->plan)[node->first_input];
    const float *zeros = worker->zeros;
    uint32_t others = 0;

    for (uint32_t p = 0; p < n_inputs; p++) {
        if (node->silent >> p & 1) {
            lane->in[p] = zeros;
        } else if (input[p].kind == SY_INPUT_SUMMED ||
                   (work->at_rest && input[p].kind == SY_INPUT_PLAIN)) {
            lane->in[p] = (const float *)sy_at(worker->segment, input[p].wires_at) + offset;
        } else {
            others |= 1u << p;
        }
    }
    return others;
}

/* The lanes behind that of voice 0, but for the inputs in `others`. */
static void fill_voices(const SyWorker *worker, const SyWork *work, const SyPlanNode *node,
                        const SyModule *type, uint32_t others, SyLane *lanes)
{
    const SyPlanInput *input = &sy_plan_inputs(work->plan)[node->first_input];
    const size_t block = worker->block;

    for (uint32_t v = 1; v < node->n_lanes; v++) {
        SyLane *lane = &lanes[v];
        *lane = lanes[0];
        lane->state = (unsigned char *)lane->state + (size_t)v * node->lane_bytes;
        if (lane->tape) {
            lane->tape = (unsigned char *)lane->tape + v * node->tape_bytes;
        }
        for (uint32_t p = 0; p < type->n_outputs; p++) {
            lane->out[p] += v * (node->heard >> p & 1 ? block : SY_PORTS_MAX * block);
        }
        for (uint32_t p = 0; p < type->n_inputs; p++) {
            if (!((node->silent | others) >> p & 1) && !input[p].is_mono) {
                lane->in[p] += v * block;
            }
        }
    }
}

static inline uint32_t lay_out(SyWorker *worker, const SyWork *work, const SyPlanNode *node,
                               const SyModule *type, unsigned char *pending, const SyRamp *ramps,
                               uint32_t first, uint32_t offset)
{
    float *dropped = worker->out_planes + (size_t)first * SY_PORTS_MAX * worker->block;
    SyLane *lane = &worker->lanes[first];

    fill_memory(worker, node, pending, lane);
    lane->params = ramps;
    lane->patched = node->patched;
    lane->heard = node->heard;
    lane->n_voices = type->per_instance ? node->voices : 1;
    lane->voice_stride = worker->block;
    point_outputs(worker, node, type, offset, dropped, lane);
    const uint32_t others = point_inputs(worker, work, node, type->n_inputs, offset, lane);
    if (node->n_lanes > 1) {
        fill_voices(worker, work, node, type, others, lane);
    }
    return others;
}

uint32_t sy_lanes_lay_out(SyWorker *worker, const SyWork *work, const SyPlanNode *node,
                          unsigned char *pending, const SyRamp *ramps, uint32_t first,
                          uint32_t offset)
{
    return lay_out(worker, work, node, sy_registry_at(node->type), pending, ramps, first, offset);
}

void sy_lanes_gather(SyWorker *worker, const SyWork *work, const SyPlanNode *node, uint32_t inputs,
                     uint32_t first, uint32_t offset, uint32_t n)
{
    for (uint32_t left = inputs; left; left &= left - 1) {
        const uint32_t port = (uint32_t)__builtin_ctz(left);
        sy_gather_port(worker, work, node, port, first, offset, n);
    }
}

void sy_lanes_fill(SyWorker *worker, const SyWork *work, const SyNodeBatch *batch, uint32_t offset,
                   uint32_t n)
{
    for (uint32_t i = 0, first = 0; i < batch->n_nodes; i++) {
        const SyPlanNode *node = batch->nodes[i];
        const uint32_t others = lay_out(worker, work, node, batch->type, batch->pending[i],
                                        worker->ramps[i], first, offset);
        if (others) {
            sy_lanes_gather(worker, work, node, others, first, offset, n);
        }
        first += node->n_lanes;
    }
}
