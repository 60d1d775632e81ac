/* The patch as the engine plays it: what hears what, and what is computed after what.
 *
 * A module is computed after all that it hears. Its level is the longest way to it from a module
 * that hears nothing; modules of one level can be computed at the same time. The modules of a
 * feedback loop are computed together, frame by frame, and are one module to all others. In a loop,
 * the youngest cable is heard one frame late. That is told from the order in which cables were made
 * (where several loops share cables and one of those was taken out, the engine may have kept
 * another one late).
 *
 * Thread: any.  RT: no. */
#ifndef SY_OSC_CHART_H
#define SY_OSC_CHART_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "osc/decode.h"

typedef struct SyChartModule {
    const char *name;  /* "vco/1"; the listing's, as all texts here */
    const char *fault; /* why it is in quarantine, or "" */
    uint32_t type;     /* number in the registry; UINT32_MAX for one that is not in ours */
    int worker;        /* its home */
    int voices;
    double cost_us; /* a block */
    uint32_t age;   /* place in the order of creation */
    uint32_t level;
    uint32_t loop;     /* number of its feedback loop, 1 to n_loops; 0 if it is in none */
    uint32_t position; /* among the modules of its loop: who hears comes behind who is heard */
    uint32_t first_cable, n_cables; /* at its outputs */
} SyChartModule;

typedef struct SyChartCable {
    uint32_t from, to;          /* places in `modules` */
    const char *output, *input; /* names of the ports: "saw" */
    double gain;
    uint32_t age;
    bool feedback; /* heard one frame late */
} SyChartCable;

typedef struct SyChart {
    SyChartModule *modules; /* [n_modules], in the order in which they are computed */
    SyChartCable *cables;   /* [n_cables], by where they come from, then by age */
    uint32_t n_modules, n_cables, n_levels, n_loops;
} SyChart;

/* Makes a chart of a listing, which must be whole and outlive it. Cables to modules that are not in
 * the listing are left out. Returns NULL without memory. */
SyChart *sy_chart_new(const SyListing *listing);
void sy_chart_free(SyChart *chart);

/* Finds feedback, loops, levels and positions, and n_levels and n_loops, of a chart whose modules
 * and cables are in the order of their age. Returns false without memory. (chart_order.c) */
bool sy_chart_order(SyChart *chart);

/* One more than the highest number of a worker that is a home. */
int sy_chart_worker_top(const SyChart *chart);

/* How many modules live on a worker, and what they cost a block together. */
uint32_t sy_chart_share(const SyChart *chart, int worker, double *cost_us);

/* " x 0.25", to four digits; "" for a gain of 1. */
void sy_chart_gain_text(const SyChartCable *cable, char text[40]);

/* Writes it for a person: a drawing in which each level stands further to the right, cables
 * wrapped at `columns` (0: not); or, when it is too large for that, a list with one line for each
 * module, however long. Bold and dim if `colour`. (chart_text.c) */
void sy_chart_write_text(FILE *out, const SyChart *chart, unsigned columns, bool colour);

/* Writes it for graphviz: one cluster a worker. (chart_dot.c) */
void sy_chart_write_dot(FILE *out, const SyChart *chart);

/* {modules: [{module, level, loop, worker, voices, cost_us, quarantined, fault}], cables: [{from,
 * to, gain, feedback}]}, in the chart's order; the caller's. */
struct json_object *sy_chart_json(const SyChart *chart);

#endif
