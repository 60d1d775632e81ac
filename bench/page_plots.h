/* Which plots a bench's figures make. Both write nothing where there is nothing to be seen, and
 * return how many plots they wrote; `n` numbers the plots of a page from where it is.
 * Thread: any.  RT: no. */
#ifndef SY_BENCH_PAGE_PLOTS_H
#define SY_BENCH_PAGE_PLOTS_H

#include <stdio.h>

#include <json-c/json_types.h>

/* Rows of times as percentile curves, with the noise of the same run: as few plots as six curves
 * each leave room for. Noise alone is drawn where there is nothing else. */
unsigned sy_page_curves(FILE *page, struct json_object *bench, unsigned n);

/* Tables: as they say themselves ("draw", see bench/report.h), or, if they say nothing, as lines
 * over the numbers in the names of their rows, if these all have one ("64 modules", "chain of 16").
 * Rows that differ in more than the number make plots of their own. Drawn are the columns whose
 * names end with ns, us or ms; percentiles of them ("p99") where it is one only. */
unsigned sy_page_tables(FILE *page, struct json_object *bench, unsigned n);

#endif
