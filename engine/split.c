#include "engine/split.h"

#define PIECES    4       /* of what each worker has to do, about */
#define PIECE_MIN 10000.0 /* ns: taking one and telling that it is done costs some 200 */

static double cost_of(const SyCompiler *compiler, const SyGraph *graph, const SyUnit *unit)
{
    double cost = 0;

    for (uint32_t m = compiler->first_member[unit->lead];
         m < compiler->n_members && compiler->members[m].lead == unit->lead; m++) {
        cost += graph->modules[compiler->members[m].slot].cost_ns;
    }
    return cost;
}

static double piece_cost(const SyCompiler *compiler, const SyGraph *graph)
{
    double sum = 0;

    for (uint32_t i = 0; i < compiler->n_units; i++) {
        sum += cost_of(compiler, graph, &compiler->units[i]);
    }
    const double cost = sum / (PIECES * compiler->width);
    return cost > PIECE_MIN ? cost : PIECE_MIN;
}

/* A piece ends with a wave, when it has cost enough. */
void sy_tasks_split(SyCompiler *compiler, const SyGraph *graph)
{
    if (compiler->width < 2) { /* one worker alone would only be kept from its work */
        return;
    }
    const double most = piece_cost(compiler, graph);
    uint32_t task = SY_NONE, wave = 0, piece = SY_NONE;
    double cost = 0;

    for (uint32_t i = 0; i < compiler->n_units; i++) {
        SyUnit *unit = &compiler->units[i];
        if (unit->task != task || (unit->wave != wave && cost >= most)) {
            piece++; /* from SY_NONE to 0 */
            cost = 0;
        }
        task = unit->task;
        wave = unit->wave;
        cost += cost_of(compiler, graph, unit);
        unit->task = compiler->task_of[unit->lead] = piece;
    }
    compiler->n_tasks = piece + 1;
}
