/* The block after the one in hand is released too, offline, if nothing has to be prepared for it.
 */
#include "engine/tracing.h"
#include "tests/engine/audio_rig.h"

/* Whether block EPOCH + 1 is released with block EPOCH. */
static bool goes_ahead(Rig *rig)
{
    const uint64_t ahead = EPOCH + 1;

    sy_audio_release(rig->audio);
    sy_audio_release_ahead(rig->audio);
    assert_true(sy_audio_is_ahead(rig->audio) ==
                (atomic_load(&rig->segment->release.epoch) == ahead));
    return sy_audio_is_ahead(rig->audio);
}

static void assert_free(const Rig *rig, uint64_t epoch)
{
    for (uint32_t i = 0; i < N_TASKS; i++) {
        assert_true(atomic_load(sy_claim_of(rig->segment, epoch, i)) ==
                    sy_claim_word(epoch, 0, SY_CLAIM_FREE));
    }
}

static void both_blocks_are_whole(void **state)
{
    Rig *rig = *state;

    assert_true(goes_ahead(rig));
    for (uint64_t epoch = EPOCH; epoch <= EPOCH + 1; epoch++) {
        const SyBlockInfo *info = sy_block_info(rig->segment, epoch);
        assert_free(rig, epoch);
        assert_ptr_equal(sy_at(rig->segment, atomic_load(&info->plan_at)), rig->plan);
        assert_int_equal(atomic_load(&info->plan_serial), 5);
        assert_int_equal(atomic_load(&info->start), (epoch - 1) * BLOCK);
        assert_true(atomic_load(&info->at_rest) && atomic_load(&info->quiet));
    }
    assert_int_equal(atomic_load(&rig->segment->release.handed), EPOCH - 1);
}

static void it_is_released_once(void **state)
{
    Rig *rig = *state;

    assert_true(goes_ahead(rig));
    atomic_store(sy_claim_of(rig->segment, EPOCH + 1, 0),
                 sy_claim_word(EPOCH + 1, 0, SY_CLAIM_DONE));
    sy_audio_release_ahead(rig->audio);
    assert_int_equal(atomic_load(&rig->segment->release.epoch), EPOCH + 1);
    assert_true(atomic_load(sy_claim_of(rig->segment, EPOCH + 1, 0)) ==
                sy_claim_word(EPOCH + 1, 0, SY_CLAIM_DONE));
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
        TEST(both_blocks_are_whole),           TEST(it_is_released_once),
        TEST(live_nothing_goes_ahead),         TEST(what_moves_has_to_end_first),
        TEST(what_has_come_is_prepared_first), TEST(nodes_that_are_guarded_are_looked_at),
        TEST(a_trace_has_to_be_prepared),
    };
    return cmocka_run_group_tests_name("ahead", tests, NULL, NULL);
}
