/* What is heard of the filter: its tuning, its slopes, its temper. */
#include <math.h>
#include <string.h>

#include "tests/dsp/bench.h"

#define FRAMES  192000
#define SETTLED 120000 /* frames until a whistle of 20 Hz is as loud as it gets */

static float input[FRAMES];

static SyRig *new_vcf(double cutoff_hz, float resonance)
{
    SyRig *rig = sy_rig_new("vcf", NULL, 1, FRAMES);
    sy_rig_set(rig, "cutoff", (float)cutoff_hz);
    sy_rig_set(rig, "resonance", resonance);
    return rig;
}

static void fill_sine(double hz, float size)
{
    for (size_t i = 0; i < FRAMES; i++)
        input[i] = size * (float)sin(2.0 * M_PI * hz / SY_RIG_RATE * (double)i);
}

static void fill_click(float size)
{
    memset(input, 0, sizeof(input));
    input[0] = size;
}

static void whistle_is_in_tune_from_20_hz_to_20_khz(void **state)
{
    (void)state;
    for (double hz = 20.0; hz <= 20000.0; hz *= 1.995) {
        fill_click(hz < 200.0 ? 100.0f : 1.0f);
        SyRig *rig = new_vcf(hz, 1.0f);
        sy_rig_patch(rig, "in", input);
        sy_rig_run_all(rig);
        const float *low = sy_rig_out(rig, 0, "low") + SETTLED;
        const double heard = sy_analyse_frequency(low, 49152, 16384, SY_RIG_RATE, hz);
        assert_near(1200.0 * log2(heard / hz), 0.0, 0.05);
        assert_near(sy_analyse_rms(low, 48000) * sqrt(2.0), 1.0, 0.005);
        sy_rig_free(rig);
    }
}

static void whistle_begins_in_silence_and_is_pure(void **state)
{
    (void)state;
    SyRig *rig = sy_rig_new("vcf", NULL, 1, SY_ANALYSE_FRAMES + FRAMES);
    sy_rig_set(rig, "cutoff", 1000.0f);
    sy_rig_set(rig, "resonance", 1.0f);
    sy_rig_run_all(rig);
    const float *low = sy_rig_out(rig, 0, "low") + FRAMES;
    assert_near(sy_analyse_rms(low, 48000) * sqrt(2.0), 1.0, 0.005);
    for (int n = 2; n < 8; n++)
        assert_below(sy_analyse_line(low, SY_RIG_RATE, 1000.0 * n), 1e-5);
    sy_rig_free(rig);
}

static double gain_db(const char *output, double cutoff_hz, float resonance, double hz)
{
    fill_sine(hz, 0.01f);
    SyRig *rig = new_vcf(cutoff_hz, resonance);
    sy_rig_patch(rig, "in", input);
    sy_rig_run_all(rig);
    const double in = sy_analyse_rms(input + 48000, 48000);
    const double out = sy_analyse_rms(sy_rig_out(rig, 0, output) + 48000, 48000);
    sy_rig_free(rig);
    return 20.0 * log10(out / in);
}

static void outputs_fall_by_12_or_6_db_an_octave(void **state)
{
    (void)state;
    assert_near(gain_db("low", 1000, 0.3f, 50), 0.0, 0.1);
    assert_near(gain_db("low", 500, 0.3f, 4000) - gain_db("low", 500, 0.3f, 2000), -12.0, 1.0);
    assert_near(gain_db("high", 1000, 0.3f, 20000), 0.0, 0.1);
    assert_near(gain_db("high", 4000, 0.3f, 250) - gain_db("high", 4000, 0.3f, 500), -12.0, 1.0);
    assert_near(gain_db("band", 4000, 0.3f, 250) - gain_db("band", 4000, 0.3f, 500), -6.0, 0.5);
    assert_below(gain_db("notch", 1000, 0.3f, 1000), -60.0);
    assert_near(gain_db("notch", 1000, 0.3f, 50), 0.0, 0.1);
}

