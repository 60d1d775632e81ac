#include "engine/compile.h"

#include <stdlib.h>
#include <string.h>

#include "engine/emit.h"
#include "engine/waves.h"

SyCompiler *sy_compiler_new(void)
{
    return calloc(1, sizeof(SyCompiler));
}

void sy_compiler_free(SyCompiler *compiler)
{
    free(compiler);
}

static int compare(uint64_t x, uint64_t y)
{
    return x < y ? -1 : x > y;
}

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
}

/* Loops behind the nodes of their level, nodes of a type together, so that they make one step. */
static int by_level(const SyUnit *x, const SyUnit *y)
{
    int order = compare(x->level, y->level);
    order = order ? order : compare(x->loop, y->loop);
    order = order ? order : compare(x->type, y->type);
    return order ? order : compare(x->order, y->order);
}

static int by_home_and_level(const void *a, const void *b)
{
    const SyUnit *x = a, *y = b;
    const int order = compare(x->home, y->home);
    return order ? order : by_level(x, y);
}

static int by_task_and_level(const void *a, const void *b)
{
    const SyUnit *x = a, *y = b;
    const int order = compare(x->task, y->task);
    return order ? order : by_level(x, y);
}

static int by_task_and_wave(const void *a, const void *b)
{
    const SyUnit *x = a, *y = b;
    int order = compare(x->task, y->task);
    order = order ? order : compare(x->wave, y->wave);
    return order ? order : by_level(x, y);
}

static uint32_t home_of(const SyCompiler *compiler, const SyGraph *graph, uint32_t slot)
{
    return graph->modules[compiler->loops.lead[slot]].home;
}

/* Marks the units to which something comes from another home. */
static void find_foreign(SyCompiler *compiler, const SyGraph *graph)
{
    memset(compiler->foreign, 0, sizeof(compiler->foreign));
    for (uint32_t i = 0; i < graph->cable_top; i++) {
        const SyGraphCable *cable = &graph->cables[i];
        if (cable->used && !cable->sink &&
            home_of(compiler, graph, cable->from) != home_of(compiler, graph, cable->to)) {
            compiler->foreign[compiler->loops.lead[cable->to]] = true;
        }
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

    compiler->n_tasks = 0;
    compiler->width = 0;
    memset(compiler->homes_at, 0, sizeof(compiler->homes_at));
    for (uint32_t first = 0; first < compiler->n_units;) {
        const uint32_t end = end_of_level(compiler, first);
        const SyUnit *unit = &compiler->units[first];
        const uint32_t homes = ++compiler->homes_at[unit->level];
        compiler->width = homes > compiler->width ? homes : compiler->width;

        if (unit->home != home || any_foreign(compiler, first, end)) {
            home = unit->home;
            compiler->starts[compiler->n_tasks] =
                (SyTaskStart){.level = unit->level, .number = compiler->n_tasks};
            compiler->n_tasks++;
        }
        for (; first < end; first++) {
            compiler->units[first].task = compiler->n_tasks - 1;
        }
    }
}

static int by_start(const void *a, const void *b)
{
    const SyTaskStart *x = a, *y = b;
    const int order = compare(x->level, y->level);
    return order ? order : compare(x->number, y->number);
}

/* Renumbers tasks by the level they start at: predecessors come before successors. */
static void order_tasks(SyCompiler *compiler)
{
    uint32_t *renumbered = compiler->stamp;

    qsort(compiler->starts, compiler->n_tasks, sizeof(SyTaskStart), by_start);
    for (uint32_t i = 0; i < compiler->n_tasks; i++) {
        renumbered[compiler->starts[i].number] = i;
    }
    for (uint32_t i = 0; i < compiler->n_units; i++) {
        SyUnit *unit = &compiler->units[i];
        unit->task = renumbered[unit->task];
        compiler->task_of[unit->lead] = unit->task;
    }
}

static int by_position(const void *a, const void *b)
{
    const SyMember *x = a, *y = b;
    const int order = compare(x->lead, y->lead);
    return order ? order : compare(x->position, y->position);
}

static void sort_members(SyCompiler *compiler, const SyGraph *graph)
{
    const SyLoops *loops = &compiler->loops;

    compiler->n_members = 0;
    for (uint32_t slot = 0; slot < graph->module_top; slot++) {
        if (graph->modules[slot].used) {
            compiler->members[compiler->n_members++] = (SyMember){
                .lead = loops->lead[slot], .position = loops->position[slot], .slot = slot};
        }
    }
    qsort(compiler->members, compiler->n_members, sizeof(SyMember), by_position);
    for (uint32_t i = compiler->n_members; i-- > 0;) {
        compiler->first_member[compiler->members[i].lead] = i;
    }
}

void sy_plan_compile(SyCompiler *compiler, const SyGraph *graph, uint32_t block, SyPlan *plan)
{
    sy_loops_find(&compiler->loops, graph);
    make_units(compiler, graph);
    find_foreign(compiler, graph);
    qsort(compiler->units, compiler->n_units, sizeof(SyUnit), by_home_and_level);
    cut_tasks(compiler);
    order_tasks(compiler);
    qsort(compiler->units, compiler->n_units, sizeof(SyUnit), by_task_and_level);
    sort_members(compiler, graph);
    sy_plan_sort_cables(compiler, graph);
    sy_waves_number(compiler, graph);
    qsort(compiler->units, compiler->n_units, sizeof(SyUnit), by_task_and_wave);
    sy_plan_emit(compiler, graph, block, plan);
}
