/* Text on its way into a page. What is written is HTML and well-formed XML at the same time.
 * Thread: any.  RT: no. */
#ifndef SY_BENCH_PAGE_HTML_H
#define SY_BENCH_PAGE_HTML_H

#include <stddef.h>
#include <stdio.h>

/* Writes text so that it is read as that, in an element or in a quoted attribute. What XML does not
 * know, control characters and bytes that are not UTF-8, becomes a question mark. */
void sy_html_text(FILE *page, const char *text);

/* The same of what is formatted; 1,023 bytes of it at most. */
void sy_html_textf(FILE *page, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* A cell of a table: text, the name of a row, or a figure, which stands to the right. */
void sy_html_cell(FILE *page, const char *text);
void sy_html_name_cell(FILE *page, const char *text);
void sy_html_figure_cell(FILE *page, const char *text);

/* A date of synthbench.json: "2026-11-22 01:45 UTC" for "2026-11-22T01:45:32Z". */
void sy_html_date(FILE *page, const char *date);

/* A link to the section about a bench. */
void sy_html_bench_link(FILE *page, const char *bench);

/* Writes bytes as base64. */
void sy_html_base64(FILE *page, const unsigned char *bytes, size_t n);

#endif
