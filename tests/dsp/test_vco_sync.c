/* Hard sync: the port that tells the time of a cycle's beginning, and what is heard of the
 * oscillator that follows it. */
#include <math.h>

#include "tests/dsp/bench.h"

#define FRAMES SY_ANALYSE_FRAMES

static const char *const waves[] = {"saw", "pulse", "triangle", "sine"};

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

/* The worst alias of all four waves of an oscillator at `hz` that follows `sync`. */
static double worst_alias_db(const float *sync, double hz, double f0)
{
    double worst_db = -999.0;
    SyRig *slave = new_vco(hz);
    sy_rig_patch(slave, "sync", sync);
    sy_rig_run_all(slave);
    for (int wave = 0; wave < 4; wave++) {
        const float *out = sy_rig_out(slave, 0, waves[wave]);
        worst_db = fmax(worst_db, sy_analyse_aliases(out, SY_RIG_RATE, f0, 20000.0).worst_db);
    }
    sy_rig_free(slave);
    return worst_db;
}

/* Reads the edges off a sync signal as its input does; fails unless each lies where a cycle of
 * `step` begins, in frames from the first one. Returns how many there are. */
static int check_edges(const float *sync, double period, double within)
{
    int n = 0;
    double first = 0.0;
    for (int i = 1; i < FRAMES; i++) {
        if (!(sync[i - 1] <= 0.0f && sync[i] > 0.0f))
            continue;
        const double late = sync[i] / (sync[i] - sync[i - 1]);
        first = n == 0 ? i - late : first;
        assert_near(i - late - first, n * period, within);
        n++;
    }
    return n;
}

static void sync_output_tells_the_exact_time(void **state)
{
    (void)state;
    static const double notes[] = {30.0, 110.3, 1046.5, 4186.0, 20000.0};
    for (size_t i = 0; i < sizeof(notes) / sizeof(notes[0]); i++) {
        SyRig *rig = new_vco(notes[i]);
        sy_rig_run_all(rig);
        const double period = SY_RIG_RATE / exact_hz(rig);
        const int n = check_edges(sy_rig_out(rig, 0, "sync"), period, 2e-6);
        assert_near(n, (FRAMES - SY_BLEP_DELAY) / period, 2.0);
        sy_rig_free(rig);
    }
}

static void sync_output_is_at_rest_between_edges(void **state)
{
    (void)state;
    SyRig *rig = new_vco(1046.5);
    sy_rig_run_all(rig);
    const float *sync = sy_rig_out(rig, 0, "sync");
    for (int i = 1; i + 1 < FRAMES; i++) {
        assert_true(sync[i] >= -1.0f && sync[i] <= 1.0f);
        assert_true(sync[i] <= 0.0f || sync[i - 1] <= 0.0f);
        assert_true(sync[i] == 0.0f || sync[i - 1] != 0.0f || sync[i + 1] != 0.0f);
    }
    sy_rig_free(rig);
}

static void sync_output_follows_a_cycle_that_runs_backwards(void **state)
{
    (void)state;
    static float fm[FRAMES];
    for (size_t i = 0; i < FRAMES; i++)
        fm[i] = -3.0f;
    SyRig *rig = new_vco(523.3);
    sy_rig_patch(rig, "fm", fm);
    sy_rig_run_all(rig);
    assert_true(exact_hz(rig) < -1000.0);
    const double period = -SY_RIG_RATE / exact_hz(rig);
    assert_near(check_edges(sy_rig_out(rig, 0, "sync"), period, 2e-6),
                (FRAMES - SY_BLEP_DELAY) / period, 2.0);
    sy_rig_free(rig);
}

static void sync_port_aliases_below_100_db(void **state)
{
    (void)state;
    static const double masters[] = {110.3, 321.7, 784.9, 1567.1, 3001.3};
    static const double ratios[] = {0.618, 1.618, 3.3};
    for (size_t m = 0; m < sizeof(masters) / sizeof(masters[0]); m++) {
        SyRig *master = new_vco(masters[m]);
        sy_rig_run_all(master);
        for (size_t r = 0; r < sizeof(ratios) / sizeof(ratios[0]) && m + r < 6; r++)
            assert_below(worst_alias_db(sy_rig_out(master, 0, "sync"), ratios[r] * masters[m],
                                        exact_hz(master)),
                         -100.0);
        sy_rig_free(master);
    }
}

