/* What gnuplot is told. Numbers on the axes are worked out here, so that times have units and
 * places that are far apart on a logarithmic axis are not left without a number. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "bench/plot.h"
#include "bench/plot_axis.h"
#include "bench/plot_svg.h"

#define WIDTH      560
#define HEIGHT     340
#define BAR_HEIGHT 13
#define SIZES_MAX  16
#define APART      0.08 /* of the axis, so that numbers are not in each other's way */

/* In quotes, with what quotes in it have to be. */
static void write_text(const char *text, FILE *script)
{
    fputc('\'', script);
    for (; *text; text++) {
        if (*text == '\'') {
            fputc('\'', script);
        }
        fputc(*text, script);
    }
    fputc('\'', script);
}

static void write_head(const SyPlot *plot, const char *id, int height, FILE *script)
{
    fprintf(
        script,
        "set terminal svg size %d,%d dynamic noenhanced font 'sans-serif,13' name '%s'\n"
        "set encoding utf8\nunset key\nset border 3 lc rgb '#%06x'\n"
        "set tics out nomirror textcolor rgb '#%06x'\nset grid xtics ytics lc rgb '#%06x' lt 1\n"
        "set xlabel ",
        WIDTH, height, id, SY_PLOT_AXIS_RGB, SY_PLOT_AXIS_RGB, SY_PLOT_GRID_RGB);
    write_text(plot->x, script);
    fprintf(script, " textcolor rgb '#%06x'\nset ylabel ", SY_PLOT_AXIS_RGB);
    write_text(plot->y, script);
    fprintf(script, " textcolor rgb '#%06x'\n", SY_PLOT_AXIS_RGB);
}

static void write_axis(char which, const SyAxis *axis, const char *unit, FILE *script)
{
    if (axis->is_log) {
        fprintf(script, "set logscale %c\n", which);
    }
    fprintf(script, "set %crange [%.10g:%.10g]\nset %ctics (", which, axis->low, axis->high, which);
    for (size_t i = 0; i < axis->n_ticks; i++) {
        char label[SY_AXIS_TEXT];
        sy_axis_label(label, axis->ticks[i], unit);
        fprintf(script, "%s'%s' %.10g", i == 0 ? "" : ", ", label, axis->ticks[i]);
    }
    fputs(")\n", script);
}

typedef struct Span {
    double least, most;
} Span;

static Span span_of(const SyPlot *plot, bool of_x)
{
    Span span = {INFINITY, -INFINITY};

    for (size_t s = 0; s < plot->n_series; s++) {
        const SySeries *series = &plot->series[s];
        for (size_t i = 0; i < series->n; i++) {
            const double value = of_x ? series->x[i] : series->y[i];
            span.least = fmin(span.least, value);
            span.most = fmax(span.most, value);
        }
    }
    return span.least <= span.most ? span : (Span){0, 1};
}

static void write_data(const SyPlot *plot, double (*place)(const SySeries *series, size_t i),
                       FILE *script)
{
    for (size_t s = 0; s < plot->n_series; s++) {
        const SySeries *series = &plot->series[s];
        fprintf(script, "$d%zu << EOD\n", s);
        for (size_t i = 0; i < series->n; i++) {
            fprintf(script, "%.10g %.10g\n", place(series, i), series->y[i]);
        }
        fputs("EOD\n", script);
    }
}

static unsigned colour_of(const SyPlot *plot, size_t s)
{
    return plot->series[s].is_noise ? SY_PLOT_NOISE_RGB
                                    : SY_PLOT_SERIES_RGB + (unsigned)sy_plot_look(plot, s);
}

static const char *dashes_of(const SyPlot *plot, size_t s)
{
    static const char *const dashes[] = {"1", "(9,4)", "(2,3)", "(9,3,2,3)"};
    return dashes[sy_plot_look(plot, s) % 4];
}

