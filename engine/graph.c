#include "engine/graph.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "modules/registry.h"

static uint64_t line(uint64_t size)
{
    return (size + 63) & ~(uint64_t)63;
}

uint32_t sy_graph_find(const SyGraph *graph, SyModuleRef ref)
{
    for (uint32_t at = graph->index.named[sy_graph_index_bucket(ref)]; at != 0;
         at = graph->index.next_named[at - 1]) {
        const SyGraphModule *module = &graph->modules[at - 1];
        if (module->ref.type == ref.type && module->ref.id == ref.id) {
            return at - 1;
        }
    }
    return SY_NONE;
}

static void lay_out(SyGraphModule *module, const SyModule *type, const SySegment *segment)
{
    const uint32_t lanes = type->per_instance ? 1 : module->voices;
    const uint64_t tails = (uint64_t)type->n_outputs * module->voices * sizeof(float);
    const uint64_t wires = tails * segment->block * (type->is_sink ? sy_sink_places(segment) : 1);

    module->lane_bytes = (uint32_t)line(type->state_size);
    /* Behind the last lane, in what is left of its line if there is room. */
    module->mode_from = module->lane_bytes * (lanes - 1) + ((type->state_size + 3) & ~3u);
    module->tails_from = module->mode_from + (uint32_t)sizeof(SyNodeMode);
    module->state_bytes = (uint32_t)line(module->tails_from + tails);
    module->params_at = 2 * (uint64_t)module->state_bytes;
    module->wires_at =
        module->params_at + line(sizeof(SyParamsShared) + type->n_params * sizeof(SyRampShared));
    module->tape_at = module->wires_at + line(wires);
    module->tape_bytes = line(type->tape_size);
    module->memory_size = module->tape_at + lanes * module->tape_bytes;
    if (type->isolated) { /* whole pages, wherever the first one begins */
        module->memory_size = (module->memory_size + 2 * SY_PAGE - 1) & ~(uint64_t)(SY_PAGE - 1);
    }
}

static void place(SyGraphModule *module, const SyModule *type, uint64_t memory_at)
{
    module->memory_at = memory_at;
    module->state_at =
        type->isolated ? (memory_at + SY_PAGE - 1) & ~(uint64_t)(SY_PAGE - 1) : memory_at;
    module->params_at += module->state_at;
    module->wires_at += module->state_at;
    module->tape_at += module->state_at;
}

/* All but the tapes is cleared. Those can be large, what is on them does not matter, and they only
 * have to be there, which they are already once the whole arena is: see worker_loop.c. */
static void clear(SySegment *segment, const SyGraphModule *module)
{
    memset(sy_at(segment, module->memory_at), 0, module->tape_at - module->memory_at);
    if (module->tape_bytes > 0) {
        sy_memory_prefault(sy_at(segment, module->tape_at),
                           module->memory_at + module->memory_size - module->tape_at);
    }
}

static void format_params(SySegment *segment, const SyGraphModule *module, const SyModule *type,
                          const float *written)
{
    SyParamsShared *params = sy_at(segment, module->params_at);

    params->rest_at = 0;
    for (uint32_t i = 0; i < type->n_params; i++) {
        const float value = sy_param_internal(&type->params[i], written[i]);
        sy_params_set(params, i, &(SyRampShared){.from = value, .to = value});
    }
}

static uint32_t free_module_slot(const SyGraph *graph)
{
    return sy_graph_index_free(graph->index.modules_used, graph->module_held, SY_MODULES_MAX);
}

static uint32_t free_cable_slot(const SyGraph *graph)
{
    return sy_graph_index_free(graph->index.cables_used, graph->cable_held, SY_CABLES_MAX);
}

static uint32_t add_cable(SyGraph *graph, uint32_t slot, SyGraphCable cable)
{
    cable.used = true;
    cable.fresh = true;
    cable.order = graph->next_order++;
    graph->cables[slot] = cable;
    sy_graph_index_add_cable(graph, slot);
    graph->n_cables++;
    if (slot >= graph->cable_top) {
        graph->cable_top = slot + 1;
    }
    return slot;
}

static void raise_top(SySegment *segment, uint64_t end)
{
    const uint64_t top = (end + SY_PAGE - 1) & ~(uint64_t)(SY_PAGE - 1);
    if (atomic_load(&segment->arena_top) < top) {
        atomic_store(&segment->arena_top, top);
    }
}

