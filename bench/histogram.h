/* A histogram of durations, in the manner of Gil Tene's HdrHistogram: logarithmic in the large and
 * linear in the small, so that every value from 1 ns to 100 s is kept to three significant digits
 * in a fixed array, and nothing is sampled away.  Recording is an index and an increment.
 */
#ifndef SY_BENCH_HISTOGRAM_H
#define SY_BENCH_HISTOGRAM_H

#include <stdint.h>

#include <json-c/json_types.h>

/* Durations above this are counted as this, and counted as over. */
#define SY_HISTOGRAM_MAX_NS UINT64_C(100000000000)

typedef struct SyHistogram SyHistogram;

/* An empty histogram, about 230 kB, or NULL when there is no memory.
 * Thread: any, but one at a time for each histogram, as all functions here.  RT: no. */
SyHistogram *sy_histogram_new(void);

/* Takes NULL.  RT: no. */
void sy_histogram_free(SyHistogram *histogram);

/* Empties it.  RT: yes. */
void sy_histogram_reset(SyHistogram *histogram);

/* Counts one duration.  RT: yes, constant time. */
void sy_histogram_record(SyHistogram *histogram, uint64_t ns);

/* Adds to `into` all that `from` has.  RT: yes. */
void sy_histogram_merge(SyHistogram *into, const SyHistogram *from);

/* Durations counted, and those among them above SY_HISTOGRAM_MAX_NS.  RT: yes. */
uint64_t sy_histogram_count(const SyHistogram *histogram);
uint64_t sy_histogram_over(const SyHistogram *histogram);

/* The smallest and largest duration, exact, and the mean; 0 when empty.  RT: yes. */
uint64_t sy_histogram_min(const SyHistogram *histogram);
uint64_t sy_histogram_max(const SyHistogram *histogram);
double sy_histogram_mean(const SyHistogram *histogram);

/* The smallest duration, to three digits and rounded up, that `percent` (0 to 100) of all those
 * counted do not exceed; 0 when empty.  RT: yes. */
uint64_t sy_histogram_percentile(const SyHistogram *histogram, double percent);

/* {"n", "min_ns", "mean_ns", "p50_ns", "p90_ns", "p99_ns", "p99.9_ns", "max_ns", "over"}; the
 * caller's.  RT: no. */
struct json_object *sy_histogram_json(const SyHistogram *histogram);

#endif
