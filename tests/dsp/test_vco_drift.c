/* Voices that are set apart, and that wander. */
#include <math.h>

#include "tests/dsp/bench.h"

#define BLOCK  64
#define LANES  16
#define SINE   8u
#define MINUTE (60 * 48000 / BLOCK) /* blocks */

static SyRig *new_vcos(const char *isa, uint32_t n_lanes)
{
    SyRig *rig = sy_rig_new("vco", isa, n_lanes, BLOCK);
    for (uint32_t l = 0; l < n_lanes; l++)
        rig->heard[l] = SINE;
    return rig;
}

static SyVcoState *vco(const SyRig *rig, uint32_t lane)
{
    return (SyVcoState *)(rig->state + lane * rig->stride);
}

/* How far a lane is from C4, in cents. */
static double cents(const SyRig *rig, uint32_t lane)
{
    const double hz = vco(rig, lane)->step[SY_VCO_STEPS - 1] * SY_RIG_RATE * 0x1p-32;
    return 1200.0 * log2(hz / SY_C4_HZ);
}

static void voices_agree_unless_told_otherwise(void **state)
{
    (void)state;
    SyRig *rig = new_vcos(NULL, LANES);
    sy_rig_run(rig, 0, BLOCK);
    for (uint32_t l = 0; l < LANES; l++)
        assert_int_equal(vco(rig, l)->step[0], vco(rig, 0)->step[0]);
    sy_rig_free(rig);
}

static void detune_sets_voices_apart(void **state)
{
    (void)state;
    double low = 0.0, high = 0.0;
    SyRig *rig = new_vcos(NULL, LANES);
    sy_rig_set(rig, "detune", 20.0f);
    sy_rig_run(rig, 0, BLOCK);
    for (uint32_t l = 0; l < LANES; l++) {
        assert_near(cents(rig, l), 0.0, 20.0);
        low = fmin(low, cents(rig, l));
        high = fmax(high, cents(rig, l));
        for (uint32_t other = 0; other < l; other++)
            assert_true(fabs(cents(rig, l) - cents(rig, other)) > 0.01);
    }
    assert_below(low, -10.0);
    assert_below(-high, -10.0);
    sy_rig_free(rig);
}

static void detuned_voice_keeps_its_pitch(void **state)
{
    (void)state;
    SyRig *rig = new_vcos(NULL, 1);
    sy_rig_set(rig, "detune", 20.0f);
    rig->heard[0] = 1;
    sy_rig_run(rig, 0, BLOCK);
    const int32_t step = vco(rig, 0)->step[0];
    for (int i = 0; i < 100; i++) {
        sy_rig_run(rig, 0, BLOCK);
        assert_int_equal(vco(rig, 0)->step[SY_VCO_STEPS - 1], step);
    }
    sy_rig_free(rig);
}

static void drift_wanders_slowly_and_not_too_far(void **state)
{
    (void)state;
    double low[4] = {0}, high[4] = {0}, before[4] = {0};
    SyRig *rig = new_vcos(NULL, 4);
    sy_rig_set(rig, "drift", 10.0f);
    for (int block = 0; block < MINUTE; block++) {
        sy_rig_run(rig, 0, BLOCK);
        for (uint32_t l = 0; l < 4; l++) {
            const double now = cents(rig, l);
            assert_near(now, 0.0, 10.0);
            if (block > 0)
                assert_near(now - before[l], 0.0, 0.02); /* 15 cents a second */
            low[l] = fmin(low[l], now);
            high[l] = fmax(high[l], now);
            before[l] = now;
        }
    }
    for (uint32_t l = 0; l < 4; l++)
        assert_below(3.0, high[l] - low[l]);
    assert_true(fabs(before[0] - before[1]) > 0.01 && fabs(before[2] - before[3]) > 0.01);
    sy_rig_free(rig);
}

/* After a day the frames are counted from 0 again. */
static void drift_begins_again_without_a_seam(void **state)
{
    (void)state;
    SyRig *rig = new_vcos(NULL, 1);
    sy_rig_set(rig, "drift", 100.0f);
    vco(rig, 0)->frames = 0u - 10u * BLOCK - 7u;
    sy_rig_run(rig, 0, BLOCK);
    for (int block = 0; block < 20; block++) {
        const double before = cents(rig, 0);
        sy_rig_run(rig, 0, BLOCK);
        assert_near(cents(rig, 0) - before, 0.0, 0.2);
    }
    assert_true(vco(rig, 0)->frames < 20u * BLOCK);
    sy_rig_free(rig);
}

static void drift_does_not_depend_on_cuts_or_build(void **state)
{
    (void)state;
    static const char *const isas[] = {"generic", "x86-64", "x86-64-v3", "x86-64-v4"};
    for (size_t k = 0; k < sizeof(isas) / sizeof(isas[0]); k++) {
        if (!sy_dsp_select(isas[k]))
            continue;
        SyRig *whole = new_vcos(isas[k], 1), *parts = new_vcos("generic", 1);
        for (int block = 0; block < 1200; block++) {
            /* on, off again, and on */
            const float drift = block / 400 % 2 ? 0.0f : 50.0f;
            sy_rig_set(whole, "drift", drift);
            sy_rig_set(parts, "drift", drift);
            sy_rig_run(whole, 0, BLOCK);
            sy_rig_run(parts, 0, 11);
            sy_rig_run(parts, 11, 12);
            sy_rig_run(parts, 12, BLOCK);
            assert_memory_equal(whole->state, parts->state, whole->module->state_size);
        }
        sy_rig_free(whole);
        sy_rig_free(parts);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(voices_agree_unless_told_otherwise),
        cmocka_unit_test(detune_sets_voices_apart),
        cmocka_unit_test(detuned_voice_keeps_its_pitch),
        cmocka_unit_test(drift_wanders_slowly_and_not_too_far),
        cmocka_unit_test(drift_begins_again_without_a_seam),
        cmocka_unit_test(drift_does_not_depend_on_cuts_or_build),
    };
    sy_dsp_thread_init();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
