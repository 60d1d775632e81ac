#include "engine/worker.h"

#include <string.h>

#include "modules/registry.h"

#define AHEAD         8 /* wires */
#define FLOATS_A_LINE 16

static bool is_steady(const SyRampShared *ramp, int64_t frame)
{
    return frame - ramp->start >= ramp->length;
}

static bool is_steady_cable(const SyCableShared *cable, int64_t frame)
{
    return is_steady(&cable->gain, frame) && is_steady(&cable->fade, frame);
}

/* One voice of a cable, frames [offset, offset + n). A cable that closes a loop is heard one frame
 * late: its first frame in a block is the last one of the block before, which the source keeps in
 * its committed state. Such a cable is read frame by frame, so n is 1. */
static const float *source_frames(const SyWorker *worker, const SyPlanCable *cable, uint32_t voice,
                                  uint32_t offset)
{
    const SySegment *segment = worker->segment;
    const uint32_t from = cable->voices == 1 ? 0 : voice;

    if (!cable->back) {
        return (const float *)sy_at(segment, cable->wires_at) + from * worker->block + offset;
    }
    if (offset > 0) {
        return (const float *)sy_at(segment, cable->wires_at) + from * worker->block + offset - 1;
    }
    const uint64_t word =
        atomic_load_explicit(&segment->work[cable->source].commit, memory_order_acquire);
    return (const float *)sy_at(segment, cable->tail_at + (word & 1) * cable->tail_stride) + from;
}

/* Adds one voice of a cable to `plane`, at its level. */
static void add_voice(SyWorker *worker, const SyWork *work, const SyPlanCable *cable,
                      uint32_t voice, uint32_t offset, uint32_t n, float *plane)
{
    const SyCableShared *shared = &worker->segment->cables[cable->cable];
    const float *source = source_frames(worker, cable, voice, offset);
    const int64_t first = work->start + offset;

    if (work->at_rest || is_steady_cable(shared, first)) {
        const float level = work->at_rest ? cable->level : shared->gain.to * shared->fade.to;
        worker->context.dsp->add(plane, source, level, n);
        return;
    }
    for (uint32_t i = 0; i < n; i++) {
        const float gain = sy_ramp_value(&shared->gain, first + i);
        plane[i] += source[i] * (gain * sy_fade_value(worker->segment, &shared->fade, first + i));
    }
}

/* The wires of an input one after the other: of each cable all voices, or one. */
typedef struct Reader {
    const SyPlanCable *cables;
    uint32_t n_cables, cable, voice;
    bool sums;
} Reader;

static void read_on(Reader *reader)
{
    if (++reader->voice >= (reader->sums ? reader->cables[reader->cable].voices : 1u)) {
        reader->voice = 0;
        reader->cable++;
    }
}

/* An output that hears a thousand voices reads as many wires, half of which another CPU has
 * written: asked for some wires ahead, they are there when their turn comes. Always inlined, since
 * gcc would drop the call. */
__attribute__((always_inline)) static inline void
fetch_ahead(const SyWorker *worker, Reader *ahead, uint32_t voice, uint32_t offset, uint32_t n)
{
    if (ahead->cable >= ahead->n_cables) {
        return;
    }
    const SyPlanCable *cable = &ahead->cables[ahead->cable];
    const uint32_t from = cable->voices == 1 ? 0 : ahead->sums ? ahead->voice : voice;
    const float *wire =
        (const float *)sy_at(worker->segment, cable->wires_at) + from * worker->block + offset;

    for (uint32_t i = 0; i < n; i += FLOATS_A_LINE) {
        __builtin_prefetch(wire + i);
    }
    read_on(ahead);
}

/* How much of the port's normal is still heard beside its cables, to be multiplied into it. Returns
 * false when that is nothing in all n frames. */
static bool find_absence(SyWorker *worker, const SyWork *work, const SyPlanInput *input,
                         const SyPlanCable *cables, uint32_t offset, uint32_t n, float *absence)
{
    const int64_t first = work->start + offset;

    for (uint32_t i = 0; i < n; i++) {
        absence[i] = 1;
    }
    for (uint32_t c = 0; c < input->n_cables; c++) {
        const SyCableShared *shared = &worker->segment->cables[cables[c].cable];
        const SyRampShared *fade = &shared->fade;
        if (work->at_rest && !cables[c].dying) {
            return false;
        }
        if (fade->to == 1 && (shared->covers || is_steady(fade, first))) {
            return false;
        }
        for (uint32_t i = 0; i < n; i++) {
            const float left = absence[i] - sy_fade_value(worker->segment, fade, first + i);
            absence[i] = left > 0 ? left : 0;
        }
    }
    return true;
}

static void add_normal(SyWorker *worker, const SyWork *work, const SyPlanNode *node,
                       const SyPortInfo *port, uint32_t voice, uint32_t offset, uint32_t n,
                       float *plane)
{
    if (!port->normalled_to) {
        for (uint32_t i = 0; i < n; i++) {
            plane[i] += port->normal * worker->absence[i];
        }
        return;
    }
    memcpy(worker->kept_absence, worker->absence, n * sizeof(float));
    const float *other =
        sy_gather(worker, work, node, port->normalled_to - 1u, voice, offset, n, worker->normal);
    for (uint32_t i = 0; i < n; i++) {
        plane[i] += other[i] * worker->kept_absence[i];
    }
}

