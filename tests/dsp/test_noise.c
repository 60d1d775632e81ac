/* The colours of noise. */
#include <math.h>

#include "tests/dsp/bench.h"

#define FRAMES (1 << 20)

/* By how much the density strays from a fall of `slope` dB an octave between two frequencies. */
static double ripple_db(const SyRig *rig, const char *output, double slope, double from, double to)
{
    SyDensity density;
    double low = 1e9, high = -1e9;
    sy_analyse_density(&density, sy_rig_out(rig, 0, output), FRAMES);
    for (double hz = from; hz <= to; hz *= 1.8) {
        const double level = sy_density_db(&density, SY_RIG_RATE, hz) - slope * log2(hz / from);
        low = fmin(low, level);
        high = fmax(high, level);
    }
    return high - low;
}

static void colours_have_their_slopes(void **state)
{
    (void)state;
    SyRig *rig = sy_rig_new("noise", NULL, 1, FRAMES);
    sy_rig_run_all(rig);
    assert_below(ripple_db(rig, "white", 0.0, 100.0, 20000.0), 0.5);
    assert_below(ripple_db(rig, "pink", -3.0103, 100.0, 20000.0), 0.7);
    assert_below(ripple_db(rig, "brown", -6.0206, 100.0, 6000.0), 0.7);
    sy_rig_free(rig);
}

static void levels_leave_the_peaks_near_one(void **state)
{
    (void)state;
    SyRig *rig = sy_rig_new("noise", NULL, 1, FRAMES);
    sy_rig_run_all(rig);
    assert_near(sy_analyse_rms(sy_rig_out(rig, 0, "white"), FRAMES), sqrt(1.0 / 3.0), 0.002);
    assert_near(sy_analyse_rms(sy_rig_out(rig, 0, "pink"), FRAMES), 0.22, 0.02);
    assert_near(sy_analyse_rms(sy_rig_out(rig, 0, "brown"), FRAMES), 0.22, 0.02);
    for (uint32_t i = 0; i < FRAMES; i++) {
        for (int o = 0; o < SY_NOISE_OUTPUTS; o++)
            assert_below(fabsf(rig->out[0][o][i]), 1.3);
    }
    sy_rig_free(rig);
}

static double correlation(const float *a, const float *b, uint32_t n)
{
    double ab = 0.0, aa = 0.0, bb = 0.0;
    for (uint32_t i = 0; i < n; i++) {
        ab += (double)a[i] * b[i];
        aa += (double)a[i] * a[i];
        bb += (double)b[i] * b[i];
    }
    return ab / sqrt(aa * bb);
}

static void voices_and_outputs_are_unlike_each_other(void **state)
{
    (void)state;
    SyRig *rig = sy_rig_new("noise", NULL, 4, 48000);
    sy_rig_run_all(rig);
    for (uint32_t a = 0; a < 4; a++) {
        for (uint32_t b = a + 1; b < 4; b++)
            assert_below(fabs(correlation(rig->out[a][0], rig->out[b][0], 48000)), 0.02);
        assert_below(fabs(correlation(rig->out[a][0], rig->out[a][1], 48000)), 0.02);
        assert_below(fabs(correlation(rig->out[a][0], rig->out[a][0] + 1, 47999)), 0.02);
    }
    sy_rig_free(rig);
}

static void same_seed_gives_the_same_noise(void **state)
{
    (void)state;
    SyRig *a = sy_rig_new("noise", NULL, 1, 4096), *b = sy_rig_new("noise", NULL, 1, 4096);
    sy_rig_run_all(a);
    sy_rig_run_all(b);
    for (int o = 0; o < SY_NOISE_OUTPUTS; o++)
        assert_memory_equal(a->out[0][o], b->out[0][o], 4096 * sizeof(float));
    sy_rig_free(a);
    sy_rig_free(b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(colours_have_their_slopes),
        cmocka_unit_test(levels_leave_the_peaks_near_one),
        cmocka_unit_test(voices_and_outputs_are_unlike_each_other),
        cmocka_unit_test(same_seed_gives_the_same_noise),
    };
    sy_dsp_thread_init();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
