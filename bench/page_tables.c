#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "bench/json_read.h"
#include "bench/page_plots.h"
#include "bench/plot.h"

#define SIZES_MIN 3 /* or it is no line */

typedef struct Drawer {
    FILE *page;
    unsigned first, n;
} Drawer;

/* Writes a plot that has something in it, and frees it. */
static void draw(Drawer *drawer, SyPlot *plot)
{
    char id[32];

    snprintf(id, sizeof(id), "plot%u", drawer->first + drawer->n);
    if (plot && sy_plot_trim(plot)) {
        drawer->n += sy_plot_figure(plot, id, drawer->page);
    }
    free(plot);
}

/* Names with a number in them. */

/* The first number in a name, "1,360" being one; the rest of the name goes to `rest`. NAN if there
 * is none. */
static double size_in(const char *name, char rest[SY_PLOT_TEXT])
{
    const char *at = name;
    double size = 0;

    while (*at && !isdigit((unsigned char)*at)) {
        at++;
    }
    const size_t before = (size_t)(at - name);
    if (!*at) {
        return NAN;
    }
    for (; isdigit((unsigned char)*at) || (*at == ',' && isdigit((unsigned char)at[1])); at++) {
        size = *at == ',' ? size : 10 * size + (*at - '0');
    }
    snprintf(rest, SY_PLOT_TEXT, "%.*s%s", (int)before, name, at);
    return size;
}

/* Columns. */

static size_t place_of(struct json_object *columns, const char *name)
{
    size_t i = 0;
    while (i < sy_json_length(columns) && strcmp(sy_json_text_at(columns, i), name) != 0) {
        i++;
    }
    return i;
}

/* How many ns the unit is that a column's name ends with, or 0. */
static double unit_of(const char *column)
{
    static const struct {
        const char *name;
        double ns;
    } units[] = {{"ns", 1}, {"us", 1e3}, {"ms", 1e6}};
    const char *space = strrchr(column, ' ');
    const char *last = space ? space + 1 : column;

    for (size_t i = 0; i < sizeof(units) / sizeof(*units); i++) {
        if (strcmp(last, units[i].name) == 0) {
            return units[i].ns;
        }
    }
    return 0;
}

static bool is_percentile(const char *column)
{
    return column[0] == 'p' && isdigit((unsigned char)column[1]);
}

/* The column that a percentile is of: the last before it that is none itself. */
static size_t base_of(struct json_object *columns, size_t i)
{
    while (i > 0 && is_percentile(sy_json_text_at(columns, i))) {
        i--;
    }
    return i;
}

/* The same of a column by its place; "p99" has that of the column before it. */
static double unit_at(struct json_object *columns, size_t i)
{
    return unit_of(sy_json_text_at(columns, base_of(columns, i)));
}

/* The name without its unit; a percentile is one of the column before it. */
static void name_column(struct json_object *columns, size_t i, char name[SY_PLOT_TEXT])
{
    const char *column = sy_json_text_at(columns, i);
    const size_t of = base_of(columns, i);
    const char *first = sy_json_text_at(columns, of);
    const int length = (int)(strlen(first) > 3 ? strlen(first) - 3 : strlen(first));
    if (of == i) {
        snprintf(name, SY_PLOT_TEXT, "%.*s", length, first);
    } else {
        snprintf(name, SY_PLOT_TEXT, "%.*s, %.*s", length, first, (int)strcspn(column, " "),
                 column);
    }
}

static double cell_of(struct json_object *row, size_t column)
{
    return sy_json_number_at(sy_json_array(row, "cells"), column);
}

/* Tables that say nothing. */

/* A column over the sizes of all rows whose names are `rest` but for the number. */
static void add_column(SyPlot *plot, struct json_object *table, size_t column, const char *rest)
{
    struct json_object *rows = sy_json_array(table, "rows");
    struct json_object *columns = sy_json_array(table, "columns");
    char name[SY_PLOT_TEXT], other[SY_PLOT_TEXT];

    name_column(columns, column, name);
    SySeries *series = sy_plot_series(plot, name);
    for (size_t i = 0; series && i < sy_json_length(rows); i++) {
        struct json_object *row = sy_json_at(rows, i);
        const double size = size_in(sy_json_text(row, "name"), other);
        if (strcmp(rest, other) == 0) {
            sy_plot_point(series, size, cell_of(row, column) * unit_at(columns, column));
        }
    }
}

/* Without the blanks and commas around what is left when the number is gone. */
static void trim(const char *rest, char text[SY_PLOT_TEXT])
{
    snprintf(text, SY_PLOT_TEXT, "%s", rest + strspn(rest, " ,"));
    for (size_t n = strlen(text); n > 0 && strchr(" ,", text[n - 1]); n--) {
        text[n - 1] = '\0';
    }
}

/* Percentiles are drawn only where there is one column that they are of: three lines and their
 * shadows are too many to follow. */
static void add_columns(SyPlot *plot, struct json_object *table, const char *rest)
{
    struct json_object *columns = sy_json_array(table, "columns");
    size_t n_bases = 0;

    for (size_t i = 0; i < sy_json_length(columns); i++) {
        n_bases += base_of(columns, i) == i && unit_at(columns, i) > 0;
    }
    for (size_t i = 0; i < sy_json_length(columns); i++) {
        if (unit_at(columns, i) > 0 && (n_bases == 1 || base_of(columns, i) == i)) {
            add_column(plot, table, i, rest);
        }
    }
}

