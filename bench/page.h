/* What synthbench found as a page: one file that needs no other, light or dark as its reader has
 * it, HTML that is well-formed XML too. */
#ifndef SY_BENCH_PAGE_H
#define SY_BENCH_PAGE_H

#include <stdbool.h>
#include <stdio.h>

#include "bench/compare.h"

typedef struct SyPage {
    struct json_object *results;    /* bench/results.h */
    struct json_object *older;      /* what they are compared with, or NULL */
    const SyComparison *comparison; /* of both, or NULL */
    const char *folder;             /* where the page and pictures of benches are */
} SyPage;

/* Writes <folder>/index.html: all, or what was there stays. Without gnuplot it has no plots, and
 * says so. False when it cannot be written, with errno.  Thread: any, but one at a time.  RT: no.
 */
bool sy_page_write(const SyPage *page);

#endif
