/* When the audio thread takes a block for done: the word that says so is written by workers, and
 * one of them may have been out of its mind. */
#include "engine/futex.h"
#include "tests/engine/audio_rig.h"

#define PATIENCE_NS 3000000 /* until the deadline; nobody computes anything */

static void write_done(const Rig *rig, uint64_t epoch)
{
    atomic_store(&rig->segment->block_shared.done, epoch);
}

static uint64_t read_done(const Rig *rig)
{
    return atomic_load(&rig->segment->block_shared.done);
}

/* As if all blocks before EPOCH had been handed out. */
static void play_up_to_now(Rig *rig)
{
    atomic_store(&rig->audio->blocks, EPOCH - 1);
    atomic_store(&rig->audio->adopted, rig->plan->serial);
    atomic_store(&rig->segment->release.epoch, EPOCH - 1);
    write_done(rig, EPOCH - 1);
    rig->plan->n_nodes = 1;
}

/* Asks for block EPOCH; whether it came in time. */
static bool comes_in_time(Rig *rig)
{
    float left[BLOCK], right[BLOCK];
    const int64_t now = sy_now_ns();
    const uint64_t late = atomic_load(&rig->audio->late);

    sy_audio_process(rig->audio, left, right,
                     (SyAudioTime){.begins_ns = now, .deadline_ns = now + PATIENCE_NS});
    return atomic_load(&rig->audio->late) == late;
}

static void block_that_nobody_computes_is_late(void **state)
{
    Rig *rig = *state;

    play_up_to_now(rig);
    assert_false(comes_in_time(rig));
    assert_int_equal(read_done(rig), EPOCH - 1);
}

/* The next one, which is about to be released, and then would be, or any other. */
static void block_cannot_be_done_before_its_release(void **state)
{
    static const uint64_t words[] = {EPOCH, EPOCH + 1, UINT64_MAX};

    (void)state;
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        Rig *rig = make(false);
        play_up_to_now(rig);
        write_done(rig, words[i]);
        assert_false(comes_in_time(rig));
        assert_int_equal(read_done(rig), EPOCH - 1);
        tear_down((void **)&rig);
    }
}

/* It was late the last time, and is not released once more. */
static void block_in_hand_that_is_done_is_handed_out(void **state)
{
    Rig *rig = *state;

    play_up_to_now(rig);
    assert_false(comes_in_time(rig));
    write_done(rig, EPOCH);
    assert_true(comes_in_time(rig));
    assert_int_equal(atomic_load(&rig->audio->blocks), EPOCH);
}

/* Of one that is in hand, too, a word about a later one says nothing. */
static void word_about_a_later_block_is_put_right(void **state)
{
    Rig *rig = *state;

    play_up_to_now(rig);
    assert_false(comes_in_time(rig));
    write_done(rig, EPOCH + 5);
    assert_false(comes_in_time(rig));
    assert_int_equal(read_done(rig), EPOCH - 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(block_that_nobody_computes_is_late),
        TEST(block_cannot_be_done_before_its_release),
        TEST(block_in_hand_that_is_done_is_handed_out),
        TEST(word_about_a_later_block_is_put_right),
    };
    return cmocka_run_group_tests_name("done", tests, NULL, NULL);
}
