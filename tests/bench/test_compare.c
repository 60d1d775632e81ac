/* Two runs beside each other: what is said to have moved, and what to a file that is none. */
#include <json-c/json.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bench/compare.h"
#include "bench/compare_print.h"
#include "bench/results.h"
#include "tests/rig/check.h"

#define UNKNOWN SY_GOOD_UNKNOWN
#define LOW     SY_GOOD_LOW
#define HIGH    SY_GOOD_HIGH

static void figures_move_when_they_are_off_by_more_than_a_tenth_and_the_noise(void **state)
{
    (void)state;
    static const struct {
        const char *what;
        SyPair pair;
        SyMove move;
    } cases[] = {
        {"a tenth is not more than a tenth",
         {100, 110, NAN, NAN, NAN, INFINITY, false, LOW},
         SY_MOVE_NONE},
        {"a time that grew", {100, 111, NAN, NAN, NAN, INFINITY, false, LOW}, SY_MOVE_WORSE},
        {"a time that shrank", {111, 100, NAN, NAN, NAN, INFINITY, false, LOW}, SY_MOVE_BETTER},
        {"voices that grew", {100, 120, NAN, NAN, NAN, INFINITY, false, HIGH}, SY_MOVE_BETTER},
        {"voices that became fewer",
         {120, 100, NAN, NAN, NAN, INFINITY, false, HIGH},
         SY_MOVE_WORSE},
        {"nobody says what is good",
         {100, 120, NAN, NAN, NAN, INFINITY, false, UNKNOWN},
         SY_MOVE_HIGHER},
        {"nor here", {120, 100, NAN, NAN, NAN, INFINITY, false, UNKNOWN}, SY_MOVE_LOWER},
        {"the noise moved as far", {100, 150, 30, 80, NAN, INFINITY, false, LOW}, SY_MOVE_NONE},
        {"the noise moved further, the other way",
         {100, 150, 80, 20, NAN, INFINITY, false, LOW},
         SY_MOVE_NONE},
        {"the noise moved less", {100, 150, 30, 79, NAN, INFINITY, false, LOW}, SY_MOVE_WORSE},
        {"noise of one run only", {100, 150, 30, NAN, NAN, INFINITY, false, LOW}, SY_MOVE_WORSE},
        {"9 samples above", {100, 200, NAN, NAN, NAN, 9, false, LOW}, SY_MOVE_UNJUDGED},
        {"10 samples above", {100, 200, NAN, NAN, NAN, 10, false, LOW}, SY_MOVE_WORSE},
        {"half a dB", {-100, -99.5, NAN, NAN, NAN, INFINITY, true, LOW}, SY_MOVE_NONE},
        {"0.6 dB", {-100, -99.4, NAN, NAN, NAN, INFINITY, true, LOW}, SY_MOVE_WORSE},
        {"nothing and nothing", {0, 0, NAN, NAN, NAN, INFINITY, false, LOW}, SY_MOVE_NONE},
        {"something from nothing", {0, 1, NAN, NAN, NAN, INFINITY, false, LOW}, SY_MOVE_WORSE},
        {"the noise spreads as far", {100, 150, 30, 30, 50, INFINITY, false, LOW}, SY_MOVE_NONE},
        {"the noise spreads less", {100, 150, 30, 30, 49, INFINITY, false, LOW}, SY_MOVE_WORSE},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        const SyMove move = sy_compare_judge(&cases[i].pair);
        if (move != cases[i].move) {
            fail_msg("%s: %s", cases[i].what, sy_compare_word(move));
        }
    }
}

/* A run of one bench: a row of 10,000 times per 2, its noise, a value, a goal, a cell. */
static struct json_object *run_of(int p50, int p999, int noise, double value, double goal,
                                  double cell)
{
    char text[2048];
    snprintf(
        text, sizeof(text),
        "{\"date\": \"2026-01-02T03:04:05Z\", \"version\": \"1\", \"machine\": {\"cpu\": \"c\", "
        "\"cpus\": 2, \"kernel\": \"k\"}, \"benches\": [{\"bench\": \"b\", \"rows\": ["
        "{\"name\": \"a row\", \"per\": 2, \"n\": 9000, \"p50_ns\": %d, \"p99.9_ns\": %d},"
        "{\"name\": \"noise: late\", \"per\": 1, \"n\": 9000, \"p50_ns\": %d, \"p99.9_ns\": 1}],"
        "\"values\": [{\"name\": \"a value\", \"value\": %g, \"unit\": \"things\"}],"
        "\"goals\": [{\"name\": \"a goal\", \"value\": %g, \"unit\": \"x\", \"is\": "
        "\"at least\", \"goal\": 5, \"met\": true}],"
        "\"tables\": [{\"title\": \"t\", \"columns\": [\"left\", \"same\", \"same\"], \"rows\": "
        "[{\"name\": \"r\", \"cells\": [null, 1, %g]}]}]}]}",
        p50, p999, noise, value, goal, cell);
    struct json_object *json = json_tokener_parse(text);
    assert_non_null(json);
    return json;
}

