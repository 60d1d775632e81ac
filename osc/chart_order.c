/* In which order the modules of a patch are computed, found out from its cables.
 *
 * First, cable by cable in the order of their age: one that closes a circle of older ones that are
 * no feedback is feedback itself. Without those there are no circles, so all modules can be put in
 * a row (Kahn, "Topological sorting of large networks", CACM 5, 1962). Then the loops: what can be
 * reached from the end of a feedback cable, and reaches its beginning. Each is one unit, and the
 * levels are the longest ways among units. */
#include <stdlib.h>
#include <string.h>

#include "osc/chart.h"

#define NONE UINT32_MAX

/* Which cables begin, or end, at a module: a chain of cables from each module. */
typedef struct Chains {
    uint32_t *first; /* [n_modules] */
    uint32_t *next;  /* [n_cables] */
} Chains;

typedef struct Search {
    SyChart *chart;
    Chains out, in;
    uint32_t *lead;     /* [n_modules] the module that stands for its loop, or itself */
    uint32_t *waits;    /* [n_modules] cables that a unit, or module, still waits for */
    uint32_t *queue;    /* [n_modules] */
    uint32_t *fellows;  /* [n_modules] chain of a loop's modules, from its lead */
    bool *seen, *heard; /* [n_modules] */
} Search;

static uint32_t *new_numbers(uint32_t n)
{
    uint32_t *numbers = malloc((n + 1u) * sizeof *numbers);
    if (numbers) {
        memset(numbers, 0xFF, (n + 1u) * sizeof *numbers); /* NONE */
    }
    return numbers;
}

static void search_deinit(Search *search)
{
    void *const all[] = {search->out.first, search->out.next, search->in.first, search->in.next,
                         search->lead,      search->waits,    search->queue,    search->fellows,
                         search->seen,      search->heard};
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        free(all[i]);
    }
}

static bool search_init(Search *search, SyChart *chart)
{
    const uint32_t n = chart->n_modules, n_cables = chart->n_cables;
    *search = (Search){.chart = chart,
                       .out = {new_numbers(n), new_numbers(n_cables)},
                       .in = {new_numbers(n), new_numbers(n_cables)},
                       .lead = new_numbers(n),
                       .waits = new_numbers(n),
                       .queue = new_numbers(n),
                       .fellows = new_numbers(n),
                       .seen = calloc(n + 1u, sizeof(bool)),
                       .heard = calloc(n + 1u, sizeof(bool))};
    const bool enough = search->out.first && search->out.next && search->in.first &&
                        search->in.next && search->lead && search->waits && search->queue &&
                        search->fellows && search->seen && search->heard;
    if (!enough) {
        search_deinit(search);
    }
    return enough;
}

static void chain(Search *search, uint32_t cable)
{
    const SyChartCable *at = &search->chart->cables[cable];
    search->out.next[cable] = search->out.first[at->from];
    search->out.first[at->from] = cable;
    search->in.next[cable] = search->in.first[at->to];
    search->in.first[at->to] = cable;
}

/* Marks all modules that are reached from `start` along the cables that are chained. */
static void reach(Search *search, const Chains *chains, uint32_t start, bool *marked)
{
    uint32_t n = 0;
    memset(marked, 0, search->chart->n_modules * sizeof *marked);
    marked[start] = true;
    search->queue[n++] = start;
    while (n > 0) {
        const uint32_t module = search->queue[--n];
        for (uint32_t c = chains->first[module]; c != NONE; c = chains->next[c]) {
            const SyChartCable *cable = &search->chart->cables[c];
            const uint32_t next = chains == &search->out ? cable->to : cable->from;
            if (!marked[next]) {
                marked[next] = true;
                search->queue[n++] = next;
            }
        }
    }
}

static void find_feedback(Search *search)
{
    SyChart *chart = search->chart;
    for (uint32_t c = 0; c < chart->n_cables; c++) {
        SyChartCable *cable = &chart->cables[c];
        reach(search, &search->out, cable->to, search->seen);
        cable->feedback = search->seen[cable->from];
        if (!cable->feedback) {
            chain(search, c);
        }
    }
}

