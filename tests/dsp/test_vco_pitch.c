/* The pitch over long times: a phase that runs for seconds arrives where it should. */
#include <math.h>

#include "tests/dsp/bench.h"

#define BLOCK  64
#define BLOCKS 7500 /* 10 s */
#define SINE   8u
#define ALL    31u

static SyRig *new_vco(const char *isa, double hz)
{
    SyRig *rig = sy_rig_new("vco", isa, 1, BLOCK);
    sy_rig_set(rig, "freq", (float)hz);
    rig->heard[0] = SINE;
    return rig;
}

static uint32_t phase(const SyRig *rig)
{
    return ((const SyVcoState *)rig->state)->phase[SY_BLEP_DELAY - 1];
}

/* How many cents the frequency, over 10 s, is off `hz`. */
static double cents_off(SyRig *rig, double hz)
{
    const double cycles = hz * BLOCK * BLOCKS / SY_RIG_RATE;
    for (int i = 0; i < BLOCKS; i++)
        sy_rig_run(rig, 0, BLOCK);
    const double off = phase(rig) * 0x1p-32 - cycles;
    return 1200.0 / log(2.0) * (off - round(off)) / cycles;
}

static void pitch_is_true_to_a_hundredth_of_a_cent_from_10_mhz_to_20_khz(void **state)
{
    (void)state;
    for (int note = 0; note < 58; note++) {
        const double hz = 0.01 * pow(1.2837, note); /* to 15 kHz */
        SyRig *rig = new_vco(NULL, hz);
        assert_near(cents_off(rig, hz), 0.0, 0.01);
        sy_rig_free(rig);
    }
    SyRig *rig = new_vco(NULL, 20000.0);
    assert_near(cents_off(rig, 20000.0), 0.0, 0.01);
    sy_rig_free(rig);
}

static void pitch_input_takes_it_lower_still(void **state)
{
    (void)state;
    float pitch[BLOCK];
    for (int i = 0; i < BLOCK; i++)
        pitch[i] = -4.0f;
    SyRig *rig = new_vco(NULL, 0.01);
    sy_rig_patch(rig, "pitch", pitch);
    assert_near(cents_off(rig, 0.01 / 16.0), 0.0, 0.01);
    sy_rig_free(rig);
}

/* By linear FM, and just where fractions begin to be carried. */
static void slow_steps_may_run_backwards_and_change(void **state)
{
    (void)state;
    float fm[BLOCK];
    SyRig *rig = new_vco(NULL, 2.9);
    for (int i = 0; i < BLOCK; i++)
        fm[i] = i % 2 ? 0.125f : -2.875f; /* on average -3/8 of it */
    sy_rig_patch(rig, "fm", fm);
    assert_near(cents_off(rig, -0.375 * 2.9), 0.0, 0.02);
    sy_rig_free(rig);
}

static void slow_phases_do_not_depend_on_cuts_or_build(void **state)
{
    (void)state;
    static const char *const isas[] = {"generic", "x86-64", "x86-64-v3", "x86-64-v4"};
    for (size_t k = 0; k < sizeof(isas) / sizeof(isas[0]); k++) {
        if (!sy_dsp_select(isas[k]))
            continue;
        SyRig *whole = new_vco(isas[k], 2.5), *parts = new_vco("generic", 2.5);
        whole->heard[0] = parts->heard[0] = ALL;
        for (int block = 0; block < 400; block++) {
            sy_rig_ramp(whole, "freq", 2.5f, 3.5f, 400 * BLOCK);
            sy_rig_ramp(parts, "freq", 2.5f, 3.5f, 400 * BLOCK);
            whole->params[0][0].frame = parts->params[0][0].frame = block * BLOCK;
            sy_rig_run(whole, 0, BLOCK);
            sy_rig_run(parts, 0, 5);
            sy_rig_run(parts, 5, 6);
            sy_rig_run(parts, 6, BLOCK);
            assert_memory_equal(whole->state, parts->state, whole->module->state_size);
        }
        sy_rig_free(whole);
        sy_rig_free(parts);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pitch_is_true_to_a_hundredth_of_a_cent_from_10_mhz_to_20_khz),
        cmocka_unit_test(pitch_input_takes_it_lower_still),
        cmocka_unit_test(slow_steps_may_run_backwards_and_change),
        cmocka_unit_test(slow_phases_do_not_depend_on_cuts_or_build),
    };
    sy_dsp_thread_init();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
