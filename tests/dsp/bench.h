/* What every test of this folder includes. */
#ifndef SY_TESTS_DSP_BENCH_H
#define SY_TESTS_DSP_BENCH_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "bench/analyse.h"
#include "bench/yardstick.h"
#include "tests/dsp/rig.h"

/* Fails unless a < b, and says what they were. */
#define assert_below(a, b)                                                                         \
    do {                                                                                           \
        const double a_ = (a), b_ = (b);                                                           \
        if (!(a_ < b_))                                                                            \
            fail_msg("%s = %g, and not below %g", #a, a_, b_);                                     \
    } while (0)

/* Fails unless a is within `by` of b. */
#define assert_near(a, b, by)                                                                      \
    do {                                                                                           \
        const double a_ = (a), b_ = (b), by_ = (by);                                               \
        if (!(a_ > b_ - by_ && a_ < b_ + by_))                                                     \
            fail_msg("%s = %g, and not %g +- %g", #a, a_, b_, by_);                                \
    } while (0)

#endif
