/* Blocks after the one in hand are released too, offline, if nothing has to be prepared for them.
 */
#include "engine/tracing.h"
#include "tests/engine/audio_rig.h"

#define MORE 100 /* blocks that will be asked for */
#define LAST (EPOCH + SY_AHEAD - 1)

static uint64_t released(const Rig *rig)
{
    return atomic_load(&rig->segment->release.epoch);
}

/* Whether blocks are released with block EPOCH: if so, as many as may be. */
static bool goes_ahead(Rig *rig)
{
    sy_audio_release(rig->audio);
    sy_audio_release_ahead(rig->audio, MORE);
    assert_true(sy_audio_is_ahead(rig->audio) == (released(rig) > EPOCH));
    assert_true(released(rig) == EPOCH || released(rig) == LAST);
    return sy_audio_is_ahead(rig->audio);
}

/* The audio thread has taken what was computed up to `epoch`, which is in hand now. */
static void go_on_to(Rig *rig, uint64_t epoch)
{
    rig->audio->epoch = epoch;
    atomic_store(&rig->audio->frame, (int64_t)(epoch - 1) * BLOCK);
}

static void all_blocks_are_whole(void **state)
{
    Rig *rig = *state;

    assert_true(goes_ahead(rig));
    for (uint64_t epoch = EPOCH; epoch <= LAST; epoch++) {
        const SyBlockInfo *info = sy_block_info(rig->segment, epoch);
        assert_ptr_equal(sy_at(rig->segment, atomic_load(&info->plan_at)), rig->plan);
        assert_int_equal(atomic_load(&info->plan_serial), 5);
        assert_int_equal(atomic_load(&info->start), (epoch - 1) * BLOCK);
        assert_true(atomic_load(&info->at_rest) && atomic_load(&info->quiet));
    }
}

/* A task that is done in one block may be claimed in the next, and in no other. */
static void tasks_are_freed_once(void **state)
{
    Rig *rig = *state;

    assert_true(goes_ahead(rig));
    for (uint32_t i = 0; i < N_TASKS; i++) {
        const uint64_t word = atomic_load(sy_claim_of(rig->segment, i));
        assert_true(sy_claim_is_open(word, EPOCH));
        assert_false(sy_claim_is_open(word, EPOCH + 1));
    }
    const uint64_t done = sy_claim_word(EPOCH, 0, SY_CLAIM_DONE);
    assert_false(sy_claim_is_open(done, EPOCH));
    assert_true(sy_claim_is_open(done, EPOCH + 1));
    assert_false(sy_claim_is_open(done, EPOCH + 2));
    assert_false(sy_claim_is_open(sy_claim_word(EPOCH, 3, SY_CLAIM_CLAIMED), EPOCH + 1));
    assert_true(sy_claim_is_open(sy_claim_word(EPOCH, 0, SY_CLAIM_FREE) | SY_CLAIM_CAREFUL, EPOCH));
}

/* Not block by block, since each time all workers are called. */
static void more_are_released_when_half_are_over(void **state)
{
    Rig *rig = *state;

    assert_true(goes_ahead(rig));
    for (uint64_t epoch = EPOCH; epoch < EPOCH + SY_AHEAD / 2; epoch++) {
        go_on_to(rig, epoch);
        sy_audio_release_ahead(rig->audio, MORE);
        assert_int_equal(released(rig), LAST);
    }
    go_on_to(rig, EPOCH + SY_AHEAD / 2);
    sy_audio_release_ahead(rig->audio, MORE);
    assert_int_equal(released(rig), LAST + SY_AHEAD / 2);
    assert_int_equal(atomic_load(&sy_block_info(rig->segment, LAST + 1)->start), LAST * BLOCK);
}

static void no_more_are_released_than_are_asked_for(void **state)
{
    Rig *rig = *state;

    sy_audio_release(rig->audio);
    sy_audio_release_ahead(rig->audio, 0);
    assert_int_equal(released(rig), EPOCH);
    sy_audio_release_ahead(rig->audio, 3);
    assert_int_equal(released(rig), EPOCH + 3);
}

static void live_nothing_goes_ahead(void **state)
{
    Rig *rig = make(false);

    (void)state;
    assert_false(goes_ahead(rig));
    tear_down((void **)&rig);
}

static void what_moves_has_to_end_first(void **state)
{
    Rig *rig = *state;

    rig->audio->rest_at = (EPOCH - 1) * BLOCK + 1;
    assert_false(goes_ahead(rig));
    rig->audio->rest_at = (EPOCH - 1) * BLOCK;
    rig->audio->born_at = (EPOCH - 1) * BLOCK + 1;
    assert_false(goes_ahead(rig));
    rig->audio->born_at = (EPOCH - 1) * BLOCK;
    assert_true(goes_ahead(rig));
}

static void what_has_come_is_prepared_first(void **state)
{
    Rig *rig = *state;
    SyScheduled scheduled = {.number = 1};
    const SyEvent event = {.when = SY_WHEN_NOW};

    atomic_store(&rig->audio->next_plan, 1);
    assert_false(goes_ahead(rig));
    atomic_store(&rig->audio->next_plan, 0);
    rig->audio->waiting_plan = rig->plan;
    assert_false(goes_ahead(rig));
    rig->audio->waiting_plan = NULL;
    rig->audio->schedule.heap[0] = scheduled;
    rig->audio->schedule.n_heap = 1;
    assert_false(goes_ahead(rig));
    rig->audio->schedule.n_heap = 0;
    assert_true(sy_audio_send(rig->audio, SY_FROM_OSC, &event, 1));
    assert_false(goes_ahead(rig));
}

static void nodes_that_are_guarded_are_looked_at(void **state)
{
    Rig *rig = *state;

    atomic_store(&rig->segment->guarded, true);
    assert_false(goes_ahead(rig));
}

static void a_trace_has_to_be_prepared(void **state)
{
    Rig *rig = *state;

    atomic_store(&rig->audio->trace.level, SY_TRACE_DETAILED);
    assert_false(goes_ahead(rig));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(all_blocks_are_whole),
        TEST(tasks_are_freed_once),
        TEST(more_are_released_when_half_are_over),
        TEST(no_more_are_released_than_are_asked_for),
        TEST(live_nothing_goes_ahead),
        TEST(what_moves_has_to_end_first),
        TEST(what_has_come_is_prepared_first),
        TEST(nodes_that_are_guarded_are_looked_at),
        TEST(a_trace_has_to_be_prepared),
    };
    return cmocka_run_group_tests_name("ahead", tests, NULL, NULL);
}
