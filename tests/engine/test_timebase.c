#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <time.h>

#include <cmocka.h>

#include "engine/timebase.h"

#define RATE  48000.0
#define BLOCK 64

static double jitter(unsigned *seed)
{
    return 0.0002 * rand_r(seed) / RAND_MAX;
}

/* A device whose clock is `drift` fast, with late wake-ups and now and then one that is 10 ms late.
 */
static void run(SyTimebase *timebase, double drift, int n_blocks)
{
    unsigned seed = 1;
    for (int i = 0; i < n_blocks; i++) {
        const double stolen = i % 1500 == 1499 ? 0.01 : 0;
        const double now = 100 + i * BLOCK / (RATE * (1 + drift)) + jitter(&seed) + stolen;
        sy_timebase_tick(timebase, (int64_t)i * BLOCK, now);
    }
}

static void frames_follow_a_clock_that_drifts(void **state)
{
    static const double drifts[] = {0, 1e-4, -1e-4};

    (void)state;
    for (int d = 0; d < 3; d++) {
        SyTimebase timebase;
        const int n = 200000;
        sy_timebase_init(&timebase, RATE, BLOCK);
        run(&timebase, drifts[d], n);
        const double now = 100 + n * BLOCK / (RATE * (1 + drifts[d]));
        const double error_s = (sy_timebase_frame(&timebase, now) - (double)n * BLOCK) / RATE;
        assert_true(fabs(error_s) < 0.001);
    }
}

static void mapping_holds_still_under_jitter(void **state)
{
    SyTimebase timebase;
    unsigned seed = 7;
    int moves = 0;

    (void)state;
    sy_timebase_init(&timebase, RATE, BLOCK);
    run(&timebase, 0, 2000);
    double before = sy_timebase_frame(&timebase, 200);
    for (int i = 2000; i < 100000; i++) {
        sy_timebase_tick(&timebase, (int64_t)i * BLOCK, 100 + i * BLOCK / RATE + jitter(&seed));
        const double after = sy_timebase_frame(&timebase, 200);
        moves += after != before;
        before = after;
    }
    assert_true(moves <= 1);
}

/* Whatever the phase of the clock, and in the doubles and 32-bit fractions that clients compute
 * with. */
static void times_ten_milliseconds_apart_are_480_frames_apart(void **state)
{
    SyTimebase timebase;
    SyRounder rounder = {0};
    unsigned seed = 3;

    (void)state;
    sy_timebase_init(&timebase, RATE, BLOCK);
    run(&timebase, 0, 2000);
    for (int i = 0; i < 20000; i++) {
        const double first = 1.8e9 + i * 0.37 + jitter(&seed);
        const double ntp = floor((first + 0.01) * 4294967296.0) / 4294967296.0;
        const int64_t a = sy_timebase_round(&timebase, &rounder, first);
        const int64_t b = sy_timebase_round(&timebase, &rounder, ntp);
        assert_int_equal(b - a, 480);
    }
}

static void rounding_does_not_wander_from_the_clock(void **state)
{
    SyTimebase timebase;
    SyRounder rounder = {0};

    (void)state;
    sy_timebase_init(&timebase, RATE, BLOCK);
    run(&timebase, 0, 2000);
    for (int i = 0; i < 100000; i++) {
        /* 480.04 frames apart: each is taken for 480 until that is not true any more. */
        const double at = 1.8e9 + i * (480.04 / RATE);
        const int64_t frame = sy_timebase_round(&timebase, &rounder, at);
        const double exact = sy_timebase_frame(&timebase, at - rounder.wall_ahead_s);
        assert_true(fabs((double)frame - exact) < 1);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(frames_follow_a_clock_that_drifts),
        cmocka_unit_test(mapping_holds_still_under_jitter),
        cmocka_unit_test(times_ten_milliseconds_apart_are_480_frames_apart),
        cmocka_unit_test(rounding_does_not_wander_from_the_clock),
    };
    return cmocka_run_group_tests_name("timebase", tests, NULL, NULL);
}
