/* Who gets a note, and what comes out. The rig gives the keyboard four voices. */
#include <math.h>

#include "tests/dsp/bench.h"

#define FRAMES 9600
#define VOICES 4

static float at(const SyRig *rig, const char *output, int voice, uint32_t frame)
{
    return sy_rig_out(rig, 0, output)[voice * FRAMES + frame];
}

/* The voice whose gate is high and whose pitch is that of `note`, or -1. */
static int voice_of(const SyRig *rig, float note, uint32_t frame)
{
    for (int v = 0; v < VOICES; v++) {
        if (at(rig, "gate", v, frame) == 1.0f &&
            fabsf(at(rig, "pitch", v, frame) - (note - 60.0f) / 12.0f) < 1e-5f)
            return v;
    }
    return -1;
}

static void notes_sound_in_tune_with_their_velocity_from_their_frame_on(void **state)
{
    (void)state;
    SyRig *rig = sy_rig_new("keys", NULL, 1, FRAMES);
    sy_rig_run(rig, 0, 10);
    sy_rig_event(rig, 0, 69.0f, 0.25f);
    sy_rig_run(rig, 10, 20);
    assert_int_equal(voice_of(rig, 69.0f, 9), -1);
    const int voice = voice_of(rig, 69.0f, 10);
    assert_true(voice >= 0);
    assert_near(SY_C4_HZ * exp2(at(rig, "pitch", voice, 10)), 440.0, 0.001);
    assert_true(at(rig, "velocity", voice, 10) == 0.25f);
    sy_rig_event(rig, 0, 69.0f, 0.0f);
    sy_rig_run(rig, 20, 30);
    assert_true(at(rig, "gate", voice, 19) == 1.0f && at(rig, "gate", voice, 20) == 0.0f);
    assert_true(at(rig, "velocity", voice, 20) == 0.25f); /* for what still rings */
    sy_rig_free(rig);
}

static void chord_gets_a_voice_a_note(void **state)
{
    (void)state;
    SyRig *rig = sy_rig_new("keys", NULL, 1, FRAMES);
    unsigned taken = 0;
    for (int i = 0; i < VOICES; i++)
        sy_rig_event(rig, 0, 60.0f + (float)i, 1.0f);
    sy_rig_run(rig, 0, 10);
    for (int i = 0; i < VOICES; i++)
        taken |= 1u << voice_of(rig, 60.0f + (float)i, 0);
    assert_int_equal(taken, 15);
    sy_rig_free(rig);
}

static void note_takes_the_voice_that_was_released_first(void **state)
{
    (void)state;
    SyRig *rig = sy_rig_new("keys", NULL, 1, FRAMES);
    for (int i = 0; i < VOICES; i++)
        sy_rig_event(rig, 0, 60.0f + (float)i, 1.0f);
    sy_rig_run(rig, 0, 10);
    const int first = voice_of(rig, 62.0f, 5), second = voice_of(rig, 60.0f, 5);
    sy_rig_event(rig, 0, 62.0f, 0.0f);
    sy_rig_event(rig, 0, 60.0f, 0.0f);
    sy_rig_run(rig, 10, 20);
    sy_rig_event(rig, 0, 70.0f, 1.0f);
    sy_rig_event(rig, 0, 71.0f, 1.0f);
    sy_rig_run(rig, 20, 30);
    assert_int_equal(voice_of(rig, 70.0f, 25), first);
    assert_int_equal(voice_of(rig, 71.0f, 25), second);
    sy_rig_free(rig);
}

static void note_too_many_takes_the_oldest_and_its_release_is_ignored(void **state)
{
    (void)state;
    SyRig *rig = sy_rig_new("keys", NULL, 1, FRAMES);
    for (int i = 0; i < VOICES; i++)
        sy_rig_event(rig, 0, 60.0f + (float)i, 1.0f);
    sy_rig_run(rig, 0, 10);
    const int oldest = voice_of(rig, 60.0f, 5);
    sy_rig_event(rig, 0, 80.0f, 1.0f);
    sy_rig_run(rig, 10, 20);
    assert_true(at(rig, "gate", oldest, 10) == 0.0f); /* an envelope starts anew */
    assert_int_equal(voice_of(rig, 80.0f, 11), oldest);
    sy_rig_event(rig, 0, 60.0f, 0.0f);
    sy_rig_run(rig, 20, 30);
    assert_int_equal(voice_of(rig, 80.0f, 25), oldest);
    sy_rig_free(rig);
}

