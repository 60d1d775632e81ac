/* Finds feedback loops, and the order in which nodes can be computed.
 *
 * One depth-first search over all cables gives the strongly connected components (Tarjan,
 * "Depth-first search and linear graph algorithms", SIAM J. Comput. 1, 1972) in reverse topological
 * order; a second one that leaves out the cables which close loops gives the order inside a loop.
 *
 * Thread: control.  RT: no. */
#ifndef SY_ENGINE_LOOPS_H
#define SY_ENGINE_LOOPS_H

#include "engine/graph.h"

typedef struct SyLoops {
    uint32_t lead[SY_MODULES_MAX];     /* by slot: slot that names its component */
    bool in_loop[SY_MODULES_MAX];      /* more than one node, or a node patched into itself */
    uint32_t level[SY_MODULES_MAX];    /* of the component: longest way from a source */
    uint32_t position[SY_MODULES_MAX]; /* sources first, along cables that are not `back` */
    /* Cables by the slot they come from: out[first_out[slot]] up to out[first_out[slot + 1]]. */
    uint32_t first_out[SY_MODULES_MAX + 1];
    uint32_t out[SY_CABLES_MAX];
    bool any_back; /* some cable closes a loop */
    /* Of the search. */
    uint32_t index[SY_MODULES_MAX], low[SY_MODULES_MAX], next_edge[SY_MODULES_MAX];
    uint32_t path[SY_MODULES_MAX], stack[SY_MODULES_MAX], finished[SY_MODULES_MAX];
    bool on_stack[SY_MODULES_MAX];
    uint32_t n_finished, n_stack, next_index;
} SyLoops;

/* Fills lead, in_loop, level and position for every used slot of the graph. */
void sy_loops_find(SyLoops *loops, const SyGraph *graph);

#endif
