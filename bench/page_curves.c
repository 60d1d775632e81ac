#include <stdlib.h>

#include "bench/json_read.h"
#include "bench/page_plots.h"
#include "bench/plot.h"
#include "bench/report.h"

#define CURVES_MAX 6 /* in one plot, without the noise */

static void add_curve(SyPlot *plot, struct json_object *row)
{
    struct json_object *points = sy_json_array(row, "curve");
    char name[SY_PLOT_TEXT];

    snprintf(name, sizeof(name), "%s (n = %.0f)", sy_json_text(row, "name"),
             sy_json_number(row, "n"));
    SySeries *series = sy_plot_series(plot, name);
    if (!series) {
        return;
    }
    series->is_noise = sy_report_is_noise(row);
    for (size_t i = 0; i < sy_json_length(points); i++) {
        struct json_object *point = sy_json_at(points, i);
        sy_plot_point(series, sy_json_number_at(point, 0), sy_json_number_at(point, 1));
    }
}

/* The rows from..to of those that are not noise, and all noise before them, so that it is drawn
 * below. */
static SyPlot *make_plot(struct json_object *rows, size_t from, size_t to)
{
    SyPlot *plot = sy_plot_new(SY_PLOT_CURVES);
    size_t nth = 0;

    if (!plot) {
        return NULL;
    }
    for (size_t i = 0; i < sy_json_length(rows); i++) {
        if (sy_report_is_noise(sy_json_at(rows, i))) {
            add_curve(plot, sy_json_at(rows, i));
        }
    }
    for (size_t i = 0; i < sy_json_length(rows); i++) {
        if (!sy_report_is_noise(sy_json_at(rows, i))) {
            if (nth >= from && nth < to) {
                add_curve(plot, sy_json_at(rows, i));
            }
            nth++;
        }
    }
    snprintf(plot->x, sizeof(plot->x), "percentile; a curve ends with its maximum");
    snprintf(plot->y, sizeof(plot->y), "time");
    snprintf(plot->unit, sizeof(plot->unit), "ns");
    return plot;
}

static size_t count_measured(struct json_object *rows)
{
    size_t n = 0;

    for (size_t i = 0; i < sy_json_length(rows); i++) {
        n += !sy_report_is_noise(sy_json_at(rows, i));
    }
    return n;
}

unsigned sy_page_curves(FILE *page, struct json_object *bench, unsigned n)
{
    struct json_object *rows = sy_json_array(bench, "rows");
    const size_t n_rows = count_measured(rows);
    const bool has_tables = sy_json_length(sy_json_array(bench, "tables")) > 0;
    const size_t n_plots = n_rows > 0 ? (n_rows + CURVES_MAX - 1) / CURVES_MAX : !has_tables;
    unsigned n_drawn = 0;

    for (size_t i = 0; sy_json_length(rows) > 0 && i < n_plots; i++) {
        SyPlot *plot = make_plot(rows, i * n_rows / n_plots, (i + 1) * n_rows / n_plots);
        char id[32];
        if (!plot) {
            break;
        }
        snprintf(plot->title, sizeof(plot->title), "How long it takes, by percentile%s",
                 i > 0 ? ", more of it" : "");
        snprintf(id, sizeof(id), "plot%u", n + n_drawn);
        n_drawn += sy_plot_trim(plot) && sy_plot_figure(plot, id, page);
        free(plot);
    }
    return n_drawn;
}
