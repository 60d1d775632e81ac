/* The parts of a page, in their order. `out` is the page that is written.
 * Thread: any.  RT: no. */
#ifndef SY_BENCH_PAGE_PARTS_H
#define SY_BENCH_PAGE_PARTS_H

#include "bench/page.h"

/* The style sheet, which has neither < nor & in it. */
extern const char sy_page_style[];

/* The few figures that most want to know, and the goals that were missed. */
void sy_page_headlines(const SyPage *page, FILE *out);

/* The machine, and whether it is fit for the stage if the doctor was asked. */
void sy_page_machine(const SyPage *page, FILE *out);

/* What moved beyond the noise since the earlier run; nothing without one. */
void sy_page_moves(const SyPage *page, FILE *out);

/* A section about one bench. `n_plots`: how many plots the page has so far; counts on. */
void sy_page_bench(const SyPage *page, struct json_object *bench, unsigned *n_plots, FILE *out);

/* Everything of one bench beside the earlier run; nothing without one. */
void sy_page_bench_moves(const SyPage *page, const char *bench, FILE *out);

#endif