static const SyChange *find(const SyComparison *comparison, const char *name, const char *figure)
{
    const SyChange *change = sy_compare_find(comparison, "b", "", name, figure);
    if (!change) {
        fail_msg("%s %s is not compared", name, figure);
    }
    return change;
}

static void every_figure_has_its_ratio_and_verdict(void **state)
{
    (void)state;
    struct json_object *older = run_of(100, 500, 1000, 10, 10, 4);
    struct json_object *newer = run_of(150, 1000, 1080, 10.5, 8, 8);
    SyComparison *comparison = sy_compare(older, newer);
    const SyChange *p50 = find(comparison, "a row", "p50");
    assert_true(p50->was == 100 && p50->is == 150 && p50->ratio == 1.5);
    assert_int_equal(p50->move, SY_MOVE_WORSE); /* the noise of one thing of two moved by 40 */
    assert_int_equal(find(comparison, "a row", "p99.9")->move, SY_MOVE_UNJUDGED);
    assert_null(sy_compare_find(comparison, "b", "", "a row", "p99"));
    assert_int_equal(find(comparison, "noise: late", "p50")->move, SY_MOVE_NONE);
    assert_int_equal(find(comparison, "a value", "")->move, SY_MOVE_NONE);
    assert_int_equal(find(comparison, "a goal", "")->move, SY_MOVE_WORSE);
    assert_true(find(comparison, "a goal", "")->ratio == 0.8);
    const SyChange *cell = &comparison->changes[comparison->n - 1];
    assert_string_equal(cell->table, "t");
    assert_true(cell->was == 4 && cell->is == 8); /* the second of two columns of one name */
    assert_int_equal(cell->move, SY_MOVE_HIGHER);
    assert_int_equal(comparison->n, 8);
    assert_int_equal(comparison->n_moved, 3);
    assert_int_equal(comparison->n_missing, 0);
    sy_compare_free(comparison);
    json_object_put(older);
    json_object_put(newer);
}

static void noise_that_moved_as_far_explains_a_time(void **state)
{
    (void)state;
    struct json_object *older = run_of(100, 500, 1000, 10, 10, 4);
    struct json_object *newer = run_of(150, 500, 1100, 10, 10, 4);
    SyComparison *comparison = sy_compare(older, newer);
    assert_int_equal(find(comparison, "a row", "p50")->move, SY_MOVE_NONE);
    assert_int_equal(comparison->n_moved, 0);
    sy_compare_free(comparison);
    json_object_put(older);
    json_object_put(newer);
}

static void rows_are_seen_against_the_noise_that_was_measured_beside_them(void **state)
{
    (void)state;
    struct json_object *runs[2];
    for (int i = 0; i < 2; i++) {
        char text[1024];
        snprintf(text, sizeof(text),
                 "{\"date\": \"d\", \"benches\": [{\"bench\": \"b\", \"rows\": ["
                 "{\"name\": \"clock: noise: late\", \"per\": 1, \"n\": 90, \"p50_ns\": %d},"
                 "{\"name\": \"JACK: noise: late\", \"per\": 1, \"n\": 90, \"p50_ns\": 50},"
                 "{\"name\": \"clock: jitter\", \"per\": 1, \"n\": 90, \"p50_ns\": %d},"
                 "{\"name\": \"JACK: jitter\", \"per\": 1, \"n\": 90, \"p50_ns\": %d}]}]}",
                 i ? 500 : 50, i ? 400 : 100, i ? 400 : 100);
        runs[i] = json_tokener_parse(text);
        assert_non_null(runs[i]);
    }
    SyComparison *comparison = sy_compare(runs[0], runs[1]);
    assert_int_equal(find(comparison, "clock: jitter", "p50")->move, SY_MOVE_NONE);
    assert_int_equal(find(comparison, "JACK: jitter", "p50")->move, SY_MOVE_WORSE);
    sy_compare_free(comparison);
    json_object_put(runs[0]);
    json_object_put(runs[1]);
}

static void what_only_the_newer_run_has_is_counted_and_not_compared(void **state)
{
    (void)state;
    struct json_object *older = run_of(100, 500, 1000, 10, 10, 4);
    struct json_object *newer = run_of(100, 500, 1000, 10, 10, 4);
    json_object_object_del(json_object_array_get_idx(sy_results_benches(older), 0), "rows");
    SyComparison *comparison = sy_compare(older, newer);
    assert_null(sy_compare_find(comparison, "b", "", "a row", "p50"));
    assert_int_equal(comparison->n_missing, 4);
    sy_compare_free(comparison);
    json_object_put(older);
    json_object_put(newer);
    sy_compare_free(NULL);
}

