/* Which worker is best to compute what, reckoned from what each module costs.
 *
 * Modules are drawn together into trees: one that is heard by a single other goes where that one
 * goes, for then its wire is still in the cache. The trees are dealt out to workers one by one,
 * those with the longest way to the end first, each to the worker that would be done with it first:
 * list scheduling by upward rank (Topcuoglu, Hariri and Wu, "Performance-effective and
 * low-complexity task scheduling for heterogeneous computing", IEEE Trans. Parallel Distrib. Syst.
 * 13, 2002), of trees instead of single tasks, for equal workers.
 *
 * Times are those of a block, in ns, from SyGraphModule.cost_ns, which is what a module cost at its
 * home of now. What is reckoned is how long a
 * block takes from the first task to the last; what it takes to wake somebody is the caller's to
 * add.
 *
 * Thread: control.  RT: no. */
#ifndef SY_ENGINE_PLACE_H
#define SY_ENGINE_PLACE_H

#include <stdbool.h>

#include "engine/graph.h"

typedef struct SyPlacer SyPlacer;

/* Memory for the reckoning, or NULL when there is none. sy_placer_free takes NULL. */
SyPlacer *sy_placer_new(void);
void sy_placer_free(SyPlacer *placer);

/* What it costs to hear something from another worker, and how many there may be. */
typedef struct SyPlaceCosts {
    double handoff_ns;  /* until that one is known to be done */
    double fetch_ns;    /* to have a wire of one voice from its cache */
    uint32_t n_workers; /* 1 to SY_WORKERS_MAX */
} SyPlaceCosts;

/* Reads costs and cables; to be called first, and again when they have changed. Returns the sum of
 * all costs, which is what one worker needs if all is in its cache. */
double sy_placer_read(SyPlacer *placer, const SyGraph *graph, const SyPlaceCosts *costs);

/* Deals all modules out to `n_groups` workers (1 to SY_WORKERS_MAX): group[slot] is 0 to
 * n_groups - 1, for every used slot. Returns how long a block takes then. */
double sy_placer_spread(SyPlacer *placer, uint32_t n_groups, uint32_t *group);

/* How long a block takes with every module at its home, and `n_cores` of the homes awake. */
double sy_placer_span(SyPlacer *placer, uint32_t n_cores);

/* Whether voices that are torn apart at home are whole in these groups, and no slower for it: a
 * reason to move them even where nothing is gained by what is reckoned, since a wire from another
 * worker costs more than that. The tasks of both are cut there, and what was in the cache is not
 * any more. `span_ns` is of the homes, `spread_ns` of group[slot], as told above. */
bool sy_placer_mends(const SyPlacer *placer, double span_ns, double spread_ns,
                     const uint32_t *group);

#endif
