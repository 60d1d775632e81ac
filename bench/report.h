/* What a bench found, as a table for people or as JSON for programs. */
#ifndef SY_BENCH_REPORT_H
#define SY_BENCH_REPORT_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "bench/histogram.h"

typedef struct SyReport SyReport;

/* An empty report of the bench called `bench`, with a description of this machine.
 * Thread: any, but one at a time for each report, as all functions here.  RT: no. */
SyReport *sy_report_new(const char *bench);

/* Takes NULL. */
void sy_report_free(SyReport *report);

/* Adds a row with the figures that `histogram` has now.  Each duration in it was that of `per`
 * things done in a row, and is shown divided by that. */
void sy_report_row(SyReport *report, const char *name, const SyHistogram *histogram, uint64_t per);

/* Adds a single figure. */
void sy_report_value(SyReport *report, const char *name, double value, const char *unit);

/* Begins a table of its own, with a title and the names of its columns; rows are added to the table
 * that was begun last. A cell that is NAN is shown as a dash, and is null in JSON. */
void sy_report_table(SyReport *report, const char *title, const char *const *columns,
                     uint32_t n_columns);
void sy_report_cells(SyReport *report, const char *name, const double *cells);

/* How a table is to be drawn; all texts are copied. */
typedef struct SyReportDraw {
    bool bars;                  /* rows beside each other as bars; else lines over the numbers that
                                   the rows' names have in them */
    const char *title;          /* tables of a report with the same one share a picture */
    const char *series;         /* what the table is among those, or "" */
    const char *x, *y, *unit;   /* what the axes are, and the unit of the columns: "ns" */
    const char *const *columns; /* [n_columns] by name, those to be drawn */
    uint32_t n_columns;
} SyReportDraw;

/* Says how the table that was begun last is to be drawn on the page. Without it a table is drawn
 * where its names let one guess how, see bench/page_tables.h. */
void sy_report_draw(SyReport *report, const SyReportDraw *draw);

/* Adds a figure that has a goal, and says whether it is met. A figure that is NAN is not. */
void sy_report_at_least(SyReport *report, const char *name, double value, double goal,
                        const char *unit);
void sy_report_at_most(SyReport *report, const char *name, double value, double goal,
                       const char *unit);

/* How many goals were missed so far. */
uint32_t sy_report_missed(const SyReport *report);

/* Adds a sentence that the reader should know. */
void sy_report_note(SyReport *report, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Adds something that was looked at, with a verdict on it in a word or two, what was found, and
 * what to do about it: "" if there is nothing to do. */
void sy_report_finding(SyReport *report, const char *verdict, const char *what, const char *found,
                       const char *advice);

/* Says what the bench measures, in a sentence. */
void sy_report_about(SyReport *report, const char *sentence);

/* Names a picture `<name>.svg` that was drawn into the folder of the report. */
void sy_report_picture(SyReport *report, const char *name, const char *caption);

/* Whether a row of the JSON object is one of noise: its name is SY_NOISE_ROW (bench/noise.h), maybe
 * with what it was measured beside in front of it: "JACK: noise: ...". */
bool sy_report_is_noise(struct json_object *row);

/* The report's JSON object, which belongs to it. */
struct json_object *sy_report_json(const SyReport *report);

/* Prints the rows with n, p50, p99, p99.9 and max of each, then tables, figures, goals,
 * findings, notes. */
void sy_report_print(const SyReport *report, FILE *file);

/* The same without the line that says on what machine it was. */
void sy_report_print_figures(const SyReport *report, FILE *file);

/* Prints one JSON object: {"bench", "about", "version", "machine", "rows": [{"name", "per", "n",
 * "min_ns", "mean_ns", "p50_ns", "p90_ns", "p99_ns", "p99.9_ns", "max_ns", "over", "curve":
 * [[percentile, ns], ...]}], "values": [{"name", "value", "unit"}], "tables": [{"title", "columns":
 * [...], "rows": [{"name", "cells": [...]}], "draw": {"kind": "lines" or "bars", "title", "series",
 * "x", "y", "unit", "columns": [...]}}], "goals": [{"name", "value", "goal", "is": "at least" or
 * "at most", "unit", "met"}], "findings": [{"verdict", "what", "found", "advice"}], "pictures":
 * [{"name", "caption"}], "notes": [...]}; only "rows", "values" and "notes" are always there. */
void sy_report_print_json(const SyReport *report, FILE *file);

#endif
