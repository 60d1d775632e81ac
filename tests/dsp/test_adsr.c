/* What the envelope does in time. */
#include <math.h>
#include <stdlib.h>

#include "tests/dsp/bench.h"

static SyRig *new_adsr(uint32_t n_frames, float attack, float decay, float sustain, float release)
{
    SyRig *rig = sy_rig_new("adsr", NULL, 1, n_frames);
    sy_rig_set(rig, "attack", attack);
    sy_rig_set(rig, "decay", decay);
    sy_rig_set(rig, "sustain", sustain);
    sy_rig_set(rig, "release", release);
    return rig;
}

/* Makes an input high from frame `from` to frame `to`. */
static void press(SyRig *rig, int input, uint32_t from, uint32_t to)
{
    rig->patched[0] |= 1u << input;
    for (uint32_t i = from; i < to; i++)
        rig->in[0][input][i] = 1.0f;
}

static uint32_t first_at_least(const float *out, float level, uint32_t n)
{
    uint32_t i = 0;
    while (i < n && out[i] < level)
        i++;
    return i;
}

static void attack_reaches_the_top_in_its_time(void **state)
{
    (void)state;
    static const float times[] = {0.0005f, 0.005f, 0.1f, 1.0f, 20.0f};
    for (size_t t = 0; t < sizeof(times) / sizeof(times[0]); t++) {
        const uint32_t frames = (uint32_t)(times[t] * 48000.0f), n = frames + frames / 10 + 10;
        SyRig *rig = new_adsr(n, times[t], 1.0f, 1.0f, 1.0f);
        press(rig, 0, 0, n);
        sy_rig_run_all(rig);
        assert_near(first_at_least(rig->out[0][0], 1.0f, n), frames, 2.0 + 0.01 * frames);
        sy_rig_free(rig);
    }
}

static void decay_comes_within_a_hundredth_in_its_time_and_arrives(void **state)
{
    (void)state;
    static const float times[] = {0.001f, 0.05f, 1.0f, 20.0f};
    for (size_t t = 0; t < sizeof(times) / sizeof(times[0]); t++) {
        const uint32_t frames = (uint32_t)(times[t] * 48000.0f), n = 4 * frames + 100;
        SyRig *rig = new_adsr(n, 0.0005f, times[t], 0.5f, 1.0f);
        press(rig, 0, 0, n);
        sy_rig_run_all(rig);
        const float *out = rig->out[0][0];
        const uint32_t top = first_at_least(out, 1.0f, n);
        assert_near(out[top + frames], 0.505, 0.0005);
        assert_near(out[n - 1], 0.5, 0.00001);
        sy_rig_free(rig);
    }
}

static void release_falls_from_where_it_is_to_exactly_zero(void **state)
{
    (void)state;
    SyRig *rig = new_adsr(48000, 0.01f, 0.01f, 0.5f, 0.1f);
    press(rig, 0, 0, 4800);
    sy_rig_run_all(rig);
    const float *out = rig->out[0][0];
    assert_near(out[4799], 0.5, 0.0001);
    assert_near(out[4799 + 4800], 0.005, 0.0001);
    assert_true(out[47999] == 0.0f);
    sy_rig_free(rig);
}

static void gate_that_drops_for_one_frame_restarts_the_attack(void **state)
{
    (void)state;
    SyRig *rig = new_adsr(9600, 0.01f, 0.01f, 0.2f, 0.5f);
    press(rig, 0, 0, 4800);
    press(rig, 0, 4801, 9600);
    sy_rig_run_all(rig);
    const float *out = rig->out[0][0];
    assert_near(out[4799], 0.2, 0.001);
    assert_true(first_at_least(out + 4801, 1.0f, 4799) < 480);
    sy_rig_free(rig);
}

static void retrigger_restarts_the_attack_under_a_held_gate_only(void **state)
{
    (void)state;
    SyRig *rig = new_adsr(9600, 0.01f, 0.01f, 0.2f, 0.01f);
    press(rig, 0, 0, 6000);
    press(rig, 1, 3000, 3100);
    press(rig, 1, 8000, 8100);
    sy_rig_run_all(rig);
    const float *out = rig->out[0][0];
    assert_near(out[2999], 0.2, 0.001);
    assert_true(first_at_least(out + 3000, 1.0f, 500) < 480);
    assert_below(out[8100], 0.01);
    sy_rig_free(rig);
}

/* 0.5 ms is 24 frames, so the steepest attack rises by 0.08 a frame. */
static void level_never_jumps(void **state)
{
    (void)state;
    SyRig *rig = new_adsr(48000, 0.0005f, 0.0005f, 0.3f, 0.0005f);
    for (uint32_t i = 0; i < 48000; i += 97)
        press(rig, 0, i, i + 1 + i % 53);
    sy_rig_run_all(rig);
    for (uint32_t i = 1; i < 48000; i++)
        assert_below(fabsf(rig->out[0][0][i] - rig->out[0][0][i - 1]), 0.2);
    sy_rig_free(rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(attack_reaches_the_top_in_its_time),
        cmocka_unit_test(decay_comes_within_a_hundredth_in_its_time_and_arrives),
        cmocka_unit_test(release_falls_from_where_it_is_to_exactly_zero),
        cmocka_unit_test(gate_that_drops_for_one_frame_restarts_the_attack),
        cmocka_unit_test(retrigger_restarts_the_attack_under_a_held_gate_only),
        cmocka_unit_test(level_never_jumps),
    };
    sy_dsp_thread_init();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
