/* Minimum phase: waves that are not late, and what is heard of that. */
#include <math.h>
#include <string.h>

#include "tests/dsp/bench.h"

#define FRAMES SY_ANALYSE_FRAMES

static const char *const waves[] = {"saw", "pulse", "triangle", "sine"};
static float signal[FRAMES];

static double exact_hz(const SyRig *rig)
{
    const SyVcoState *state = (const SyVcoState *)rig->state;
    return state->step[SY_VCO_STEPS - 1] * SY_RIG_RATE / 4294967296.0;
}

static SyRig *new_vco(double hz)
{
    SyRig *rig = sy_rig_new("vco", NULL, 1, FRAMES);
    sy_rig_set(rig, "freq", (float)hz);
    sy_rig_set(rig, "phase_mode", 1.0f);
    return rig;
}

static double alias_db(const SyRig *rig, int wave, double f0)
{
    return sy_analyse_aliases(sy_rig_out(rig, 0, waves[wave]), SY_RIG_RATE, f0, 20000.0).worst_db;
}

static double line_db(const SyRig *rig, const char *wave, double hz)
{
    return 20.0 * log10(sy_analyse_line(sy_rig_out(rig, 0, wave), SY_RIG_RATE, hz));
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
            assert_below(alias_db(rig, wave, exact_hz(rig)), -110.0);
        sy_rig_free(rig);
    }
}

static void saw_aliases_below_120_db_at_1_khz_and_115_db_at_4_khz(void **state)
{
    (void)state;
    static const double notes[] = {1046.5, 4186.0}, limits[] = {-120.0, -115.0};
    for (int i = 0; i < 2; i++) {
        SyRig *rig = new_vco(notes[i]);
        sy_rig_run_all(rig);
        assert_below(alias_db(rig, SY_VCO_SAW, exact_hz(rig)), limits[i]);
        sy_rig_free(rig);
    }
}

/* A signal of 3/4 of the frequency: what is wanted lies on multiples of a quarter of it. */
static void modulate(double hz, const char *input, const char *depth, float amount, double limit_db)
{
    SyRig *rig = new_vco(hz);
    sy_rig_run(rig, 0, 64);
    const double f0 = exact_hz(rig);
    sy_rig_free(rig);
    for (size_t i = 0; i < FRAMES; i++)
        signal[i] = (float)sin(2.0 * M_PI * fmod(0.75 * f0 / SY_RIG_RATE * (double)i, 1.0));
    rig = new_vco(hz);
    sy_rig_patch(rig, input, signal);
    sy_rig_set(rig, depth, amount);
    sy_rig_run_all(rig);
    for (int wave = 0; wave < 4; wave++)
        assert_below(alias_db(rig, wave, f0 / 4.0), limit_db);
    sy_rig_free(rig);
}

static void fm_and_pwm_alias_below_95_db(void **state)
{
    (void)state;
    modulate(429.2, "fm", "fm", 0.5f, -95.0);
    modulate(1246.8, "fm", "fm", 0.9f, -95.0);
    modulate(429.2, "fm", "fm", 2.0f, -95.0);
    modulate(429.2, "pwm", "pwm", 0.3f, -95.0);
    modulate(2093.0, "pwm", "pwm", 0.3f, -95.0);
}

static void hard_and_soft_sync_alias_below_100_db(void **state)
{
    (void)state;
    static const double masters[] = {110.3, 784.9};
    for (int i = 0; i < 4; i++) {
        SyRig *master = new_vco(masters[i / 2]), *slave = new_vco(1.618 * masters[i / 2]);
        sy_rig_run_all(master);
        sy_rig_set(slave, "sync_mode", (float)(i % 2));
        sy_rig_patch(slave, "sync", sy_rig_out(master, 0, "sync"));
        sy_rig_run_all(slave);
        for (int wave = 0; wave < 4; wave++)
            assert_below(alias_db(slave, wave, exact_hz(master) / (1 + i % 2)), -100.0);
        sy_rig_free(master);
        sy_rig_free(slave);
    }
}

static void passband_is_flat_to_18_khz(void **state)
{
    (void)state;
    for (int note = 0; note < 9; note++) {
        SyRig *rig = new_vco(200.0 * pow(1.7, note)); /* to 14 kHz */
        sy_rig_run_all(rig);
        const double f0 = exact_hz(rig);
        for (int n = 1; n * f0 < 18000.0; n += 1 + n / 3)
            assert_near(line_db(rig, "saw", n * f0) + 20.0 * log10(M_PI / 2.0 * n), 0.0, 0.1);
        for (int n = 1; n * f0 < 18000.0; n += 2)
            assert_near(line_db(rig, "triangle", n * f0) + 20.0 * log10(M_PI * M_PI / 8.0 * n * n),
                        0.0, 0.1);
        sy_rig_free(rig);
    }
}

