/* A histogram as a line: how long the fastest 50 %, 90 %, 99 % ... took. */
#ifndef SY_BENCH_CURVE_H
#define SY_BENCH_CURVE_H

#include "bench/histogram.h"

/* [[percentile, ns], ...] from [0, the smallest] to [100, the largest], each duration divided by
 * `per`; NULL for an empty histogram. Between them ten points for every 9 that a percentile gains
 * (90, 99, 99.9 ...), as far as there are durations above it. The caller's; prints in one line.
 * Thread: any.  RT: no. */
struct json_object *sy_curve_json(const SyHistogram *histogram, uint64_t per);

#endif
