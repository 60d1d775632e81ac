/* What the low-frequency oscillator does in time. */
#include <math.h>
#include <string.h>

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

/* The phase moves by the same whole number in every frame, so it can be told for any frame. */
static uint64_t increment(float rate_hz)
{
    SyRig *rig = new_lfo(rate_hz);
    const SyLfoState *lfo = (const SyLfoState *)rig->state;
    sy_rig_run(rig, 0, 1);
    const uint64_t increment = lfo->phase;
    sy_rig_run(rig, 1, 12345);
    assert_true(lfo->phase == increment * 12345);
    sy_rig_free(rig);
    return increment;
}

/* Twelve hours on, from the state that they lead to. */
static void phase_holds_for_hours_between_oscillators_of_one_rate(void **state)
{
    (void)state;
    const uint64_t frames = UINT64_C(12) * 3600 * 48000;
    SyRig *rig = sy_rig_new("lfo", NULL, 2, FRAMES);
    sy_rig_set(rig, "rate", 3.7f);
    rig->params[1][sy_module_find_param(rig->module, "phase")].to = 0.25f;
    for (int l = 0; l < 2; l++)
        ((SyLfoState *)(rig->state + (size_t)l * rig->stride))->phase = increment(3.7f) * frames;
    sy_rig_run_all(rig);
    const float *first = sy_rig_out(rig, 0, "sine"), *second = sy_rig_out(rig, 1, "sine");
    for (uint32_t i = 0; i < FRAMES; i += 7)
        assert_near(first[i] * first[i] + second[i] * second[i], 1.0, 1e-5);
    sy_rig_free(rig);
}

/* A rate is a float of octaves: that is what two of them can differ by from what was meant. */
static void related_rates_drift_by_less_than_a_hundredth_of_a_cycle_an_hour(void **state)
{
    (void)state;
    static const float rates[] = {1.8f, 0.9f, 0.45f, 0.225f, 2.7f, 1.35f, 0.675f, 0.3375f, 7.2f};
    const double first = (double)increment(3.6f), cycles = 3.6 * 3600.0;
    for (size_t i = 0; i < sizeof(rates) / sizeof(rates[0]); i++) {
        const double ratio = (double)increment(rates[i]) / first / (rates[i] / 3.6);
        assert_near((ratio - 1.0) * cycles, 0.0, 0.01);
    }
}

static void random_has_a_value_a_cycle(void **state)
{
    (void)state;
    SyRig *rig = new_lfo(1000.0f);
    sy_rig_run_all(rig);
    const float *random = sy_rig_out(rig, 0, "random"), *saw = sy_rig_out(rig, 0, "saw");
    double sum = 0.0, squares = 0.0, products = 0.0;
    int n = 0;
    for (uint32_t i = 1; i < FRAMES; i++) {
        const bool begins = saw[i] < saw[i - 1];
        assert_true((random[i] != random[i - 1]) == begins);
        assert_true(fabsf(random[i]) <= 1.0f);
        sum += begins ? random[i] : 0.0;
        squares += begins ? random[i] * random[i] : 0.0;
        products += begins ? random[i] * random[i - 1] : 0.0;
        n += begins;
    }
    assert_near(n, 2000.0, 2.0);
    assert_near(sum / n, 0.0, 0.05);
    assert_near(squares / n, 1.0 / 3.0, 0.03);
    assert_near(products / n, 0.0, 0.03);
    sy_rig_free(rig);
}

static void voices_have_random_values_of_their_own(void **state)
{
    (void)state;
    SyRig *rig = sy_rig_new("lfo", NULL, 16, 64);
    sy_rig_run(rig, 0, 64);
    for (uint32_t l = 1; l < 16; l++)
        for (uint32_t k = 0; k < l; k++)
            assert_true(sy_rig_out(rig, l, "random")[0] != sy_rig_out(rig, k, "random")[0]);
    sy_rig_free(rig);
}

