/* Soft sync: the phase turns round, at the exact time, and what is heard of that. */
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

static SyRig *new_slave(const SyRig *master, double hz)
{
    SyRig *rig = new_vco(hz);
    sy_rig_set(rig, "sync_mode", 1.0f);
    sy_rig_patch(rig, "sync", sy_rig_out(master, 0, "sync"));
    return rig;
}

/* There and back is two cycles of the master: what is wanted lies on multiples of half of it. */
static void check_aliases(const SyRig *slave, double f0, double limit_db)
{
    for (int wave = 0; wave < 4; wave++) {
        const float *out = sy_rig_out(slave, 0, waves[wave]);
        assert_below(sy_analyse_aliases(out, SY_RIG_RATE, f0, 20000.0).worst_db, limit_db);
    }
}

static void soft_sync_aliases_below_100_db(void **state)
{
    (void)state;
    static const double masters[] = {110.3, 321.7, 784.9, 1567.1};
    static const double ratios[] = {0.618, 1.618, 3.3};
    for (size_t m = 0; m < sizeof(masters) / sizeof(masters[0]); m++) {
        SyRig *master = new_vco(masters[m]);
        sy_rig_run_all(master);
        for (size_t r = 0; r < sizeof(ratios) / sizeof(ratios[0]) && m + r < 5; r++) {
            SyRig *slave = new_slave(master, ratios[r] * masters[m]);
            sy_rig_run_all(slave);
            check_aliases(slave, exact_hz(master) / 2.0, -100.0);
            sy_rig_free(slave);
        }
        sy_rig_free(master);
    }
}

/* The slave is modulated at the master's frequency, so nothing is added to what is wanted. */
static void soft_sync_of_a_modulated_slave_aliases_below_90_db(void **state)
{
    (void)state;
    static float fm[FRAMES];
    SyRig *master = new_vco(321.7);
    sy_rig_run_all(master);
    const double f0 = exact_hz(master);
    for (size_t i = 0; i < FRAMES; i++)
        fm[i] = (float)sin(2.0 * M_PI * fmod(f0 / SY_RIG_RATE * (double)i, 1.0));
    SyRig *slave = new_slave(master, 523.1);
    sy_rig_patch(slave, "fm", fm);
    sy_rig_set(slave, "fm", 0.5f);
    sy_rig_run_all(slave);
    check_aliases(slave, f0 / 2.0, -90.0);
    sy_rig_free(master);
    sy_rig_free(slave);
}

/* The phase of the slave in cycles at frame i, after its n-th turn: turned at the master's edges.
 */
static double phase_at(double i, double step, double period, double first)
{
    if (i < first)
        return step * i;
    const double since = fmod(i - first, 2.0 * period);
    const double back = since < period ? since : 2.0 * period - since;
    return step * (first - back);
}

static void soft_sync_turns_the_phase_at_the_exact_time(void **state)
{
    (void)state;
    SyRig *master = new_vco(110.3);
    sy_rig_run_all(master);
    SyRig *slave = new_slave(master, 290.7);
    sy_rig_run(slave, 0, 4096);
    const float *sine = sy_rig_out(slave, 0, "sine"), *sync = sy_rig_out(master, 0, "sync");
    const double step = exact_hz(slave) / SY_RIG_RATE, period = SY_RIG_RATE / exact_hz(master);
    int edge = 1;
    while (!(sync[edge - 1] <= 0.0f && sync[edge] > 0.0f))
        edge++;
    /* Frame 0 already has moved by a step. */
    const double first = 1.0 + edge - sync[edge] / ((double)sync[edge] - sync[edge - 1]);
    for (int i = 0; i + SY_BLEP_DELAY < 4096; i++) {
        const double since = fmod(1.0 + i - first + 64.0 * period, period);
        if (since < 17.0 || since > period - 17.0)
            continue;
        const double phase = phase_at(1.0 + i, step, period, first);
        assert_near(sine[i + SY_BLEP_DELAY], sin(2.0 * M_PI * phase), 1e-5);
    }
    sy_rig_free(master);
    sy_rig_free(slave);
}

static void phase_runs_forwards_again_once_sync_is_gone(void **state)
{
    (void)state;
    SyRig *master = new_vco(110.3);
    sy_rig_run_all(master);
    for (int way = 0; way < 2; way++) {
        SyRig *slave = new_slave(master, 290.7);
        const SyVcoState *vco = (const SyVcoState *)slave->state;
        uint32_t at = 0;
        for (; !vco->back; at += 64)
            sy_rig_run(slave, at, at + 64);
        if (way == 0)
            sy_rig_patch(slave, "sync", NULL);
        else
            sy_rig_set(slave, "sync_mode", 0.0f);
        const uint32_t before = vco->phase[SY_BLEP_DELAY - 1];
        sy_rig_run(slave, at, at + 1);
        assert_int_equal(vco->back, 0);
        assert_int_equal(vco->phase[SY_BLEP_DELAY - 1] - before, vco->step[SY_VCO_STEPS - 1]);
        sy_rig_free(slave);
    }
    sy_rig_free(master);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(soft_sync_aliases_below_100_db),
        cmocka_unit_test(soft_sync_of_a_modulated_slave_aliases_below_90_db),
        cmocka_unit_test(soft_sync_turns_the_phase_at_the_exact_time),
        cmocka_unit_test(phase_runs_forwards_again_once_sync_is_gone),
    };
    sy_dsp_thread_init();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
