#include "engine/compile.h"

#include <stdlib.h>
#include <string.h>

#include "engine/emit.h"
#include "engine/phases.h"
#include "engine/split.h"
#include "engine/sums.h"
#include "engine/waves.h"

#define SUM_LEAST 32768 /* floats: some 10 us of one worker */

SyCompiler *sy_compiler_new(void)
{
    SyCompiler *compiler = calloc(1, sizeof(*compiler));

    if (compiler) {
        compiler->sum_least = SUM_LEAST;
    }
    return compiler;
}

void sy_compiler_free(SyCompiler *compiler)
{
    free(compiler);
}

void sy_compiler_set_sum_least(SyCompiler *compiler, uint32_t n_floats)
{
    compiler->sum_least = n_floats;
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

/* Keys, from the lowest bit: type 16, loop 1, level 13, wave or home 12, and 13 for task or phase.
 */
_Static_assert(SY_MODULES_MAX <= 1 << 12 && SY_WORKERS_MAX <= 1 << 12,
               "a key has 12 bits for each");

/* Loops behind the nodes of their level, nodes of a type together, so that they make one step. */
static uint64_t by_level(const SyUnit *unit)
{
    return (uint64_t)unit->level << 17 | (uint64_t)unit->loop << 16 | unit->type;
}

static uint64_t by_level_and_home(const SyUnit *unit)
{
    return (uint64_t)unit->level << 12 | unit->home;
}

static uint64_t by_phase_and_home(const SyUnit *unit)
{
    return (uint64_t)unit->phase << 42 | (uint64_t)unit->home << 30 | by_level(unit);
}

static uint64_t by_task_and_wave(const SyUnit *unit)
{
    return (uint64_t)unit->task << 42 | (uint64_t)unit->wave << 30 | by_level(unit);
}

/* In the order of the units, sorted by phase and home: so predecessors come before successors. */
static void number_tasks(SyCompiler *compiler)
{
    compiler->n_tasks = 0;
    for (uint32_t i = 0; i < compiler->n_units; i++) {
        SyUnit *unit = &compiler->units[i];
        if (i == 0 || unit[-1].phase != unit->phase || unit[-1].home != unit->home) {
            compiler->n_tasks++;
        }
        unit->task = compiler->task_of[unit->lead] = compiler->n_tasks - 1;
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
    sort_members(compiler, graph);
    sort_units(compiler, by_level_and_home);
    sy_phases_find_width(compiler);
    sy_plan_sort_cables(compiler, graph);
    sy_sums_find(compiler, graph, block);
    sy_phases_number(compiler, graph);
    sort_units(compiler, by_phase_and_home);
    number_tasks(compiler);
    sy_waves_number(compiler, graph);
    sort_units(compiler, by_task_and_wave);
    sy_tasks_split(compiler, graph);
    sy_sums_number(compiler);
    sy_plan_emit(compiler, graph, block, plan);
}
