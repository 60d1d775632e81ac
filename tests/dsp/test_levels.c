/* Amplifier, mixer and output: what they make of a level. */
#include <math.h>

#include "tests/dsp/bench.h"

#define FRAMES 1024

static float signal[FRAMES], other[FRAMES];

static void fill(void)
{
    for (unsigned i = 0; i < FRAMES; i++) {
        signal[i] = sy_analyse_noise(i);
        other[i] = sy_analyse_noise(i + 5000);
    }
}

static void amplifier_is_open_until_something_is_patched_into_cv(void **state)
{
    (void)state;
    SyRig *rig = sy_rig_new("vca", NULL, 1, FRAMES);
    fill();
    sy_rig_patch(rig, "in", signal);
    sy_rig_run_all(rig);
    assert_memory_equal(rig->out[0][0], signal, sizeof(signal));
    sy_rig_patch(rig, "cv", other);
    sy_rig_run_all(rig);
    for (int i = 0; i < FRAMES; i++)
        assert_true(rig->out[0][0][i] == signal[i] * other[i]);
    sy_rig_free(rig);
}

static void gain_ramp_is_followed_to_the_frame(void **state)
{
    (void)state;
    SyRig *rig = sy_rig_new("vca", NULL, 1, FRAMES);
    fill();
    sy_rig_patch(rig, "in", signal);
    sy_rig_ramp(rig, "gain", -60.0f, 0.0f, 500);
    sy_rig_run_all(rig);
    for (uint32_t i = 0; i < FRAMES; i++)
        assert_true(rig->out[0][0][i] == signal[i] * sy_ramp_at(&rig->params[0][0], i));
    assert_true(rig->out[0][0][0] == 0.0f);
    assert_true(rig->out[0][0][500] == signal[500]);
    sy_rig_free(rig);
}

static void mixer_adds_each_input_at_its_level(void **state)
{
    (void)state;
    SyRig *rig = sy_rig_new("mixer", NULL, 1, FRAMES);
    fill();
    sy_rig_patch(rig, "in2", signal);
    sy_rig_patch(rig, "in8", other);
    sy_rig_set(rig, "level8", -6.0f);
    sy_rig_set(rig, "gain", 6.0f);
    sy_rig_run_all(rig);
    for (int i = 0; i < FRAMES; i++)
        assert_near(rig->out[0][0][i], 1.99526 * signal[i] + other[i], 1e-5);
    sy_rig_free(rig);
}

static void output_passes_up_to_minus_3_db_untouched(void **state)
{
    (void)state;
    SyRig *rig = sy_rig_new("out", NULL, 1, FRAMES);
    for (int i = 0; i < FRAMES; i++)
        signal[i] = 0.7079f * (2.0f * (float)i / FRAMES - 1.0f);
    sy_rig_patch(rig, "left", signal);
    sy_rig_run_all(rig);
    assert_memory_equal(rig->out[0][0], signal, sizeof(signal));
    assert_memory_equal(rig->out[0][1], signal, sizeof(signal)); /* alone, left feeds both */
    sy_rig_free(rig);
}

static void output_stays_within_one_and_louder_is_never_quieter(void **state)
{
    (void)state;
    SyRig *rig = sy_rig_new("out", NULL, 1, FRAMES);
    float before = 0.0f;
    for (int i = 0; i < FRAMES; i++) {
        signal[i] = powf(10.0f, -2.0f + 40.0f * (float)i / FRAMES); /* up to 1e38 */
        other[i] = -signal[i];
    }
    sy_rig_patch(rig, "left", signal);
    sy_rig_patch(rig, "right", other);
    sy_rig_run_all(rig);
    for (int i = 0; i < FRAMES; i++) {
        const float left = rig->out[0][0][i];
        assert_true(left >= before && left <= 1.0f);
        assert_true(rig->out[0][1][i] == -left);
        before = left;
    }
    assert_true(before > 0.999f);
    sy_rig_free(rig);
}

static void output_turns_what_is_not_finite_into_silence(void **state)
{
    (void)state;
    SyRig *rig = sy_rig_new("out", NULL, 1, FRAMES);
    for (int i = 0; i < FRAMES; i++)
        signal[i] = (const float[]){NAN, INFINITY, -INFINITY, 0.5f}[i % 4];
    sy_rig_patch(rig, "left", signal);
    sy_rig_set(rig, "gain", 6.0f);
    sy_rig_run_all(rig);
    for (int i = 0; i < FRAMES; i++)
        assert_true(i % 4 == 3 ? rig->out[0][0][i] > 0.7f : rig->out[0][0][i] == 0.0f);
    sy_rig_free(rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(amplifier_is_open_until_something_is_patched_into_cv),
        cmocka_unit_test(gain_ramp_is_followed_to_the_frame),
        cmocka_unit_test(mixer_adds_each_input_at_its_level),
        cmocka_unit_test(output_passes_up_to_minus_3_db_untouched),
        cmocka_unit_test(output_stays_within_one_and_louder_is_never_quieter),
        cmocka_unit_test(output_turns_what_is_not_finite_into_silence),
    };
    sy_dsp_thread_init();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