static const float *gather_unpatched(SyWorker *worker, const SyWork *work, const SyPlanNode *node,
                                     const SyPortInfo *port, uint32_t voice, uint32_t offset,
                                     uint32_t n, float *plane)
{
    if (port->normalled_to) {
        return sy_gather(worker, work, node, port->normalled_to - 1u, voice, offset, n, plane);
    }
    if (port->normal == 0) {
        return worker->zeros;
    }
    if (port->normal == 1) {
        return worker->ones;
    }
    for (uint32_t i = 0; i < n; i++) {
        plane[i] = port->normal;
    }
    return plane;
}

/* Whether a cable, alone at its input, is heard as it is. */
static bool is_plain(const SyWorker *worker, const SyWork *work, const SyPlanCable *cable,
                     uint32_t offset)
{
    const SyCableShared *shared = &worker->segment->cables[cable->cable];
    if (work->at_rest) {
        return cable->level == 1;
    }
    return is_steady_cable(shared, work->start + offset) && shared->gain.to == 1 &&
           shared->fade.to == 1;
}

/* All that is patched into the input, and what is still heard of its normal. */
static void add_up(SyWorker *worker, const SyWork *work, const SyPlanNode *node, uint32_t port,
                   uint32_t voice, uint32_t offset, uint32_t n, float *plane)
{
    const SyPlanInput *input = &sy_plan_inputs(work->plan)[node->first_input + port];
    const SyPlanCable *cables = &sy_plan_cables(work->plan)[input->first_cable];
    const SyPortInfo *info = &sy_registry_at(node->type)->inputs[port];
    Reader reader = {
        .cables = cables, .n_cables = input->n_cables, .sums = node->n_lanes == 1 && info->sums};
    Reader ahead = reader;

    if (input->n_cables <= AHEAD) { /* not worth it */
        ahead.n_cables = 0;
    }
    memset(plane, 0, n * sizeof(float));
    for (uint32_t i = 0; i < AHEAD; i++) {
        fetch_ahead(worker, &ahead, voice, offset, n);
    }
    for (; reader.cable < reader.n_cables; read_on(&reader)) {
        fetch_ahead(worker, &ahead, voice, offset, n);
        add_voice(worker, work, &cables[reader.cable], reader.sums ? reader.voice : voice, offset,
                  n, plane);
    }
    if ((info->normal != 0 || info->normalled_to) &&
        find_absence(worker, work, input, cables, offset, n, worker->absence)) {
        add_normal(worker, work, node, info, voice, offset, n, plane);
    }
}

const float *sy_gather(SyWorker *worker, const SyWork *work, const SyPlanNode *node, uint32_t port,
                       uint32_t voice, uint32_t offset, uint32_t n, float *plane)
{
    const SyPlanInput *input = &sy_plan_inputs(work->plan)[node->first_input + port];
    const SyPlanCable *cables = &sy_plan_cables(work->plan)[input->first_cable];
    const SyPortInfo *info = &sy_registry_at(node->type)->inputs[port];

    if (input->n_cables == 0) {
        return gather_unpatched(worker, work, node, info, voice, offset, n, plane);
    }
    if (input->kind == SY_INPUT_SUMMED) {
        return (const float *)sy_at(worker->segment, input->wires_at) + offset;
    }
    const bool sums = node->n_lanes == 1 && info->sums && cables->voices > 1;
    if (input->n_cables == 1 && !sums && is_plain(worker, work, cables, offset)) {
        return source_frames(worker, cables, voice, offset);
    }
    add_up(worker, work, node, port, voice, offset, n, plane);
    return plane;
}

void sy_gather_sum(SyWorker *worker, const SyWork *work, const SyPlanStep *step)
{
    const SyPlanNode *node = &sy_plan_nodes(work->plan)[step->first_node];
    const SyPlanInput *input = &sy_plan_inputs(work->plan)[node->first_input + step->port];
    float *frames = sy_at(worker->segment, input->wires_at);

    add_up(worker, work, node, step->port, 0, step->from, step->n_frames, frames + step->from);
}

/* Whether all voices of an input hear the same. */
static bool is_common(const SyPlanInput *input, const SyPlanCable *cables, const SyPortInfo *port)
{
    bool common = !port->normalled_to;
    for (uint32_t c = 0; c < input->n_cables; c++) {
        common = common && cables[c].voices == 1;
    }
    return common;
}

void sy_gather_port(SyWorker *worker, const SyWork *work, const SyPlanNode *node, uint32_t port,
                    uint32_t first_lane, uint32_t offset, uint32_t n)
{
    const SyPlanInput *input = &sy_plan_inputs(work->plan)[node->first_input + port];
    const SyPlanCable *cables = &sy_plan_cables(work->plan)[input->first_cable];
    const SyPortInfo *info = &sy_registry_at(node->type)->inputs[port];
    const bool common = is_common(input, cables, info);

    if (input->n_cables == 0 && info->normalled_to && info->normalled_to <= port) {
        for (uint32_t voice = 0; voice < node->n_lanes;
             voice++) { /* it has been gathered already */
            SyLane *lane = &worker->lanes[first_lane + voice];
            lane->in[port] = lane->in[info->normalled_to - 1];
        }
        return;
    }
    for (uint32_t voice = 0; voice < node->n_lanes; voice++) {
        SyLane *lane = &worker->lanes[first_lane + voice];
        float *plane = worker->in_planes +
                       ((size_t)(first_lane + voice) * SY_PORTS_MAX + port) * worker->block;
        lane->in[port] = common && voice > 0
                             ? worker->lanes[first_lane].in[port]
                             : sy_gather(worker, work, node, port, voice, offset, n, plane);
    }
}
