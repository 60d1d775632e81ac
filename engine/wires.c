#include "engine/wires.h"

#include "modules/registry.h"

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

/* The slots whose wires are to let, by their size. */
static uint32_t *first_to_let(SyCompiler *compiler, uint32_t size)
{
    if (compiler->let_in[size] != compiler->n_let_in) {
        compiler->let_in[size] = compiler->n_let_in;
        compiler->first_to_let[size] = SY_NONE;
    }
    return &compiler->first_to_let[size];
}

void sy_wires_begin_task(SyCompiler *compiler)
{
    compiler->n_let_in++; /* in 64 bits: it does not come round */
}

void sy_wires_place(SyCompiler *compiler, const SyGraph *graph, uint32_t slot)
{
    const SyGraphModule *module = &graph->modules[slot];
    const uint32_t size = (uint32_t)sy_registry_at(module->ref.type)->n_outputs * module->voices;
    uint32_t *first = first_to_let(compiler, size);

    compiler->wires_size[slot] = size;
    if (!is_bound(compiler, graph, slot) && *first != SY_NONE) {
        compiler->wires_at[slot] = compiler->wires_at[*first];
        *first = compiler->next_to_let[*first];
    }
}

void sy_wires_end_step(SyCompiler *compiler, uint32_t first, uint32_t end)
{
    for (uint32_t i = first; i < end; i++) {
        for (uint32_t slot = compiler->heard_last[i]; slot != SY_NONE;
             slot = compiler->next_heard[slot]) {
            uint32_t *to_let = first_to_let(compiler, compiler->wires_size[slot]);
            compiler->next_to_let[slot] = *to_let;
            *to_let = slot;
        }
    }
}