/* The same values, arrived at by the end of the share of the cycle that smooth says. */
static void smooth_leads_from_value_to_value_without_a_jump(void **state)
{
    (void)state;
    SyRig *steps = new_lfo(10.0f), *curve = new_lfo(10.0f), *half = new_lfo(10.0f);
    sy_rig_set(curve, "smooth", 1.0f);
    sy_rig_set(half, "smooth", 0.5f);
    sy_rig_run_all(steps);
    sy_rig_run_all(curve);
    sy_rig_run_all(half);
    const float *a = sy_rig_out(steps, 0, "random"), *b = sy_rig_out(curve, 0, "random");
    const float *c = sy_rig_out(half, 0, "random");
    for (uint32_t i = 1; i < FRAMES; i++) {
        assert_below(fabsf(b[i] - b[i - 1]), 2.0 * 1.5 / 4800.0 + 1e-5);
        assert_below(fabsf(c[i] - c[i - 1]), 2.0 * 1.5 / 2400.0 + 1e-5);
        if (i % 4800 > 2410)
            assert_true(c[i] == a[i]);
        if (i % 4800 == 4790)
            assert_near(b[i], a[i], 1e-4);
        if (i % 4800 == 2400 && i > 4800)
            assert_near(b[i], 0.5 * (a[i - 4800] + a[i]), 0.002);
    }
    sy_rig_free(steps);
    sy_rig_free(curve);
    sy_rig_free(half);
}

static void one_shot_is_one_cycle_after_a_reset_and_stands_at_its_end(void **state)
{
    (void)state;
    static float gate[FRAMES];
    for (uint32_t i = 0; i < FRAMES; i++)
        gate[i] = (i >= 30001 && i < 30100) || (i >= 70003 && i < 80000) || i >= 81000;
    SyRig *rig = new_lfo(4.0f);
    sy_rig_set(rig, "mode", 1.0f);
    sy_rig_patch(rig, "reset", gate);
    sy_rig_run_all(rig);
    const float *saw = sy_rig_out(rig, 0, "saw"), *sine = sy_rig_out(rig, 0, "sine");
    const float *pulse = sy_rig_out(rig, 0, "pulse"), *random = sy_rig_out(rig, 0, "random");
    assert_true(saw[12010] == 1.0f && saw[30000] == 1.0f);
    assert_true(saw[30001] == -1.0f);
    assert_near(saw[30001 + 6000], 0.0, 1e-4);
    for (uint32_t i = 30001 + 12010; i < 70003; i++) {
        assert_true(saw[i] == 1.0f && pulse[i] == -1.0f && random[i] == random[30001]);
        assert_near(sine[i], 0.0, 1e-6);
    }
    assert_true(saw[70003] == -1.0f && saw[81000] == -1.0f);
    assert_true(saw[80999] < 0.9f && saw[FRAMES - 1] == 1.0f);
    sy_rig_free(rig);
}

/* A clock that ticks every `period` frames from `from` to `to`. */
static void tick(float *clock, uint32_t from, uint32_t to, uint32_t period)
{
    for (uint32_t i = from; i < to; i++)
        clock[i] = (i - from) % period < period / 2 ? 1.0f : 0.0f;
}

static SyRig *new_clocked(const float *clock, float ratio)
{
    SyRig *rig = new_lfo(1.0f);
    sy_rig_patch(rig, "clock", clock);
    sy_rig_set(rig, "ratio", ratio);
    return rig;
}

/* Where the saw is when the phase is `cycles`. */
static double saw_at(double cycles)
{
    return 2.0 * (cycles - floor(cycles)) - 1.0;
}

static void clock_sets_tempo_and_phase_on_the_frame(void **state)
{
    (void)state;
    static const float ratios[] = {1.0f, 0.5f,     0.25f, 0.75f, 1.5f,      1.0f / 3.0f,
                                   5.0f, 2.0f / 3, 16.0f, 64.0f, 0.015625f, 7.0f / 12.0f};
    static float clock[FRAMES];
    tick(clock, 500, FRAMES, 1000);
    for (size_t r = 0; r < sizeof(ratios) / sizeof(ratios[0]); r++) {
        SyRig *rig = new_clocked(clock, ratios[r]);
        sy_rig_run_all(rig);
        const float *saw = sy_rig_out(rig, 0, "saw");
        const double ratio = round(ratios[r] * 192.0) / 192.0; /* as meant */
        for (uint32_t i = 1500; i < FRAMES; i += 100) {
            const double cycles = ratio * ((i - 500) / 1000.0);
            if ((i - 500) % 1000 == 0 && fabs(cycles - round(cycles)) < 1e-9)
                assert_true(saw[i] == -1.0f);
            else if (fabs(cycles - round(cycles)) > 1e-6)
                assert_near(saw[i], saw_at(cycles), 1e-6);
        }
        sy_rig_free(rig);
    }
}

