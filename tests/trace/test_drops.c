/* The collector and its log: what is missing is missing as a whole, and counted. */
#include <pthread.h>

#include "tests/rig/check.h"
#include "tests/trace/collect_rig.h"

static void late_collector_drops_whole_blocks_and_counts_them(void **state)
{
    Rig *rig = *state;
    static const struct {
        uint32_t n_tasks, n_nodes, kept;
    } cases[] = {
        {1, 1, SY_TRACE_BLOCKS},             /* of which audio keeps no more */
        {100, 900, SY_TRACE_RECORDS / 1000}, /* there is no room for more records */
        {SY_TASKS_MAX, SY_MODULES_MAX, 15},
    };
    uint64_t n_blocks = 0, n_dropped = 0;

    rig_level(rig, SY_TRACE_COMPLETE);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        rig_plan(rig, cases[i].n_tasks, cases[i].n_nodes);
        for (uint32_t b = 0; b < cases[i].kept + 500; b++) {
            rig_block(rig, 0);
        }
        sy_trace_collect(&rig->collector);
        n_blocks += cases[i].kept;
        n_dropped += 500;
        SyTrace trace = rig_copy(rig);
        assert_int_equal(trace.n_blocks, n_blocks);
        assert_int_equal(trace.n_dropped, n_dropped);
        assert_int_equal(rig->collector.n_dropped, n_dropped);
        sy_trace_clear(&trace);
    }
    assert_int_equal(rig_item(rig, 0)->kind, SY_TRACE_DROPPED);
    assert_int_equal(rig_item(rig, 0)->block, 1);
    assert_int_equal(rig_item(rig, 0)->n_blocks, 500);
}

static void block_with_a_wrong_record_is_dropped(void **state)
{
    Rig *rig = *state;
    SyTraceRecord *records = sy_at(rig->segment, rig->segment->trace_at);

    rig_plan(rig, 2, 4);
    rig_level(rig, SY_TRACE_COMPLETE);
    for (uint32_t i = 0; i < 5; i++) {
        rig_block(rig, 0);
    }
    atomic_store(&records[0 * 6 + 3].epoch, 77);
    atomic_store(&records[1 * 6 + 1].worker, SY_WORKERS_MAX);
    atomic_store(&records[2 * 6 + 5].node, 0xffff0001u);
    atomic_store(&records[3 * 6 + 0].node, 1);
    sy_trace_collect(&rig->collector);
    SyTrace trace = rig_copy(rig);
    assert_int_equal(trace.n_dropped, 4);
    assert_int_equal(trace.n_blocks, 1);
    assert_int_equal(trace.items[1].block, 5);
    sy_trace_clear(&trace);
}

static void log_forgets_whole_blocks_and_counts_those_since_the_mark(void **state)
{
    Rig *rig = *state;
    const uint32_t per_block = 1 + 100 + 900, kept = SY_TRACE_ITEMS / per_block;

    rig_plan(rig, 100, 900);
    rig_level(rig, SY_TRACE_COMPLETE);
    for (uint32_t i = 1; i <= kept + 50; i++) {
        rig_block(rig, 0);
        sy_trace_collect(&rig->collector);
        if (i == 20) {
            sy_trace_log_mark(&rig->log, i);
        }
    }
    SyTrace trace = rig_copy(rig);
    assert_int_equal(trace.n_blocks, kept);
    assert_int_equal(trace.n_dropped, 30);
    assert_int_equal(trace.n_items, kept * per_block);
    assert_int_equal(trace.items[0].kind, SY_TRACE_BLOCK);
    assert_int_equal(trace.items[0].block, 51);
    sy_trace_clear(&trace);
}

static void copy_begins_behind_the_mark(void **state)
{
    Rig *rig = *state;

    rig_plan(rig, 1, 1);
    rig_level(rig, SY_TRACE_COMPLETE);
    for (uint32_t i = 1; i <= 10; i++) {
        rig_block(rig, 0);
        sy_trace_collect(&rig->collector);
        if (i == 7) {
            sy_trace_log_mark(&rig->log, i);
        }
    }
    SyTrace trace = rig_copy(rig);
    assert_int_equal(trace.n_blocks, 3);
    assert_int_equal(trace.items[0].block, 8);
    sy_trace_clear(&trace);
}

/* Events. */

static void plan_that_is_announced_again_is_one_event(void **state)
{
    Rig *rig = *state;

    for (uint32_t i = 0; i < 10; i++) {
        rig_plan(rig, 1, 1);
        sy_audio_trace_moment(rig->audio, SY_MOMENT_PLAN);
        sy_audio_trace_moment(rig->audio, SY_MOMENT_PLAN);
        sy_audio_trace_moment(rig->audio, SY_MOMENT_LATE);
    }
    sy_trace_collect(&rig->collector);
    sy_trace_collect(&rig->collector);
    SyTrace trace = rig_copy(rig);
    assert_int_equal(trace.n_events, 20);
    for (size_t i = 0; i < 20; i++) {
        assert_int_equal(trace.events[i].kind, i % 2 ? SY_TRACE_LATE : SY_TRACE_PLAN);
        assert_int_equal(trace.events[i].serial, 1 + i / 2);
        assert_true(i == 0 || trace.events[i].at_ns >= trace.events[i - 1].at_ns);
    }
    sy_trace_clear(&trace);
}