static void write_lines(const SyPlot *plot, bool marks, FILE *script)
{
    fputs("plot ", script);
    for (size_t s = 0; s < plot->n_series; s++) {
        const SySeries *series = &plot->series[s];
        fprintf(script, "%s$d%zu with %s lc rgb '#%06x' lw %s dt %s notitle", s == 0 ? "" : ", ", s,
                marks ? "linespoints pt 7 ps 0.5" : "lines", colour_of(plot, s),
                series->is_noise ? "4" : "2", dashes_of(plot, s));
    }
    fputc('\n', script);
}

/* Percentile curves: x is how many there are for one above, as far as the largest n reaches. */

static double one_in(const SySeries *series, size_t i)
{
    const double above = 100 - series->x[i];

    if (above > 0) {
        return 100 / above;
    }
    /* The maximum stands a step behind the last percentile. */
    return series->n > 1 ? 1.2589254 * 100 / (100 - series->x[series->n - 2]) : 1;
}

static void write_percentile_axis(const SyPlot *plot, FILE *script)
{
    double most = 10;

    for (size_t s = 0; s < plot->n_series; s++) {
        const SySeries *series = &plot->series[s];
        most = series->n > 0 ? fmax(most, one_in(series, series->n - 1)) : most;
    }
    fprintf(script, "set logscale x\nset xrange [1:%.10g]\nset xtics ('50 %%%%' 2", most);
    for (int i = 1; pow(10, i) <= most; i++) {
        const double nines = pow(10, i);
        fprintf(script, ", '%.10g %%%%' %.10g", 100 - 100 / nines, nines);
    }
    fputs(")\n", script);
}

/* What the fastest took may be far below all others, and would take their room: the axis begins
 * with what a fifth did not exceed. A time of 0 has no place on a logarithmic axis. */
static double least_of_curves(const SyPlot *plot, Span span)
{
    double least = span.most;

    for (size_t s = 0; s < plot->n_series; s++) {
        const SySeries *series = &plot->series[s];
        for (size_t i = 0; i < series->n; i++) {
            least = series->x[i] >= 20 ? fmin(least, series->y[i]) : least;
        }
    }
    return fmax(least, span.most < 100 ? 0.1 : 1);
}

static void write_curves(const SyPlot *plot, const char *id, FILE *script)
{
    const Span span = span_of(plot, false);
    const double least = least_of_curves(plot, span);
    const SyAxis axis = sy_axis_logarithmic(least, fmax(span.most, least * 2));

    write_head(plot, id, HEIGHT, script);
    write_axis('y', &axis, plot->unit, script);
    write_percentile_axis(plot, script);
    write_data(plot, one_in, script);
    write_lines(plot, false, script);
}

/* Lines over sizes. */

static double x_of(const SySeries *series, size_t i)
{
    return series->x[i];
}