/* Numbers all modules in a row along the cables that are no feedback. */
static void find_positions(Search *search)
{
    SyChart *chart = search->chart;
    uint32_t n = 0;
    memset(search->waits, 0, chart->n_modules * sizeof *search->waits);
    for (uint32_t c = 0; c < chart->n_cables; c++) {
        search->waits[chart->cables[c].to] += !chart->cables[c].feedback;
    }
    for (uint32_t m = 0; m < chart->n_modules; m++) {
        if (search->waits[m] == 0) {
            search->queue[n++] = m;
        }
    }
    for (uint32_t i = 0; i < n; i++) {
        const uint32_t module = search->queue[i];
        chart->modules[module].position = i;
        for (uint32_t c = search->out.first[module]; c != NONE; c = search->out.next[c]) {
            const uint32_t to = chart->cables[c].to;
            if (--search->waits[to] == 0) {
                search->queue[n++] = to;
            }
        }
    }
}

static void make_loop(Search *search, uint32_t lead)
{
    SyChart *chart = search->chart;
    chart->n_loops++;
    for (uint32_t m = 0; m < chart->n_modules; m++) {
        if (search->seen[m] && search->heard[m]) {
            chart->modules[m].loop = chart->n_loops;
            search->lead[m] = lead;
            if (m != lead) {
                search->fellows[m] = search->fellows[lead];
                search->fellows[lead] = m;
            }
        }
    }
}

/* Once the feedback cables are chained, too. A cable whose ends are in one loop adds none. */
static void find_loops(Search *search)
{
    SyChart *chart = search->chart;
    for (uint32_t m = 0; m < chart->n_modules; m++) {
        search->lead[m] = m;
    }
    for (uint32_t c = 0; c < chart->n_cables; c++) {
        if (chart->cables[c].feedback) {
            chain(search, c);
        }
    }
    for (uint32_t c = 0; c < chart->n_cables; c++) {
        const SyChartCable *cable = &chart->cables[c];
        if (cable->feedback && chart->modules[cable->to].loop == 0) {
            reach(search, &search->out, cable->to, search->seen);
            reach(search, &search->in, cable->from, search->heard);
            make_loop(search, cable->to);
        }
    }
}

static bool is_between_units(const Search *search, const SyChartCable *cable)
{
    return search->lead[cable->from] != search->lead[cable->to];
}

/* Lets all that hears one module of a unit come at least one level later. */
static uint32_t push_on(Search *search, uint32_t module, uint32_t level, uint32_t n)
{
    SyChart *chart = search->chart;
    for (uint32_t c = search->out.first[module]; c != NONE; c = search->out.next[c]) {
        const SyChartCable *cable = &chart->cables[c];
        const uint32_t to = search->lead[cable->to];
        if (!is_between_units(search, cable)) {
            continue;
        }
        if (chart->modules[to].level <= level) {
            chart->modules[to].level = level + 1;
        }
        if (--search->waits[to] == 0) {
            search->queue[n++] = to;
        }
    }
    return n;
}

static void find_levels(Search *search)
{
    SyChart *chart = search->chart;
    uint32_t n = 0;
    memset(search->waits, 0, chart->n_modules * sizeof *search->waits);
    for (uint32_t c = 0; c < chart->n_cables; c++) {
        const SyChartCable *cable = &chart->cables[c];
        search->waits[search->lead[cable->to]] += is_between_units(search, cable);
    }
    for (uint32_t m = 0; m < chart->n_modules; m++) {
        if (search->lead[m] == m && search->waits[m] == 0) {
            search->queue[n++] = m;
        }
    }
    for (uint32_t i = 0; i < n; i++) {
        const uint32_t level = chart->modules[search->queue[i]].level;
        for (uint32_t m = search->queue[i]; m != NONE; m = search->fellows[m]) {
            chart->modules[m].level = level;
            n = push_on(search, m, level, n);
        }
        chart->n_levels = chart->n_levels > level + 1 ? chart->n_levels : level + 1;
    }
}

bool sy_chart_order(SyChart *chart)
{
    Search search;
    if (!search_init(&search, chart)) {
        return false;
    }
    find_feedback(&search);
    find_positions(&search);
    find_loops(&search);
    find_levels(&search);
    search_deinit(&search);
    return true;
}
