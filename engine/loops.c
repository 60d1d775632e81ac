#include "engine/loops.h"

#include <string.h>

static void sort_by_source(SyLoops *loops, const SyGraph *graph)
{
    uint32_t *first = loops->first_out;

    memset(first, 0, sizeof(loops->first_out));
    loops->any_back = false;
    for (uint32_t i = 0; i < graph->cable_top; i++) {
        if (graph->cables[i].used && !graph->cables[i].sink) {
            first[graph->cables[i].from + 1]++;
            loops->any_back |= graph->cables[i].back;
        }
    }
    for (uint32_t slot = 0; slot < SY_MODULES_MAX; slot++) {
        first[slot + 1] += first[slot];
    }
    /* next_edge serves as the place where the slot's next cable goes. */
    memcpy(loops->next_edge, first, sizeof(loops->next_edge));
    for (uint32_t i = 0; i < graph->cable_top; i++) {
        if (graph->cables[i].used && !graph->cables[i].sink) {
            loops->out[loops->next_edge[graph->cables[i].from]++] = i;
        }
    }
}

static void enter(SyLoops *loops, uint32_t slot)
{
    loops->index[slot] = loops->low[slot] = ++loops->next_index;
    loops->next_edge[slot] = loops->first_out[slot];
    loops->stack[loops->n_stack++] = slot;
    loops->on_stack[slot] = true;
}

/* All that is on the stack above `slot`, and itself, is one component. */
static void close_component(SyLoops *loops, uint32_t slot)
{
    uint32_t member, size = 0;
    do {
        member = loops->stack[--loops->n_stack];
        loops->on_stack[member] = false;
        loops->lead[member] = slot;
        loops->finished[loops->n_finished++] = member;
        size++;
    } while (member != slot);
    if (size > 1) {
        for (uint32_t i = loops->n_finished - size; i < loops->n_finished; i++) {
            loops->in_loop[loops->finished[i]] = true;
        }
    }
}

static void search_from(SyLoops *loops, const SyGraph *graph, uint32_t root, bool with_back)
{
    uint32_t depth = 0;

    loops->path[depth] = root;
    enter(loops, root);
    for (;;) {
        const uint32_t slot = loops->path[depth];
        if (loops->next_edge[slot] < loops->first_out[slot + 1]) {
            const SyGraphCable *cable = &graph->cables[loops->out[loops->next_edge[slot]++]];
            const uint32_t to = cable->to;
            if (cable->back && !with_back) {
                continue;
            }
            if (loops->index[to] == 0) {
                loops->path[++depth] = to;
                enter(loops, to);
            } else if (loops->on_stack[to] && loops->index[to] < loops->low[slot]) {
                loops->low[slot] = loops->index[to];
            }
            continue;
        }
        if (loops->low[slot] == loops->index[slot]) {
            close_component(loops, slot);
        }
        if (depth == 0) {
            return;
        }
        const uint32_t parent = loops->path[--depth];
        if (loops->low[slot] < loops->low[parent]) {
            loops->low[parent] = loops->low[slot];
        }
    }
}

static void search(SyLoops *loops, const SyGraph *graph, bool with_back)
{
    memset(loops->index, 0, sizeof(loops->index));
    memset(loops->on_stack, 0, sizeof(loops->on_stack));
    loops->n_finished = loops->n_stack = loops->next_index = 0;
    for (uint32_t slot = 0; slot < graph->module_top; slot++) {
        if (graph->modules[slot].used && loops->index[slot] == 0) {
            search_from(loops, graph, slot, with_back);
        }
    }
}

static void find_levels(SyLoops *loops, const SyGraph *graph)
{
    memset(loops->level, 0, sizeof(loops->level));
    for (uint32_t i = loops->n_finished; i-- > 0;) {
        const uint32_t slot = loops->finished[i];
        const uint32_t lead = loops->lead[slot];
        for (uint32_t e = loops->first_out[slot]; e < loops->first_out[slot + 1]; e++) {
            const uint32_t to = graph->cables[loops->out[e]].to;
            const uint32_t to_lead = loops->lead[to];
            if (to == slot) {
                loops->in_loop[slot] = true;
            } else if (to_lead != lead && loops->level[to_lead] <= loops->level[lead]) {
                loops->level[to_lead] = loops->level[lead] + 1;
            }
        }
    }
    for (uint32_t i = 0; i < loops->n_finished; i++) {
        loops->level[loops->finished[i]] = loops->level[loops->lead[loops->finished[i]]];
    }
}

void sy_loops_find(SyLoops *loops, const SyGraph *graph)
{
    memset(loops->in_loop, 0, sizeof(loops->in_loop));
    sort_by_source(loops, graph);

    /* The second search writes lead and in_loop too, so the order of the two matters. Without a
     * cable that closes a loop it would find the same. */
    search(loops, graph, false);
    for (uint32_t i = 0; i < loops->n_finished; i++) {
        loops->position[loops->finished[i]] = loops->n_finished - 1 - i;
    }
    if (loops->any_back) {
        search(loops, graph, true);
    }
    find_levels(loops, graph);
}
