/* gnuplot's SVG as a part of a page. */
#ifndef SY_BENCH_PLOT_SVG_H
#define SY_BENCH_PLOT_SVG_H

#include "bench/plot.h"

/* What gnuplot is told to draw in; the page's style gives them their colours. A series has 0x1000NN
 * with its number. */
#define SY_PLOT_AXIS_RGB   0x010101
#define SY_PLOT_GRID_RGB   0x020202
#define SY_PLOT_NOISE_RGB  0x030303
#define SY_PLOT_SERIES_RGB 0x100000

/* Writes the <svg> of a drawing into a page: colours by name, ids that no other plot has, and the
 * names of series where the pointer rests.  Thread: any.  RT: no. */
void sy_plot_embed(const SyPlot *plot, const char *id, const char *svg, FILE *page);

#endif
