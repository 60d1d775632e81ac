/* A thousand voices of oscillator, filter and amplifier, level by level, would write a thousand
 * wires before the first is read, and none of them would be in the cache any more. So a task goes
 * through its graph depth first, in waves of as many lanes as a batch takes: 16 oscillators, their
 * filters, their amplifiers, and then the next 16.
 *
 * Units that wait for nobody in their task are dealt out to waves by type, a batch a wave. Every
 * other unit belongs to the last of the waves that it hears. Within a wave the order is by level,
 * so what is heard has always been computed before: it is of an earlier wave, or of the same wave
 * and a lower level. What is computed does not depend on the order. */
#include "engine/waves.h"

#include <string.h>

#include "modules/registry.h"

#define TYPES_MAX 256 /* more would share a count, and so a wave */

/* Lanes dealt out so far, by type. */
typedef struct Deal {
    uint32_t lanes[TYPES_MAX];
} Deal;

/* The last wave of what a member of the unit hears from within its task; SY_NONE without one. */
static uint32_t last_heard(const SyCompiler *compiler, const SyGraph *graph, const SyUnit *unit)
{
    uint32_t wave = SY_NONE;

    for (uint32_t m = compiler->first_member[unit->lead];
         m < compiler->n_members && compiler->members[m].lead == unit->lead; m++) {
        const uint32_t slot = compiler->members[m].slot;
        for (uint32_t c = compiler->first_in[slot]; c < compiler->first_in[slot + 1]; c++) {
            const uint32_t from = compiler->loops.lead[graph->cables[compiler->sorted[c]].from];
            if (from != unit->lead && compiler->task_of[from] == unit->task &&
                (wave == SY_NONE || compiler->wave_of[from] > wave)) {
                wave = compiler->wave_of[from];
            }
        }
    }
    return wave;
}

static uint32_t deal_out(Deal *deal, const SyGraph *graph, const SyUnit *unit)
{
    const SyModule *type = sy_registry_at(unit->type);
    const uint32_t n_lanes = type->per_instance ? 1 : graph->modules[unit->lead].voices;
    uint32_t *lanes = &deal->lanes[unit->type % TYPES_MAX];

    if (*lanes % SY_LANES_MAX + n_lanes > SY_LANES_MAX) { /* the batch would be cut there anyway */
        *lanes += SY_LANES_MAX - *lanes % SY_LANES_MAX;
    }
    const uint32_t wave = *lanes / SY_LANES_MAX;
    *lanes += n_lanes;
    return wave;
}

void sy_waves_number(SyCompiler *compiler, const SyGraph *graph)
{
    Deal deal;
    uint32_t task = SY_NONE;

    for (uint32_t i = 0; i < compiler->n_units; i++) {
        SyUnit *unit = &compiler->units[i];
        if (unit->task != task) {
            memset(&deal, 0, sizeof(deal));
            task = unit->task;
        }
        const uint32_t heard = last_heard(compiler, graph, unit);
        unit->wave = heard == SY_NONE ? deal_out(&deal, graph, unit) : heard;
        compiler->wave_of[unit->lead] = unit->wave;
    }
}
