#include "engine/compile.h"

#include <stdlib.h>
#include <string.h>

#include "engine/emit.h"
#include "engine/split.h"
#include "engine/waves.h"

SyCompiler *sy_compiler_new(void)
{
    return calloc(1, sizeof(SyCompiler));
}

void sy_compiler_free(SyCompiler *compiler)
{
    free(compiler);
}

/* Puts the units in the order of their keys; those with equal ones stay in theirs. */
static void sort_units(SyCompiler *compiler, uint64_t (*key_of)(const SyUnit *unit))
{
    const uint32_t n = compiler->n_units;

    for (uint32_t i = 0; i < n; i++) {
        compiler->keyed[i] = (SyKeyed){.key = key_of(&compiler->units[i]), .index = i};
    }
    sy_keyed_sort(compiler->keyed, compiler->spare, n);
    memcpy(compiler->unsorted, compiler->units, n * sizeof(compiler->units[0]));
    for (uint32_t i = 0; i < n; i++) {
        compiler->units[i] = compiler->unsorted[compiler->keyed[i].index];
    }
}

static uint64_t by_order(const SyUnit *unit)
{
    return unit->order;
}

/* In the order of their making, which all later orders keep among equals. */
static void make_units(SyCompiler *compiler, const SyGraph *graph)
{
    const SyLoops *loops = &compiler->loops;

    compiler->n_units = 0;
    for (uint32_t slot = 0; slot < graph->module_top; slot++) {
        const SyGraphModule *module = &graph->modules[slot];
        if (module->used && loops->lead[slot] == slot) {
            compiler->units[compiler->n_units++] = (SyUnit){
                .lead = slot,
                .level = loops->level[slot],
                .home = module->home,
                .type = module->ref.type,
                .order = module->order,
                .loop = loops->in_loop[slot],
            };
        }
    }
    sort_units(compiler, by_order);
}

/* Keys, from the lowest bit: type 16, loop 1, level 13, wave 12, and 12 for task or home. */
static_assert(SY_MODULES_MAX <= 1 << 12 && SY_TASKS_MAX <= 1 << 12 && SY_WORKERS_MAX <= 1 << 12,
              "a key has 12 bits for each");

/* Loops behind the nodes of their level, nodes of a type together, so that they make one step. */
static uint64_t by_level(const SyUnit *unit)
{
    return (uint64_t)unit->level << 17 | (uint64_t)unit->loop << 16 | unit->type;
}

static uint64_t by_home_and_level(const SyUnit *unit)
{
    return (uint64_t)unit->home << 42 | by_level(unit);
}

static uint64_t by_task_and_level(const SyUnit *unit)
{
    return (uint64_t)unit->task << 42 | by_level(unit);
}

static uint64_t by_task_and_wave(const SyUnit *unit)
{
    return (uint64_t)unit->task << 42 | (uint64_t)unit->wave << 30 | by_level(unit);
}

static uint32_t home_of(const SyCompiler *compiler, const SyGraph *graph, uint32_t slot)
{
    return graph->modules[compiler->loops.lead[slot]].home;
}

/* Marks the units to which something comes from another home, and those that hear nobody and are
 * heard there: an lfo that moves all filters, the keys that all voices play. */
static void find_foreign(SyCompiler *compiler, const SyGraph *graph)
{
    const SyLoops *loops = &compiler->loops;

    memset(compiler->foreign, 0, sizeof(compiler->foreign));
    memset(compiler->shared, 0, sizeof(compiler->shared));
    for (uint32_t i = 0; i < graph->cable_top; i++) {
        const SyGraphCable *cable = &graph->cables[i];
        if (!cable->used || cable->sink ||
            home_of(compiler, graph, cable->from) == home_of(compiler, graph, cable->to)) {
            continue;
        }
        if (loops->level[cable->from] == 0 && !loops->in_loop[cable->from]) {
            compiler->shared[cable->from] = true;
        } else {
            compiler->foreign[loops->lead[cable->to]] = true;
        }
    }
}

/* What is shared makes a task of its own, before all others: otherwise every voice would be cut in
 * two where it hears it, and all oscillators computed before the first filter. */
