/* What is heard of the oscillator: its aliases, its pitch, its levels. */
#include <math.h>
#include <stdlib.h>

#include "tests/dsp/bench.h"

#define FRAMES SY_ANALYSE_FRAMES

static const char *const waves[] = {"saw", "pulse", "triangle", "sine"};

/* The frequency that the oscillator last ran at, as its phase has it. */
static double exact_hz(const SyRig *rig)
{
    const SyVcoState *state = (const SyVcoState *)rig->state;
    return state->step[SY_VCO_STEPS - 1] * SY_RIG_RATE / 4294967296.0;
}

static SyRig *new_vco(double hz)
{
    SyRig *rig = sy_rig_new("vco", NULL, 1, FRAMES);
    sy_rig_set(rig, "freq", (float)hz);
    return rig;
}

static SyAliases aliases(const SyRig *rig, int wave, double f0)
{
    return sy_analyse_aliases(sy_rig_out(rig, 0, waves[wave]), SY_RIG_RATE, f0, 20000.0);
}

static void steady_waves_alias_below_110_db(void **state)
{
    (void)state;
    static const double notes[] = {55.0, 261.6256, 1046.5, 2093.0, 4186.0, 6133.7, 8017.3, 8971.1};
    for (size_t i = 0; i < sizeof(notes) / sizeof(notes[0]); i++) {
        SyRig *rig = new_vco(notes[i]);
        sy_rig_set(rig, "width", 0.3f);
        sy_rig_run_all(rig);
        for (int wave = 0; wave < 4; wave++)
            assert_below(aliases(rig, wave, exact_hz(rig)).worst_db, -110.0);
        sy_rig_free(rig);
    }
}

static void saw_at_1046_hz_aliases_below_125_db(void **state)
{
    (void)state;
    SyRig *rig = new_vco(1046.5);
    sy_rig_run_all(rig);
    assert_below(aliases(rig, SY_VCO_SAW, exact_hz(rig)).worst_db, -125.0);
    sy_rig_free(rig);
}

/* A signal of 3/4 of the oscillator's frequency: all that is wanted then lies on multiples of a
 * quarter of it. Returns that quarter. */
static double fill_modulator(double hz, float *signal, bool saw, float size)
{
    SyRig *rig = new_vco(hz);
    sy_rig_run(rig, 0, 64);
    const double f0 = exact_hz(rig);
    double phase = 0.0;
    for (size_t i = 0; i < FRAMES; i++) {
        phase += 0.75 * f0 / SY_RIG_RATE;
        phase -= floor(phase);
        signal[i] = size * (float)(saw ? 2.0 * phase - 1.0 : sin(2.0 * M_PI * phase));
    }
    sy_rig_free(rig);
    return f0 / 4.0;
}

static void modulate(const char *input, const char *depth_param, float depth, double hz,
                     double limit_db)
{
    static float signal[FRAMES];
    const double f0 = fill_modulator(hz, signal, false, 1.0f);
    SyRig *rig = new_vco(hz);
    sy_rig_patch(rig, input, signal);
    sy_rig_set(rig, depth_param, depth);
    sy_rig_run_all(rig);
    for (int wave = 0; wave < 4; wave++)
        assert_below(aliases(rig, wave, f0).worst_db, limit_db);
    sy_rig_free(rig);
}

static void linear_fm_aliases_below_110_db(void **state)
{
    (void)state;
    modulate("fm", "fm", 0.5f, 429.2, -110.0);
    modulate("fm", "fm", 0.9f, 1246.8, -110.0);
    modulate("fm", "fm", 0.5f, 2093.0, -110.0);
}

static void fm_through_zero_aliases_below_110_db(void **state)
{
    (void)state;
    modulate("fm", "fm", 2.0f, 429.2, -110.0);
    modulate("fm", "fm", 4.0f, 1246.8, -110.0);
    modulate("fm", "fm", 2.0f, 2093.0, -110.0);
}

static void pwm_aliases_below_105_db(void **state)
{
    (void)state;
    modulate("pwm", "pwm", 0.3f, 429.2, -105.0);
    modulate("pwm", "pwm", 0.3f, 2093.0, -105.0);
    modulate("pwm", "pwm", 0.3f, 4186.0, -105.0);
}

/* A naive saw as the master crosses 0 on a straight line, so the time of its edge is exact. */
static void sync_to_an_exact_edge_aliases_below_105_db(void **state)
{
    (void)state;
    static float signal[FRAMES];
    static const double slaves[] = {429.2, 1246.8, 2093.0, 4186.0};
    for (size_t i = 0; i < sizeof(slaves) / sizeof(slaves[0]); i++) {
        const double f0 = 3.0 * fill_modulator(slaves[i], signal, true, 1.0f);
        SyRig *rig = new_vco(slaves[i]);
        sy_rig_patch(rig, "sync", signal);
        sy_rig_run_all(rig);
        for (int wave = 0; wave < 4; wave++)
            assert_below(aliases(rig, wave, f0).worst_db, -105.0);
        sy_rig_free(rig);
    }
}

