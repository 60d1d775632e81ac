#include "engine/wires.h"

#include "modules/registry.h"

#define LOOKS_MAX 16 /* pieces of another size, before it is left at that */

/* Whether others may write where this one did, or it where others did. */
static bool is_bound(const SyCompiler *compiler, const SyGraph *graph, uint32_t slot)
{
    const SyModule *type = sy_registry_at(graph->modules[slot].ref.type);
    return type->isolated || type->is_sink || compiler->loops.in_loop[slot];
}

/* The last unit that hears the module; SY_NONE if there is none, or one in another task. */
static uint32_t last_to_hear(const SyCompiler *compiler, const SyGraph *graph, uint32_t slot)
{
    const SyLoops *loops = &compiler->loops;
    uint32_t last = SY_NONE;

    for (uint32_t e = loops->first_out[slot]; e < loops->first_out[slot + 1]; e++) {
        const uint32_t to = loops->lead[graph->cables[loops->out[e]].to];
        if (compiler->task_of[to] != compiler->task_of[slot]) {
            return SY_NONE;
        }
        if (last == SY_NONE || compiler->unit_of[to] > last) {
            last = compiler->unit_of[to];
        }
    }
    return last;
}

void sy_wires_begin(SyCompiler *compiler, const SyGraph *graph)
{
    for (uint32_t slot = 0; slot < graph->module_top; slot++) {
        compiler->wires_at[slot] = graph->modules[slot].wires_at;
    }
    for (uint32_t i = 0; i < compiler->n_units; i++) {
        compiler->unit_of[compiler->units[i].lead] = i;
        compiler->heard_last[i] = SY_NONE;
    }
    for (uint32_t i = 0; i < compiler->n_units; i++) {
        const uint32_t slot = compiler->units[i].lead;
        const uint32_t last =
            is_bound(compiler, graph, slot) ? SY_NONE : last_to_hear(compiler, graph, slot);
        if (last != SY_NONE) {
            compiler->next_heard[slot] = compiler->heard_last[last];
            compiler->heard_last[last] = slot;
        }
    }
}

void sy_wires_begin_task(SyCompiler *compiler)
{
    compiler->n_to_let = 0;
}

void sy_wires_place(SyCompiler *compiler, const SyGraph *graph, uint32_t slot)
{
    const SyGraphModule *module = &graph->modules[slot];
    const uint32_t n = compiler->n_to_let;

    compiler->wires_size[slot] =
        (uint32_t)sy_registry_at(module->ref.type)->n_outputs * module->voices;
    if (is_bound(compiler, graph, slot)) {
        return;
    }
    for (uint32_t i = 0; i < n && i < LOOKS_MAX; i++) {
        uint32_t *place = &compiler->to_let[n - 1 - i];
        if (compiler->wires_size[*place] == compiler->wires_size[slot]) {
            compiler->wires_at[slot] = compiler->wires_at[*place];
            *place = compiler->to_let[n - 1];
            compiler->n_to_let--;
            return;
        }
    }
}

void sy_wires_end_step(SyCompiler *compiler, uint32_t first, uint32_t end)
{
    for (uint32_t i = first; i < end; i++) {
        for (uint32_t slot = compiler->heard_last[i]; slot != SY_NONE;
             slot = compiler->next_heard[slot]) {
            compiler->to_let[compiler->n_to_let++] = slot;
        }
    }
}