static void put_shared_first(SyCompiler *compiler)
{
    for (uint32_t i = 0; i < compiler->n_units; i++) {
        SyUnit *unit = &compiler->units[i];
        unit->level = compiler->shared[unit->lead] ? 0 : unit->level + 1;
    }
}

static uint32_t end_of_level(const SyCompiler *compiler, uint32_t first)
{
    const SyUnit *units = compiler->units;
    uint32_t end = first + 1;
    while (end < compiler->n_units && units[end].home == units[first].home &&
           units[end].level == units[first].level) {
        end++;
    }
    return end;
}

static bool any_foreign(const SyCompiler *compiler, uint32_t first, uint32_t end)
{
    for (uint32_t i = first; i < end; i++) {
        if (compiler->foreign[compiler->units[i].lead]) {
            return true;
        }
    }
    return false;
}

/* Numbers tasks in the order of the units, sorted by home and level. Also measures the width: how
 * many homes have something to do at the same level. */
static void cut_tasks(SyCompiler *compiler)
{
    uint32_t home = SY_NONE;
    bool after_shared = false;

    compiler->n_tasks = 0;
    compiler->width = 0;
    memset(compiler->homes_at, 0, sizeof(compiler->homes_at));
    for (uint32_t first = 0; first < compiler->n_units;) {
        const uint32_t end = end_of_level(compiler, first);
        const SyUnit *unit = &compiler->units[first];
        const uint32_t homes = ++compiler->homes_at[unit->level];
        compiler->width = homes > compiler->width ? homes : compiler->width;

        if (unit->home != home || after_shared || any_foreign(compiler, first, end)) {
            home = unit->home;
            after_shared = unit->level == 0;
            compiler->starts[compiler->n_tasks] =
                (SyTaskStart){.level = unit->level, .number = compiler->n_tasks};
            compiler->n_tasks++;
        }
        for (; first < end; first++) {
            compiler->units[first].task = compiler->n_tasks - 1;
        }
    }
}

/* Renumbers tasks by the level they start at: predecessors come before successors. */
static void order_tasks(SyCompiler *compiler)
{
    uint32_t *renumbered = compiler->stamp;

    for (uint32_t i = 0; i < compiler->n_tasks; i++) {
        compiler->keyed[i] = (SyKeyed){.key = compiler->starts[i].level, .index = i};
    }
    sy_keyed_sort(compiler->keyed, compiler->spare, compiler->n_tasks);
    for (uint32_t i = 0; i < compiler->n_tasks; i++) {
        renumbered[compiler->starts[compiler->keyed[i].index].number] = i;
    }
    for (uint32_t i = 0; i < compiler->n_units; i++) {
        SyUnit *unit = &compiler->units[i];
        unit->task = renumbered[unit->task];
        compiler->task_of[unit->lead] = unit->task;
    }
}

static void sort_members(SyCompiler *compiler, const SyGraph *graph)
{
    const SyLoops *loops = &compiler->loops;
    uint32_t n = 0;

    for (uint32_t slot = 0; slot < graph->module_top; slot++) {
        if (graph->modules[slot].used) {
            compiler->keyed[n++] = (SyKeyed){
                .key = (uint64_t)loops->lead[slot] << 32 | loops->position[slot], .index = slot};
        }
    }
    sy_keyed_sort(compiler->keyed, compiler->spare, n);
    for (uint32_t i = n; i-- > 0;) {
        const uint32_t slot = compiler->keyed[i].index, lead = loops->lead[slot];
        compiler->members[i] =
            (SyMember){.lead = lead, .position = loops->position[slot], .slot = slot};
        compiler->first_member[lead] = i;
    }
    compiler->n_members = n;
}

void sy_plan_compile(SyCompiler *compiler, const SyGraph *graph, uint32_t block, SyPlan *plan)
{
    sy_loops_find(&compiler->loops, graph);
    make_units(compiler, graph);
    find_foreign(compiler, graph);
    put_shared_first(compiler);
    sort_units(compiler, by_home_and_level);
    cut_tasks(compiler);
    order_tasks(compiler);
    sort_units(compiler, by_task_and_level);
    sort_members(compiler, graph);
    sy_plan_sort_cables(compiler, graph);
    sy_waves_number(compiler, graph);
    sort_units(compiler, by_task_and_wave);
    sy_tasks_split(compiler, graph);
    sy_plan_emit(compiler, graph, block, plan);
}
