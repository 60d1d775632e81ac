#include "bench/yardstick.h"

#include <stdlib.h>
#include <time.h>

#define NAIVE_FRAMES 64
#define ROUND_NS     200000
#define CALLS_MAX    (1u << 20)

int64_t sy_thread_cpu_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return now.tv_sec * INT64_C(1000000000) + now.tv_nsec;
}

/* Scalar on purpose: a compiler that took four frames at once would halve the unit. What goes
 * through the empty statement cannot be a part of a vector. And where a cache line begins: a loop
 * that the linker happens to lay across two takes 1.6 times as long, and all else would seem fast.
 */
__attribute__((noinline, aligned(64))) uint32_t sy_naive_saw(float *out, uint32_t n, uint32_t phase,
                                                             uint32_t step)
{
    for (uint32_t i = 0; i < n; i++) {
        phase += step;
        __asm__("" : "+r"(phase));
        out[i] = (float)(int32_t)phase * (1.0f / 2147483648.0f);
    }
    return phase;
}

static int in_order(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y;
}

double sy_median(double *values, uint32_t n)
{
    qsort(values, n, sizeof(*values), in_order);
    return n % 2 ? values[n / 2] : 0.5 * (values[n / 2 - 1] + values[n / 2]);
}

static void run_naive(void *user)
{
    static float out[NAIVE_FRAMES];
    uint32_t *phase = user;
    *phase = sy_naive_saw(out, NAIVE_FRAMES, *phase, 93631234);
}

/* ns a call */
static double time_calls(void (*run)(void *user), void *user, uint32_t n_calls)
{
    const int64_t before = sy_thread_cpu_ns();
    for (uint32_t i = 0; i < n_calls; i++) {
        run(user);
    }
    return (double)(sy_thread_cpu_ns() - before) / n_calls;
}

static uint32_t calls_for_a_round(void (*run)(void *user), void *user)
{
    uint32_t n_calls = 1;
    while (n_calls < CALLS_MAX && time_calls(run, user, n_calls) * n_calls < ROUND_NS / 2) {
        n_calls *= 2;
    }
    return n_calls;
}

SyRatio sy_ratio_measure(void (*run)(void *user), void *user, double units)
{
    double ratios[SY_RATIO_ROUNDS], ns[SY_RATIO_ROUNDS], naive_ns[SY_RATIO_ROUNDS];
    uint32_t phase = 0;
    const uint32_t n_calls = calls_for_a_round(run, user);
    const uint32_t n_naive_calls = calls_for_a_round(run_naive, &phase);

    for (int i = 0; i < SY_RATIO_ROUNDS; i++) {
        naive_ns[i] = time_calls(run_naive, &phase, n_naive_calls) / NAIVE_FRAMES;
        ns[i] = time_calls(run, user, n_calls) / units;
        ratios[i] = ns[i] / naive_ns[i];
    }
    return (SyRatio){.in_n = sy_median(ratios, SY_RATIO_ROUNDS),
                     .ns = sy_median(ns, SY_RATIO_ROUNDS),
                     .naive_ns = sy_median(naive_ns, SY_RATIO_ROUNDS),
                     .n_rounds = SY_RATIO_ROUNDS};
}
