/* The table and the JSON of a report. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <json-c/json.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "bench/report.h"

typedef void Print(const SyReport *report, FILE *file);

static char *printed(const SyReport *report, Print *print)
{
    char *text;
    size_t size;
    FILE *file = open_memstream(&text, &size);
    print(report, file);
    fclose(file);
    return text;
}

/* A report with one row, of `ns` nanoseconds for `per` things. */
static SyReport *report_of(uint64_t ns, uint64_t per)
{
    SyReport *report = sy_report_new("example");
    SyHistogram *histogram = sy_histogram_new();
    sy_histogram_record(histogram, ns);
    sy_report_row(report, "a row", histogram, per);
    sy_histogram_free(histogram);
    return report;
}

static void durations_are_shown_in_the_unit_that_suits(void **state)
{
    (void)state;
    static const struct {
        uint64_t ns, per;
        const char *shown;
    } cases[] = {
        {5, 1, " 5.00 ns"},         {5, 2, " 2.50 ns"},        {999, 1, " 999 ns"},
        {1000, 1, " 1.00 us"},      {12345, 1, " 12.3 us"},    {999600, 1, " 1.00 ms"},
        {1500000000, 1, " 1.50 s"}, {50000, 1000, " 50.0 ns"}, {99000000000, 1, " 99.0 s"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        SyReport *report = report_of(cases[i].ns, cases[i].per);
        char *text = printed(report, sy_report_print);
        if (!strstr(text, cases[i].shown))
            fail_msg("%s is not in\n%s", cases[i].shown, text);
        free(text);
        sy_report_free(report);
    }
}

static void table_has_every_row_figure_and_note(void **state)
{
    (void)state;
    SyReport *report = report_of(1000, 1);
    sy_report_value(report, "a figure", 0.5, "things");
    sy_report_note(report, "a note with %d in it", 42);
    char *text = printed(report, sy_report_print);
    static const char *const parts[] = {"example: synthd ", "p99.9",      "a row",
                                        "a figure",         "0.5 things", "a note with 42 in it"};
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        if (!strstr(text, parts[i]))
            fail_msg("%s is not in\n%s", parts[i], text);
    }
    free(text);
    sy_report_free(report);
    sy_report_free(NULL);
}

static struct json_object *get(struct json_object *json, const char *key)
{
    struct json_object *value;
    if (!json_object_object_get_ex(json, key, &value))
        fail_msg("no %s in the JSON", key);
    return value;
}

static void json_can_be_read_back(void **state)
{
    (void)state;
    SyReport *report = report_of(5000, 1000);
    sy_report_value(report, "a figure", 0.1, "things");
    sy_report_note(report, "a \"note\"");
    char *text = printed(report, sy_report_print_json);
    struct json_object *json = json_tokener_parse(text);
    assert_non_null(json);
    assert_string_equal(json_object_get_string(get(json, "bench")), "example");
    assert_true(json_object_get_int(get(get(json, "machine"), "cpus")) > 0);

    struct json_object *row = json_object_array_get_idx(get(json, "rows"), 0);
    assert_string_equal(json_object_get_string(get(row, "name")), "a row");
    assert_int_equal(json_object_get_int(get(row, "n")), 1);
    assert_int_equal(json_object_get_int(get(row, "per")), 1000);
    assert_true(json_object_get_double(get(row, "p50_ns")) == 5.0);
    assert_true(json_object_get_double(get(row, "p99.9_ns")) == 5.0);

    struct json_object *value = json_object_array_get_idx(get(json, "values"), 0);
    assert_true(json_object_get_double(get(value, "value")) == 0.1);
    assert_string_equal(json_object_get_string(get(value, "unit")), "things");
    assert_string_equal(json_object_get_string(json_object_array_get_idx(get(json, "notes"), 0)),
                        "a \"note\"");
    json_object_put(json);
    free(text);
    sy_report_free(report);
}

static void table_of_its_own_has_title_columns_and_cells(void **state)
{
    (void)state;
    static const char *const columns[] = {"one", "another"};
    SyReport *report = report_of(1000, 1);
    sy_report_table(report, "a title", columns, 2);
    sy_report_cells(report, "a line", (double[]){12345.6, NAN});
    char *text = printed(report, sy_report_print);
    static const char *const parts[] = {"a title", "another", "a line", " 12346 ", " -\n"};
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        if (!strstr(text, parts[i]))
            fail_msg("%s is not in\n%s", parts[i], text);
    }
    free(text);
    text = printed(report, sy_report_print_json);
    struct json_object *json = json_tokener_parse(text);
    struct json_object *table = json_object_array_get_idx(get(json, "tables"), 0);
    struct json_object *row = json_object_array_get_idx(get(table, "rows"), 0);
    struct json_object *cells = get(row, "cells");
    assert_true(json_object_get_double(json_object_array_get_idx(cells, 0)) == 12345.6);
    assert_null(json_object_array_get_idx(cells, 1));
    json_object_put(json);
    free(text);
    sy_report_free(report);
}

static void goals_are_met_or_missed(void **state)
{
    (void)state;
    SyReport *report = report_of(1000, 1);
    sy_report_at_least(report, "enough", 8.0, 8.0, "things");
    sy_report_at_most(report, "little", 7.0, 8.0, "things");
    assert_int_equal(sy_report_missed(report), 0);
    sy_report_at_least(report, "too few", 7.0, 8.0, "things");
    sy_report_at_most(report, "too many", 9.0, 8.0, "things");
    sy_report_at_most(report, "unknown", NAN, 8.0, "things");
    assert_int_equal(sy_report_missed(report), 3);
    char *text = printed(report, sy_report_print);
    assert_non_null(strstr(text, "met     little"));
    assert_non_null(strstr(text, "MISSED  too many"));
    assert_non_null(strstr(text, "9 things (at most 8)"));
    free(text);
    sy_report_free(report);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(durations_are_shown_in_the_unit_that_suits),
        cmocka_unit_test(table_has_every_row_figure_and_note),
        cmocka_unit_test(json_can_be_read_back),
        cmocka_unit_test(table_of_its_own_has_title_columns_and_cells),
        cmocka_unit_test(goals_are_met_or_missed),
    };
    return cmocka_run_group_tests_name("report", tests, NULL, NULL);
}