static void waves_are_3_frames_late_instead_of_18(void **state)
{
    (void)state;
    const int less = SY_BLEP_DELAY - SY_BLEP_EARLY;
    SyRig *rig = new_vco(100.0), *linear = new_vco(100.0); /* 480 frames */
    const float *sine = sy_rig_out(rig, 0, "sine"), *saw = sy_rig_out(rig, 0, "saw");
    const float *late_sine = sy_rig_out(linear, 0, "sine") + less;
    const float *late_saw = sy_rig_out(linear, 0, "saw") + less;
    double mean = 0.0;
    sy_rig_set(linear, "phase_mode", 0.0f);
    sy_rig_run(rig, 0, 4096);
    sy_rig_run(linear, 0, 4096);
    assert_int_equal(less, 15);
    for (int i = 64; i < 4000; i++) {
        assert_true(sine[i] == late_sine[i]);
        if (fabsf(late_saw[i + 4] - late_saw[i - 4]) < 0.1f && fabsf(late_saw[i]) < 0.7f)
            assert_near(saw[i], late_saw[i], 1e-3); /* away from edges, so is the saw */
    }
    for (int i = 100; i < 100 + 7 * 480; i++)
        mean += saw[i] / (7 * 480);
    assert_near(mean, 0.0, 1e-3);
    sy_rig_free(rig);
    sy_rig_free(linear);
}

/* What goes in at a frame is heard in that frame: a reset moves the saw at once. */
static void edge_is_heard_in_the_frame_that_it_precedes(void **state)
{
    (void)state;
    SyRig *rig = new_vco(100.0), *other = new_vco(100.0);
    for (int i = 0; i < 512; i++)
        signal[i] = i < 200 ? -1.0f : 1.0f;
    sy_rig_patch(rig, "sync", signal);
    sy_rig_run(rig, 0, 512);
    sy_rig_run(other, 0, 512);
    const float *saw = sy_rig_out(rig, 0, "saw"), *without = sy_rig_out(other, 0, "saw");
    assert_memory_equal(saw, without, 200 * sizeof(float));
    assert_true(saw[200] != without[200]);
    sy_rig_free(rig);
    sy_rig_free(other);
}

static void sync_output_is_one_frame_late_and_exact(void **state)
{
    (void)state;
    SyRig *rig = new_vco(1046.5);
    sy_rig_run(rig, 0, 4096);
    const float *sync = sy_rig_out(rig, 0, "sync");
    const double step = exact_hz(rig) / SY_RIG_RATE;
    int n = 0;
    for (int i = 1; i < 4096; i++) {
        if (!(sync[i - 1] <= 0.0f && sync[i] > 0.0f))
            continue;
        const double late = sync[i] / ((double)sync[i] - sync[i - 1]);
        assert_near((i - late) * step, ++n,
                    1e-6); /* frame 0 has moved by a step, and is told at 1 */
    }
    assert_near(n, 4096 * step, 1.0);
    sy_rig_free(rig);
}

static void short_way_gives_the_same_bits(void **state)
{
    (void)state;
    SyRig *whole = new_vco(1500.0), *parts = new_vco(1500.0);
    whole->heard[0] = parts->heard[0] = 1;
    for (uint32_t at = 0; at < 8192; at += 64) {
        sy_rig_set(whole, "phase_mode", at < 4096 || at > 5000);
        sy_rig_set(parts, "phase_mode", at < 4096 || at > 5000);
        sy_rig_run(whole, at, at + 64);
        sy_rig_run(parts, at, at + 23);
        sy_rig_run(parts, at + 23, at + 64);
    }
    assert_memory_equal(sy_rig_out(whole, 0, "saw"), sy_rig_out(parts, 0, "saw"),
                        8192 * sizeof(float));
    assert_memory_equal(whole->state, parts->state, whole->module->state_size);
    sy_rig_free(whole);
    sy_rig_free(parts);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(steady_waves_alias_below_110_db),
        cmocka_unit_test(saw_aliases_below_120_db_at_1_khz_and_115_db_at_4_khz),
        cmocka_unit_test(fm_and_pwm_alias_below_95_db),
        cmocka_unit_test(hard_and_soft_sync_alias_below_100_db),
        cmocka_unit_test(passband_is_flat_to_18_khz),
        cmocka_unit_test(waves_are_3_frames_late_instead_of_18),
        cmocka_unit_test(edge_is_heard_in_the_frame_that_it_precedes),
        cmocka_unit_test(sync_output_is_one_frame_late_and_exact),
        cmocka_unit_test(short_way_gives_the_same_bits),
    };
    sy_dsp_thread_init();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
