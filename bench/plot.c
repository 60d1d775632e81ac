/* gnuplot draws the axes and lines and nothing else: its colours are numbers that bench/plot_svg.c
 * makes names of, so that a page can be light or dark, and title and legend are the page's own
 * text, which breaks where a small screen ends. A series is told by its colour and by its dashes or
 * marks. */
#include "bench/plot.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "bench/gnuplot.h"
#include "bench/page_html.h"
#include "bench/plot_svg.h"

SyPlot *sy_plot_new(SyPlotKind kind)
{
    SyPlot *plot = calloc(1, sizeof(*plot));
    if (plot) {
        plot->kind = kind;
    }
    return plot;
}

SySeries *sy_plot_series(SyPlot *plot, const char *name)
{
    if (plot->n_series == SY_PLOT_SERIES) {
        return NULL;
    }
    SySeries *series = &plot->series[plot->n_series++];
    snprintf(series->name, sizeof(series->name), "%s", name);
    return series;
}

void sy_plot_point(SySeries *series, double x, double y)
{
    if (series->n < SY_PLOT_POINTS && isfinite(x) && isfinite(y)) {
        series->x[series->n] = x;
        series->y[series->n++] = y;
    }
}

bool sy_plot_trim(SyPlot *plot)
{
    size_t n = 0;

    for (size_t i = 0; i < plot->n_series; i++) {
        if (plot->series[i].n > 0 && n++ < i) {
            plot->series[n - 1] = plot->series[i];
        }
    }
    plot->n_series = n;
    return n > 0;
}

size_t sy_plot_look(const SyPlot *plot, size_t s)
{
    size_t look = 0;

    for (size_t i = 0; i < s; i++) {
        look += plot->series[i].is_noise == plot->series[s].is_noise;
    }
    return look;
}

static void write_swatch(const SyPlot *plot, size_t i, FILE *page)
{
    static const char *const dashes[] = {"none", "9 4", "2 3", "9 3 2 3"};
    const SySeries *series = &plot->series[i];
    const size_t look = sy_plot_look(plot, i);

    fputs("<svg class=\"swatch\" viewBox=\"0 0 30 10\" aria-hidden=\"true\">", page);
    if (plot->kind == SY_PLOT_BARS) {
        fprintf(page, "<rect width=\"30\" height=\"10\" fill=\"var(--s%zu)\"/>", look);
    } else if (series->is_noise) {
        fprintf(page,
                "<path d=\"M0 5H30\" stroke=\"var(--noise)\" stroke-width=\"4\" "
                "stroke-dasharray=\"%s\"/>",
                dashes[look % 4]);
    } else {
        fprintf(page,
                "<path d=\"M0 5H30\" stroke=\"var(--s%zu)\" stroke-width=\"2.5\" "
                "stroke-dasharray=\"%s\"/>",
                look, dashes[look % 4]);
    }
    fputs("</svg>", page);
}

static void write_legend(const SyPlot *plot, FILE *page)
{
    fputs("<ul class=\"legend\">", page);
    for (size_t i = 0; i < plot->n_series; i++) {
        fputs("<li>", page);
        write_swatch(plot, i, page);
        sy_html_text(page, plot->series[i].name);
        fputs("</li>", page);
    }
    fputs("</ul>", page);
}

static char *draw(const SyPlot *plot, const char *id)
{
    char *text = NULL;
    size_t size;
    FILE *script = open_memstream(&text, &size);

    if (!script) {
        return NULL;
    }
    sy_plot_script(plot, id, script);
    fclose(script);
    char *svg = sy_gnuplot_run(text);
    free(text);
    return svg;
}

bool sy_plot_figure(const SyPlot *plot, const char *id, FILE *page)
{
    char *svg = draw(plot, id);

    if (!svg) {
        fprintf(stderr, "synthbench: gnuplot cannot draw %s\n", plot->title);
        return false;
    }
    fputs("<figure class=\"plot\"><figcaption>", page);
    sy_html_text(page, plot->title);
    fputs("</figcaption><div class=\"canvas\">", page);
    sy_plot_embed(plot, id, svg, page);
    fputs("</div>", page);
    write_legend(plot, page);
    fputs("</figure>\n", page);
    free(svg);
    return true;
}