/* `alone`: all rows of the table are named like this. */
static SyPlot *plot_of_rest(struct json_object *table, const char *rest, bool alone)
{
    SyPlot *plot = sy_plot_new(SY_PLOT_LINES);
    char text[SY_PLOT_TEXT];

    if (!plot) {
        return NULL;
    }
    trim(rest, text);
    snprintf(plot->title, sizeof(plot->title), "%.90s%s%.100s", sy_json_text(table, "title"),
             alone ? "" : ": ", alone ? "" : text);
    snprintf(plot->x, sizeof(plot->x), "%s", text);
    snprintf(plot->y, sizeof(plot->y), "time");
    snprintf(plot->unit, sizeof(plot->unit), "ns");
    add_columns(plot, table, rest);
    return plot;
}

/* How many rows are named so but for the number; 0 if one before this one is. */
static size_t count_like(struct json_object *rows, size_t first, const char *rest)
{
    char other[SY_PLOT_TEXT];
    size_t n = 0;

    for (size_t i = 0; i < sy_json_length(rows); i++) {
        if (!isnan(size_in(sy_json_text(sy_json_at(rows, i), "name"), other)) &&
            strcmp(rest, other) == 0) {
            if (i < first) {
                return 0;
            }
            n++;
        }
    }
    return n;
}

static void draw_silent(Drawer *drawer, struct json_object *table)
{
    struct json_object *rows = sy_json_array(table, "rows");
    char rest[SY_PLOT_TEXT];

    for (size_t i = 0; i < sy_json_length(rows); i++) {
        const bool has_size = !isnan(size_in(sy_json_text(sy_json_at(rows, i), "name"), rest));
        const size_t n = has_size ? count_like(rows, i, rest) : 0;
        if (n >= SIZES_MIN) {
            draw(drawer, plot_of_rest(table, rest, n == sy_json_length(rows)));
        }
    }
}

/* Tables that say how they are drawn. */

static void add_named_column(SyPlot *plot, struct json_object *table, const char *column,
                             const char *series_name)
{
    struct json_object *rows = sy_json_array(table, "rows");
    const size_t place = place_of(sy_json_array(table, "columns"), column);
    SySeries *series = sy_plot_series(plot, series_name);
    char rest[SY_PLOT_TEXT];

    for (size_t i = 0; series && i < sy_json_length(rows) && i < SY_PLOT_POINTS; i++) {
        struct json_object *row = sy_json_at(rows, i);
        const char *name = sy_json_text(row, "name");
        const double x = plot->kind == SY_PLOT_BARS ? (double)i : size_in(name, rest);
        plot->names[i] = name;
        sy_plot_point(series, x, cell_of(row, place));
    }
}

static void add_table(SyPlot *plot, struct json_object *table)
{
    struct json_object *how = sy_json_object(table, "draw");
    struct json_object *columns = sy_json_array(how, "columns");
    const char *series = sy_json_text(how, "series");

    for (size_t i = 0; i < sy_json_length(columns); i++) {
        const char *column = sy_json_text_at(columns, i);
        const bool only_one = sy_json_length(columns) == 1 && *series;
        char name[SY_PLOT_TEXT];
        snprintf(name, sizeof(name), "%s%s%s", series, *series && !only_one ? ", " : "",
                 only_one ? "" : column);
        add_named_column(plot, table, column, name);
    }
}

/* All tables of the bench that are to be in the same plot as this one. */
static SyPlot *plot_with(struct json_object *tables, struct json_object *how)
{
    const char *title = sy_json_text(how, "title");
    const bool bars = strcmp(sy_json_text(how, "kind"), "bars") == 0;
    SyPlot *plot = sy_plot_new(bars ? SY_PLOT_BARS : SY_PLOT_LINES);

    if (!plot) {
        return NULL;
    }
    snprintf(plot->title, sizeof(plot->title), "%s", title);
    snprintf(plot->x, sizeof(plot->x), "%s", sy_json_text(how, "x"));
    snprintf(plot->y, sizeof(plot->y), "%s", sy_json_text(how, "y"));
    snprintf(plot->unit, sizeof(plot->unit), "%s", sy_json_text(how, "unit"));
    for (size_t i = 0; i < sy_json_length(tables); i++) {
        struct json_object *table = sy_json_at(tables, i);
        if (strcmp(sy_json_text(sy_json_object(table, "draw"), "title"), title) == 0) {
            add_table(plot, table);
        }
    }
    return plot;
}

static bool is_first_with(struct json_object *tables, size_t i, const char *title)
{
    for (size_t k = 0; k < i; k++) {
        struct json_object *how = sy_json_object(sy_json_at(tables, k), "draw");
        if (strcmp(sy_json_text(how, "title"), title) == 0) {
            return false;
        }
    }
    return true;
}

unsigned sy_page_tables(FILE *page, struct json_object *bench, unsigned n)
{
    struct json_object *tables = sy_json_array(bench, "tables");
    Drawer drawer = {.page = page, .first = n};

    for (size_t i = 0; i < sy_json_length(tables); i++) {
        struct json_object *how = sy_json_object(sy_json_at(tables, i), "draw");
        if (!how) {
            draw_silent(&drawer, sy_json_at(tables, i));
        } else if (is_first_with(tables, i, sy_json_text(how, "title"))) {
            draw(&drawer, plot_with(tables, how));
        }
    }
    return drawer.n;
}
