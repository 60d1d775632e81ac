/* The report is the JSON object; the table is a view of it, so the two cannot differ. */
#include "bench/report.h"

#include <json-c/json.h>
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

struct SyReport {
    struct json_object *json, *rows, *values, *notes;
    struct json_object *tables, *goals; /* NULL as long as there are none */
    uint32_t missed;
};

/* "model name" of the first CPU, or what uname says where /proc/cpuinfo has no such line. */
static struct json_object *describe_cpu(void)
{
    char line[256];
    FILE *file = fopen("/proc/cpuinfo", "re");
    while (file && fgets(line, sizeof line, file)) {
        char *value = strstr(line, ": ");
        if (strncmp(line, "model name", 10) != 0 || !value)
            continue;
        fclose(file);
        value[strcspn(value, "\n")] = '\0';
        return json_object_new_string(value + 2);
    }
    if (file)
        fclose(file);
    struct utsname name;
    return json_object_new_string(uname(&name) == 0 ? name.machine : "?");
}

static struct json_object *describe_machine(void)
{
    struct utsname name;
    struct json_object *machine = json_object_new_object();
    json_object_object_add(machine, "cpu", describe_cpu());
    json_object_object_add(machine, "cpus", json_object_new_int64(sysconf(_SC_NPROCESSORS_ONLN)));
    json_object_object_add(machine, "kernel",
                           json_object_new_string(uname(&name) == 0 ? name.release : "?"));
    return machine;
}

static struct json_object *add_array(struct json_object *json, const char *key)
{
    struct json_object *array = json_object_new_array();
    json_object_object_add(json, key, array);
    return array;
}

SyReport *sy_report_new(const char *bench)
{
    SyReport *report = calloc(1, sizeof *report);
    if (!report)
        return NULL;
    report->json = json_object_new_object();
    json_object_object_add(report->json, "bench", json_object_new_string(bench));
    json_object_object_add(report->json, "version", json_object_new_string(SY_VERSION));
    json_object_object_add(report->json, "machine", describe_machine());
    report->rows = add_array(report->json, "rows");
    report->values = add_array(report->json, "values");
    report->notes = add_array(report->json, "notes");
    return report;
}

void sy_report_free(SyReport *report)
{
    if (!report)
        return;
    json_object_put(report->json);
    free(report);
}

static bool ends_with_ns(const char *key)
{
    const size_t length = strlen(key);
    return length > 3 && strcmp(key + length - 3, "_ns") == 0;
}

/* Without the 17 digits that json-c would print. JSON knows no NAN. */
static struct json_object *new_figure(double value)
{
    char text[32];
    if (isnan(value))
        return NULL;
    snprintf(text, sizeof text, "%.10g", value);
    return json_object_new_double_s(value, text);
}

void sy_report_row(SyReport *report, const char *name, const SyHistogram *histogram, uint64_t per)
{
    struct json_object *figures = sy_histogram_json(histogram);
    struct json_object *row = json_object_new_object();
    json_object_object_add(row, "name", json_object_new_string(name));
    json_object_object_add(row, "per", json_object_new_int64((int64_t)per));
    json_object_object_foreach(figures, key, value)
    {
        struct json_object *figure = ends_with_ns(key)
                                         ? new_figure(json_object_get_double(value) / (double)per)
                                         : json_object_get(value);
        json_object_object_add(row, key, figure);
    }
    json_object_put(figures);
    json_object_array_add(report->rows, row);
}

void sy_report_value(SyReport *report, const char *name, double value, const char *unit)
{
    struct json_object *json = json_object_new_object();
    json_object_object_add(json, "name", json_object_new_string(name));
    json_object_object_add(json, "value", new_figure(value));
    json_object_object_add(json, "unit", json_object_new_string(unit));
    json_object_array_add(report->values, json);
}

void sy_report_table(SyReport *report, const char *title, const char *const *columns,
                     uint32_t n_columns)
{
    struct json_object *table = json_object_new_object();
    if (!report->tables)
        report->tables = add_array(report->json, "tables");
    json_object_object_add(table, "title", json_object_new_string(title));
    struct json_object *names = add_array(table, "columns");
    for (uint32_t i = 0; i < n_columns; i++)
        json_object_array_add(names, json_object_new_string(columns[i]));
    add_array(table, "rows");
    json_object_array_add(report->tables, table);
}

