/* The yardstick: what it measures, and that it measures as long as it should. */
#include <math.h>

#include "bench/yardstick.h"
#include "tests/rig/check.h"

#define FRAMES 256

static void naive_saw_rises_and_wraps(void **state)
{
    (void)state;
    float out[4];
    const uint32_t phase = sy_naive_saw(out, 4, 0, 0x40000000u);
    static const float saw[] = {0.5f, -1.0f, -0.5f, 0.0f};
    for (int i = 0; i < 4; i++)
        assert_true(out[i] == saw[i]);
    assert_int_equal(phase, 0);
}

static void median_is_in_the_middle(void **state)
{
    (void)state;
    double odd[] = {3.0, 1.0, 2.0}, even[] = {4.0, 1.0, 3.0, 2.0};
    assert_true(sy_median(odd, 3) == 2.0);
    assert_true(sy_median(even, 4) == 2.5);
}

typedef struct Saws {
    float out[FRAMES];
    uint32_t phase;
    int n;
} Saws;

static void run_saws(void *user)
{
    Saws *saws = user;
    for (int i = 0; i < saws->n; i++)
        saws->phase = sy_naive_saw(saws->out, FRAMES, saws->phase, 12345678u);
}

/* However the machine's clock runs: both are measured by turns. */
static void naive_saw_costs_1_n_and_five_of_them_5(void **state)
{
    (void)state;
    if (SY_SANITIZED)
        skip();
    Saws one = {.n = 1}, five = {.n = 5};
    const SyRatio unit = sy_ratio_measure(run_saws, &one, FRAMES);
    const SyRatio more = sy_ratio_measure(run_saws, &five, FRAMES);
    assert_int_equal(unit.n_rounds, SY_RATIO_ROUNDS);
    assert_true(unit.ns > 0.0 && unit.naive_ns > 0.0);
    if (!(unit.in_n > 0.6 && unit.in_n < 1.6 && more.in_n > 3.0 && more.in_n < 8.0))
        fail_msg("%g N and %g N", unit.in_n, more.in_n);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(naive_saw_rises_and_wraps),
        cmocka_unit_test(median_is_in_the_middle),
        cmocka_unit_test(naive_saw_costs_1_n_and_five_of_them_5),
    };
    return cmocka_run_group_tests_name("yardstick", tests, NULL, NULL);
}