static void ratio_that_is_no_fraction_is_taken_as_it_is(void **state)
{
    (void)state;
    static float clock[FRAMES];
    const float ratio = 0.7071068f;
    tick(clock, 0, FRAMES, 1000);
    SyRig *rig = new_clocked(clock, ratio);
    sy_rig_run_all(rig);
    for (uint32_t i = 1000; i < FRAMES; i += 1000)
        assert_near(sy_rig_out(rig, 0, "saw")[i], saw_at((double)ratio * (i / 1000)), 1e-6);
    sy_rig_free(rig);
}

/* Ten million beats, two days at 60 in a minute: nothing adds up. A beat is two frames long here,
 * but between beats the phase is in closed form, so that what could add up is what a beat adds. */
static void clock_is_kept_for_days(void **state)
{
    (void)state;
    static float clock[FRAMES];
    tick(clock, 0, FRAMES, 2);
    SyRig *third = new_clocked(clock, 1.0f / 3.0f), *other = new_clocked(clock, 0.4142f);
    for (int i = 0; i < 209; i++) {
        for (uint32_t at = 0; at < FRAMES; at += 960) {
            sy_rig_run(third, at, at + 960);
            sy_rig_run(other, at, at + 960);
        }
    }
    const int64_t beats = ((SyLfoState *)third->state)->beats;
    assert_true(beats == INT64_C(209) * FRAMES / 2 - 1);
    const int64_t next = (beats + 1) % 3;
    sy_rig_run(third, 0, 1);
    sy_rig_run(other, 0, 1);
    assert_near(sy_rig_out(third, 0, "saw")[0], saw_at((double)next / 3.0), 1e-7);
    assert_near(sy_rig_out(other, 0, "saw")[0], saw_at(0.4142f * (double)(beats + 1)), 1e-6);
    sy_rig_free(third);
    sy_rig_free(other);
}

static void rate_holds_until_a_second_edge_tells_the_tempo(void **state)
{
    (void)state;
    static float clock[FRAMES];
    memset(clock, 0, sizeof(clock));
    tick(clock, 12000, FRAMES, 9600);
    SyRig *rig = new_clocked(clock, 1.0f);
    sy_rig_run_all(rig);
    const float *saw = sy_rig_out(rig, 0, "saw");
    assert_near(saw[11999], saw_at(11999 / 48000.0), 1e-4);
    assert_true(saw[12000] == -1.0f);
    assert_near(saw[21599], saw_at(9599 / 48000.0), 1e-4);
    assert_true(saw[21600] == -1.0f);
    assert_near(saw[21600 + 4800], 0.0, 1e-6);
    sy_rig_free(rig);
}

static uint32_t count_rises(const float *signal, uint32_t from, uint32_t to)
{
    uint32_t n = 0;
    for (uint32_t i = from + 1; i < to; i++)
        n += signal[i] > 0.0f && signal[i - 1] <= 0.0f;
    return n;
}

static void oscillator_waits_for_a_late_beat_and_pulses_once(void **state)
{
    (void)state;
    static float clock[FRAMES];
    uint32_t at = 0, beats = 0;
    memset(clock, 0, sizeof(clock));
    for (; at < FRAMES - 1200; beats++) { /* up to a tenth early or late */
        tick(clock, at, at + 400, 800);
        at += 1000 + (uint32_t)(100.0f * sy_analyse_noise(beats));
    }
    SyRig *rig = new_clocked(clock, 1.0f);
    sy_rig_run_all(rig);
    const float *pulse = sy_rig_out(rig, 0, "pulse"), *saw = sy_rig_out(rig, 0, "saw");
    for (uint32_t i = 2000; i < FRAMES; i++)
        assert_true(clock[i] <= clock[i - 1] || saw[i] == -1.0f);
    assert_int_equal(count_rises(pulse, 2500, at - 1500), count_rises(clock, 2500, at - 1500));
    sy_rig_free(rig);
}

/* Stopped at 20000, goes on at 60000: the pause is neither heard nor taken for a tempo. */
static void oscillator_stands_while_the_clock_does_and_goes_on_in_step(void **state)
{
    (void)state;
    static float clock[FRAMES];
    memset(clock, 0, sizeof(clock));
    tick(clock, 0, 20000, 1000);
    tick(clock, 60000, FRAMES, 1000);
    SyRig *rig = new_clocked(clock, 0.25f);
    sy_rig_run_all(rig);
    const float *saw = sy_rig_out(rig, 0, "saw");
    assert_near(saw[19999], 1.0, 1e-3);
    for (uint32_t i = 20001; i < 60000; i++)
        assert_true(saw[i] == saw[20000] && saw[i] > 0.999f);
    assert_true(saw[60000] == -1.0f);
    assert_near(saw[60500], saw_at(0.125), 1e-6);
    assert_near(saw[61000], saw_at(0.25), 1e-6);
    sy_rig_free(rig);
}

