/* The array is a row of buckets; bucket b > 0 holds the values from 1024 << b up to 2048 << b in
 * 1024 cells of width 1 << b, and bucket 0 those below 2048 in 2048 cells of width 1.  A cell is
 * therefore at most 1/1024 of the values in it, which is three digits.
 *
 * Source: https://hdrhistogram.org (the layout, not the code).
 */
#include "bench/histogram.h"

#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>

#define HALF    1024u /* cells in every bucket but the first, which has twice as many */
#define BUCKETS 27u   /* 2048 << 26 is 137 s */
#define CELLS   ((BUCKETS + 1) * HALF)

_Static_assert(((uint64_t)2 * HALF << (BUCKETS - 1)) > SY_HISTOGRAM_MAX_NS, "range");

struct SyHistogram {
    uint64_t n, over, min, max;
    double sum;
    uint64_t cells[CELLS];
};

static uint32_t bucket_of(uint64_t ns)
{
    return ns < 2 * HALF ? 0 : 53u - (uint32_t)__builtin_clzll(ns); /* 63 - clz is at least 11 */
}

static uint32_t cell_of(uint64_t ns)
{
    const uint32_t bucket = bucket_of(ns);
    return bucket * HALF + (uint32_t)(ns >> bucket);
}

/* The largest value that falls in a cell. */
static uint64_t cell_top(uint32_t cell)
{
    const uint32_t bucket = cell < 2 * HALF ? 0 : cell / HALF - 1;
    return ((uint64_t)(cell - bucket * HALF + 1) << bucket) - 1;
}

SyHistogram *sy_histogram_new(void)
{
    SyHistogram *histogram = malloc(sizeof *histogram);
    if (histogram)
        sy_histogram_reset(histogram); /* also touches the pages, before anything is timed */
    return histogram;
}

void sy_histogram_free(SyHistogram *histogram)
{
    free(histogram);
}

void sy_histogram_reset(SyHistogram *histogram)
{
    memset(histogram, 0, sizeof *histogram);
    histogram->min = UINT64_MAX;
}

void sy_histogram_record(SyHistogram *histogram, uint64_t ns)
{
    if (ns > SY_HISTOGRAM_MAX_NS) {
        ns = SY_HISTOGRAM_MAX_NS;
        histogram->over++;
    }
    histogram->cells[cell_of(ns)]++;
    histogram->n++;
    histogram->sum += (double)ns;
    if (ns < histogram->min)
        histogram->min = ns;
    if (ns > histogram->max)
        histogram->max = ns;
}

void sy_histogram_merge(SyHistogram *into, const SyHistogram *from)
{
    for (uint32_t i = 0; i < CELLS; i++)
        into->cells[i] += from->cells[i];
    into->n += from->n;
    into->over += from->over;
    into->sum += from->sum;
    if (from->min < into->min)
        into->min = from->min;
    if (from->max > into->max)
        into->max = from->max;
}

uint64_t sy_histogram_count(const SyHistogram *histogram)
{
    return histogram->n;
}

uint64_t sy_histogram_over(const SyHistogram *histogram)
{
    return histogram->over;
}

uint64_t sy_histogram_min(const SyHistogram *histogram)
{
    return histogram->n ? histogram->min : 0;
}

uint64_t sy_histogram_max(const SyHistogram *histogram)
{
    return histogram->max;
}

double sy_histogram_mean(const SyHistogram *histogram)
{
    return histogram->n ? histogram->sum / (double)histogram->n : 0;
}

/* How many of n values make up `percent` of them: at least one, and all at 100. */
static uint64_t rank_of(double percent, uint64_t n)
{
    if (percent >= 100)
        return n;
    const double exact = percent / 100 * (double)n;
    uint64_t rank = (uint64_t)exact;
    /* 99.9 is not a binary number: a hair above a whole number is that number. */
    if (exact - (double)rank > 1e-9 * (double)n)
        rank++;
    return rank > 0 ? rank : 1;
}

uint64_t sy_histogram_percentile(const SyHistogram *histogram, double percent)
{
    if (histogram->n == 0)
        return 0;
    const uint64_t rank = rank_of(percent, histogram->n);
    uint64_t seen = 0;
    uint32_t cell = 0;
    while ((seen += histogram->cells[cell]) < rank)
        cell++;
    const uint64_t top = cell_top(cell);
    return top < histogram->max ? top : histogram->max;
}

struct json_object *sy_histogram_json(const SyHistogram *histogram)
{
    static const struct {
        const char *key;
        double percent;
    } percentiles[] = {{"p50_ns", 50}, {"p90_ns", 90}, {"p99_ns", 99}, {"p99.9_ns", 99.9}};

    struct json_object *json = json_object_new_object();
    json_object_object_add(json, "n", json_object_new_int64((int64_t)histogram->n));
    json_object_object_add(json, "min_ns",
                           json_object_new_int64((int64_t)sy_histogram_min(histogram)));
    json_object_object_add(json, "mean_ns", json_object_new_double(sy_histogram_mean(histogram)));
    for (size_t i = 0; i < sizeof percentiles / sizeof *percentiles; i++) {
        const uint64_t ns = sy_histogram_percentile(histogram, percentiles[i].percent);
        json_object_object_add(json, percentiles[i].key, json_object_new_int64((int64_t)ns));
    }
    json_object_object_add(json, "max_ns",
                           json_object_new_int64((int64_t)sy_histogram_max(histogram)));
    json_object_object_add(json, "over", json_object_new_int64((int64_t)histogram->over));
    return json;
}
