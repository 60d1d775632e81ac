/* How two runs are held against each other.
 *
 * A machine that others use too is not the same twice, so a figure that is off need not mean
 * anything. Two things tell what does: the noise row, which every bench that measures times has
 * from between its own rounds, and how many samples there are. A time that moved no further than
 * the noise did at the same percentile, or than the noise spreads from its median to its p90, is
 * what the machine did; a percentile with a handful of samples above it is chance, and a maximum is
 * always that. Of figures without a noise row those that are off by more than a tenth are said to
 * have moved: they are medians, taken by turns with a yardstick. */
#include "bench/compare.h"

#include <json-c/json.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/json_read.h"
#include "bench/results.h"

#define TENTH      0.1
#define LEVEL_DB   0.5
#define BEYOND_MIN 10.0
#define UNREST_MS  1.0

/* Judging. */

static bool is_beyond(const SyPair *pair)
{
    const double moved = fabs(pair->is - pair->was);
    const double noise = fabs(pair->noise_is - pair->noise_was);
    const double least = fmin(fabs(pair->is), fabs(pair->was));

    if (!(moved > (pair->is_level ? LEVEL_DB : TENTH * least))) {
        return false;
    }
    return !(moved <= noise) && !(moved <= pair->spread); /* NAN: not known */
}

SyMove sy_compare_judge(const SyPair *pair)
{
    if (pair->beyond < BEYOND_MIN) {
        return SY_MOVE_UNJUDGED;
    }
    if (!is_beyond(pair)) {
        return SY_MOVE_NONE;
    }
    const bool higher = pair->is > pair->was;
    if (pair->good == SY_GOOD_UNKNOWN) {
        return higher ? SY_MOVE_HIGHER : SY_MOVE_LOWER;
    }
    return higher == (pair->good == SY_GOOD_HIGH) ? SY_MOVE_BETTER : SY_MOVE_WORSE;
}

const char *sy_compare_word(SyMove move)
{
    static const char *const words[] = {
        [SY_MOVE_NONE] = "as before", [SY_MOVE_BETTER] = "better",
        [SY_MOVE_WORSE] = "worse",    [SY_MOVE_HIGHER] = "higher",
        [SY_MOVE_LOWER] = "lower",    [SY_MOVE_UNJUDGED] = "too few samples",
    };
    return words[move];
}

static double ratio_of(const SyPair *pair)
{
    const bool comparable = !pair->is_level && pair->was * pair->is > 0;
    return comparable ? pair->is / pair->was : NAN;
}

/* Gathering. */

typedef struct Gatherer {
    SyComparison *comparison;
    size_t room;
    const char *bench;
    bool failed;
} Gatherer;

static void add(Gatherer *gatherer, SyChange change, const SyPair *pair)
{
    SyComparison *comparison = gatherer->comparison;

    if (isnan(pair->is)) {
        return;
    }
    if (isnan(pair->was)) {
        comparison->n_missing++;
        return;
    }
    if (comparison->n == gatherer->room) {
        const size_t room = gatherer->room ? 2 * gatherer->room : 256;
        SyChange *changes = realloc(comparison->changes, room * sizeof(*changes));
        gatherer->failed = gatherer->failed || !changes;
        if (!changes) {
            return;
        }
        comparison->changes = changes;
        gatherer->room = room;
    }
    change.bench = gatherer->bench;
    change.was = pair->was;
    change.is = pair->is;
    change.ratio = ratio_of(pair);
    change.move = sy_compare_judge(pair);
    comparison->n_moved += change.move != SY_MOVE_NONE && change.move != SY_MOVE_UNJUDGED;
    comparison->changes[comparison->n++] = change;
}

/* The noise row that a row is to be seen against: that of a run of several whose name begins as
 * this one's does ("JACK: noise: ...", "JACK: a block"), or the only one. */
static struct json_object *noise_of(struct json_object *bench, const char *name)
{
    struct json_object *rows = sy_json_array(bench, "rows"), *noise = NULL;
    ptrdiff_t longest = -1;

    for (size_t i = 0; i < sy_json_length(rows); i++) {
        struct json_object *row = sy_json_at(rows, i);
        const char *noise_name = sy_json_text(row, "name");
        const char *at = strstr(noise_name, "noise:");
        if (at && at - noise_name > longest &&
            strncmp(name, noise_name, (size_t)(at - noise_name)) == 0) {
            noise = row;
            longest = at - noise_name;
        }
    }
    return noise;
}