static void synced_saw_aliases_below_120_db(void **state)
{
    (void)state;
    SyRig *master = new_vco(784.9), *slave = new_vco(1.618 * 784.9);
    sy_rig_run_all(master);
    sy_rig_patch(slave, "sync", sy_rig_out(master, 0, "sync"));
    sy_rig_run_all(slave);
    assert_below(
        sy_analyse_aliases(sy_rig_out(slave, 0, "saw"), SY_RIG_RATE, exact_hz(master), 20000.0)
            .worst_db,
        -120.0);
    sy_rig_free(master);
    sy_rig_free(slave);
}

/* A master modulated at 3/4 of its frequency: all that is wanted lies on multiples of a quarter. */
static void sync_to_a_modulated_master_aliases_below_95_db(void **state)
{
    (void)state;
    static float fm[FRAMES];
    SyRig *master = new_vco(784.9);
    sy_rig_run(master, 0, 64);
    const double f0 = exact_hz(master);
    sy_rig_free(master);
    for (size_t i = 0; i < FRAMES; i++)
        fm[i] = (float)sin(2.0 * M_PI * fmod(0.75 * f0 / SY_RIG_RATE * (double)i, 1.0));
    master = new_vco(784.9);
    sy_rig_patch(master, "fm", fm);
    sy_rig_set(master, "fm", 0.5f);
    sy_rig_run_all(master);
    assert_below(worst_alias_db(sy_rig_out(master, 0, "sync"), 1.618 * 784.9, f0 / 4.0), -95.0);
    sy_rig_free(master);
}

/* The exact time comes through whatever the cable does to the signal's size. */
static void gain_of_the_cable_does_not_matter(void **state)
{
    (void)state;
    static float signal[FRAMES];
    static const float gains[] = {0.001f, 0.37f, 9.1f};
    SyRig *master = new_vco(784.9);
    sy_rig_run_all(master);
    for (size_t g = 0; g < sizeof(gains) / sizeof(gains[0]); g++) {
        for (size_t i = 0; i < FRAMES; i++)
            signal[i] = gains[g] * sy_rig_out(master, 0, "sync")[i];
        assert_below(worst_alias_db(signal, 1.618 * 784.9, exact_hz(master)), -100.0);
    }
    sy_rig_free(master);
}

/* A chain: what is set back tells the time of that, and what follows it is as clean. */
static void sync_is_passed_on_down_a_chain(void **state)
{
    (void)state;
    SyRig *master = new_vco(321.7), *middle = new_vco(600.0);
    sy_rig_run_all(master);
    sy_rig_patch(middle, "sync", sy_rig_out(master, 0, "sync"));
    sy_rig_run_all(middle);
    assert_below(worst_alias_db(sy_rig_out(middle, 0, "sync"), 901.3, exact_hz(master)), -100.0);
    sy_rig_free(master);
    sy_rig_free(middle);
}

static void sync_to_another_saw_aliases_below_100_db(void **state)
{
    (void)state;
    static const double masters[] = {110.3, 321.7, 784.9};
    for (size_t i = 0; i < sizeof(masters) / sizeof(masters[0]); i++) {
        SyRig *master = new_vco(masters[i]);
        sy_rig_run_all(master);
        assert_below(
            worst_alias_db(sy_rig_out(master, 0, "saw"), 1.618 * masters[i], exact_hz(master)),
            -100.0);
        sy_rig_free(master);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sync_output_tells_the_exact_time),
        cmocka_unit_test(sync_output_is_at_rest_between_edges),
        cmocka_unit_test(sync_output_follows_a_cycle_that_runs_backwards),
        cmocka_unit_test(sync_port_aliases_below_100_db),
        cmocka_unit_test(synced_saw_aliases_below_120_db),
        cmocka_unit_test(sync_to_a_modulated_master_aliases_below_95_db),
        cmocka_unit_test(gain_of_the_cable_does_not_matter),
        cmocka_unit_test(sync_is_passed_on_down_a_chain),
        cmocka_unit_test(sync_to_another_saw_aliases_below_100_db),
    };
    sy_dsp_thread_init();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
