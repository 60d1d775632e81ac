#include "engine/place.h"

#include <stdlib.h>
#include <string.h>

#include "engine/loops.h"

#define LEAST_NS 50.0 /* of what has not run yet, or costs nothing that can be measured */
#define PIECES   8    /* of a worker's share: a way that costs less is not worth another worker */
#define SEVERAL  (SY_NONE - 1)
#define MENDED   0.125 /* of the wires that one module alone hears: so many have to come home, */
#define NO_LOSS  1.05  /* of a block's time, which is within what costs are wrong by */

/* Everything by the slot that leads a unit: a module, or all modules of a feedback loop. */
struct SyPlacer {
    SyLoops loops;
    const SyGraph *graph;
    SyPlaceCosts costs;
    uint32_t n_units;
    uint32_t units[SY_MODULES_MAX]; /* leads, sources first */
    double cost[SY_MODULES_MAX];
    double early[SY_MODULES_MAX];      /* end of the unit if there were workers without number */
    double rank[SY_MODULES_MAX];       /* longest way to the end, with the unit itself */
    uint32_t only_to[SY_MODULES_MAX];  /* the unit that alone hears it, SY_NONE, or SEVERAL */
    uint32_t next[SY_MODULES_MAX];     /* of its tree, or SY_NONE */
    bool is_head[SY_MODULES_MAX];      /* of a tree */
    uint32_t head_of[SY_MODULES_MAX];  /* first of the tree that ends with the unit */
    double tree_cost[SY_MODULES_MAX];  /* of all of it */
    uint32_t by_rank[SY_MODULES_MAX];  /* heads, or all units */
    uint32_t group[SY_MODULES_MAX];    /* SY_NONE until it is dealt out */
    double end[SY_MODULES_MAX];        /* when it is done, once it is dealt out */
    uint32_t first_in[SY_MODULES_MAX]; /* of its sources */
    uint32_t n_in[SY_MODULES_MAX];     /* sources; one that is heard twice counts twice */
    uint32_t sources[SY_CABLES_MAX];
    uint32_t finger[SY_MODULES_MAX]; /* while `sources` is filled */
    uint32_t home[SY_MODULES_MAX];   /* by slot */
    double free_at[SY_WORKERS_MAX];
};

SyPlacer *sy_placer_new(void)
{
    return calloc(1, sizeof(SyPlacer));
}

void sy_placer_free(SyPlacer *placer)
{
    free(placer);
}

/* The search leaves components one after the other, the last in the order first. */
static void find_units(SyPlacer *placer)
{
    const SyLoops *loops = &placer->loops;

    placer->n_units = 0;
    for (uint32_t i = loops->n_finished; i-- > 0;) {
        const uint32_t slot = loops->finished[i], lead = loops->lead[slot];
        const double cost = placer->graph->modules[slot].cost_ns;
        if (i + 1 == loops->n_finished || loops->lead[loops->finished[i + 1]] != lead) {
            placer->units[placer->n_units++] = lead;
            placer->cost[lead] = 0;
            placer->n_in[lead] = 0;
            placer->only_to[lead] = SY_NONE;
            placer->next[lead] = SY_NONE;
            placer->is_head[lead] = true;
        }
        placer->cost[lead] += cost > LEAST_NS ? cost : LEAST_NS;
    }
}

typedef void EdgeFunc(SyPlacer *placer, uint32_t from, uint32_t to);

/* Calls `use` for every cable between two units. */
static void each_edge(SyPlacer *placer, EdgeFunc *use)
{
    const SyGraph *graph = placer->graph;

    for (uint32_t i = 0; i < graph->cable_top; i++) {
        const SyGraphCable *cable = &graph->cables[i];
        if (cable->used && !cable->sink) {
            const uint32_t from = placer->loops.lead[cable->from];
            const uint32_t to = placer->loops.lead[cable->to];
            if (from != to) {
                use(placer, from, to);
            }
        }
    }
}

/* To have the wires of `from` on another worker. */
static double fetch_ns(const SyPlacer *placer, uint32_t from)
{
    return placer->costs.fetch_ns * placer->graph->modules[from].voices;
}

/* What a unit has cost is with what it has fetched from other homes; what it will fetch is added
 * where it is dealt out. */
static void take_off_fetched(SyPlacer *placer, uint32_t from, uint32_t to)
{
    const SyGraphModule *modules = placer->graph->modules;
    const double fetched = fetch_ns(placer, from);

    if (modules[from].home != modules[to].home && placer->cost[to] > 2 * fetched) {
        placer->cost[to] -= fetched;
    }
}