SyStatus sy_graph_create(SyGraph *graph, SySegment *segment, SyArena *arena, SyModuleRef ref,
                         uint8_t voices, const float *written, uint32_t *slot)
{
    const SyModule *type = sy_registry_at(ref.type);
    if (!type) {
        return SY_ERR_UNKNOWN_TYPE;
    }
    if (ref.id < 1 || ref.id > SY_ID_MAX) {
        return SY_ERR_ID_RANGE;
    }
    if (sy_graph_find(graph, ref) != SY_NONE) {
        return SY_ERR_ID_IN_USE;
    }
    if (voices < 1 || voices > SY_VOICES_MAX) {
        return SY_ERR_VOICES;
    }
    const uint32_t free_slot = free_module_slot(graph);
    const uint32_t sink_cable = type->is_sink ? free_cable_slot(graph) : SY_NONE;
    if (free_slot == SY_NONE || (type->is_sink && sink_cable == SY_NONE)) {
        return SY_ERR_LIMIT;
    }

    SyGraphModule module = {.used = true, .fresh = true, .ref = ref, .voices = voices};
    lay_out(&module, type, segment);
    const uint64_t memory_at = sy_arena_take(arena, module.memory_size);
    if (memory_at == 0) {
        return SY_ERR_MEMORY;
    }
    place(&module, type, memory_at);
    raise_top(segment, memory_at + module.memory_size);
    module.order = graph->next_order++;
    module.sink_cable = sink_cable;
    clear(segment, &module);
    format_params(segment, &module, type, written);

    graph->modules[free_slot] = module;
    sy_graph_index_add_module(graph, free_slot);
    graph->n_modules++;
    if (free_slot >= graph->module_top) {
        graph->module_top = free_slot + 1;
    }
    if (type->is_sink) {
        add_cable(graph, sink_cable,
                  (SyGraphCable){.sink = true, .from = free_slot, .to = SY_NONE, .gain = 1});
    }
    *slot = free_slot;
    return SY_OK;
}

void sy_graph_destroy(SyGraph *graph, uint32_t slot)
{
    const SyGraphIndex *index = &graph->index;

    if (!graph->modules[slot].dying) {
        sy_graph_index_let_module_die(graph, slot);
        graph->modules[slot].dying = true;
    }
    for (uint32_t at = index->first_out[slot], next; at != 0; at = next) {
        next = index->links[at - 1].next_out; /* it may go at once */
        if (!graph->cables[at - 1].dying) {
            sy_graph_disconnect(graph, at - 1);
        }
    }
}

void sy_graph_remove_cable(SyGraph *graph, uint32_t cable)
{
    sy_graph_index_remove_cable(graph, cable);
    memset(&graph->cables[cable], 0, sizeof(graph->cables[cable]));
    graph->n_cables--;
    while (graph->cable_top > 0 && !graph->cables[graph->cable_top - 1].used) {
        graph->cable_top--;
    }
}

void sy_graph_remove_module(SyGraph *graph, uint32_t slot)
{
    while (graph->index.first_out[slot] != 0) {
        sy_graph_remove_cable(graph, graph->index.first_out[slot] - 1);
    }
    while (graph->index.first_in[slot] != 0) {
        sy_graph_remove_cable(graph, graph->index.first_in[slot] - 1);
    }
    sy_graph_index_remove_module(graph, slot);
    memset(&graph->modules[slot], 0, sizeof(graph->modules[slot]));
    graph->n_modules--;
    while (graph->module_top > 0 && !graph->modules[graph->module_top - 1].used) {
        graph->module_top--;
    }
}

static bool joins(const SyGraphCable *cable, uint32_t from, uint8_t from_port, uint32_t to,
                  uint8_t to_port)
{
    return !cable->dying && !cable->sink && cable->from == from && cable->to == to &&
           cable->from_port == from_port && cable->to_port == to_port;
}

/* One end may have thousands of cables and the other a few: both are gone through side by side, so
 * the shorter list decides. */
uint32_t sy_graph_find_cable(const SyGraph *graph, uint32_t from, uint8_t from_port, uint32_t to,
                             uint8_t to_port)
{
    const SyGraphIndex *index = &graph->index;
    uint32_t out = index->first_out[from], in = index->first_in[to];

    while (out != 0 && in != 0) {
        if (joins(&graph->cables[out - 1], from, from_port, to, to_port)) {
            return out - 1;
        }
        if (joins(&graph->cables[in - 1], from, from_port, to, to_port)) {
            return in - 1;
        }
        out = index->links[out - 1].next_out;
        in = index->links[in - 1].next_in;
    }
    return SY_NONE;
}

/* Modules that are still to be looked at, and those that have been. */
typedef struct Search {
    uint32_t waiting[SY_MODULES_MAX], n_waiting;
    bool seen[SY_MODULES_MAX];
} Search;

static void look_later(Search *search, uint32_t slot)
{
    if (!search->seen[slot]) {
        search->seen[slot] = true;
        search->waiting[search->n_waiting++] = slot;
    }
}

/* Whether a signal at `start` gets to `goal` through cables that are not `back`. Only what can be
 * reached is looked at, each module once; and nothing at all when there is no way out of the one or
 * into the other, as with most modules that are new. */
