/* A report as a table for people, and its JSON as text. */
#include <json-c/json.h>
#include <string.h>

#include "bench/figure.h"
#include "bench/json_read.h"
#include "bench/report.h"

static int widest_name(struct json_object *array, int at_least)
{
    for (size_t i = 0; i < sy_json_length(array); i++) {
        const int width = (int)strlen(sy_json_text(sy_json_at(array, i), "name"));
        if (width > at_least) {
            at_least = width;
        }
    }
    return at_least;
}

static void print_rows(struct json_object *rows, FILE *file, int width)
{
    static const char *const keys[] = {"p50_ns", "p99_ns", "p99.9_ns", "max_ns"};

    fprintf(file, "  %-*s %9s %9s %9s %9s %9s\n", width, "", "n", "p50", "p99", "p99.9", "max");
    for (size_t i = 0; i < sy_json_length(rows); i++) {
        struct json_object *row = sy_json_at(rows, i);
        fprintf(file, "  %-*s %9.0f", width, sy_json_text(row, "name"), sy_json_number(row, "n"));
        for (size_t k = 0; k < sizeof(keys) / sizeof(*keys); k++) {
            char cell[SY_FIGURE_TEXT];
            sy_figure_duration(cell, sy_json_number(row, keys[k]));
            fprintf(file, " %9s", cell);
        }
        fputc('\n', file);
    }
}

static void print_table_row(struct json_object *row, FILE *file, int width,
                            struct json_object *columns)
{
    struct json_object *cells = sy_json_array(row, "cells");

    fprintf(file, "  %-*s", width, sy_json_text(row, "name"));
    for (size_t i = 0; i < sy_json_length(cells); i++) {
        char cell[SY_FIGURE_TEXT];
        const int column = (int)strlen(sy_json_text_at(columns, i));
        sy_figure_number(cell, sy_json_number_at(cells, i));
        fprintf(file, "  %*s", column > 8 ? column : 8, cell);
    }
    fputc('\n', file);
}

static void print_table(struct json_object *table, FILE *file)
{
    struct json_object *columns = sy_json_array(table, "columns");
    struct json_object *rows = sy_json_array(table, "rows");
    const int width = widest_name(rows, 24);

    fprintf(file, "\n  %s\n  %-*s", sy_json_text(table, "title"), width, "");
    for (size_t i = 0; i < sy_json_length(columns); i++) {
        fprintf(file, "  %8s", sy_json_text_at(columns, i));
    }
    fputc('\n', file);
    for (size_t i = 0; i < sy_json_length(rows); i++) {
        print_table_row(sy_json_at(rows, i), file, width, columns);
    }
}

static void print_values(struct json_object *values, FILE *file, int width)
{
    for (size_t i = 0; i < sy_json_length(values); i++) {
        struct json_object *value = sy_json_at(values, i);
        char figure[SY_FIGURE_TEXT];
        sy_figure_number(figure, sy_json_number(value, "value"));
        fprintf(file, "%s  %-*s %9s %s\n", i == 0 ? "\n" : "", width, sy_json_text(value, "name"),
                figure, sy_json_text(value, "unit"));
    }
}

static void print_goals(struct json_object *goals, FILE *file)
{
    const int width = widest_name(goals, 24);

    for (size_t i = 0; i < sy_json_length(goals); i++) {
        struct json_object *goal = sy_json_at(goals, i);
        char value[SY_FIGURE_TEXT], limit[SY_FIGURE_TEXT];
        sy_figure_number(value, sy_json_number(goal, "value"));
        sy_figure_number(limit, sy_json_number(goal, "goal"));
        fprintf(file, "%s  %-6s  %-*s %9s %s (%s %s)\n", i == 0 ? "\n" : "",
                sy_json_bool(goal, "met") ? "met" : "MISSED", width, sy_json_text(goal, "name"),
                value, sy_json_text(goal, "unit"), sy_json_text(goal, "is"), limit);
    }
}

static void print_findings(struct json_object *findings, FILE *file)
{
    for (size_t i = 0; i < sy_json_length(findings); i++) {
        struct json_object *finding = sy_json_at(findings, i);
        const char *advice = sy_json_text(finding, "advice");
        fprintf(file, "%s  %-15s  %-18s %s%s%s\n", i == 0 ? "\n" : "",
                sy_json_text(finding, "verdict"), sy_json_text(finding, "what"),
                sy_json_text(finding, "found"), *advice ? ": " : "", advice);
    }
}

void sy_report_print_figures(const SyReport *report, FILE *file)
{
    struct json_object *json = sy_report_json(report);
    struct json_object *rows = sy_json_array(json, "rows"), *values = sy_json_array(json, "values");
    struct json_object *tables = sy_json_array(json, "tables");
    struct json_object *notes = sy_json_array(json, "notes");
    const int width = widest_name(values, widest_name(rows, 24));

    if (sy_json_length(rows) > 0) {
        print_rows(rows, file, width);
    }
    for (size_t i = 0; i < sy_json_length(tables); i++) {
        print_table(sy_json_at(tables, i), file);
    }
    print_values(values, file, width);
    print_goals(sy_json_array(json, "goals"), file);
    print_findings(sy_json_array(json, "findings"), file);
    for (size_t i = 0; i < sy_json_length(notes); i++) {
        fprintf(file, "%s  %s\n", i == 0 ? "\n" : "", sy_json_text_at(notes, i));
    }
}

void sy_report_print(const SyReport *report, FILE *file)
{
    struct json_object *json = sy_report_json(report);
    struct json_object *machine = sy_json_object(json, "machine");

    fprintf(file, "%s: synthd %s on %s, %.0f CPUs, Linux %s\n\n", sy_json_text(json, "bench"),
            sy_json_text(json, "version"), sy_json_text(machine, "cpu"),
            sy_json_number(machine, "cpus"), sy_json_text(machine, "kernel"));
    sy_report_print_figures(report, file);
}

void sy_report_print_json(const SyReport *report, FILE *file)
{
    fprintf(file, "%s\n",
            json_object_to_json_string_ext(sy_report_json(report), JSON_C_TO_STRING_PRETTY));
}
