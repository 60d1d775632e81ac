#include "engine/graph_index.h"

#include <string.h>

#include "engine/graph.h"

_Static_assert(SY_MODULES_MAX % 64 == 0 && SY_CABLES_MAX % 64 == 0, "whole words of bits");

/* Ids of a type follow one another as a rule. */
uint32_t sy_graph_index_bucket(SyModuleRef ref)
{
    return (ref.id + ref.type * 397u) % SY_NAMES;
}

static void set_bit(uint64_t *bits, uint32_t i)
{
    bits[i / 64] |= UINT64_C(1) << i % 64;
}

static void clear_bit(uint64_t *bits, uint32_t i)
{
    bits[i / 64] &= ~(UINT64_C(1) << i % 64);
}

static void add_name(SyGraph *graph, uint32_t slot)
{
    SyGraphIndex *index = &graph->index;
    uint32_t *bucket = &index->named[sy_graph_index_bucket(graph->modules[slot].ref)];

    index->next_named[slot] = *bucket;
    *bucket = slot + 1;
}

static void remove_name(SyGraph *graph, uint32_t slot)
{
    SyGraphIndex *index = &graph->index;
    uint32_t *at = &index->named[sy_graph_index_bucket(graph->modules[slot].ref)];

    while (*at != 0 && *at != slot + 1) {
        at = &index->next_named[*at - 1];
    }
    if (*at != 0) {
        *at = index->next_named[slot];
    }
}

void sy_graph_index_add_module(SyGraph *graph, uint32_t slot)
{
    set_bit(graph->index.modules_used, slot);
    if (graph->modules[slot].dying) {
        set_bit(graph->index.modules_dying, slot);
    } else {
        add_name(graph, slot);
    }
}

void sy_graph_index_let_module_die(SyGraph *graph, uint32_t slot)
{
    remove_name(graph, slot);
    set_bit(graph->index.modules_dying, slot);
}

void sy_graph_index_let_cable_die(SyGraph *graph, uint32_t slot)
{
    set_bit(graph->index.cables_dying, slot);
}

void sy_graph_index_remove_module(SyGraph *graph, uint32_t slot)
{
    clear_bit(graph->index.modules_used, slot);
    clear_bit(graph->index.modules_dying, slot);
    if (!graph->modules[slot].dying) {
        remove_name(graph, slot);
    }
}

void sy_graph_index_add_cable(SyGraph *graph, uint32_t slot)
{
    SyGraphIndex *index = &graph->index;
    const SyGraphCable *cable = &graph->cables[slot];
    SyCableLinks *links = &index->links[slot];
    uint32_t *first = &index->first_out[cable->from];

    set_bit(index->cables_used, slot);
    if (cable->dying) {
        set_bit(index->cables_dying, slot);
    }
    *links = (SyCableLinks){.next_out = *first};
    if (*first != 0) {
        index->links[*first - 1].last_out = slot + 1;
    }
    *first = slot + 1;
    if (cable->sink) {
        return;
    }
    first = &index->first_in[cable->to];
    links->next_in = *first;
    if (*first != 0) {
        index->links[*first - 1].last_in = slot + 1;
    }
    *first = slot + 1;
}

void sy_graph_index_remove_cable(SyGraph *graph, uint32_t slot)
{
    SyGraphIndex *index = &graph->index;
    const SyGraphCable *cable = &graph->cables[slot];
    const SyCableLinks links = index->links[slot];

    index->may_open |= !cable->back && !cable->sink;
    clear_bit(index->cables_used, slot);
    clear_bit(index->cables_dying, slot);
    *(links.last_out ? &index->links[links.last_out - 1].next_out
                     : &index->first_out[cable->from]) = links.next_out;
    if (links.next_out) {
        index->links[links.next_out - 1].last_out = links.last_out;
    }
    if (cable->sink) {
        return;
    }
    *(links.last_in ? &index->links[links.last_in - 1].next_in : &index->first_in[cable->to]) =
        links.next_in;
    if (links.next_in) {
        index->links[links.next_in - 1].last_in = links.last_in;
    }
}

void sy_graph_index_make(SyGraph *graph)
{
    memset(&graph->index, 0, sizeof(graph->index));
    graph->index.may_open = true; /* it is not known */
    for (uint32_t i = 0; i < graph->module_top; i++) {
        if (graph->modules[i].used) {
            sy_graph_index_add_module(graph, i);
        }
    }
    for (uint32_t i = 0; i < graph->cable_top; i++) {
        if (graph->cables[i].used) {
            sy_graph_index_add_cable(graph, i);
        }
    }
}

uint32_t sy_graph_index_next(const uint64_t *bits, uint32_t from, uint32_t n)
{
    for (uint32_t word = from / 64; word < n / 64; word++) {
        const uint64_t left = word == from / 64 ? bits[word] >> from % 64 << from % 64 : bits[word];
        if (left != 0) {
            return 64 * word + (uint32_t)__builtin_ctzll(left);
        }
    }
    return n;
}

uint32_t sy_graph_index_free(const uint64_t *used, const uint8_t *held, uint32_t n)
{
    for (uint32_t word = 0; word < n / 64; word++) {
        for (uint64_t free = ~used[word]; free != 0; free &= free - 1) {
            const uint32_t i = 64 * word + (uint32_t)__builtin_ctzll(free);
            if (!held[i]) {
                return i;
            }
        }
    }
    return SY_NONE;
}