static void passband_is_flat_to_18_khz(void **state)
{
    (void)state;
    for (double hz = 200.0; hz < 18000.0; hz *= 1.7) {
        SyRig *rig = new_vco(hz);
        sy_rig_run_all(rig);
        const double f0 = exact_hz(rig);
        for (int n = 1; n * f0 < 18000.0; n += 1 + n / 3) {
            const double level = sy_analyse_line(sy_rig_out(rig, 0, "saw"), SY_RIG_RATE, n * f0);
            assert_near(20.0 * log10(level * M_PI / 2.0 * n), 0.0, 0.1);
        }
        sy_rig_free(rig);
    }
}

static void pitch_is_right_to_a_hundredth_of_a_cent(void **state)
{
    (void)state;
    static float pitch[FRAMES];
    for (float octave = -4.0f; octave <= 6.0f; octave += 0.37f) {
        SyRig *rig = sy_rig_new("vco", NULL, 1, FRAMES);
        for (size_t i = 0; i < FRAMES; i++)
            pitch[i] = octave;
        sy_rig_patch(rig, "pitch", pitch);
        sy_rig_run(rig, 0, 64);
        assert_near(1200.0 * log2(exact_hz(rig) / SY_C4_HZ) - 1200.0 * octave, 0.0, 0.01);
        sy_rig_free(rig);
    }
}

static void sine_is_heard_at_the_frequency_asked_for(void **state)
{
    (void)state;
    SyRig *rig = new_vco(440.0);
    sy_rig_set(rig, "fine", 50.0f);
    sy_rig_run_all(rig);
    const double hz =
        sy_analyse_frequency(sy_rig_out(rig, 0, "sine") + 2048, 16384, 4096, SY_RIG_RATE, 453.0);
    assert_near(1200.0 * log2(hz / 440.0), 50.0, 0.01);
    sy_rig_free(rig);
}

static void exponential_fm_bends_by_octaves(void **state)
{
    (void)state;
    static float fm[FRAMES];
    for (size_t i = 0; i < FRAMES; i++)
        fm[i] = 0.5f;
    SyRig *rig = new_vco(440.0);
    sy_rig_patch(rig, "fm", fm);
    sy_rig_set(rig, "fm", 2.0f);
    sy_rig_set(rig, "fm_mode", 1.0f);
    sy_rig_run(rig, 0, 64);
    assert_near(exact_hz(rig), 880.0, 0.001);
    sy_rig_set(rig, "fm_mode", 0.0f);
    sy_rig_set(rig, "fm", -4.0f);
    sy_rig_run(rig, 64, 128);
    assert_near(exact_hz(rig), -440.0, 0.001);
    sy_rig_free(rig);
}

static void width_is_the_share_of_time_above_zero(void **state)
{
    (void)state;
    SyRig *rig = new_vco(100.0);
    sy_rig_set(rig, "width", 0.2f);
    sy_rig_run_all(rig);
    const float *pulse = sy_rig_out(rig, 0, "pulse");
    size_t high = 0;
    for (size_t i = 2048; i < 2048 + 48000; i++)
        high += pulse[i] > 0.0f;
    assert_near((double)high / 48000.0, 0.2, 0.003);
    sy_rig_free(rig);
}

static void level_is_in_db_and_silent_at_the_bottom(void **state)
{
    (void)state;
    SyRig *rig = new_vco(480.0); /* 10 cycles in 1000 frames */
    const float *saw = sy_rig_out(rig, 0, "saw");
    sy_rig_run(rig, 0, 2000);
    const double full = sy_analyse_rms(saw + 1000, 1000);
    sy_rig_set(rig, "level", -20.0f);
    sy_rig_run(rig, 2000, 4000);
    assert_near(sy_analyse_rms(saw + 3000, 1000) / full, 0.1, 0.0005);
    sy_rig_set(rig, "level", -60.0f);
    sy_rig_run(rig, 4000, 6000);
    assert_true(sy_analyse_rms(saw + 5000, 1000) == 0.0);
    sy_rig_free(rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(steady_waves_alias_below_110_db),
        cmocka_unit_test(saw_at_1046_hz_aliases_below_125_db),
        cmocka_unit_test(linear_fm_aliases_below_110_db),
        cmocka_unit_test(fm_through_zero_aliases_below_110_db),
        cmocka_unit_test(pwm_aliases_below_105_db),
        cmocka_unit_test(sync_to_an_exact_edge_aliases_below_105_db),
        cmocka_unit_test(passband_is_flat_to_18_khz),
        cmocka_unit_test(pitch_is_right_to_a_hundredth_of_a_cent),
        cmocka_unit_test(sine_is_heard_at_the_frequency_asked_for),
        cmocka_unit_test(exponential_fm_bends_by_octaves),
        cmocka_unit_test(width_is_the_share_of_time_above_zero),
        cmocka_unit_test(level_is_in_db_and_silent_at_the_bottom),
    };
    sy_dsp_thread_init();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
