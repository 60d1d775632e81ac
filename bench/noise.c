#include "bench/noise.h"

#include <time.h>

#include "bench/bench.h"

#define AHEAD_NS UINT64_C(500000)

void sy_noise_measure(SyHistogram *histogram, unsigned n)
{
    while (n-- > 0) {
        const uint64_t at = sy_bench_now() + AHEAD_NS;
        const struct timespec until = {.tv_sec = (time_t)(at / 1000000000),
                                       .tv_nsec = (long)(at % 1000000000)};
        while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL) != 0)
            ;
        sy_histogram_record(histogram, sy_bench_now() - at);
    }
}