static void count_edge(SyPlacer *placer, uint32_t from, uint32_t to)
{
    take_off_fetched(placer, from, to);
    placer->n_in[to]++;
    if (placer->only_to[from] != to) {
        placer->only_to[from] = placer->only_to[from] == SY_NONE ? to : SEVERAL;
    }
}

static void keep_edge(SyPlacer *placer, uint32_t from, uint32_t to)
{
    placer->sources[placer->finger[to]++] = from;
}

static void find_sources(SyPlacer *placer)
{
    uint32_t at = 0;

    each_edge(placer, count_edge);
    for (uint32_t i = 0; i < placer->n_units; i++) {
        const uint32_t unit = placer->units[i];
        placer->first_in[unit] = placer->finger[unit] = at;
        at += placer->n_in[unit];
    }
    each_edge(placer, keep_edge);
}

static void find_times(SyPlacer *placer)
{
    for (uint32_t i = 0; i < placer->n_units; i++) {
        const uint32_t unit = placer->units[i];
        double begin = 0;
        for (uint32_t s = 0; s < placer->n_in[unit]; s++) {
            const double end = placer->early[placer->sources[placer->first_in[unit] + s]];
            begin = end > begin ? end : begin;
        }
        placer->early[unit] = begin + placer->cost[unit];
        placer->rank[unit] = placer->cost[unit];
    }
    for (uint32_t i = placer->n_units; i-- > 0;) {
        const uint32_t unit = placer->units[i];
        for (uint32_t s = 0; s < placer->n_in[unit]; s++) {
            const uint32_t source = placer->sources[placer->first_in[unit] + s];
            const double way = placer->cost[source] + placer->rank[unit];
            placer->rank[source] = way > placer->rank[source] ? way : placer->rank[source];
        }
    }
}

/* The one that comes last of those that the unit alone hears; SY_NONE without any. */
static uint32_t latest_source(const SyPlacer *placer, uint32_t unit)
{
    uint32_t latest = SY_NONE;

    for (uint32_t s = 0; s < placer->n_in[unit]; s++) {
        const uint32_t source = placer->sources[placer->first_in[unit] + s];
        if (placer->only_to[source] == unit &&
            (latest == SY_NONE || placer->early[source] > placer->early[latest])) {
            latest = source;
        }
    }
    return latest;
}

/* A unit goes behind the tree of the latest of those that it alone hears, since it has to wait for
 * that one anyway; and behind those of others that cost little, all of them at most `most`: the lfo
 * of a voice. They stay in an order in which they can be computed. */
static void grow_tree(SyPlacer *placer, uint32_t unit, double most)
{
    const uint32_t latest = latest_source(placer, unit);
    uint32_t last = latest;

    placer->head_of[unit] = unit;
    placer->tree_cost[unit] = placer->cost[unit];
    if (latest == SY_NONE) {
        return;
    }
    placer->tree_cost[unit] += placer->tree_cost[latest];
    for (uint32_t s = 0; s < placer->n_in[unit]; s++) {
        const uint32_t source = placer->sources[placer->first_in[unit] + s];
        const bool is_new = source != last && placer->next[source] == SY_NONE;
        if (placer->only_to[source] == unit && source != latest && is_new &&
            placer->tree_cost[source] <= most) {
            placer->next[last] = placer->head_of[source];
            placer->is_head[placer->head_of[source]] = false;
            placer->tree_cost[unit] += placer->tree_cost[source];
            most -= placer->tree_cost[source];
            last = source;
        }
    }
    placer->next[last] = unit;
    placer->is_head[unit] = false;
    placer->head_of[unit] = placer->head_of[latest];
}

double sy_placer_read(SyPlacer *placer, const SyGraph *graph, const SyPlaceCosts *costs)
{
    double sum = 0;

    placer->graph = graph;
    placer->costs = *costs;
    sy_loops_find(&placer->loops, graph);
    find_units(placer);
    find_sources(placer);
    find_times(placer);
    for (uint32_t i = 0; i < placer->n_units; i++) {
        sum += placer->cost[placer->units[i]];
    }
    for (uint32_t i = 0; i < placer->n_units; i++) {
        grow_tree(placer, placer->units[i], sum / (PIECES * costs->n_workers));
    }
    return sum;
}

/* The longest way first; of equals the older module, so that the same patch is always dealt out the
 * same way. */
static int by_rank(const void *a, const void *b, void *context)
{
    const SyPlacer *placer = context;
    const uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    if (placer->rank[x] != placer->rank[y]) {
        return placer->rank[x] > placer->rank[y] ? -1 : 1;
    }
    return placer->graph->modules[x].order < placer->graph->modules[y].order ? -1 : x != y;
}

