/* A plot: what is in it, and how it comes onto a page. */
#ifndef SY_BENCH_PLOT_H
#define SY_BENCH_PLOT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#define SY_PLOT_SERIES 8
#define SY_PLOT_POINTS 128
#define SY_PLOT_TEXT   200

typedef enum SyPlotKind {
    SY_PLOT_CURVES, /* x: percentiles, 0 to 100; y: times in ns */
    SY_PLOT_LINES,  /* x: sizes */
    SY_PLOT_BARS,   /* x: 0, 1, 2 ... and `names` of them; each series has all */
} SyPlotKind;

typedef struct SySeries {
    char name[SY_PLOT_TEXT];
    bool is_noise; /* what the others are to be seen against */
    size_t n;
    double x[SY_PLOT_POINTS], y[SY_PLOT_POINTS]; /* [n], by x */
} SySeries;

typedef struct SyPlot {
    SyPlotKind kind;
    char title[SY_PLOT_TEXT], x[SY_PLOT_TEXT], y[SY_PLOT_TEXT];
    char unit[16];                     /* of y; "ns" is shown as ns, us, ms or s */
    const char *names[SY_PLOT_POINTS]; /* of bars */
    size_t n_series;
    SySeries series[SY_PLOT_SERIES];
} SyPlot;

/* An empty plot on the heap, NULL without memory; to be freed.  Thread: any.  RT: no. */
SyPlot *sy_plot_new(SyPlotKind kind);

/* A new series, or NULL if there are as many as can be told apart. */
SySeries *sy_plot_series(SyPlot *plot, const char *name);

/* A point more; what is NAN, or too much, is left out. */
void sy_plot_point(SySeries *series, double x, double y);

/* Takes out the series that have no points; false if then there is none. */
bool sy_plot_trim(SyPlot *plot);

/* Which colour and dashes a series has: how many there are before it of its kind, noise or not. */
size_t sy_plot_look(const SyPlot *plot, size_t series);

/* Writes gnuplot's script of it. `id` is to be unlike that of any other plot on the page. */
void sy_plot_script(const SyPlot *plot, const char *id, FILE *script);

/* Draws it and writes it to the page, as a <figure> with title and legend. False when gnuplot
 * fails, having said why on stderr; then nothing is written. */
bool sy_plot_figure(const SyPlot *plot, const char *id, FILE *page);

#endif
