/* Who gets a note, and what comes out. The rig gives the keyboard four voices. */
#include <math.h>
#include <stdlib.h>

#include "tests/dsp/bench.h"

#define FRAMES 9600
#define VOICES 4
#define FADE   96 /* frames: 2 ms */

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
    assert_near(SY_C4_HZ * exp2((double)at(rig, "pitch", voice, 10)), 440.0, 0.001);
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
    sy_rig_event(rig, 0, 80.0f, 0.5f);
    sy_rig_run(rig, 10, 200);
    for (uint32_t i = 10; i < 10 + FADE; i++) { /* the old note lets go */
        assert_true(at(rig, "gate", oldest, i) == 0.0f && at(rig, "pitch", oldest, i) == 0.0f);
        assert_true(at(rig, "velocity", oldest, i) == 1.0f);
    }
    assert_int_equal(voice_of(rig, 80.0f, 10 + FADE), oldest);
    assert_true(at(rig, "velocity", oldest, 10 + FADE) == 0.5f);
    sy_rig_event(rig, 0, 60.0f, 0.0f);
    sy_rig_run(rig, 200, 210);
    assert_int_equal(voice_of(rig, 80.0f, 205), oldest);
    sy_rig_free(rig);
}

/* Down to 0 when the pitch jumps, up again, and 1 for all who keep their voice. */
static void fade_is_a_raised_cosine_around_the_theft(void **state)
{
    (void)state;
    SyRig *rig = sy_rig_new("keys", NULL, 1, FRAMES);
    for (int i = 0; i < VOICES; i++)
        sy_rig_event(rig, 0, 60.0f + (float)i, 1.0f);
    sy_rig_run(rig, 0, 10);
    const int oldest = voice_of(rig, 60.0f, 5);
    sy_rig_event(rig, 0, 80.0f, 1.0f);
    sy_rig_run(rig, 10, 300);
    for (int i = 0; i < 290; i++) {
        const double t = fmin(abs(i + 1 - FADE), FADE) / FADE;
        assert_near(at(rig, "fade", oldest, 10 + (uint32_t)i), 0.5 - 0.5 * cos(M_PI * t), 1e-6);
        assert_true(at(rig, "fade", (oldest + 1) % VOICES, 10 + (uint32_t)i) == 1.0f);
    }
    sy_rig_free(rig);
}

/* A trill over more keys than voices, each note within the fade of the last. */
static void theft_of_a_stolen_voice_does_not_begin_it_anew(void **state)
{
    (void)state;
    SyRig *rig = sy_rig_new("keys", NULL, 1, FRAMES);
    rig->n_voices = 2;
    sy_rig_event(rig, 0, 60.0f, 1.0f);
    sy_rig_event(rig, 0, 61.0f, 1.0f);
    sy_rig_run(rig, 0, 10);
    const int first = voice_of(rig, 60.0f, 5);
    for (uint32_t i = 0; i < 4; i++) { /* to the first, the second, the first, the second */
        sy_rig_event(rig, 0, 70.0f + (float)i, 1.0f);
        sy_rig_run(rig, 10 + 10 * i, 20 + 10 * i);
    }
    sy_rig_run(rig, 50, 300);
    assert_int_equal(voice_of(rig, 72.0f, 10 + FADE), first);
    assert_int_equal(voice_of(rig, 73.0f, 20 + FADE), 1 - first);
    for (uint32_t i = 11; i < 300; i++) {
        for (int v = 0; v < 2; v++)
            assert_below(fabsf(at(rig, "fade", v, i) - at(rig, "fade", v, i - 1)), 0.02);
    }
    sy_rig_free(rig);
}

/* Energy above 2 kHz: through an eighth-order high-pass of Butterworth's, by R. Bristow-Johnson's
 * formulas. */