static void other_circumstances_are_said(void **state)
{
    (void)state;
    struct json_object *older = run_of(1, 1, 1, 1, 1, 1), *newer = run_of(1, 1, 1, 1, 1, 1);
    struct json_object *machine;
    char text[512];
    sy_compare_circumstances(older, newer, text, sizeof(text));
    assert_string_equal(text, "");
    assert_true(json_object_object_get_ex(newer, "machine", &machine));
    json_object_object_add(machine, "cpu", json_object_new_string("another"));
    json_object_object_add(newer, "version", json_object_new_string("2"));
    sy_compare_circumstances(older, newer, text, sizeof(text));
    assert_non_null(strstr(text, "other CPUs"));
    assert_non_null(strstr(text, "another version"));
    assert_null(strstr(text, "kernel"));
    assert_null(strstr(text, "busy"));
    struct json_object *bench = json_object_array_get_idx(sy_results_benches(newer), 0), *rows;
    assert_true(json_object_object_get_ex(bench, "rows", &rows));
    json_object_object_add(json_object_array_get_idx(rows, 1), "p99_ns",
                           json_object_new_int(1500000));
    sy_compare_circumstances(older, newer, text, sizeof(text));
    assert_non_null(strstr(text, "busy"));
    assert_non_null(strstr(text, "1.5 ms now"));
    json_object_put(older);
    json_object_put(newer);
}

static void printed_table_has_both_runs_the_ratio_and_a_word(void **state)
{
    (void)state;
    struct json_object *older = run_of(100, 500, 1000, 10, 10, 4);
    struct json_object *newer = run_of(1500, 1000, 1000, 10, 10, 4);
    SyComparison *comparison = sy_compare(older, newer);
    char *text;
    size_t size;
    FILE *file = open_memstream(&text, &size);
    sy_compare_print(comparison, "b", "some day", file);
    sy_compare_print(comparison, "another bench", "some day", file);
    fclose(file);
    static const char *const parts[] = {"some day",     "a row, p50",      "100 ns",  "1.50 us",
                                        " 15  worse\n", "too few samples", "a value", "10 things"};
    for (size_t i = 0; i < sizeof(parts) / sizeof(*parts); i++) {
        if (!strstr(text, parts[i])) {
            fail_msg("%s is not in\n%s", parts[i], text);
        }
    }
    free(text);
    sy_compare_free(comparison);
    json_object_put(older);
    json_object_put(newer);
}

static void file_that_is_no_run_is_refused_with_a_reason(void **state)
{
    (void)state;
    static const struct {
        const char *text, *reason;
    } cases[] = {
        {"", "unexpected end"},
        {"{\"date\": \"d\", \"benches\": [", "unexpected end"},
        {"nonsense", "is not JSON"},
        {"[1, 2]", "no date and benches"},
        {"{\"benches\": []}", "no date and benches"},
        {"{\"date\": \"d\", \"benches\": [{}]}", "no date and benches"},
        {"{\"date\": \"d\", \"benches\": [7]}", "no date and benches"},
    };
    char path[] = "/tmp/synthbench-XXXXXX", error[256];
    const int fd = mkstemp(path);
    assert_true(fd >= 0);
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        assert_int_equal(ftruncate(fd, 0), 0);
        const size_t length = strlen(cases[i].text);
        assert_int_equal(pwrite(fd, cases[i].text, length, 0), length);
        assert_null(sy_results_read(path, error, sizeof(error)));
        if (!strstr(error, cases[i].reason) || !strstr(error, path)) {
            fail_msg("%s: %s", cases[i].text, error);
        }
    }
    close(fd);
    unlink(path);
    assert_null(sy_results_read(path, error, sizeof(error)));
    assert_non_null(strstr(error, "No such file"));
}

static void results_can_be_read_back_and_count_their_goals(void **state)
{
    (void)state;
    char path[] = "/tmp/synthbench-XXXXXX", error[256];
    struct json_object *results = sy_results_new();
    SyReport *report = sy_report_new("example");
    sy_report_at_least(report, "enough", 8.0, 8.0, "things");
    sy_report_at_least(report, "too few", 7.0, 8.0, "things");
    sy_results_add(results, report, 1.5, true);
    sy_report_free(report);
    report = sy_report_new("broken");
    sy_results_add(results, report, 0.5, false);
    sy_report_free(report);

    close(mkstemp(path));
    assert_true(sy_results_write(results, path));
    json_object_put(results);
    results = sy_results_read(path, error, sizeof(error));
    assert_non_null(results);
    assert_int_equal(sy_results_goals(results).n, 2);
    assert_int_equal(sy_results_goals(results).met, 1);
    assert_int_equal(json_object_array_length(sy_results_benches(results)), 2);
    json_object_put(results);
    unlink(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(figures_move_when_they_are_off_by_more_than_a_tenth_and_the_noise),
        cmocka_unit_test(every_figure_has_its_ratio_and_verdict),
        cmocka_unit_test(noise_that_moved_as_far_explains_a_time),
        cmocka_unit_test(rows_are_seen_against_the_noise_that_was_measured_beside_them),
        cmocka_unit_test(what_only_the_newer_run_has_is_counted_and_not_compared),
        cmocka_unit_test(other_circumstances_are_said),
        cmocka_unit_test(printed_table_has_both_runs_the_ratio_and_a_word),
        cmocka_unit_test(file_that_is_no_run_is_refused_with_a_reason),
        cmocka_unit_test(results_can_be_read_back_and_count_their_goals),
    };
    return cmocka_run_group_tests_name("compare", tests, NULL, NULL);
}