void sy_report_cells(SyReport *report, const char *name, const double *cells)
{
    const size_t last = json_object_array_length(report->tables) - 1;
    struct json_object *table = json_object_array_get_idx(report->tables, last);
    struct json_object *row = json_object_new_object();
    json_object_object_add(row, "name", json_object_new_string(name));
    struct json_object *figures = add_array(row, "cells");
    const size_t n = json_object_array_length(json_object_object_get(table, "columns"));
    for (size_t i = 0; i < n; i++)
        json_object_array_add(figures, new_figure(cells[i]));
    json_object_array_add(json_object_object_get(table, "rows"), row);
}

static void add_goal(SyReport *report, const char *name, double value, double goal,
                     const char *unit, bool at_least)
{
    const bool met = at_least ? value >= goal : value <= goal;
    struct json_object *json = json_object_new_object();
    if (!report->goals)
        report->goals = add_array(report->json, "goals");
    json_object_object_add(json, "name", json_object_new_string(name));
    json_object_object_add(json, "value", new_figure(value));
    json_object_object_add(json, "goal", new_figure(goal));
    json_object_object_add(json, "is", json_object_new_string(at_least ? "at least" : "at most"));
    json_object_object_add(json, "unit", json_object_new_string(unit));
    json_object_object_add(json, "met", json_object_new_boolean(met));
    json_object_array_add(report->goals, json);
    report->missed += !met;
}

void sy_report_at_least(SyReport *report, const char *name, double value, double goal,
                        const char *unit)
{
    add_goal(report, name, value, goal, unit, true);
}

void sy_report_at_most(SyReport *report, const char *name, double value, double goal,
                       const char *unit)
{
    add_goal(report, name, value, goal, unit, false);
}

uint32_t sy_report_missed(const SyReport *report)
{
    return report->missed;
}

void sy_report_note(SyReport *report, const char *format, ...)
{
    char text[512];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    json_object_array_add(report->notes, json_object_new_string(text));
}

static const char *text_of(struct json_object *json, const char *key)
{
    return json_object_get_string(json_object_object_get(json, key));
}

static double number_of(struct json_object *json, const char *key)
{
    return json_object_get_double(json_object_object_get(json, key));
}

/* Three digits, or all there are before the point; a dash for what is not there. */
static void format_cell(char out[16], struct json_object *cell)
{
    const double value = json_object_get_double(cell);
    if (!cell)
        snprintf(out, 16, "-");
    else if (fabs(value) >= 999.5)
        snprintf(out, 16, "%.0f", value);
    else
        snprintf(out, 16, "%.3g", value);
}

/* Three digits and a unit that suits: "12.3 us". */
static void format_duration(char out[16], double ns)
{
    static const char *const units[] = {"ns", "us", "ms", "s"};
    size_t unit = 0;
    for (; ns >= 999.5 && unit < 3; unit++)
        ns /= 1000;
    const int decimals = ns < 9.995 ? 2 : ns < 99.95 ? 1 : 0;
    snprintf(out, 16, "%.*f %s", decimals, ns, units[unit]);
}

static int widest_name(struct json_object *array, int at_least)
{
    for (size_t i = 0; i < json_object_array_length(array); i++) {
        const int width = (int)strlen(text_of(json_object_array_get_idx(array, i), "name"));
        if (width > at_least)
            at_least = width;
    }
    return at_least;
}

static void print_rows(const SyReport *report, FILE *file, int width)
{
    static const char *const keys[] = {"p50_ns", "p99_ns", "p99.9_ns", "max_ns"};
    fprintf(file, "  %-*s %9s %9s %9s %9s %9s\n", width, "", "n", "p50", "p99", "p99.9", "max");
    for (size_t i = 0; i < json_object_array_length(report->rows); i++) {
        struct json_object *row = json_object_array_get_idx(report->rows, i);
        fprintf(file, "  %-*s %9s", width, text_of(row, "name"), text_of(row, "n"));
        for (size_t k = 0; k < sizeof keys / sizeof *keys; k++) {
            char cell[16];
            format_duration(cell, number_of(row, keys[k]));
            fprintf(file, " %9s", cell);
        }
        fputc('\n', file);
    }
}

