/* The histogram against a sorted array of the same values. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <json-c/json.h>
#include <math.h>
#include <stdlib.h>

#include "bench/histogram.h"

static uint64_t next_random(uint64_t *state)
{
    *state = *state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return *state >> 33;
}

/* From 1 ns to 100 s, as many in each decade. */
static uint64_t next_duration(uint64_t *state)
{
    return (uint64_t)pow(10, 11.0 * (double)next_random(state) / 2147483648.0);
}

static int by_size(const void *a, const void *b)
{
    const uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

static void empty_histogram_answers_zero(void **state)
{
    (void)state;
    SyHistogram *histogram = sy_histogram_new();
    assert_int_equal(sy_histogram_count(histogram), 0);
    assert_int_equal(sy_histogram_min(histogram), 0);
    assert_int_equal(sy_histogram_max(histogram), 0);
    assert_int_equal(sy_histogram_percentile(histogram, 50), 0);
    assert_true(sy_histogram_mean(histogram) == 0);
    sy_histogram_free(histogram);
    sy_histogram_free(NULL);
}

static void small_values_are_exact(void **state)
{
    (void)state;
    SyHistogram *histogram = sy_histogram_new();
    for (uint64_t ns = 0; ns < 2048; ns++) {
        sy_histogram_reset(histogram);
        sy_histogram_record(histogram, ns);
        sy_histogram_record(histogram, 4000);
        assert_int_equal(sy_histogram_percentile(histogram, 50), ns);
    }
    sy_histogram_free(histogram);
}

static void every_value_is_kept_to_three_digits(void **state)
{
    (void)state;
    SyHistogram *histogram = sy_histogram_new();
    uint64_t random = 1;
    for (int i = 0; i < 2000; i++) {
        const uint64_t ns = next_duration(&random);
        sy_histogram_reset(histogram);
        sy_histogram_record(histogram, ns);
        sy_histogram_record(histogram, SY_HISTOGRAM_MAX_NS);
        const uint64_t kept = sy_histogram_percentile(histogram, 50);
        assert_true(kept >= ns);
        assert_true((double)(kept - ns) <= (double)ns / 1000);
    }
    sy_histogram_free(histogram);
}

static void values_at_the_edges_of_cells_fall_in_the_right_one(void **state)
{
    (void)state;
    SyHistogram *histogram = sy_histogram_new();
    for (uint32_t bit = 1; bit < 36; bit++) {
        for (int off = -1; off <= 1; off++) {
            const uint64_t ns = (UINT64_C(1) << bit) + (uint64_t)off;
            sy_histogram_reset(histogram);
            sy_histogram_record(histogram, ns);
            sy_histogram_record(histogram, SY_HISTOGRAM_MAX_NS);
            const uint64_t kept = sy_histogram_percentile(histogram, 50);
            assert_true(kept >= ns && kept - ns <= ns / 1000);
        }
    }
    sy_histogram_free(histogram);
}

static void percentiles_agree_with_sorting(void **state)
{
    (void)state;
    enum { N = 50000 };
    static const double percents[] = {0, 1, 25, 50, 90, 99, 99.9, 99.99, 100};
    SyHistogram *histogram = sy_histogram_new();
    uint64_t *sorted = malloc(N * sizeof *sorted);
    uint64_t random = 7;
    for (size_t i = 0; i < N; i++) {
        sorted[i] = next_duration(&random);
        sy_histogram_record(histogram, sorted[i]);
    }
    qsort(sorted, N, sizeof *sorted, by_size);
    for (size_t p = 0; p < sizeof percents / sizeof *percents; p++) {
        size_t rank = (size_t)llround(ceil(percents[p] * N / 100 - 1e-6));
        const uint64_t right = sorted[rank > 0 ? rank - 1 : 0];
        const uint64_t got = sy_histogram_percentile(histogram, percents[p]);
        assert_true(got >= right && got - right <= right / 1000);
    }
    assert_int_equal(sy_histogram_min(histogram), sorted[0]);
    assert_int_equal(sy_histogram_max(histogram), sorted[N - 1]);
    free(sorted);
    sy_histogram_free(histogram);
}

static void ranks_are_not_off_by_one(void **state)
{
    (void)state;
    SyHistogram *histogram = sy_histogram_new();
    for (uint64_t ns = 1; ns <= 1000; ns++)
        sy_histogram_record(histogram, ns);
    assert_int_equal(sy_histogram_percentile(histogram, 0), 1);
    assert_int_equal(sy_histogram_percentile(histogram, 50), 500);
    assert_int_equal(sy_histogram_percentile(histogram, 99), 990);
    assert_int_equal(sy_histogram_percentile(histogram, 99.9), 999);
    assert_int_equal(sy_histogram_percentile(histogram, 99.95), 1000);
    assert_int_equal(sy_histogram_percentile(histogram, 100), 1000);
    assert_true(fabs(sy_histogram_mean(histogram) - 500.5) < 1e-9);
    sy_histogram_free(histogram);
}

static void merging_is_the_same_as_recording_in_one(void **state)
{
    (void)state;
    SyHistogram *all = sy_histogram_new(), *a = sy_histogram_new(), *b = sy_histogram_new();
    uint64_t random = 3;
    for (int i = 0; i < 10000; i++) {
        const uint64_t ns = next_duration(&random) * (i % 100 == 0 ? 10 : 1);
        sy_histogram_record(all, ns);
        sy_histogram_record(i % 3 ? a : b, ns);
    }
    sy_histogram_merge(a, b);
    assert_int_equal(sy_histogram_count(a), sy_histogram_count(all));
    assert_int_equal(sy_histogram_over(a), sy_histogram_over(all));
    assert_true(sy_histogram_over(all) > 0);
    assert_int_equal(sy_histogram_min(a), sy_histogram_min(all));
    assert_int_equal(sy_histogram_max(a), sy_histogram_max(all));
    for (double percent = 0; percent <= 100; percent += 0.5)
        assert_int_equal(sy_histogram_percentile(a, percent),
                         sy_histogram_percentile(all, percent));
    sy_histogram_free(all);
    sy_histogram_free(a);
    sy_histogram_free(b);
}

static void values_over_the_range_are_counted_and_limited(void **state)
{
    (void)state;
    SyHistogram *histogram = sy_histogram_new();
    sy_histogram_record(histogram, SY_HISTOGRAM_MAX_NS);
    assert_int_equal(sy_histogram_over(histogram), 0);
    sy_histogram_record(histogram, SY_HISTOGRAM_MAX_NS + 1);
    sy_histogram_record(histogram, UINT64_MAX);
    assert_int_equal(sy_histogram_over(histogram), 2);
    assert_int_equal(sy_histogram_max(histogram), SY_HISTOGRAM_MAX_NS);
    assert_int_equal(sy_histogram_percentile(histogram, 100), SY_HISTOGRAM_MAX_NS);
    sy_histogram_free(histogram);
}

static int64_t number(struct json_object *json, const char *key)
{
    struct json_object *value;
    assert_true(json_object_object_get_ex(json, key, &value));
    return json_object_get_int64(value);
}

static void json_has_the_same_figures(void **state)
{
    (void)state;
    SyHistogram *histogram = sy_histogram_new();
    for (uint64_t ns = 1; ns <= 1000; ns++)
        sy_histogram_record(histogram, ns);
    struct json_object *json = sy_histogram_json(histogram);
    assert_int_equal(number(json, "n"), 1000);
    assert_int_equal(number(json, "min_ns"), 1);
    assert_int_equal(number(json, "p50_ns"), 500);
    assert_int_equal(number(json, "p90_ns"), 900);
    assert_int_equal(number(json, "p99_ns"), 990);
    assert_int_equal(number(json, "p99.9_ns"), 999);
    assert_int_equal(number(json, "max_ns"), 1000);
    assert_int_equal(number(json, "over"), 0);
    json_object_put(json);
    sy_histogram_free(histogram);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(empty_histogram_answers_zero),
        cmocka_unit_test(small_values_are_exact),
        cmocka_unit_test(every_value_is_kept_to_three_digits),
        cmocka_unit_test(values_at_the_edges_of_cells_fall_in_the_right_one),
        cmocka_unit_test(percentiles_agree_with_sorting),
        cmocka_unit_test(ranks_are_not_off_by_one),
        cmocka_unit_test(merging_is_the_same_as_recording_in_one),
        cmocka_unit_test(values_over_the_range_are_counted_and_limited),
        cmocka_unit_test(json_has_the_same_figures),
    };
    return cmocka_run_group_tests_name("histogram", tests, NULL, NULL);
}
