#include "tests/trace/collect_rig.h"

#include <stdlib.h>

#include "engine/compile.h"
#include "tests/rig/check.h"

int rig_setup(void **state)
{
    const SySegmentSize size = {.rate = 48000,
                                .block = 64,
                                .n_cores = 2,
                                .plan_bytes = sy_plan_bytes_max(),
                                .arena_bytes = 1 << 20};
    Rig *rig = calloc(1, sizeof(*rig));

    assert_non_null(rig);
    rig->segment = sy_segment_map(&size);
    assert_non_null(rig->segment);
    rig->audio = sy_audio_map(rig->segment);
    assert_non_null(rig->audio);
    assert_int_equal(sy_trace_log_init(&rig->log), SY_OK);
    assert_int_equal(sy_trace_log_keep_items(&rig->log), SY_OK);
    sy_trace_collector_init(&rig->collector, rig->segment, rig->audio, &rig->log);
    for (uint32_t i = 0; i < RIG_WORKERS; i++) {
        rig->workers[i].segment = rig->segment;
        rig->workers[i].index = i;
    }
    rig->plan = sy_at(rig->segment, rig->segment->plan_at[0]);
    rig->seed = 1;
    *state = rig;
    return 0;
}

int rig_teardown(void **state)
{
    Rig *rig = *state;

    sy_trace_log_deinit(&rig->log);
    sy_audio_unmap(rig->audio);
    sy_segment_unmap(rig->segment);
    free(rig);
    return 0;
}

uint32_t rig_random(Rig *rig, uint32_t n)
{
    rig->seed = rig->seed * 1664525u + 1013904223u;
    return (rig->seed >> 8) % n;
}

void rig_level(Rig *rig, SyTraceLevel level)
{
    atomic_store(&rig->audio->trace.level, level);
}

void rig_plan(Rig *rig, uint32_t n_tasks, uint32_t n_nodes)
{
    const uint32_t from = (sizeof(SyPlan) + 63) & ~63u;

    *rig->plan = (SyPlan){.serial = rig->plan->serial + 1,
                          .n_tasks = n_tasks,
                          .n_nodes = n_nodes,
                          .nodes_from = from};
    for (uint32_t i = 0; i < n_nodes; i++) {
        sy_plan_nodes(rig->plan)[i] =
            (SyPlanNode){.slot = i, .type = 0, .id = (uint16_t)(1 + i), .n_lanes = 1 + i % 8};
    }
    rig->audio->plan = n_tasks > 0 ? rig->plan : NULL;
}

const SyPlanNode *rig_node(const Rig *rig, uint32_t index)
{
    return &sy_plan_nodes(rig->plan)[index];
}

SyWork rig_release(Rig *rig)
{
    SyBlockInfo *info;

    rig->audio->epoch = atomic_load(&rig->audio->blocks) + 1;
    info = sy_block_info(rig->segment, rig->audio->epoch);
    sy_audio_trace_reserve(rig->audio, info);
    atomic_store(&rig->segment->release.epoch, rig->audio->epoch);
    rig->audio->released_ns = sy_now_ns();
    return (SyWork){.epoch = rig->audio->epoch,
                    .plan = rig->plan,
                    .trace = atomic_load(&info->trace),
                    .trace_at = atomic_load(&info->trace_at)};
}

void rig_hand_out(Rig *rig)
{
    sy_audio_trace_done(rig->audio);
    atomic_store(&rig->audio->blocks, rig->audio->epoch);
}

int64_t rig_time(uint64_t epoch, uint32_t task)
{
    return (int64_t)(epoch * 10000 + task);
}

void rig_task(const Rig *rig, const SyWork *work, uint32_t task, uint32_t worker)
{
    const int64_t begin = rig_time(work->epoch, task);
    sy_trace_task(&rig->workers[worker], work, task, begin, begin + task);
}

void rig_block(Rig *rig, uint32_t worker)
{
    const SyWork work = rig_release(rig);

    for (uint32_t i = 0; rig->audio->plan && i < rig->plan->n_nodes; i++) {
        const SyPlanNode *node = rig_node(rig, i);
        sy_trace_nodes(&rig->workers[worker], &work, &node, 1);
    }
    for (uint32_t i = 0; rig->audio->plan && i < rig->plan->n_tasks; i++) {
        rig_task(rig, &work, i, worker);
    }
    rig_hand_out(rig);
}

const SyTraceItem *rig_item(const Rig *rig, uint64_t at)
{
    return &rig->log.items[at % SY_TRACE_ITEMS];
}

SyTrace rig_copy(Rig *rig)
{
    SyTrace trace = {.until_ns = INT64_MAX};
    assert_int_equal(sy_trace_log_copy(&rig->log, &trace), SY_OK);
    return trace;
}