static void print_table_row(struct json_object *row, FILE *file, int width,
                            struct json_object *columns)
{
    struct json_object *cells = json_object_object_get(row, "cells");
    fprintf(file, "  %-*s", width, text_of(row, "name"));
    for (size_t i = 0; i < json_object_array_length(cells); i++) {
        char cell[16];
        const char *column = json_object_get_string(json_object_array_get_idx(columns, i));
        const int room = strlen(column) > 8 ? (int)strlen(column) : 8;
        format_cell(cell, json_object_array_get_idx(cells, i));
        fprintf(file, "  %*s", room, cell);
    }
    fputc('\n', file);
}

static void print_table(struct json_object *table, FILE *file)
{
    struct json_object *columns = json_object_object_get(table, "columns");
    struct json_object *rows = json_object_object_get(table, "rows");
    const int width = widest_name(rows, 24);
    fprintf(file, "\n  %s\n  %-*s", text_of(table, "title"), width, "");
    for (size_t i = 0; i < json_object_array_length(columns); i++)
        fprintf(file, "  %8s", json_object_get_string(json_object_array_get_idx(columns, i)));
    fputc('\n', file);
    for (size_t i = 0; i < json_object_array_length(rows); i++)
        print_table_row(json_object_array_get_idx(rows, i), file, width, columns);
}

static void print_goals(struct json_object *goals, FILE *file)
{
    const int width = widest_name(goals, 24);
    for (size_t i = 0; i < json_object_array_length(goals); i++) {
        struct json_object *goal = json_object_array_get_idx(goals, i);
        char value[16], limit[16];
        format_cell(value, json_object_object_get(goal, "value"));
        format_cell(limit, json_object_object_get(goal, "goal"));
        fprintf(file, "%s  %-6s  %-*s %9s %s (%s %s)\n", i == 0 ? "\n" : "",
                json_object_get_boolean(json_object_object_get(goal, "met")) ? "met" : "MISSED",
                width, text_of(goal, "name"), value, text_of(goal, "unit"), text_of(goal, "is"),
                limit);
    }
}

static void print_values(struct json_object *values, FILE *file, int width)
{
    for (size_t i = 0; i < json_object_array_length(values); i++) {
        struct json_object *value = json_object_array_get_idx(values, i);
        char figure[16];
        format_cell(figure, json_object_object_get(value, "value"));
        fprintf(file, "%s  %-*s %9s %s\n", i == 0 ? "\n" : "", width, text_of(value, "name"),
                figure, text_of(value, "unit"));
    }
}

void sy_report_print_figures(const SyReport *report, FILE *file)
{
    const int width = widest_name(report->values, widest_name(report->rows, 24));
    if (json_object_array_length(report->rows) > 0)
        print_rows(report, file, width);
    for (size_t i = 0; report->tables && i < json_object_array_length(report->tables); i++)
        print_table(json_object_array_get_idx(report->tables, i), file);
    print_values(report->values, file, width);
    if (report->goals)
        print_goals(report->goals, file);
    for (size_t i = 0; i < json_object_array_length(report->notes); i++)
        fprintf(file, "%s  %s\n", i == 0 ? "\n" : "",
                json_object_get_string(json_object_array_get_idx(report->notes, i)));
}

void sy_report_print(const SyReport *report, FILE *file)
{
    struct json_object *machine = json_object_object_get(report->json, "machine");
    fprintf(file, "%s: synthd %s on %s, %s CPUs, Linux %s\n\n", text_of(report->json, "bench"),
            text_of(report->json, "version"), text_of(machine, "cpu"), text_of(machine, "cpus"),
            text_of(machine, "kernel"));
    sy_report_print_figures(report, file);
}

void sy_report_print_json(const SyReport *report, FILE *file)
{
    fprintf(file, "%s\n", json_object_to_json_string_ext(report->json, JSON_C_TO_STRING_PRETTY));
}
