/* The report is the JSON object; the table is a view of it, so the two cannot differ. How it is
 * printed is in report_print.c. */
#include "bench/report.h"

#include <json-c/json.h>
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "bench/curve.h"
#include "bench/json_read.h"

struct SyReport {
    struct json_object *json, *rows, *values, *notes;
    struct json_object *tables, *goals, *findings, *pictures; /* NULL as long as there are none */
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
    struct json_object *curve = sy_curve_json(histogram, per);
    if (curve)
        json_object_object_add(row, "curve", curve);
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

static void add_text(struct json_object *json, const char *key, const char *text)
{
    json_object_object_add(json, key, json_object_new_string(text));
}

void sy_report_draw(SyReport *report, const SyReportDraw *draw)
{
    const size_t last = json_object_array_length(report->tables) - 1;
    struct json_object *table = json_object_array_get_idx(report->tables, last);
    struct json_object *json = json_object_new_object();
    add_text(json, "kind", draw->bars ? "bars" : "lines");
    add_text(json, "title", draw->title);
    add_text(json, "series", draw->series);
    add_text(json, "x", draw->x);
    add_text(json, "y", draw->y);
    add_text(json, "unit", draw->unit);
    struct json_object *columns = add_array(json, "columns");
    for (uint32_t i = 0; i < draw->n_columns; i++)
        json_object_array_add(columns, json_object_new_string(draw->columns[i]));
    json_object_object_add(table, "draw", json);
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

void sy_report_finding(SyReport *report, const char *verdict, const char *what, const char *found,
                       const char *advice)
{
    struct json_object *json = json_object_new_object();
    if (!report->findings)
        report->findings = add_array(report->json, "findings");
    add_text(json, "verdict", verdict);
    add_text(json, "what", what);
    add_text(json, "found", found);
    add_text(json, "advice", advice);
    json_object_array_add(report->findings, json);
}

void sy_report_about(SyReport *report, const char *sentence)
{
    add_text(report->json, "about", sentence);
}

void sy_report_picture(SyReport *report, const char *name, const char *caption)
{
    struct json_object *json = json_object_new_object();
    if (!report->pictures)
        report->pictures = add_array(report->json, "pictures");
    add_text(json, "name", name);
    add_text(json, "caption", caption);
    json_object_array_add(report->pictures, json);
}

bool sy_report_is_noise(struct json_object *row)
{
    return strstr(sy_json_text(row, "name"), "noise:") != NULL;
}

struct json_object *sy_report_json(const SyReport *report)
{
    return report->json;
}
