/* What is heard of the ladder: its tuning, its slopes, its drive, its temper. */
#include <math.h>
#include <string.h>

#define SY_WIDTH      4
#define SY_INTRINSICS 0
#include "dsp/halfband.h"

#include "tests/dsp/bench.h"

#define FRAMES  192000
#define SETTLED 120000 /* frames until a whistle of 20 Hz is as loud as it gets */

static float input[FRAMES];

static SyRig *new_ladder(double cutoff_hz, float resonance, bool twice)
{
    SyRig *rig = sy_rig_new("ladder", NULL, 1, FRAMES);
    sy_rig_set(rig, "cutoff", (float)cutoff_hz);
    sy_rig_set(rig, "resonance", resonance);
    sy_rig_set(rig, "oversampling", twice ? 1.0f : 0.0f);
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

static double frequency(const SyRig *rig, const char *output, double near_hz)
{
    return sy_analyse_frequency(sy_rig_out(rig, 0, output) + SETTLED, 49152, 16384, SY_RIG_RATE,
                                near_hz);
}

static double amplitude(const SyRig *rig, const char *output)
{
    return sy_analyse_rms(sy_rig_out(rig, 0, output) + SETTLED, 48000) * sqrt(2.0);
}

static void check_tuning(bool twice)
{
    for (int n = 0; n < 11; n++) {
        const double hz = 20.0 * pow(1.995, n);
        fill_click(hz < 200.0 ? 100.0f : 1.0f);
        SyRig *rig = new_ladder(hz, 1.0f, twice);
        sy_rig_patch(rig, "in", input);
        sy_rig_run_all(rig);
        assert_near(1200.0 * log2(frequency(rig, "out", hz) / hz), 0.0, 0.4);
        assert_near(amplitude(rig, "out"), 0.42, 0.11); /* 0.52, less towards 20 kHz */
        sy_rig_free(rig);
    }
}

static void whistle_is_in_tune_from_20_hz_to_20_khz(void **state)
{
    (void)state;
    check_tuning(false);
}

static void whistle_is_in_tune_oversampled(void **state)
{
    (void)state;
    check_tuning(true);
}

static void whistle_begins_in_silence_from_0_88_on(void **state)
{
    (void)state;
    static const float resonances[] = {0.86f, 0.88f, 1.0f};
    for (int i = 0; i < 3; i++) {
        SyRig *rig = new_ladder(1000.0, resonances[i], false);
        sy_rig_run_all(rig);
        if (i == 0)
            assert_below(amplitude(rig, "out"), 1e-5);
        else
            assert_true(amplitude(rig, "out") > 0.1);
        sy_rig_free(rig);
    }
}

static double gain_db(const char *output, double cutoff_hz, float resonance, double hz, bool twice)
{
    fill_sine(hz, 0.05f);
    SyRig *rig = new_ladder(cutoff_hz, resonance, twice);
    sy_rig_patch(rig, "in", input);
    sy_rig_run_all(rig);
    const double in = sy_analyse_rms(input + 48000, 48000);
    const double out = sy_analyse_rms(sy_rig_out(rig, 0, output) + 48000, 48000);
    sy_rig_free(rig);
    return 20.0 * log10(out / in);
}

/* (f / cutoff)^2 as the trapezoidal rule warps both. */
static double warped(double cutoff_hz, double hz, bool twice)
{
    const double angle = M_PI / (twice ? 2.0 * SY_RIG_RATE : SY_RIG_RATE);
    return pow(tan(angle * hz) / tan(angle * cutoff_hz), 2.0);
}

/* s^n / (1 + s)^4: four poles, and none, two or four of them turned upside down. */
static void outputs_have_the_slopes_of_four_poles(void **state)
{
    (void)state;
    for (int i = 0; i < 10; i++) {
        const bool twice = i % 2;
        const double hz = (double[]){125.0, 500.0, 1000.0, 2000.0, 4000.0}[i / 2];
        const double x = warped(1000.0, hz, twice), poles = -40.0 * log10(1.0 + x);
        assert_near(gain_db("out", 1000, 0.0f, hz, twice), poles, 0.1);
        assert_near(gain_db("band", 1000, 0.0f, hz, twice), poles + 20.0 * log10(4.0 * x), 0.1);
        assert_near(gain_db("high", 1000, 0.0f, hz, twice), poles + 40.0 * log10(x), 0.1);
    }
}

/* At the cutoff the poles leave -1/4 of what drives them, so the feedback makes 1 / (1 - k / 4) of
 * it; at frequency 0 all of it, which makes 1 / (1 + k). */
static void resonance_lifts_the_cutoff_and_takes_from_the_bass(void **state)
{
    (void)state;
    const double k = 4.6 * 0.5;
    assert_near(gain_db("out", 1000, 0.5f, 1000, false), -20.0 * log10(4.0 - k), 0.05);
    assert_near(gain_db("out", 1000, 0.5f, 20, false), -20.0 * log10(1.0 + k), 0.05);
}

static void cutoff_follows_pitch_and_fm_by_octaves(void **state)
{
    (void)state;
    static float octaves[FRAMES];
    for (size_t i = 0; i < FRAMES; i++)
        octaves[i] = 0.5f;
    fill_click(1.0f);
    SyRig *rig = new_ladder(500.0, 1.0f, false);
    sy_rig_patch(rig, "in", input);
    sy_rig_patch(rig, "pitch", octaves);
    sy_rig_patch(rig, "fm", octaves);
    sy_rig_set(rig, "tracking", 1.0f);
    sy_rig_set(rig, "fm", 1.0f);
    sy_rig_run_all(rig);
    assert_near(1200.0 * log2(frequency(rig, "band", 1000.0) / 1000.0), 0.0, 0.3);
    sy_rig_free(rig);
}

/* The cutoff leaps by eight octaves from each frame to the next, under an input of 100. */
static void cutoff_may_move_by_octaves_at_24_khz(void **state)
{
    (void)state;
    static float leap[FRAMES];
    for (size_t i = 0; i < FRAMES; i++) {
        leap[i] = i % 2 ? 1.0f : -1.0f;
        input[i] = 100.0f * sy_analyse_noise((unsigned)i);
    }
    for (int i = 0; i < 10; i++) {
        SyRig *rig = new_ladder(1000.0, 0.25f * (float)(i / 2), i % 2);
        sy_rig_patch(rig, "in", input);
        sy_rig_patch(rig, "fm", leap);
        sy_rig_set(rig, "fm", 4.0f);
        sy_rig_run_all(rig);
        for (size_t f = 0; f < FRAMES; f++) {
            assert_below(fabsf(sy_rig_out(rig, 0, "out")[f]), 6.0);
            assert_below(fabsf(sy_rig_out(rig, 0, "band")[f]), 50.0);
            assert_below(fabsf(sy_rig_out(rig, 0, "high")[f]), 50.0);
        }
        sy_rig_free(rig);
    }
}

static void filter_sings_on_in_tune_after_an_input_of_100(void **state)
{
    (void)state;
    for (size_t i = 0; i < FRAMES; i++)
        input[i] = i < 2000 ? 100.0f * sy_analyse_noise((unsigned)i) : 0.0f;
    SyRig *rig = new_ladder(440.0, 1.0f, false);
    sy_rig_patch(rig, "in", input);
    sy_rig_run_all(rig);
    assert_near(frequency(rig, "out", 440.0), 440.0, 0.1);
    assert_near(amplitude(rig, "out"), 0.518, 0.005);
    sy_rig_free(rig);
}

/* Overtone n of a sine of 100 Hz against the sine itself. */
static double overtone_db(float drive_db, int n)
{
    fill_sine(100.0, 1.0f);
    SyRig *rig = new_ladder(20000.0, 0.0f, false);
    sy_rig_patch(rig, "in", input);
    sy_rig_set(rig, "drive", drive_db);
    sy_rig_run_all(rig);
    const float *out = sy_rig_out(rig, 0, "out");
    const double overtone = sy_analyse_line(out, SY_RIG_RATE, 100.0 * n);
    const double db = 20.0 * log10(overtone / sy_analyse_line(out, SY_RIG_RATE, 100.0));
    sy_rig_free(rig);
    return db;
}

/* tanh(x sin) has a third overtone of x^2 / 12 while x is small, and of 1/3 once it is a square. */
static void drive_goes_from_clean_to_square(void **state)
{
    (void)state;
    assert_near(overtone_db(-20.0f, 3), 20.0 * log10(1.0 / 30.0 / 30.0 / 12.0), 0.5);
    assert_near(overtone_db(40.0f, 3), 20.0 * log10(1.0 / 3.0), 0.3);
    assert_below(overtone_db(40.0f, 2), -80.0); /* it bends both ways alike */
}

/* The strongest line that is no overtone, of a sine driven hard through an open filter. */
static double alias_db(bool twice, float drive_db)
{
    const double hz = 4997.0;
    fill_sine(hz, 1.0f);
    SyRig *rig = new_ladder(10000.0, 0.2f, twice);
    sy_rig_patch(rig, "in", input);
    sy_rig_set(rig, "drive", drive_db);
    sy_rig_run_all(rig);
    const double db =
        sy_analyse_aliases(sy_rig_out(rig, 0, "out"), SY_RIG_RATE, hz, 20000.0).worst_db;
    sy_rig_free(rig);
    return db;
}

/* Of 5 kHz. What lies between 24 and 48 kHz goes; what is beyond 76 kHz folds all the same. */
static void oversampling_takes_away_aliases(void **state)
{
    (void)state;
    assert_near(alias_db(false, 12.0f), -73.0, 3.0);
    assert_below(alias_db(true, 12.0f), -140.0);
    assert_near(alias_db(false, 18.0f), -42.0, 3.0);
    assert_below(alias_db(true, 18.0f), -82.0);
    assert_below(alias_db(true, 30.0f), alias_db(false, 30.0f) - 10.0);
}

/* A cosine through the half-band filters, up and down, or up only. */
static double halfband_db(double hz, bool down)
{
    SyF up[SY_HALFBAND_MEMORY] = {{0}}, back[SY_HALFBAND_MEMORY] = {{0}}, two[2];
    double power = 0.0;
    for (int i = 0; i < 96000; i++) {
        const float even = (float)cos(2.0 * M_PI * hz / 96000.0 * (2 * i));
        const float odd = (float)cos(2.0 * M_PI * hz / 96000.0 * (2 * i + 1));
        if (down) {
            two[0] = sy_halfband_down(back, sy_f(even), sy_f(odd));
        } else {
            sy_halfband_up(up, sy_f(even), two);
            two[0] = sy_halfband_down(back, two[0], two[1]);
        }
        if (i >= 48000)
            power += (double)two[0][0] * two[0][0];
    }
    return 10.0 * log10(power / 48000.0 * 2.0 + 1e-30);
}

static void halfband_passes_20_khz_and_stops_28_khz(void **state)
{
    (void)state;
    for (int hz = 100; hz <= 20000; hz += hz / 3)
        assert_near(halfband_db(hz, false), 0.0, 0.001);
    for (int hz = 28000; hz < 47000; hz += 517)
        assert_below(halfband_db(hz, true), -100.0);
}

/* By the turn of the phase of a cosine of 1 kHz. */
static void oversampling_delays_by_3_frames(void **state)
{
    (void)state;
    SyF up[SY_HALFBAND_MEMORY] = {{0}}, down[SY_HALFBAND_MEMORY] = {{0}}, two[2];
    const double turn = 2.0 * M_PI * 1000.0 / SY_RIG_RATE;
    double re = 0.0, im = 0.0;
    for (int i = 0; i < 9600; i++) {
        sy_halfband_up(up, sy_f((float)cos(turn * i)), two);
        const double out = sy_halfband_down(down, two[0], two[1])[0];
        re += i < 4800 ? 0.0 : out * cos(turn * i);
        im += i < 4800 ? 0.0 : out * sin(turn * i);
    }
    assert_near(atan2(im, re) / turn, 3.1, 0.01);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(whistle_is_in_tune_from_20_hz_to_20_khz),
        cmocka_unit_test(whistle_is_in_tune_oversampled),
        cmocka_unit_test(whistle_begins_in_silence_from_0_88_on),
        cmocka_unit_test(outputs_have_the_slopes_of_four_poles),
        cmocka_unit_test(resonance_lifts_the_cutoff_and_takes_from_the_bass),
        cmocka_unit_test(cutoff_follows_pitch_and_fm_by_octaves),
        cmocka_unit_test(cutoff_may_move_by_octaves_at_24_khz),
        cmocka_unit_test(filter_sings_on_in_tune_after_an_input_of_100),
        cmocka_unit_test(drive_goes_from_clean_to_square),
        cmocka_unit_test(oversampling_takes_away_aliases),
        cmocka_unit_test(halfband_passes_20_khz_and_stops_28_khz),
        cmocka_unit_test(oversampling_delays_by_3_frames),
    };
    sy_dsp_thread_init();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