static const struct {
    const char *key, *name;
    double above; /* the share of all samples that lies above */
} percentiles[] = {
    {"p50_ns", "p50", 0.5},
    {"p99_ns", "p99", 0.01},
    {"p99.9_ns", "p99.9", 0.001},
    {"max_ns", "max", 0},
};

static double spread_of(struct json_object *noise)
{
    return sy_json_number(noise, "p90_ns") - sy_json_number(noise, "p50_ns");
}

/* The noise is one of a measurement, so of each of `per` things done in it only a part. */
static void add_row(Gatherer *gatherer, struct json_object *was, struct json_object *is,
                    struct json_object *noise_was, struct json_object *noise_is)
{
    const bool is_noise = sy_report_is_noise(is);
    const double n = fmin(sy_json_number(was, "n"), sy_json_number(is, "n"));
    const double per = is_noise ? NAN : sy_json_number(is, "per");

    for (size_t i = 0; i < sizeof(percentiles) / sizeof(*percentiles); i++) {
        const char *key = percentiles[i].key;
        const SyPair pair = {
            .was = sy_json_number(was, key),
            .is = sy_json_number(is, key),
            .noise_was = sy_json_number(noise_was, key) / per,
            .noise_is = sy_json_number(noise_is, key) / per,
            .spread = fmax(spread_of(noise_was), spread_of(noise_is)) / per,
            .beyond = percentiles[i].above * n,
            .good = SY_GOOD_LOW,
        };
        add(gatherer,
            (SyChange){.table = "",
                       .name = sy_json_text(is, "name"),
                       .figure = percentiles[i].name,
                       .unit = "ns"},
            &pair);
    }
}

static void add_rows(Gatherer *gatherer, struct json_object *was, struct json_object *is)
{
    struct json_object *rows = sy_json_array(is, "rows"), *older = sy_json_array(was, "rows");

    for (size_t i = 0; i < sy_json_length(rows); i++) {
        struct json_object *row = sy_json_at(rows, i);
        const char *name = sy_json_text(row, "name");
        add_row(gatherer, sy_json_find(older, "name", name), row, noise_of(was, name),
                noise_of(is, name));
    }
}

static SyGood good_of(struct json_object *goal)
{
    const char *is = sy_json_text(goal, "is");
    return strcmp(is, "at least") == 0  ? SY_GOOD_HIGH
           : strcmp(is, "at most") == 0 ? SY_GOOD_LOW
                                        : SY_GOOD_UNKNOWN;
}

/* Values and goals: a name, a value, a unit. */
static void add_values(Gatherer *gatherer, struct json_object *was, struct json_object *is,
                       const char *key)
{
    struct json_object *values = sy_json_array(is, key), *older = sy_json_array(was, key);

    for (size_t i = 0; i < sy_json_length(values); i++) {
        struct json_object *value = sy_json_at(values, i);
        const char *name = sy_json_text(value, "name"), *unit = sy_json_text(value, "unit");
        const SyPair pair = {
            .was = sy_json_number(sy_json_find(older, "name", name), "value"),
            .is = sy_json_number(value, "value"),
            .noise_was = NAN,
            .noise_is = NAN,
            .spread = NAN,
            .beyond = INFINITY,
            .is_level = strcmp(unit, "dB") == 0,
            .good = good_of(value),
        };
        add(gatherer, (SyChange){.table = "", .name = name, .figure = "", .unit = unit}, &pair);
    }
}

/* Where a column was: at the same place as a rule, since some have the same name. */
static size_t place_of(struct json_object *columns, size_t place, const char *name)
{
    size_t i = 0;

    if (strcmp(sy_json_text_at(columns, place), name) == 0) {
        return place;
    }
    while (i < sy_json_length(columns) && strcmp(sy_json_text_at(columns, i), name) != 0) {
        i++;
    }
    return i;
}

static void add_cells(Gatherer *gatherer, struct json_object *was, struct json_object *is,
                      struct json_object *row)
{
    struct json_object *columns = sy_json_array(is, "columns");
    struct json_object *row_was =
        sy_json_find(sy_json_array(was, "rows"), "name", sy_json_text(row, "name"));

    for (size_t i = 0; i < sy_json_length(columns); i++) {
        const char *column = sy_json_text_at(columns, i);
        const size_t i_was = place_of(sy_json_array(was, "columns"), i, column);
        const SyPair pair = {
            .was = sy_json_number_at(sy_json_array(row_was, "cells"), i_was),
            .is = sy_json_number_at(sy_json_array(row, "cells"), i),
            .noise_was = NAN,
            .noise_is = NAN,
            .spread = NAN,
            .beyond = INFINITY,
            .is_level = strstr(column, "dB") != NULL,
        };
        add(gatherer,
            (SyChange){.table = sy_json_text(is, "title"),
                       .name = sy_json_text(row, "name"),
                       .figure = column,
                       .unit = ""},
            &pair);
    }
}

