/* The report is the JSON object; the table is a view of it, so the two cannot differ. */
#include "bench/report.h"

#include <json-c/json.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

struct SyReport {
    struct json_object *json, *rows, *values, *notes;
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
    SyReport *report = malloc(sizeof *report);
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

/* Without the 17 digits that json-c would print. */
static struct json_object *new_figure(double value)
{
    char text[32];
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

void sy_report_print(const SyReport *report, FILE *file)
{
    struct json_object *machine = json_object_object_get(report->json, "machine");
    const int width = widest_name(report->values, widest_name(report->rows, 24));
    fprintf(file, "%s: synthd %s on %s, %s CPUs, Linux %s\n\n", text_of(report->json, "bench"),
            text_of(report->json, "version"), text_of(machine, "cpu"), text_of(machine, "cpus"),
            text_of(machine, "kernel"));
    if (json_object_array_length(report->rows) > 0)
        print_rows(report, file, width);
    for (size_t i = 0; i < json_object_array_length(report->values); i++) {
        struct json_object *value = json_object_array_get_idx(report->values, i);
        fprintf(file, "%s  %-*s %9.3g %s\n", i == 0 ? "\n" : "", width, text_of(value, "name"),
                number_of(value, "value"), text_of(value, "unit"));
    }
    for (size_t i = 0; i < json_object_array_length(report->notes); i++)
        fprintf(file, "%s  %s\n", i == 0 ? "\n" : "",
                json_object_get_string(json_object_array_get_idx(report->notes, i)));
}

void sy_report_print_json(const SyReport *report, FILE *file)
{
    fprintf(file, "%s\n", json_object_to_json_string_ext(report->json, JSON_C_TO_STRING_PRETTY));
}
