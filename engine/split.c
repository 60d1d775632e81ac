#include "engine/split.h"

#define PIECES    4       /* of what each worker has to do, about, before they get smaller */
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

static double most_of(const SyCompiler *compiler, const SyGraph *graph)
{
    double sum = 0;

    for (uint32_t i = 0; i < compiler->n_units; i++) {
        sum += cost_of(compiler, graph, &compiler->units[i]);
    }
    return sum / (PIECES * compiler->width);
}

/* What is left of the task that begins or goes on with unit `first`. */
static double left_of(const SyCompiler *compiler, const SyGraph *graph, uint32_t first)
{
    double sum = 0;

    for (uint32_t i = first;
         i < compiler->n_units && compiler->units[i].task == compiler->units[first].task; i++) {
        sum += cost_of(compiler, graph, &compiler->units[i]);
    }
    return sum;
}

/* Half of what is left, so that the last ones are small: who is done first then waits no longer
 * than one of those takes. */
static double piece_of(double most, double left)
{
    const double piece = left / 2 < most ? left / 2 : most;
    return piece > PIECE_MIN ? piece : PIECE_MIN;
}

/* A piece ends with a wave, when it has cost enough. */
void sy_tasks_split(SyCompiler *compiler, const SyGraph *graph)
{
    if (compiler->width < 2) { /* one worker alone would only be kept from its work */
        return;
    }
    const double most = most_of(compiler, graph);
    uint32_t task = SY_NONE, wave = 0, piece = SY_NONE;
    double cost = 0, left = 0;

    for (uint32_t i = 0; i < compiler->n_units; i++) {
        SyUnit *unit = &compiler->units[i];
        const bool is_other = unit->task != task;
        if (is_other || (unit->wave != wave && cost >= piece_of(most, left))) {
            piece++; /* from SY_NONE to 0 */
            left = is_other ? left_of(compiler, graph, i) : left - cost;
            cost = 0;
        }
        task = unit->task;
        wave = unit->wave;
        cost += cost_of(compiler, graph, unit);
        unit->task = compiler->task_of[unit->lead] = piece;
    }
    compiler->n_tasks = piece + 1;
}
