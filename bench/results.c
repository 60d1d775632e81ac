#include "bench/results.h"

#include <errno.h>
#include <json-c/json.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "bench/json_read.h"

struct json_object *sy_results_new(void)
{
    struct json_object *results = json_object_new_object();
    const time_t now = time(NULL);
    struct tm utc;
    char date[32];

    strftime(date, sizeof(date), "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&now, &utc));
    json_object_object_add(results, "date", json_object_new_string(date));
    json_object_object_add(results, "version", json_object_new_string(SY_VERSION));
    json_object_object_add(results, "benches", json_object_new_array());
    return results;
}

struct json_object *sy_results_benches(struct json_object *results)
{
    return sy_json_array(results, "benches");
}

void sy_results_add(struct json_object *results, const SyReport *report, double took_s, bool ok)
{
    struct json_object *bench = json_object_get(sy_report_json(report));
    struct json_object *machine = sy_json_object(bench, "machine");
    char seconds[32];

    snprintf(seconds, sizeof(seconds), "%.1f", took_s);
    json_object_object_add(bench, "took_s", json_object_new_double_s(took_s, seconds));
    if (!ok) {
        json_object_object_add(bench, "failed", json_object_new_boolean(true));
    }
    if (!sy_json_object(results, "machine")) {
        json_object_object_add(results, "machine", json_object_get(machine));
    }
    json_object_array_add(sy_results_benches(results), bench);
}

SyResultsGoals sy_results_goals(struct json_object *results)
{
    struct json_object *benches = sy_results_benches(results);
    SyResultsGoals goals = {0};

    for (size_t b = 0; b < sy_json_length(benches); b++) {
        struct json_object *array = sy_json_array(sy_json_at(benches, b), "goals");
        for (size_t i = 0; i < sy_json_length(array); i++) {
            goals.n++;
            goals.met += sy_json_bool(sy_json_at(array, i), "met");
        }
    }
    return goals;
}

bool sy_results_write(struct json_object *results, const char *path)
{
    const char *text = json_object_to_json_string_ext(results, JSON_C_TO_STRING_PRETTY);
    char *beside;

    if (asprintf(&beside, "%s.new", path) < 0) {
        return false;
    }
    FILE *file = fopen(beside, "we");
    bool ok = file && fputs(text, file) >= 0 && fputc('\n', file) != EOF;
    ok = file && fclose(file) == 0 && ok && rename(beside, path) == 0;
    if (!ok && file) {
        unlink(beside);
    }
    free(beside);
    return ok;
}

/* The whole file with a 0 behind it, or NULL with errno. */
static char *read_text(const char *path)
{
    FILE *file = fopen(path, "re");
    char *text = NULL;
    size_t room = 0;

    if (!file) {
        return NULL;
    }
    if (getdelim(&text, &room, '\0', file) < 0) {
        const int reason = ferror(file) ? errno : 0;
        free(text);
        text = reason ? NULL : strdup("");
        errno = reason;
    }
    fclose(file);
    return text;
}

__attribute__((format(printf, 3, 4))) static struct json_object *
refuse(char *error, size_t error_size, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(error, error_size, format, arguments);
    va_end(arguments);
    return NULL;
}

static bool is_results(struct json_object *json)
{
    struct json_object *benches = sy_results_benches(json);

    for (size_t i = 0; i < sy_json_length(benches); i++) {
        if (sy_json_text(sy_json_at(benches, i), "bench")[0] == '\0') {
            return false;
        }
    }
    return benches && sy_json_text(json, "date")[0] != '\0';
}

struct json_object *sy_results_read(const char *path, char *error, size_t error_size)
{
    enum json_tokener_error reason;
    char *text = read_text(path);

    if (!text) {
        return refuse(error, error_size, "%s: %s", path, strerror(errno));
    }
    struct json_object *json = json_tokener_parse_verbose(text, &reason);
    free(text);
    if (!json) {
        return refuse(error, error_size, "%s is not JSON: %s", path,
                      reason == json_tokener_continue ? "unexpected end of data"
                                                      : json_tokener_error_desc(reason));
    }
    if (!is_results(json)) {
        json_object_put(json);
        return refuse(error, error_size,
                      "%s is not what synthbench --report leaves: it has no date and benches",
                      path);
    }
    return json;
}
