/* The collector: everything once, in order, at the level that the block has. */
#include "tests/rig/check.h"
#include "tests/trace/collect_rig.h"

/* A block in which workers die. Each node is in the hands of one worker after the other, the last
 * of which commits it; so is each task. */

typedef struct Block {
    uint32_t node_worker[64], task_worker[8];
} Block;

static void run_task_with_deaths(Rig *rig, const SyWork *work, uint32_t task, Block *block)
{
    const uint32_t end = (task + 1) * 8;
    uint32_t committed = task * 8;

    while (committed < end) {
        const uint32_t worker = rig_random(rig, RIG_WORKERS);
        const uint32_t n = 1 + rig_random(rig, end - committed);
        const SyPlanNode *batch[8];
        for (uint32_t i = 0; i < n; i++) {
            batch[i] = rig_node(rig, committed + i);
        }
        sy_trace_begin(&rig->workers[worker], task, sy_now_ns());
        sy_trace_nodes(&rig->workers[worker], work, batch, n);
        /* It has recorded n, and dies when it has committed some of them. */
        const uint32_t n_committed = rig_random(rig, n + 1);
        for (uint32_t i = 0; i < n_committed; i++) {
            block->node_worker[committed++] = worker;
        }
        rig_task(rig, work, task, worker); /* or before the claim word says so */
        block->task_worker[task] = worker;
    }
}

static void assert_block_is_whole(const Rig *rig, uint64_t at, uint64_t epoch, const Block *block)
{
    const SyTraceItem *item = rig_item(rig, at++);

    assert_int_equal(item->kind, SY_TRACE_BLOCK);
    assert_int_equal(item->block, epoch);
    assert_int_equal(item->n_more, 8 + 64);
    for (uint32_t i = 0; i < 8; i++, at++) {
        item = rig_item(rig, at);
        assert_int_equal(item->kind, SY_TRACE_TASK);
        assert_int_equal(item->task, i);
        assert_int_equal(item->worker, block->task_worker[i]);
        assert_int_equal(item->begin_ns, rig_time(epoch, i));
        assert_int_equal(item->duration_ns, i);
    }
    for (uint32_t i = 0; i < 64; i++, at++) {
        item = rig_item(rig, at);
        assert_int_equal(item->kind, SY_TRACE_NODE);
        assert_int_equal(item->block, epoch);
        assert_int_equal(item->task, i / 8);
        assert_int_equal(item->module.id, 1 + i);
        assert_int_equal(item->worker, block->node_worker[i]);
    }
}

static void node_is_recorded_once_by_the_worker_that_committed_it(void **state)
{
    Rig *rig = *state;

    rig_plan(rig, 8, 64);
    rig_level(rig, SY_TRACE_COMPLETE);
    for (uint64_t epoch = 1; epoch <= 3000; epoch++) {
        Block block = {0};
        const uint64_t before = rig->log.end;
        const SyWork work = rig_release(rig);
        for (uint32_t task = 0; task < 8; task++) {
            run_task_with_deaths(rig, &work, task, &block);
        }
        sy_trace_collect(&rig->collector); /* nothing of a block that is not over */
        assert_int_equal(rig->log.end, before);
        rig_hand_out(rig);
        sy_trace_collect(&rig->collector);
        assert_int_equal(rig->log.end, before + 1 + 8 + 64);
        assert_block_is_whole(rig, before, epoch, &block);
    }
    assert_int_equal(rig->collector.n_dropped, 0);
}

static void nodes_computed_together_share_the_time_by_lanes(void **state)
{
    Rig *rig = *state;
    const SyPlanNode *batch[8];

    rig_plan(rig, 1, 8);
    rig_level(rig, SY_TRACE_COMPLETE);
    const SyWork work = rig_release(rig);
    for (uint32_t i = 0; i < 8; i++) {
        batch[i] = rig_node(rig, i);
    }
    const int64_t begin = sy_now_ns() - 3600000;
    sy_trace_begin(&rig->workers[0], 0, begin);
    sy_trace_nodes(&rig->workers[0], &work, batch, 8);
    rig_task(rig, &work, 0, 0);
    rig_hand_out(rig);
    sy_trace_collect(&rig->collector);
    int64_t at = begin;
    for (uint32_t i = 0; i < 8; i++) { /* 1 to 8 lanes of 36, of 3.6 ms and a little more */
        const SyTraceItem *item = rig_item(rig, 2 + i);
        assert_int_equal(item->begin_ns, at);
        assert_true(item->duration_ns >= 100000 * (i + 1));
        at += item->duration_ns;
    }
    assert_int_equal(at, rig->workers[0].traced_ns);
}

static void level_is_the_blocks(void **state)
{
    Rig *rig = *state;
    static const uint32_t n_items[] = {0, 1 + 4, 1 + 4 + 16};

    rig_plan(rig, 4, 16);
    for (uint32_t i = 0; i < 300; i++) {
        const uint64_t before = rig->log.end;
        const SyTraceLevel level = (SyTraceLevel)rig_random(rig, SY_TRACE_LEVELS);
        rig_level(rig, level);
        const SyWork work = rig_release(rig);
        rig_level(rig, SY_TRACE_BASIC); /* changes nothing any more */
        for (uint32_t n = 0; n < 16; n++) {
            const SyPlanNode *node = rig_node(rig, n);
            sy_trace_nodes(&rig->workers[0], &work, &node, 1);
        }
        for (uint32_t t = 0; t < 4; t++) {
            rig_task(rig, &work, t, 0);
        }
        rig_hand_out(rig);
        sy_trace_collect(&rig->collector);
        assert_int_equal(rig->log.end - before, n_items[level]);
    }
    assert_int_equal(rig->collector.n_dropped, 0);
}

/* So that who prepares a block again after its driver was killed does no harm. */
static void block_that_is_prepared_twice_is_recorded_once(void **state)
{
    Rig *rig = *state;

    rig_plan(rig, 4, 16);
    rig_level(rig, SY_TRACE_COMPLETE);
    for (uint32_t i = 0; i < 3000; i++) {
        rig_release(rig);
        rig_block(rig, 1);
        sy_trace_collect(&rig->collector);
    }
    assert_int_equal(rig->log.end, 3000 * (1 + 4 + 16));
    assert_int_equal(rig->collector.n_dropped, 0);
}

static void blocks_without_a_plan_are_not_missed(void **state)
{
    Rig *rig = *state;

    rig_level(rig, SY_TRACE_COMPLETE);
    for (uint32_t i = 0; i < 100; i++) {
        rig_plan(rig, i % 3 == 2 ? 4 : 0, 16);
        rig_block(rig, 0);
    }
    sy_trace_collect(&rig->collector);
    assert_int_equal(rig->collector.n_dropped, 0);
    assert_int_equal(rig->log.end, 33 * (1 + 4 + 16));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        rig_test(node_is_recorded_once_by_the_worker_that_committed_it),
        rig_test(nodes_computed_together_share_the_time_by_lanes),
        rig_test(level_is_the_blocks),
        rig_test(block_that_is_prepared_twice_is_recorded_once),
        rig_test(blocks_without_a_plan_are_not_missed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