static double energy_above_2_khz(const double *signal, int n)
{
    static const double damping[] = {0.509796, 0.601345, 0.899976, 2.562915};
    const double w = 2.0 * M_PI * 2000.0 / SY_RIG_RATE;
    double memory[4][4] = {{0}}, energy = 0.0;
    for (int i = 0; i < n; i++) {
        double x = signal[i];
        for (int k = 0; k < 4; k++) {
            const double alpha = sin(w) / (2.0 * damping[k]), c = cos(w);
            double *m = memory[k]; /* x1, x2, y1, y2 */
            const double y = ((1.0 + c) / 2.0 * (x - 2.0 * m[0] + m[1]) + 2.0 * c * m[2] -
                              (1.0 - alpha) * m[3]) /
                             (1.0 + alpha);
            m[1] = m[0];
            m[0] = x;
            m[3] = m[2];
            m[2] = y;
            x = y;
        }
        energy += x * x;
    }
    return energy;
}

enum { CUT, LET_GO, FADED };

/* A sine of its own phase, as a voice plays it whose note is stolen `after` frames after 4800. CUT:
 * the gate opens and shuts the vca, and the pitch jumps with it. */
static double theft_energy(int how, uint32_t after)
{
    static double voice[FRAMES];
    SyRig *keys = sy_rig_new("keys", NULL, 1, FRAMES);
    SyRig *adsr = sy_rig_new("adsr", NULL, 1, FRAMES);
    for (int i = 0; i < VOICES; i++)
        sy_rig_event(keys, 0, 60.0f + (float)i, 1.0f);
    sy_rig_run(keys, 0, 4800 + after);
    const int stolen = voice_of(keys, 60.0f, 100);
    sy_rig_event(keys, 0, 67.0f, 1.0f);
    sy_rig_run(keys, 4800 + after, FRAMES);
    sy_rig_patch(adsr, "gate", sy_rig_out(keys, 0, "gate") + stolen * FRAMES);
    sy_rig_set(adsr, "attack", 0.02f);
    sy_rig_set(adsr, "sustain", 1.0f);
    sy_rig_run_all(adsr);
    double phase = 0.0;
    for (uint32_t i = 0; i < FRAMES; i++) {
        const double level =
            how == CUT ? at(keys, "gate", stolen, i) : sy_rig_out(adsr, 0, "out")[i];
        const double faded = how == FADED ? at(keys, "fade", stolen, i) : 1.0;
        voice[i] = i < 2400 ? 0.0 : sin(phase) * level * faded * fmin((i - 2400) / 1200.0, 1.0);
        phase += 2.0 * M_PI * SY_C4_HZ * exp2((double)at(keys, "pitch", stolen, i)) / SY_RIG_RATE;
    }
    sy_rig_free(keys);
    sy_rig_free(adsr);
    return energy_above_2_khz(voice, FRAMES);
}

static void theft_is_heard_as_a_fade_and_not_as_a_cut(void **state)
{
    (void)state;
    double energy[3] = {0.0, 0.0, 0.0};
    for (uint32_t after = 0; after < 184; after += 8) { /* over a cycle of the sine */
        for (int how = CUT; how <= FADED; how++)
            energy[how] += theft_energy(how, after);
    }
    assert_below(10.0 * log10(energy[LET_GO] / energy[CUT]), -28.0);
    assert_below(10.0 * log10(energy[FADED] / energy[CUT]), -43.0);
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
        cmocka_unit_test(fade_is_a_raised_cosine_around_the_theft),
        cmocka_unit_test(theft_of_a_stolen_voice_does_not_begin_it_anew),
        cmocka_unit_test(theft_is_heard_as_a_fade_and_not_as_a_cut),
        cmocka_unit_test(repeated_note_drops_its_gate_for_one_frame),
        cmocka_unit_test(note_struck_again_at_once_on_the_only_voice_drops_its_gate),
        cmocka_unit_test(one_voice_returns_to_the_key_that_is_still_held),
        cmocka_unit_test(glide_takes_its_time_in_a_straight_line_and_arrives),
        cmocka_unit_test(nonsense_is_ignored),
    };
    sy_dsp_thread_init();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