static void add_tables(Gatherer *gatherer, struct json_object *was, struct json_object *is)
{
    struct json_object *tables = sy_json_array(is, "tables"), *older = sy_json_array(was, "tables");

    for (size_t t = 0; t < sy_json_length(tables); t++) {
        struct json_object *table = sy_json_at(tables, t), *rows = sy_json_array(table, "rows");
        struct json_object *table_was = sy_json_find(older, "title", sy_json_text(table, "title"));
        for (size_t i = 0; i < sy_json_length(rows); i++) {
            add_cells(gatherer, table_was, table, sy_json_at(rows, i));
        }
    }
}

SyComparison *sy_compare(struct json_object *older, struct json_object *newer)
{
    struct json_object *benches = sy_results_benches(newer);
    Gatherer gatherer = {.comparison = calloc(1, sizeof(*gatherer.comparison))};

    for (size_t i = 0; gatherer.comparison && i < sy_json_length(benches); i++) {
        struct json_object *is = sy_json_at(benches, i);
        gatherer.bench = sy_json_text(is, "bench");
        struct json_object *was = sy_json_find(sy_results_benches(older), "bench", gatherer.bench);
        add_values(&gatherer, was, is, "goals");
        add_rows(&gatherer, was, is);
        add_values(&gatherer, was, is, "values");
        add_tables(&gatherer, was, is);
    }
    if (gatherer.failed) {
        sy_compare_free(gatherer.comparison);
        return NULL;
    }
    return gatherer.comparison;
}

void sy_compare_free(SyComparison *comparison)
{
    if (comparison) {
        free(comparison->changes);
        free(comparison);
    }
}

const SyChange *sy_compare_find(const SyComparison *comparison, const char *bench,
                                const char *table, const char *name, const char *figure)
{
    for (size_t i = 0; comparison && i < comparison->n; i++) {
        const SyChange *change = &comparison->changes[i];
        if (strcmp(change->bench, bench) == 0 && strcmp(change->table, table) == 0 &&
            strcmp(change->name, name) == 0 && strcmp(change->figure, figure) == 0) {
            return change;
        }
    }
    return NULL;
}

/* The circumstances. */

static bool machine_differs(struct json_object *older, struct json_object *newer, const char *key)
{
    struct json_object *was = sy_json_object(older, "machine");
    struct json_object *is = sy_json_object(newer, "machine");
    return strcmp(sy_json_text(was, key), sy_json_text(is, key)) != 0;
}

/* The worst p99 of all noise rows, in ms. */
static double unrest_of(struct json_object *results)
{
    struct json_object *benches = sy_results_benches(results);
    double worst_ns = 0;

    for (size_t b = 0; b < sy_json_length(benches); b++) {
        struct json_object *rows = sy_json_array(sy_json_at(benches, b), "rows");
        for (size_t i = 0; i < sy_json_length(rows); i++) {
            if (sy_report_is_noise(sy_json_at(rows, i))) {
                worst_ns = fmax(worst_ns, sy_json_number(sy_json_at(rows, i), "p99_ns"));
            }
        }
    }
    return worst_ns * 1e-6;
}

void sy_compare_circumstances(struct json_object *older, struct json_object *newer, char *text,
                              size_t size)
{
    const bool cpu = machine_differs(older, newer, "cpu") ||
                     sy_json_number(sy_json_object(older, "machine"), "cpus") !=
                         sy_json_number(sy_json_object(newer, "machine"), "cpus");
    const bool kernel = machine_differs(older, newer, "kernel");
    const bool version =
        strcmp(sy_json_text(older, "version"), sy_json_text(newer, "version")) != 0;
    const double was = unrest_of(older), is = unrest_of(newer);
    char busy[160] = "";

    if (was > UNREST_MS || is > UNREST_MS) {
        snprintf(busy, sizeof(busy),
                 "The machine was busy: its noise had a p99 of %.3g ms then, of %.3g ms now. "
                 "What moved may be its doing. ",
                 was, is);
    }
    snprintf(text, size, "%s%s%s%s", cpu ? "The earlier run was on other CPUs. " : "",
             kernel ? "The earlier run was on another kernel. " : "",
             version ? "The earlier run was of another version. " : "", busy);
}