/* The damping is 2 - 2.04 resonance, the gain of the band at the cutoff one over it. */
static void resonance_lifts_the_cutoff(void **state)
{
    (void)state;
    assert_near(gain_db("band", 1000, 0.0f, 1000), -6.02, 0.05);
    assert_near(gain_db("band", 1000, 0.5f, 1000), 0.175, 0.05);
    assert_near(gain_db("band", 1000, 0.9f, 1000), 15.7, 0.3);
}

static void cutoff_follows_pitch_and_fm_by_octaves(void **state)
{
    (void)state;
    static float octaves[FRAMES];
    for (size_t i = 0; i < FRAMES; i++)
        octaves[i] = 0.5f;
    fill_click(1.0f);
    SyRig *rig = new_vcf(500.0, 1.0f);
    sy_rig_patch(rig, "in", input);
    sy_rig_patch(rig, "pitch", octaves);
    sy_rig_patch(rig, "fm", octaves);
    sy_rig_set(rig, "tracking", 1.0f);
    sy_rig_set(rig, "fm", 1.0f);
    sy_rig_run_all(rig);
    const double heard = sy_analyse_frequency(sy_rig_out(rig, 0, "band") + SETTLED, 49152, 16384,
                                              SY_RIG_RATE, 1000.0);
    assert_near(1200.0 * log2(heard / 1000.0), 0.0, 0.05);
    sy_rig_free(rig);
}

/* The cutoff leaps by eight octaves from each frame to the next, under a loud input. */
static void cutoff_may_move_by_octaves_at_24_khz(void **state)
{
    (void)state;
    static float leap[FRAMES];
    for (size_t i = 0; i < FRAMES; i++) {
        leap[i] = i % 2 ? 1.0f : -1.0f;
        input[i] = 10.0f * sy_analyse_noise((unsigned)i);
    }
    for (float resonance = 0.0f; resonance <= 1.0f; resonance += 0.25f) {
        SyRig *rig = new_vcf(1000.0, resonance);
        sy_rig_patch(rig, "in", input);
        sy_rig_patch(rig, "fm", leap);
        sy_rig_set(rig, "fm", 4.0f);
        sy_rig_run_all(rig);
        for (size_t i = 0; i < FRAMES; i++) {
            assert_below(fabs(sy_rig_out(rig, 0, "low")[i]), 100.0);
            assert_below(fabs(sy_rig_out(rig, 0, "high")[i]), 200.0);
        }
        sy_rig_free(rig);
    }
}

static void filter_sings_on_in_tune_after_an_input_of_100(void **state)
{
    (void)state;
    for (size_t i = 0; i < FRAMES; i++)
        input[i] = i < 2000 ? 100.0f * sy_analyse_noise((unsigned)i) : 0.0f;
    SyRig *rig = new_vcf(440.0, 1.0f);
    sy_rig_patch(rig, "in", input);
    sy_rig_run_all(rig);
    const float *low = sy_rig_out(rig, 0, "low") + SETTLED;
    assert_near(sy_analyse_rms(low, 48000) * sqrt(2.0), 1.0, 0.01);
    assert_near(sy_analyse_frequency(low, 49152, 16384, SY_RIG_RATE, 440.0), 440.0, 0.02);
    sy_rig_free(rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(whistle_is_in_tune_from_20_hz_to_20_khz),
        cmocka_unit_test(whistle_begins_in_silence_and_is_pure),
        cmocka_unit_test(outputs_fall_by_12_or_6_db_an_octave),
        cmocka_unit_test(resonance_lifts_the_cutoff),
        cmocka_unit_test(cutoff_follows_pitch_and_fm_by_octaves),
        cmocka_unit_test(cutoff_may_move_by_octaves_at_24_khz),
        cmocka_unit_test(filter_sings_on_in_tune_after_an_input_of_100),
    };
    sy_dsp_thread_init();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