static void repeated_note_drops_its_gate_for_one_frame(void **state)
{
    (void)state;
    SyRig *rig = sy_rig_new("keys", NULL, 1, FRAMES);
    sy_rig_event(rig, 0, 60.0f, 0.5f);
    sy_rig_run(rig, 0, 10);
    const int voice = voice_of(rig, 60.0f, 5);
    sy_rig_event(rig, 0, 60.0f, 0.9f);
    sy_rig_run(rig, 10, 20);
    assert_true(at(rig, "gate", voice, 9) == 1.0f);
    assert_true(at(rig, "gate", voice, 10) == 0.0f);
    assert_true(at(rig, "gate", voice, 11) == 1.0f);
    assert_true(at(rig, "velocity", voice, 11) == 0.9f);
    for (int v = 0; v < VOICES; v++)
        assert_true(v == voice || at(rig, "gate", v, 15) == 0.0f);
    sy_rig_free(rig);
}

/* Off and on between the same two frames: the envelope must see it. */
static void note_struck_again_at_once_on_the_only_voice_drops_its_gate(void **state)
{
    (void)state;
    SyRig *rig = sy_rig_new("keys", NULL, 1, FRAMES);
    rig->n_voices = 1;
    sy_rig_event(rig, 0, 60.0f, 0.5f);
    sy_rig_run(rig, 0, 10);
    sy_rig_event(rig, 0, 60.0f, 0.0f);
    sy_rig_event(rig, 0, 62.0f, 0.5f);
    sy_rig_run(rig, 10, 20);
    assert_true(at(rig, "gate", 0, 10) == 0.0f && at(rig, "gate", 0, 11) == 1.0f);
    sy_rig_free(rig);
}

/* C held, D on top of it, D let go: C again. Then a key that was let go meanwhile stays silent. */
static void one_voice_returns_to_the_key_that_is_still_held(void **state)
{
    (void)state;
    SyRig *rig = sy_rig_new("keys", NULL, 1, FRAMES);
    rig->n_voices = 1;
    sy_rig_event(rig, 0, 60.0f, 0.5f);
    sy_rig_event(rig, 0, 62.0f, 0.5f);
    sy_rig_event(rig, 0, 64.0f, 0.5f);
    sy_rig_run(rig, 0, 10);
    assert_int_equal(voice_of(rig, 64.0f, 5), 0);
    sy_rig_event(rig, 0, 62.0f, 0.0f);
    sy_rig_event(rig, 0, 64.0f, 0.0f);
    sy_rig_run(rig, 10, 20);
    assert_true(at(rig, "gate", 0, 10) == 0.0f);
    assert_int_equal(voice_of(rig, 60.0f, 11), 0);
    sy_rig_event(rig, 0, 60.0f, 0.0f);
    sy_rig_run(rig, 20, 30);
    assert_true(at(rig, "gate", 0, 20) == 0.0f && at(rig, "gate", 0, 29) == 0.0f);
    sy_rig_free(rig);
}

static void glide_takes_its_time_in_a_straight_line_and_arrives(void **state)
{
    (void)state;
    SyRig *rig = sy_rig_new("keys", NULL, 1, FRAMES);
    rig->n_voices = 1;
    sy_rig_set(rig, "glide", 0.1f);
    sy_rig_event(rig, 0, 60.0f, 1.0f);
    sy_rig_run(rig, 0, 100);
    assert_true(at(rig, "pitch", 0, 0) == 0.0f); /* the first note has nowhere to come from */
    sy_rig_event(rig, 0, 72.0f, 1.0f);
    sy_rig_run(rig, 100, FRAMES);
    assert_near(at(rig, "pitch", 0, 100 + 2400), 0.5, 0.001);
    assert_below(at(rig, "pitch", 0, 100 + 4790), 1.0);
    assert_true(at(rig, "pitch", 0, 100 + 4800) == 1.0f);
    sy_rig_free(rig);
}

static void nonsense_is_ignored(void **state)
{
    (void)state;
    SyRig *rig = sy_rig_new("keys", NULL, 1, FRAMES);
    sy_rig_event(rig, 0, NAN, 1.0f);
    sy_rig_event(rig, 0, INFINITY, 1.0f);
    sy_rig_event(rig, 0, 60.0f, NAN);
    sy_rig_event(rig, 0, 60.0f, 0.0f);
    sy_rig_run(rig, 0, 10);
    for (int v = 0; v < VOICES; v++)
        assert_true(at(rig, "gate", v, 5) == 0.0f && at(rig, "pitch", v, 5) == 0.0f);
    sy_rig_free(rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(notes_sound_in_tune_with_their_velocity_from_their_frame_on),
        cmocka_unit_test(chord_gets_a_voice_a_note),
        cmocka_unit_test(note_takes_the_voice_that_was_released_first),
        cmocka_unit_test(note_too_many_takes_the_oldest_and_its_release_is_ignored),
        cmocka_unit_test(repeated_note_drops_its_gate_for_one_frame),
        cmocka_unit_test(note_struck_again_at_once_on_the_only_voice_drops_its_gate),
        cmocka_unit_test(one_voice_returns_to_the_key_that_is_still_held),
        cmocka_unit_test(glide_takes_its_time_in_a_straight_line_and_arrives),
        cmocka_unit_test(nonsense_is_ignored),
    };
    sy_dsp_thread_init();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
