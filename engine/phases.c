/* A phase is how often the way to a unit has changed workers, on the way where that is most often.
 * What lives on one worker and is of one phase makes one task: it hears its own phase on its own
 * worker, and else only earlier phases, so tasks never wait in a circle. And a voice that lives on
 * one worker stays whole, whatever the others of its worker hear from elsewhere.
 *
 * What hears nobody and is heard elsewhere, an lfo that moves all filters, the keys that all voices
 * play, has a phase of its own before all others: otherwise every voice would be cut in two where
 * it hears it, and all oscillators computed before the first filter. */
#include "engine/phases.h"

#include <string.h>

static uint32_t home_of(const SyGraph *graph, uint32_t lead)
{
    return graph->modules[lead].home;
}

static void find_shared(SyCompiler *compiler, const SyGraph *graph)
{
    const SyLoops *loops = &compiler->loops;

    memset(compiler->shared, 0, sizeof(compiler->shared));
    for (uint32_t i = 0; i < graph->cable_top; i++) {
        const SyGraphCable *cable = &graph->cables[i];
        if (cable->used && !cable->sink && loops->level[cable->from] == 0 &&
            !loops->in_loop[cable->from] &&
            home_of(graph, cable->from) != home_of(graph, loops->lead[cable->to])) {
            compiler->shared[cable->from] = true;
        }
    }
}

/* All that hear a member of the unit are of no earlier phase, and of a later one on another worker,
 * or where several workers sum up what is heard first. */
static void hand_on(SyCompiler *compiler, const SyGraph *graph, const SyUnit *unit)
{
    const SyLoops *loops = &compiler->loops;

    for (uint32_t m = compiler->first_member[unit->lead];
         m < compiler->n_members && compiler->members[m].lead == unit->lead; m++) {
        const uint32_t slot = compiler->members[m].slot;
        for (uint32_t c = loops->first_out[slot]; c < loops->first_out[slot + 1]; c++) {
            const uint32_t to = loops->lead[graph->cables[loops->out[c]].to];
            const bool waits = home_of(graph, to) != unit->home || compiler->is_summed[to];
            const uint32_t least = unit->phase + waits;
            if (to != unit->lead && compiler->phase_of[to] < least) {
                compiler->phase_of[to] = least;
            }
        }
    }
}

void sy_phases_find_width(SyCompiler *compiler)
{
    uint32_t width = 0, homes = 0;

    for (uint32_t i = 0; i < compiler->n_units; i++) {
        const SyUnit *unit = &compiler->units[i], *last = i > 0 ? unit - 1 : NULL;
        if (!last || last->level != unit->level) {
            homes = 1;
        } else if (last->home != unit->home) {
            homes++;
        }
        width = homes > width ? homes : width;
    }
    compiler->width = width;
}

void sy_phases_number(SyCompiler *compiler, const SyGraph *graph)
{
    find_shared(compiler, graph);
    for (uint32_t i = 0; i < compiler->n_units; i++) {
        const uint32_t lead = compiler->units[i].lead;
        compiler->phase_of[lead] = compiler->shared[lead] ? 0 : 1;
    }
    for (uint32_t i = 0; i < compiler->n_units; i++) { /* sources first */
        SyUnit *unit = &compiler->units[i];
        unit->phase = compiler->phase_of[unit->lead];
        hand_on(compiler, graph, unit);
    }
}