static void slower_clock_is_followed_from_its_second_beat_on(void **state)
{
    (void)state;
    static float clock[FRAMES];
    tick(clock, 0, 20000, 1000);
    tick(clock, 20000, FRAMES, 4000);
    SyRig *rig = new_clocked(clock, 1.0f);
    sy_rig_run_all(rig);
    assert_near(sy_rig_out(rig, 0, "saw")[28000 + 2000], 0.0, 1e-6);
    sy_rig_free(rig);
}

/* 300 frames after a beat, and 300 before one. */
static void reset_makes_the_nearest_beat_the_downbeat(void **state)
{
    (void)state;
    static float clock[FRAMES], gate[FRAMES];
    tick(clock, 0, FRAMES, 1000);
    for (uint32_t i = 0; i < FRAMES; i++)
        gate[i] =
            (i >= 10300 && i < 11000) || (i >= 20700 && i < 21000) || (i >= 41000 && i < 42000);
    SyRig *rig = new_clocked(clock, 0.125f);
    sy_rig_patch(rig, "reset", gate);
    sy_rig_run_all(rig);
    const float *saw = sy_rig_out(rig, 0, "saw"), *random = sy_rig_out(rig, 0, "random");
    assert_true(saw[10300] == -1.0f && saw[10299] > -0.99f);
    assert_near(saw[11000], saw_at(0.125), 1e-6);
    assert_near(saw[18000 - 1], saw_at(1.0 - 0.125 / 1000.0), 1e-5);
    assert_true(saw[18000] == -1.0f);
    assert_true(saw[20700] == -1.0f && saw[21000] == -1.0f);
    assert_true(random[20700] == random[21000] && random[20700] != random[20699]);
    assert_near(saw[22000], saw_at(0.125), 1e-6);
    assert_true(saw[41000] == -1.0f);
    assert_near(saw[42000], saw_at(0.125), 1e-6);
    sy_rig_free(rig);
}

static void one_shot_lasts_a_cycle_of_the_clock(void **state)
{
    (void)state;
    static float clock[FRAMES], gate[FRAMES];
    tick(clock, 0, FRAMES, 1000);
    for (uint32_t i = 0; i < FRAMES; i++)
        gate[i] = i >= 50000;
    SyRig *rig = new_clocked(clock, 0.25f);
    sy_rig_set(rig, "mode", 1.0f);
    sy_rig_patch(rig, "reset", gate);
    sy_rig_run_all(rig);
    const float *saw = sy_rig_out(rig, 0, "saw");
    assert_true(saw[49999] == 1.0f && saw[50000] == -1.0f);
    assert_near(saw[52000], 0.0, 1e-6);
    for (uint32_t i = 54000; i < FRAMES; i++)
        assert_true(saw[i] == 1.0f);
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
        cmocka_unit_test(phase_holds_for_hours_between_oscillators_of_one_rate),
        cmocka_unit_test(related_rates_drift_by_less_than_a_hundredth_of_a_cycle_an_hour),
        cmocka_unit_test(random_has_a_value_a_cycle),
        cmocka_unit_test(voices_have_random_values_of_their_own),
        cmocka_unit_test(smooth_leads_from_value_to_value_without_a_jump),
        cmocka_unit_test(one_shot_is_one_cycle_after_a_reset_and_stands_at_its_end),
        cmocka_unit_test(clock_sets_tempo_and_phase_on_the_frame),
        cmocka_unit_test(ratio_that_is_no_fraction_is_taken_as_it_is),
        cmocka_unit_test(clock_is_kept_for_days),
        cmocka_unit_test(rate_holds_until_a_second_edge_tells_the_tempo),
        cmocka_unit_test(oscillator_waits_for_a_late_beat_and_pulses_once),
        cmocka_unit_test(oscillator_stands_while_the_clock_does_and_goes_on_in_step),
        cmocka_unit_test(slower_clock_is_followed_from_its_second_beat_on),
        cmocka_unit_test(reset_makes_the_nearest_beat_the_downbeat),
        cmocka_unit_test(one_shot_lasts_a_cycle_of_the_clock),
    };
    sy_dsp_thread_init();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
