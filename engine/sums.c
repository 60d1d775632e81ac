#include "engine/sums.h"

#include <stddef.h>
#include <string.h>

#include "modules/registry.h"

#define FRAMES_LEAST 16 /* of a piece: a cache line of each wire */

/* The wires that are added up for one lane of an input. */
static uint32_t count_wires(const SyCompiler *compiler, const SyGraph *graph, uint32_t slot,
                            uint32_t port)
{
    const SyModule *type = sy_registry_at(graph->modules[slot].ref.type);
    uint32_t n = 0;

    for (uint32_t c = compiler->first_in[slot]; c < compiler->first_in[slot + 1]; c++) {
        const SyGraphCable *cable = &graph->cables[compiler->sorted[c]];
        if (cable->to_port == port) {
            n += type->inputs[port].sums ? graph->modules[cable->from].voices : 1;
        }
    }
    return n;
}

/* One lane, and not in a loop, which is run frame by frame. */
static bool may_be_summed(const SyCompiler *compiler, const SyGraph *graph, uint32_t slot)
{
    const SyGraphModule *module = &graph->modules[slot];
    const SyModule *type = sy_registry_at(module->ref.type);

    return module->used && !compiler->loops.in_loop[slot] &&
           (type->per_instance || module->voices == 1);
}

static void find_of(SyCompiler *compiler, const SyGraph *graph, uint32_t slot, uint32_t block)
{
    const SyModule *type = sy_registry_at(graph->modules[slot].ref.type);
    const uint32_t pieces = block / FRAMES_LEAST;

    for (uint32_t port = 0; port < type->n_inputs && compiler->n_sums < SY_SUMS_MAX; port++) {
        const bool too_few =
            (uint64_t)count_wires(compiler, graph, slot, port) * block < compiler->sum_least;
        /* What stands in beside a cable that fades is summed before: so it has a lower number. */
        if (too_few || type->inputs[port].normalled_to > port) {
            continue;
        }
        SySum *sum = &compiler->sums[compiler->n_sums++];
        *sum = (SySum){.slot = slot,
                       .port = port,
                       .n_pieces = pieces < SY_SUM_PIECES ? pieces : SY_SUM_PIECES};
        compiler->is_summed[slot] = true;
    }
}

void sy_sums_find(SyCompiler *compiler, const SyGraph *graph, uint32_t block)
{
    for (uint32_t i = 0; i < compiler->n_sums; i++) {
        compiler->is_summed[compiler->sums[i].slot] = false;
    }
    compiler->n_sums = 0;
    if (compiler->width < 2) {
        return;
    }
    for (uint32_t slot = 0; slot < graph->module_top; slot++) {
        const uint32_t n_cables = compiler->first_in[slot + 1] - compiler->first_in[slot];
        if ((uint64_t)n_cables * SY_VOICES_MAX * block >= compiler->sum_least &&
            may_be_summed(compiler, graph, slot)) {
            find_of(compiler, graph, slot, block);
        }
    }
}

/* Gives the sums of a unit their tasks, from number `task` on; returns the number behind. */
static uint32_t number_of(SyCompiler *compiler, uint32_t slot, uint32_t task)
{
    for (uint32_t i = 0; i < compiler->n_sums && compiler->is_summed[slot]; i++) {
        SySum *sum = &compiler->sums[i];
        if (sum->slot == slot) {
            sum->first_task = task;
            task += sum->n_pieces;
        }
    }
    return task;
}

void sy_sums_number(SyCompiler *compiler)
{
    uint32_t task = SY_NONE, shift = 0;

    if (compiler->n_sums == 0) {
        return;
    }
    for (uint32_t i = 0; i < compiler->n_units; i++) {
        SyUnit *unit = &compiler->units[i];
        if (unit->task != task) {
            task = unit->task;
            for (uint32_t u = i; u < compiler->n_units && compiler->units[u].task == task; u++) {
                shift = number_of(compiler, compiler->units[u].lead, task + shift) - task;
            }
        }
        unit->task = compiler->task_of[unit->lead] = task + shift;
    }
    compiler->n_tasks += shift;
}

uint64_t sy_sums_at(const SyCompiler *compiler, uint32_t slot, uint32_t port)
{
    for (uint32_t i = 0; i < compiler->n_sums && compiler->is_summed[slot]; i++) {
        if (compiler->sums[i].slot == slot && compiler->sums[i].port == port) {
            return offsetof(SySegment, sums) + i * sizeof(SySumShared);
        }
    }
    return 0;
}

/* The homes of units take turns. */
static uint32_t home_of_piece(const SyCompiler *compiler, uint32_t piece)
{
    uint32_t homes[SY_SUM_PIECES] = {compiler->units[0].home}, n = 1;

    for (uint32_t i = 1; i < compiler->n_units && n < SY_SUM_PIECES; i++) {
        bool is_new = true;
        for (uint32_t h = 0; h < n; h++) {
            is_new = is_new && homes[h] != compiler->units[i].home;
        }
        homes[n] = compiler->units[i].home;
        n += is_new;
    }
    return homes[piece % n];
}

static void emit_piece(const SyCompiler *compiler, const SySum *sum, uint32_t piece, uint32_t block,
                       SyPlan *plan)
{
    const uint32_t lines = block / FRAMES_LEAST;
    const uint32_t from = lines * piece / sum->n_pieces * FRAMES_LEAST;
    const uint32_t end = lines * (piece + 1) / sum->n_pieces * FRAMES_LEAST;

    sy_plan_tasks(plan)[plan->n_tasks++] = (SyPlanTask){
        .home = home_of_piece(compiler, piece), .first_step = plan->n_steps, .n_steps = 1};
    sy_plan_steps(plan)[plan->n_steps++] = (SyPlanStep){.sums = true,
                                                        .port = (uint8_t)sum->port,
                                                        .piece = (uint8_t)piece,
                                                        .from = (uint16_t)from,
                                                        .n_frames = (uint16_t)(end - from)};
}

void sy_sums_emit(const SyCompiler *compiler, uint32_t until, uint32_t block, SyPlan *plan)
{
    while (plan->n_tasks < until) {
        uint32_t i = 0;
        while (compiler->sums[i].first_task != plan->n_tasks) {
            i++;
        }
        for (uint32_t piece = 0; piece < compiler->sums[i].n_pieces; piece++) {
            emit_piece(compiler, &compiler->sums[i], piece, block, plan);
        }
    }
}

void sy_sums_name_nodes(const SyCompiler *compiler, SyPlan *plan)
{
    for (uint32_t n = 0; n < plan->n_nodes && compiler->n_sums > 0; n++) {
        const uint32_t slot = sy_plan_nodes(plan)[n].slot;
        for (uint32_t i = 0; i < compiler->n_sums && compiler->is_summed[slot]; i++) {
            const SySum *sum = &compiler->sums[i];
            for (uint32_t p = 0; p < sum->n_pieces && sum->slot == slot; p++) {
                const SyPlanTask *task = &sy_plan_tasks(plan)[sum->first_task + p];
                sy_plan_steps(plan)[task->first_step].first_node = n;
            }
        }
    }
}
