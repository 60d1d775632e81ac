/* What the slew limiter does in time. */
#include "tests/dsp/bench.h"

#define FRAMES 48000

static float step[FRAMES];

static SyRig *new_slew(float rise_s, float fall_s)
{
    SyRig *rig = sy_rig_new("slew", NULL, 1, FRAMES);
    for (int i = 0; i < FRAMES; i++)
        step[i] = i < 24000 ? 2.0f : 0.0f;
    sy_rig_patch(rig, "in", step);
    sy_rig_set(rig, "rise", rise_s);
    sy_rig_set(rig, "fall", fall_s);
    sy_rig_run_all(rig);
    return rig;
}

static void jump_becomes_a_slope_of_its_time_and_arrives(void **state)
{
    (void)state;
    SyRig *rig = new_slew(0.1f, 0.2f);
    const float *out = sy_rig_out(rig, 0, "out");
    assert_near(out[2400], 0.5, 0.001);
    assert_near(out[4800], 1.0, 0.001);
    assert_true(out[9602] == 2.0f && out[23999] == 2.0f);
    assert_near(out[24000 + 9600], 1.0, 0.001);
    assert_true(out[24000 + 19202] == 0.0f);
    sy_rig_free(rig);
}

static void no_time_is_no_slope(void **state)
{
    (void)state;
    SyRig *rig = new_slew(0.0f, 0.0f);
    assert_memory_equal(sy_rig_out(rig, 0, "out"), step, sizeof(step));
    sy_rig_free(rig);
}

static void twenty_seconds_lose_nothing_to_rounding(void **state)
{
    (void)state;
    SyRig *rig = new_slew(20.0f, 20.0f);
    assert_near(sy_rig_out(rig, 0, "out")[23999], 0.025, 1e-6);
    sy_rig_free(rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(jump_becomes_a_slope_of_its_time_and_arrives),
        cmocka_unit_test(no_time_is_no_slope),
        cmocka_unit_test(twenty_seconds_lose_nothing_to_rounding),
    };
    sy_dsp_thread_init();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