static int by_size(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Every size that is on a line, in order; 0 if there are more than SIZES_MAX. */
static size_t collect_sizes(const SyPlot *plot, double sizes[SIZES_MAX])
{
    size_t n = 0;

    for (size_t s = 0; s < plot->n_series; s++) {
        for (size_t i = 0; i < plot->series[s].n; i++) {
            size_t k = 0;
            while (k < n && sizes[k] != plot->series[s].x[i]) {
                k++;
            }
            if (k == SIZES_MAX) {
                return 0;
            }
            sizes[k] = plot->series[s].x[i];
            n = k == n ? n + 1 : n;
        }
    }
    qsort(sizes, n, sizeof(*sizes), by_size);
    return n;
}

/* On a logarithmic axis the sizes themselves have the numbers, as far as there is room. */
static void take_sizes(const SyPlot *plot, SyAxis *axis)
{
    double sizes[SIZES_MAX];
    const size_t n = collect_sizes(plot, sizes);

    if (n < 2) {
        return;
    }
    axis->low = sizes[0];
    axis->high = sizes[n - 1] * 1.05;
    axis->n_ticks = 0;
    for (size_t i = 0; i < n; i++) {
        const double last = axis->n_ticks ? axis->ticks[axis->n_ticks - 1] : 0;
        if (last == 0 || log(sizes[i] / last) > APART * log(axis->high / axis->low)) {
            axis->ticks[axis->n_ticks++] = sizes[i];
        }
    }
}

static void write_sizes(const SyPlot *plot, const char *id, FILE *script)
{
    const Span x = span_of(plot, true), y = span_of(plot, false);
    SyAxis sizes = sy_axis_of(x.least, x.most);
    const SyAxis axis = sy_axis_of(y.least, y.most);

    write_head(plot, id, HEIGHT, script);
    write_axis('y', &axis, plot->unit, script);
    if (sizes.is_log) {
        take_sizes(plot, &sizes);
    }
    write_axis('x', &sizes, "", script);
    write_data(plot, x_of, script);
    write_lines(plot, true, script);
}

/* Bars. */

static void write_bar_data(const SyPlot *plot, const SyAxis *axis, FILE *script)
{
    const double each = 0.84 / (double)plot->n_series;

    for (size_t s = 0; s < plot->n_series; s++) {
        const SySeries *series = &plot->series[s];
        fprintf(script, "$d%zu << EOD\n", s);
        for (size_t i = 0; i < series->n; i++) {
            const double top = series->x[i] - 0.42 + each * (double)s;
            fprintf(script, "%.10g %.6g %.10g %.6g %.6g %.3g\n", series->y[i], top + each / 2,
                    axis->low, top, top + each, series->y[i]);
        }
        fputs("EOD\n", script);
    }
}

static void write_boxes(const SyPlot *plot, FILE *script)
{
    fputs("set style fill solid 1 noborder\nplot ", script);
    for (size_t s = 0; s < plot->n_series; s++) {
        fprintf(script, "%s$d%zu using 1:2:3:1:4:5 with boxxyerror lc rgb '#%06x' notitle",
                s == 0 ? "" : ", ", s, colour_of(plot, s));
    }
    for (size_t s = 0; s < plot->n_series; s++) {
        fprintf(script,
                ", $d%zu using 1:2:(stringcolumn(6)) with labels left offset 0.3,0 "
                "font ',10' textcolor rgb '#%06x' notitle",
                s, SY_PLOT_AXIS_RGB);
    }
    fputc('\n', script);
}

static void write_names(const SyPlot *plot, size_t n, FILE *script)
{
    fprintf(script, "set yrange [%zu.5:-0.5]\nset ytics scale 0 (", n - 1);
    for (size_t i = 0; i < n; i++) {
        fputs(i == 0 ? "" : ", ", script);
        write_text(plot->names[i] ? plot->names[i] : "", script);
        fprintf(script, " %zu", i);
    }
    fputs(")\nunset grid\n", script);
    fprintf(script, "set grid xtics lc rgb '#%06x' lt 1\n", SY_PLOT_GRID_RGB);
}

static void write_bars(const SyPlot *plot, const char *id, FILE *script)
{
    const Span x = span_of(plot, true), y = span_of(plot, false);
    const size_t n = (size_t)x.most + 1;
    const int height = 70 + (int)n * (BAR_HEIGHT * (int)plot->n_series + 6);
    SyAxis axis = sy_axis_of(y.least, y.most * 1.1); /* room for the last number */

    write_head(plot, id, height, script);
    write_axis('x', &axis, plot->unit, script);
    write_names(plot, n, script);
    write_bar_data(plot, &axis, script);
    write_boxes(plot, script);
}

void sy_plot_script(const SyPlot *plot, const char *id, FILE *script)
{
    static void (*const write[])(const SyPlot *plot, const char *id,
                                 FILE *script) = {[SY_PLOT_CURVES] = write_curves,
                                                  [SY_PLOT_LINES] = write_sizes,
                                                  [SY_PLOT_BARS] = write_bars};
    write[plot->kind](plot, id, script);
}
