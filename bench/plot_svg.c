#include "bench/plot_svg.h"

#include <string.h>

#include "bench/page_html.h"

typedef struct Embedder {
    const SyPlot *plot;
    const char *id;
    FILE *page;
    size_t n_titles; /* that have been seen; the first is the drawing's own */
} Embedder;

/* Behind the end of an element that begins at `at`. */
static const char *behind(const char *at, const char *end)
{
    const char *found = strstr(at, end);
    return found ? found + strlen(end) : at + strlen(at);
}

static void write_colour(Embedder *embedder, unsigned rgb)
{
    if (rgb == SY_PLOT_AXIS_RGB) {
        fputs("var(--axis)", embedder->page);
    } else if (rgb == SY_PLOT_GRID_RGB) {
        fputs("var(--grid)", embedder->page);
    } else if (rgb == SY_PLOT_NOISE_RGB) {
        fputs("var(--noise)", embedder->page);
    } else {
        fprintf(embedder->page, "var(--s%u)", (rgb - SY_PLOT_SERIES_RGB) % SY_PLOT_SERIES);
    }
}

static const char *replace_colour(Embedder *embedder, const char *at)
{
    unsigned r, g, b;
    int length = 0;

    if (sscanf(at, "rgb(%u ,%u ,%u )%n", &r, &g, &b, &length) != 3 || length == 0) {
        return NULL;
    }
    write_colour(embedder, r << 16 | g << 8 | b);
    return at + length;
}

static const char *replace_black(Embedder *embedder, const char *at)
{
    fputs("\"var(--axis)\"", embedder->page);
    return at + strlen("\"black\"");
}

static const char *replace_title(Embedder *embedder, const char *at)
{
    const size_t n = embedder->n_titles++;

    if (n > 0 && n <= embedder->plot->n_series) {
        fputs("<title>", embedder->page);
        sy_html_text(embedder->page, embedder->plot->series[n - 1].name);
        fputs("</title>", embedder->page);
    }
    return behind(at, "</title>");
}

static const char *drop_description(Embedder *embedder, const char *at)
{
    (void)embedder;
    return behind(at, "</desc>");
}

static const char *drop_filter(Embedder *embedder, const char *at)
{
    (void)embedder;
    return behind(at, "</filter>");
}

static const char *drop_canvas_id(Embedder *embedder, const char *at)
{
    (void)embedder;
    return at + strlen(" id=\"gnuplot_canvas\"");
}

static const char *own_mark(Embedder *embedder, const char *at)
{
    fprintf(embedder->page, "%s-", embedder->id);
    fputc(*at, embedder->page);
    return at + 1;
}

static const char *name_drawing(Embedder *embedder, const char *at)
{
    fputs("<svg role=\"img\" aria-label=\"", embedder->page);
    sy_html_text(embedder->page, embedder->plot->title);
    fputs("\"", embedder->page);
    return at + strlen("<svg");
}

/* Returns where to go on, or NULL if nothing is replaced here. */
static const char *replace(Embedder *embedder, const char *at)
{
    static const struct {
        const char *what;
        const char *(*replace)(Embedder *embedder, const char *at);
    } cases[] = {
        {"rgb(", replace_colour},   {"\"black\"", replace_black},
        {"<title>", replace_title}, {"<desc>", drop_description},
        {"<filter", drop_filter},   {" id=\"gnuplot_canvas\"", drop_canvas_id},
        {"gpPt", own_mark},         {"gpDot", own_mark},
        {"<svg", name_drawing},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        if (strncmp(at, cases[i].what, strlen(cases[i].what)) == 0) {
            return cases[i].replace(embedder, at);
        }
    }
    return NULL;
}

void sy_plot_embed(const SyPlot *plot, const char *id, const char *svg, FILE *page)
{
    Embedder embedder = {.plot = plot, .id = id, .page = page};
    const char *at = strstr(svg, "<svg"); /* not what an XML file begins with */

    while (at && *at) {
        const char *next = replace(&embedder, at);
        if (next) {
            at = next;
        } else {
            fputc(*at++, page);
        }
    }
}