static void moments_that_were_overwritten_are_counted(void **state)
{
    Rig *rig = *state;

    for (uint32_t i = 0; i < SY_TRACE_MOMENTS + 99; i++) {
        sy_audio_trace_moment(rig->audio, SY_MOMENT_LATE);
    }
    sy_trace_collect(&rig->collector);
    SyTrace trace = rig_copy(rig);
    assert_int_equal(trace.n_events, SY_TRACE_MOMENTS);
    assert_int_equal(trace.events[SY_TRACE_MOMENTS - 1].kind, SY_TRACE_LOST);
    assert_int_equal(trace.events[SY_TRACE_MOMENTS - 1].serial, 100); /* one may be half written */
    sy_trace_clear(&trace);
}

static void events_come_by_time_and_from_the_time_that_was_asked_for(void **state)
{
    Rig *rig = *state;

    for (int64_t i = 0; i < 100; i++) {
        const SyTraceEvent event = {.kind = SY_TRACE_NOTICE, .at_ns = i * 37 % 100};
        sy_trace_log_add_event(&rig->log, &event);
    }
    SyTrace trace = {.from_ns = 10, .until_ns = 59};
    assert_int_equal(sy_trace_log_copy(&rig->log, &trace), SY_OK);
    assert_int_equal(trace.n_events, 50);
    for (size_t i = 0; i < 50; i++) {
        assert_int_equal(trace.events[i].at_ns, 10 + i);
    }
    sy_trace_clear(&trace);
}

/* Audio and workers on one thread, the collector on another, as fast as they can: what is in the
 * log is right, and what is not is counted. */

#define RACE_BLOCKS (SY_SANITIZED ? 5000 : 30000)

static void *run_blocks(void *user)
{
    Rig *rig = user;

    for (uint32_t i = 0; i < RACE_BLOCKS; i++) {
        const SyWork work = rig_release(rig);
        for (uint32_t task = 0; task < rig->plan->n_tasks; task++) {
            rig_task(rig, &work, task, (uint32_t)(work.epoch + task) % RIG_WORKERS);
        }
        rig_hand_out(rig);
    }
    return NULL;
}

static uint64_t check_items(const Rig *rig, uint64_t from, uint64_t *epoch)
{
    for (; from < rig->log.end; from++) {
        const SyTraceItem *item = rig_item(rig, from);
        if (item->kind == SY_TRACE_TASK) {
            assert_int_equal(item->block, *epoch);
            assert_int_equal(item->begin_ns, rig_time(*epoch, item->task));
            assert_int_equal(item->duration_ns, item->task);
            assert_int_equal(item->worker, (*epoch + item->task) % RIG_WORKERS);
            continue;
        }
        assert_int_equal(item->block, *epoch + 1);
        *epoch += item->kind == SY_TRACE_DROPPED ? item->n_blocks : 1;
    }
    return from;
}

static void what_is_overwritten_meanwhile_is_never_taken_for_another_block(void **state)
{
    Rig *rig = *state;
    pthread_t thread;
    uint64_t from = 0, epoch = 0;

    rig_plan(rig, 700, 0);
    rig_level(rig, SY_TRACE_DETAILED);
    assert_int_equal(pthread_create(&thread, NULL, run_blocks, rig), 0);
    while (epoch < RACE_BLOCKS) {
        rig->log.first = rig->log.end; /* a run of dropped blocks ends with each look */
        from = check_items(rig, from, &epoch);
        sy_trace_collect(&rig->collector);
    }
    pthread_join(thread, NULL);
    assert_int_equal(epoch, RACE_BLOCKS);
    print_message("%d blocks, %llu of them dropped\n", RACE_BLOCKS,
                  (unsigned long long)rig->collector.n_dropped);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        rig_test(late_collector_drops_whole_blocks_and_counts_them),
        rig_test(block_with_a_wrong_record_is_dropped),
        rig_test(log_forgets_whole_blocks_and_counts_those_since_the_mark),
        rig_test(copy_begins_behind_the_mark),
        rig_test(plan_that_is_announced_again_is_one_event),
        rig_test(moments_that_were_overwritten_are_counted),
        rig_test(events_come_by_time_and_from_the_time_that_was_asked_for),
        rig_test(what_is_overwritten_meanwhile_is_never_taken_for_another_block),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