static uint32_t sort_by_rank(SyPlacer *placer, bool heads_only)
{
    uint32_t n = 0;

    for (uint32_t i = 0; i < placer->n_units; i++) {
        placer->group[placer->units[i]] = SY_NONE;
        if (!heads_only || placer->is_head[placer->units[i]]) {
            placer->by_rank[n++] = placer->units[i];
        }
    }
    qsort_r(placer->by_rank, n, sizeof(uint32_t), by_rank, placer);
    memset(placer->free_at, 0, sizeof(placer->free_at));
    return n;
}

/* When a unit is done on a worker that can begin at `from`. A source that has not been dealt out is
 * taken to come as early as it can. */
static double end_on(const SyPlacer *placer, uint32_t unit, uint32_t worker, double from)
{
    double cost = placer->cost[unit];

    for (uint32_t s = 0; s < placer->n_in[unit]; s++) {
        const uint32_t source = placer->sources[placer->first_in[unit] + s];
        const uint32_t at = placer->group[source];
        double there = at == SY_NONE ? placer->early[source] : placer->end[source];
        if (at != SY_NONE && at != worker) {
            there += placer->costs.handoff_ns;
            cost += fetch_ns(placer, source);
        }
        from = there > from ? there : from;
    }
    return from + cost;
}

/* When a whole tree is done on a worker; it stays there if it is to be `kept`. */
static double tree_on(SyPlacer *placer, uint32_t head, uint32_t worker, bool kept)
{
    double at = placer->free_at[worker];

    for (uint32_t unit = head; unit != SY_NONE; unit = placer->next[unit]) {
        at = end_on(placer, unit, worker, at);
        placer->group[unit] = worker; /* for the next of the tree, which hears it */
        placer->end[unit] = at;
    }
    for (uint32_t unit = head; unit != SY_NONE && !kept; unit = placer->next[unit]) {
        placer->group[unit] = SY_NONE;
    }
    if (kept) {
        placer->free_at[worker] = at;
    }
    return at;
}

/* When the last unit is done, each on the worker that `home` gives for the slot which leads it. */
static double simulate(SyPlacer *placer, const uint32_t *home)
{
    const uint32_t n = sort_by_rank(placer, false);
    double last = 0;

    for (uint32_t i = 0; i < n; i++) {
        const uint32_t unit = placer->by_rank[i], worker = home[unit];
        const double end = end_on(placer, unit, worker, placer->free_at[worker]);
        placer->group[unit] = worker;
        placer->end[unit] = placer->free_at[worker] = end;
        last = end > last ? end : last;
    }
    return last;
}

double sy_placer_spread(SyPlacer *placer, uint32_t n_groups, uint32_t *group)
{
    const uint32_t n = sort_by_rank(placer, true);

    for (uint32_t i = 0; i < n; i++) {
        uint32_t best = 0;
        double first = 0;
        for (uint32_t worker = 0; worker < n_groups; worker++) {
            const double end = tree_on(placer, placer->by_rank[i], worker, false);
            if (worker == 0 || end < first) {
                best = worker;
                first = end;
            }
        }
        tree_on(placer, placer->by_rank[i], best, true);
    }
    for (uint32_t slot = 0; slot < placer->graph->module_top; slot++) {
        if (placer->graph->modules[slot].used) {
            group[slot] = placer->group[placer->loops.lead[slot]];
        }
    }
    return simulate(placer, group);
}

double sy_placer_span(SyPlacer *placer, uint32_t n_cores)
{
    double sum = 0;

    for (uint32_t i = 0; i < placer->n_units; i++) {
        sum += placer->cost[placer->units[i]];
    }
    for (uint32_t slot = 0; slot < placer->graph->module_top; slot++) {
        placer->home[slot] = placer->graph->modules[slot].home;
    }
    const double span = simulate(placer, placer->home), least = sum / n_cores;
    return span > least ? span : least;
}

/* Of the wires that one module alone hears, the share that comes from another worker: with every
 * module in its group[slot], or at its home without `group`. */
static double torn(const SyPlacer *placer, const uint32_t *group)
{
    const SyGraphModule *modules = placer->graph->modules;
    uint32_t torn = 0, all = 0;

    for (uint32_t i = 0; i < placer->n_units; i++) {
        const uint32_t from = placer->units[i], to = placer->only_to[from];
        if (to != SY_NONE && to != SEVERAL) {
            torn += group ? group[from] != group[to] : modules[from].home != modules[to].home;
            all++;
        }
    }
    return all > 0 ? (double)torn / all : 0;
}

bool sy_placer_mends(const SyPlacer *placer, double span_ns, double spread_ns,
                     const uint32_t *group)
{
    return torn(placer, NULL) > torn(placer, group) + MENDED && spread_ns < span_ns * NO_LOSS;
}
