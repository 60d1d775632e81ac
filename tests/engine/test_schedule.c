#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "engine/audio.h"
#include "engine/compile.h"

#define BLOCK 64

typedef struct Rig {
    SySegment *segment;
    SyAudio *audio;
    SySchedule *schedule;
} Rig;

static int set_up(void **state)
{
    const SySegmentSize size = {.rate = 48000,
                                .block = BLOCK,
                                .n_cores = 1,
                                .plan_bytes = sy_plan_bytes_max(),
                                .arena_bytes = 1 << 20};
    Rig *rig = calloc(1, sizeof(*rig));

    rig->segment = sy_segment_map(&size);
    rig->audio = sy_audio_map(rig->segment);
    rig->schedule = &rig->audio->schedule;
    for (uint32_t i = 0; i < 4; i++) {
        atomic_store(&rig->audio->live[i].params_at, rig->segment->used_to + i * 4096);
    }
    *state = rig;
    return 0;
}

static int tear_down(void **state)
{
    Rig *rig = *state;
    sy_audio_unmap(rig->audio);
    sy_segment_unmap(rig->segment);
    free(rig);
    return 0;
}

static SyEvent change(uint32_t slot, int64_t when, float value, bool jumps)
{
    return (SyEvent){
        .when = when, .slot = slot, .kind = SY_EVENT_PARAM, .value = value, .jumps = jumps};
}

static float value_at(const Rig *rig, uint32_t slot, int64_t frame)
{
    const SyParamsShared *params = sy_at(rig->segment, rig->segment->used_to + slot * 4096);
    return sy_ramp_value(&params->ramps[0], frame);
}

static const SyBlockEvent *first_event(const Rig *rig, uint32_t slot)
{
    const SyNodeShared *node = &rig->segment->nodes[slot];
    return node->event_epoch == rig->schedule->epoch ? &rig->segment->events[node->event_first]
                                                     : NULL;
}

static void change_at_the_blocks_start_cuts_no_node(void **state)
{
    Rig *rig = *state;
    const SyEvent event = change(0, SY_WHEN_NOW, 1, false);

    sy_schedule_begin(rig->schedule, 1, 0);
    sy_schedule_take(rig->schedule, &event);
    assert_null(first_event(rig, 0));
    assert_float_equal(value_at(rig, 0, 0), 0, 0);
    assert_float_equal(value_at(rig, 0, rig->segment->smooth_frames / 2), 0.5, 1e-6);
    assert_float_equal(value_at(rig, 0, rig->segment->smooth_frames), 1, 0);
}

static void change_waits_for_its_frame(void **state)
{
    Rig *rig = *state;
    const SyEvent event = change(1, 3 * BLOCK + 17, 5, true);

    for (uint64_t block = 0; block < 5; block++) {
        sy_schedule_begin(rig->schedule, block + 1, (int64_t)block * BLOCK);
        if (block == 0) {
            sy_schedule_take(rig->schedule, &event);
        }
        sy_schedule_due(rig->schedule);
        const SyBlockEvent *due = first_event(rig, 1);
        assert_int_equal(due != NULL, block == 3);
        if (due) {
            assert_int_equal(due->offset, 17);
            assert_float_equal(due->ramp.to, 5, 0);
        }
        /* The table takes it over when the block is done. */
        assert_float_equal(value_at(rig, 1, (int64_t)(block + 1) * BLOCK), block == 4 ? 5 : 0, 0);
    }
}

static void changes_of_one_frame_keep_the_order_they_came_in(void **state)
{
    Rig *rig = *state;
    float last = 0;
    int n = 0;

    sy_schedule_begin(rig->schedule, 1, 0);
    for (int i = 0; i < 10; i++) {
        const SyEvent event = change(2, 20, (float)i, true);
        sy_schedule_take(rig->schedule, &event);
    }
    sy_schedule_due(rig->schedule);
    for (const SyBlockEvent *event = first_event(rig, 2);;
         event = &rig->segment->events[event->next]) {
        assert_true(n == 0 || event->ramp.to == last + 1);
        last = event->ramp.to;
        n++;
        if (event->next == UINT32_MAX) {
            break;
        }
    }
    assert_int_equal(n, 10);
}

/* A second change in the same block starts from where the first has got to. */
static void ramps_join_without_a_jump(void **state)
{
    Rig *rig = *state;
    const SyEvent up = change(0, 10, 1, false), down = change(0, 40, 0, false);

    sy_schedule_begin(rig->schedule, 1, 0);
    sy_schedule_take(rig->schedule, &up);
    sy_schedule_take(rig->schedule, &down);
    sy_schedule_due(rig->schedule);
    const SyBlockEvent *first = first_event(rig, 0);
    const SyBlockEvent *second = &rig->segment->events[first->next];
    assert_float_equal(second->ramp.from, sy_ramp_value(&first->ramp, 40), 0);
}

static void change_for_a_module_that_is_gone_is_dropped(void **state)
{
    Rig *rig = *state;
    const SyEvent event = change(3, SY_WHEN_NOW, 1, true);

    atomic_fetch_add(&rig->audio->live[3].generation, 1);
    sy_schedule_begin(rig->schedule, 1, 0);
    sy_schedule_take(rig->schedule, &event);
    assert_float_equal(value_at(rig, 3, 1000), 0, 0);
}

static void full_schedule_drops_and_counts(void **state)
{
    Rig *rig = *state;
    const SyEvent event = change(0, 1000000, 1, true);

    sy_schedule_begin(rig->schedule, 1, 0);
    for (uint32_t i = 0; i < SY_SCHEDULED_MAX + 7; i++) {
        sy_schedule_take(rig->schedule, &event);
    }
    assert_int_equal(rig->schedule->n_heap, SY_SCHEDULED_MAX);
    assert_int_equal(atomic_load(&rig->schedule->dropped), 7);
}

static void crowded_block_leaves_the_rest_for_the_next(void **state)
{
    Rig *rig = *state;
    const SyEvent event = change(0, 5, 1, true);

    sy_schedule_begin(rig->schedule, 1, 0);
    for (uint32_t i = 0; i < SY_EVENTS_MAX + 9; i++) {
        sy_schedule_take(rig->schedule, &event);
    }
    sy_schedule_due(rig->schedule);
    assert_false(sy_schedule_has_room(rig->schedule));
    sy_schedule_begin(rig->schedule, 2, BLOCK);
    sy_schedule_due(rig->schedule);
    assert_int_equal(rig->schedule->n_heap, 0);
    assert_int_equal(atomic_load(&rig->schedule->dropped), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(change_at_the_blocks_start_cuts_no_node),
        TEST(change_waits_for_its_frame),
        TEST(changes_of_one_frame_keep_the_order_they_came_in),
        TEST(ramps_join_without_a_jump),
        TEST(change_for_a_module_that_is_gone_is_dropped),
        TEST(full_schedule_drops_and_counts),
        TEST(crowded_block_leaves_the_rest_for_the_next),
    };
    return cmocka_run_group_tests_name("schedule", tests, NULL, NULL);
}