static bool reaches(const SyGraph *graph, uint32_t start, uint32_t goal)
{
    static _Thread_local Search search;
    const SyGraphIndex *index = &graph->index;

    if (start == goal || index->first_out[start] == 0 || index->first_in[goal] == 0) {
        return start == goal;
    }
    memset(search.seen, 0, sizeof(search.seen));
    search.n_waiting = 0;
    look_later(&search, start);
    while (search.n_waiting > 0 && !search.seen[goal]) {
        const uint32_t slot = search.waiting[--search.n_waiting];
        for (uint32_t at = index->first_out[slot]; at != 0; at = index->links[at - 1].next_out) {
            const SyGraphCable *cable = &graph->cables[at - 1];
            if (!cable->back && !cable->sink) {
                look_later(&search, cable->to);
            }
        }
    }
    return search.seen[goal];
}

static bool voices_match(const SyGraph *graph, uint32_t from, uint32_t to, uint8_t to_port)
{
    const SyGraphModule *source = &graph->modules[from];
    const SyGraphModule *target = &graph->modules[to];
    const SyModule *type = sy_registry_at(target->ref.type);
    const uint8_t lanes = type->per_instance ? 1 : target->voices;

    return source->voices == 1 || source->voices == lanes ||
           (lanes == 1 && type->inputs[to_port].sums);
}

SyStatus sy_graph_connect(SyGraph *graph, uint32_t from, uint8_t from_port, uint32_t to,
                          uint8_t to_port, float gain, uint32_t *cable)
{
    if (!voices_match(graph, from, to, to_port)) {
        return SY_ERR_VOICES;
    }
    const uint32_t slot = free_cable_slot(graph);
    if (slot == SY_NONE) {
        return SY_ERR_LIMIT;
    }
    *cable = add_cable(graph, slot,
                       (SyGraphCable){.from = from,
                                      .to = to,
                                      .from_port = from_port,
                                      .to_port = to_port,
                                      .gain = gain,
                                      .back = from == to || reaches(graph, to, from)});
    return SY_OK;
}

void sy_graph_disconnect(SyGraph *graph, uint32_t cable)
{
    if (graph->cables[cable].fresh) {
        sy_graph_remove_cable(graph, cable);
    } else {
        sy_graph_index_let_cable_die(graph, cable);
        graph->cables[cable].dying = true;
    }
}

uint32_t sy_graph_next_dying_module(const SyGraph *graph, uint32_t from)
{
    const uint32_t next = sy_graph_index_next(graph->index.modules_dying, from, SY_MODULES_MAX);
    return next < SY_MODULES_MAX ? next : SY_NONE;
}

uint32_t sy_graph_next_dying_cable(const SyGraph *graph, uint32_t from)
{
    const uint32_t next = sy_graph_index_next(graph->index.cables_dying, from, SY_CABLES_MAX);
    return next < SY_CABLES_MAX ? next : SY_NONE;
}

bool sy_graph_is_heard(const SyGraph *graph, uint32_t slot)
{
    return graph->index.first_out[slot] != 0;
}

void sy_graph_settle_loops(SyGraph *graph)
{
    for (uint32_t i = 0; i < graph->cable_top && graph->index.may_open; i++) {
        SyGraphCable *cable = &graph->cables[i];
        if (cable->used && cable->back && cable->from != cable->to &&
            !reaches(graph, cable->to, cable->from)) {
            cable->back = false;
        }
    }
    graph->index.may_open = false;
}

uint32_t sy_graph_add_file(SyGraph *graph, uint16_t type, const char *path)
{
    uint32_t number = 0;

    while (number < SY_FILES_MAX && graph->files[number].state != SY_FILE_NONE) {
        number++;
    }
    if (number == SY_FILES_MAX) {
        return SY_NONE;
    }
    SyGraphFile *file = &graph->files[number];
    *file = (SyGraphFile){.state = SY_FILE_WANTED, .type = type, .order = graph->next_order++};
    snprintf(file->path, sizeof(file->path), "%s", path);
    if (number >= graph->file_top) {
        graph->file_top = number + 1;
    }
    return number;
}

void sy_graph_remove_file(SyGraph *graph, uint32_t file)
{
    memset(&graph->files[file], 0, sizeof(graph->files[file]));
    while (graph->file_top > 0 && graph->files[graph->file_top - 1].state == SY_FILE_NONE) {
        graph->file_top--;
    }
}

uint32_t sy_graph_find_file(const SyGraph *graph, uint16_t type, const char *path,
                            const SyFileIdentity *identity)
{
    for (uint32_t i = 0; i < graph->file_top; i++) {
        const SyGraphFile *file = &graph->files[i];
        if (file->state == SY_FILE_THERE && file->type == type && strcmp(file->path, path) == 0 &&
            memcmp(&file->identity, identity, sizeof(*identity)) == 0) {
            return i;
        }
    }
    return SY_NONE;
}

bool sy_graph_uses_file(const SyGraph *graph, uint32_t file)
{
    for (uint32_t i = 0; i < graph->module_top; i++) {
        const SyGraphModule *module = &graph->modules[i];
        if (module->used && (module->file == file + 1 || module->wanted_file == file + 1)) {
            return true;
        }
    }
    return false;
}
