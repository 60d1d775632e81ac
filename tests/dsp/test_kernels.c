/* The choice of a build, what a thread is told, and how true the approximations are. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define SY_WIDTH      4
#define SY_INTRINSICS 0
#include "dsp/approx.h"

#include "tests/dsp/bench.h"

static void build_is_chosen_by_name_or_the_best(void **state)
{
    (void)state;
    const SyDsp *best = sy_dsp_select(NULL);
    assert_non_null(best);
    assert_ptr_equal(sy_dsp_select(best->isa), best);
    assert_non_null(sy_dsp_select("generic"));
    assert_string_equal(sy_dsp_select("generic")->isa, "generic");
    assert_null(sy_dsp_select("pdp-11"));
    assert_null(sy_dsp_select(""));
#ifdef SY_WITH_X86_64
    assert_non_null(sy_dsp_select("x86-64"));
    assert_true(best->width >= sy_dsp_select("x86-64")->width);
#endif
}

static const char *const isas[] = {"generic", "x86-64", "x86-64-v3", "x86-64-v4"};

static void every_kernel_is_in_every_build(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(isas) / sizeof(isas[0]); i++) {
        const SyDsp *dsp = sy_dsp_select(isas[i]);
        if (!dsp)
            continue;
        assert_true(dsp->vco && dsp->svf && dsp->lfo && dsp->adsr);
        assert_true(dsp->mix && dsp->noise && dsp->gain && dsp->limit);
    }
}

/* One frame in each place of two wires in turn. */
static bool finds_everywhere(const SyDsp *dsp, float what, float other, uint32_t n_frames)
{
    float a[100], b[100];
    const float *const wires[] = {a, b};
    for (uint32_t i = 0; i < n_frames; i++)
        a[i] = b[i] = other;
    bool all = !dsp->wild(wires, 2, n_frames);
    for (uint32_t i = 0; i < 2 * n_frames; i++) {
        float *at = i < n_frames ? &a[i] : &b[i - n_frames];
        *at = what;
        all = all && dsp->wild(wires, 2, n_frames);
        *at = other;
    }
    return all;
}

static void what_is_not_a_number_is_found_and_nothing_else(void **state)
{
    (void)state;
    static const float wild[] = {NAN, INFINITY, -INFINITY}, fine[] = {0.0f, -1.0f, 3e38f};
    for (size_t i = 0; i < sizeof(isas) / sizeof(isas[0]); i++) {
        const SyDsp *dsp = sy_dsp_select(isas[i]);
        for (uint32_t n = 1; dsp && n <= 100; n++) {
            for (int w = 0; w < 3; w++)
                assert_true(finds_everywhere(dsp, wild[w], fine[(w + n) % 3], n));
        }
    }
}

static void an_infinity_is_found_beside_its_opposite(void **state)
{
    (void)state;
    const float frames[] = {INFINITY, 0.0f, -INFINITY, 1.0f};
    const float *const wire = frames;
    assert_true(sy_dsp_select(NULL)->wild(&wire, 1, 4));
}

static void thread_flushes_denormals_once_told_to(void **state)
{
    (void)state;
    volatile float small = 1e-38f, denormal;
    sy_dsp_thread_init();
    denormal = small * 1e-3f;
#if defined(__x86_64__) || defined(__aarch64__)
    assert_true(denormal == 0.0f);
#else
    (void)denormal;
#endif
}

static void tables_are_the_same_every_time(void **state)
{
    (void)state;
    SyTables *a = aligned_alloc(64, (sizeof(SyTables) + 63) / 64 * 64);
    SyTables *b = aligned_alloc(64, (sizeof(SyTables) + 63) / 64 * 64);
    memset(a, 0x11, sizeof(*a));
    memset(b, 0x77, sizeof(*b));
    sy_tables_init(a, 44100.0);
    sy_tables_init(b, 44100.0);
    assert_memory_equal(a, b, sizeof(*a));
    free(a);
    free(b);
}

/* Neighbouring taps meet, and nothing is left at either end. */
static void residues_are_smooth_and_end_at_zero(void **state)
{
    (void)state;
    const SyTables *tables = sy_rig_tables();
    for (int order = 0; order < SY_BLEP_ORDERS; order++) {
        float end = 0.0f;
        for (int tap = 0; tap < SY_BLEP_TAPS; tap++) {
            const bool jumps = order == 0 && tap == SY_BLEP_TAPS / 2;
            assert_near(tables->blep[order][0][tap], end - (jumps ? 1.0 : 0.0), 1e-5);
            end = 0.0f;
            for (int k = SY_BLEP_TERMS - 1; k >= 0; k--)
                end += tables->blep[order][k][tap];
        }
        assert_near(end, 0.0, 1e-6);
    }
}

static void exp2_is_true_to_a_thousandth_of_a_cent(void **state)
{
    (void)state;
    for (float x = -20.0f; x < 20.0f; x += 0.00317f)
        assert_near(1200.0 * (log2(sy_exp2(sy_f(x))[0]) - x), 0.0, 0.001);
    for (float x = -126.0f; x <= 126.0f; x++)
        assert_true(sy_exp2(sy_f(x))[0] == exp2f(x));
    assert_true(sy_exp2(sy_f(1000.0f))[0] == exp2f(126.0f));
    assert_true(sy_exp2(sy_f(-1000.0f))[0] == exp2f(-126.0f));
}

static void sine_is_true_to_2_parts_in_10_million(void **state)
{
    (void)state;
    for (uint64_t phase = 0; phase < 4294967296; phase += 1234577)
        assert_near(sy_sine(sy_u((uint32_t)phase))[0], sin(2.0 * M_PI * (double)phase * 0x1p-32),
                    2e-7);
}

static void vector_ramp_is_the_ramp(void **state)
{
    (void)state;
    const SyRamp ramp = {0.3f, 0.9f, 0.6f / 37.0f, 37, -5};
    for (uint32_t i = 0; i < 60; i++) {
        const SyF four = sy_ramp_v(&ramp, i);
        for (uint32_t k = 0; k < 4; k++)
            assert_true(four[k] == sy_ramp_at(&ramp, i + k));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(build_is_chosen_by_name_or_the_best),
        cmocka_unit_test(every_kernel_is_in_every_build),
        cmocka_unit_test(what_is_not_a_number_is_found_and_nothing_else),
        cmocka_unit_test(an_infinity_is_found_beside_its_opposite),
        cmocka_unit_test(thread_flushes_denormals_once_told_to),
        cmocka_unit_test(tables_are_the_same_every_time),
        cmocka_unit_test(residues_are_smooth_and_end_at_zero),
        cmocka_unit_test(exp2_is_true_to_a_thousandth_of_a_cent),
        cmocka_unit_test(sine_is_true_to_2_parts_in_10_million),
        cmocka_unit_test(vector_ramp_is_the_ramp),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
