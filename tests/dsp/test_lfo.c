/* What the low-frequency oscillator does in time. */
#include <math.h>

#include "tests/dsp/bench.h"

#define FRAMES 96000

static SyRig *new_lfo(float rate_hz)
{
    SyRig *rig = sy_rig_new("lfo", NULL, 1, FRAMES);
    sy_rig_set(rig, "rate", rate_hz);
    return rig;
}

/* Rate x time of the cycle, and nothing lost to rounding: the saw rises by 2 a cycle. */
static void a_thousandth_of_a_hertz_keeps_its_tempo(void **state)
{
    (void)state;
    SyRig *rig = new_lfo(0.001f);
    sy_rig_run_all(rig);
    const SyLfoState *lfo = (const SyLfoState *)rig->state;
    const double cycles = (double)lfo->phase / 18446744073709551616.0;
    assert_near(cycles / (0.001 * FRAMES / SY_RIG_RATE), 1.0, 1e-5);
    const float *saw = sy_rig_out(rig, 0, "saw");
    assert_near(saw[FRAMES - 1], -1.0 + 2.0 * cycles, 1e-6);
    for (uint32_t i = 1; i < FRAMES; i++)
        assert_true(saw[i] >= saw[i - 1]);
    sy_rig_free(rig);
}

static void waves_have_their_shapes(void **state)
{
    (void)state;
    SyRig *rig = new_lfo(1.0f);
    sy_rig_set(rig, "width", 0.25f);
    sy_rig_run_all(rig);
    const float *saw = sy_rig_out(rig, 0, "saw"), *pulse = sy_rig_out(rig, 0, "pulse");
    const float *triangle = sy_rig_out(rig, 0, "triangle"), *sine = sy_rig_out(rig, 0, "sine");
    for (uint32_t i = 0; i < 47990; i += 10) {
        const double t = i / 48000.0;
        assert_near(saw[i], 2.0 * t - 1.0, 1e-4);
        assert_near(sine[i], sin(2.0 * M_PI * t), 1e-4);
        assert_near(triangle[i], 2.0 / M_PI * asin(sin(2.0 * M_PI * t)), 1e-3);
        if (fabs(t - 0.25) > 0.001)
            assert_near(pulse[i], t < 0.25 ? 1.0 : -1.0, 1e-6);
    }
    sy_rig_free(rig);
}

static void reset_starts_the_cycle_in_the_frame_of_the_gate(void **state)
{
    (void)state;
    static float gate[FRAMES];
    for (uint32_t i = 0; i < FRAMES; i++)
        gate[i] = i >= 12345 && i < 20000 ? 1.0f : 0.0f;
    SyRig *rig = new_lfo(1.7f);
    sy_rig_patch(rig, "reset", gate);
    sy_rig_run_all(rig);
    const float *saw = sy_rig_out(rig, 0, "saw");
    assert_true(saw[12344] > -0.99f);
    assert_true(saw[12345] == -1.0f);
    assert_true(saw[19999] > -0.9f); /* once a gate, not as long as it is high */
    sy_rig_free(rig);
}

static void phase_is_the_head_start_over_the_reset(void **state)
{
    (void)state;
    SyRig *rig = new_lfo(1.0f);
    sy_rig_set(rig, "phase", 0.25f);
    sy_rig_run(rig, 0, 64);
    assert_near(sy_rig_out(rig, 0, "sine")[0], 1.0, 1e-6);
    assert_near(sy_rig_out(rig, 0, "saw")[0], -0.5, 1e-6);
    sy_rig_free(rig);
}

static void rate_reaches_audio_and_fm_bends_it_by_octaves(void **state)
{
    (void)state;
    static float fm[FRAMES];
    for (uint32_t i = 0; i < FRAMES; i++)
        fm[i] = 1.0f;
    SyRig *rig = new_lfo(440.0f);
    sy_rig_patch(rig, "fm", fm);
    sy_rig_set(rig, "fm", 3.0f);
    sy_rig_run_all(rig);
    const double hz =
        sy_analyse_frequency(sy_rig_out(rig, 0, "sine"), 49152, 16384, SY_RIG_RATE, 3520.0);
    assert_near(1200.0 * log2(hz / 3520.0), 0.0, 0.01);
    sy_rig_free(rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_thousandth_of_a_hertz_keeps_its_tempo),
        cmocka_unit_test(waves_have_their_shapes),
        cmocka_unit_test(reset_starts_the_cycle_in_the_frame_of_the_gate),
        cmocka_unit_test(phase_is_the_head_start_over_the_reset),
        cmocka_unit_test(rate_reaches_audio_and_fm_bends_it_by_octaves),
    };
    sy_dsp_thread_init();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
