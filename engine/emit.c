#include "engine/wires.h"

#include <stdlib.h>
#include <string.h>

#include "engine/sums.h"
#include "modules/registry.h"

/* A cable's source is waited for by one task, or by the pieces of a sum; and by those of a sum
 * beside which the input may be heard. Pieces are waited for by one task, or in that way. */
#define PREDS_MAX                                                                                  \
    (SY_CABLES_MAX * (1 + 2 * SY_SUM_PIECES) + SY_SUMS_MAX * SY_SUM_PIECES * (1 + SY_SUM_PIECES))

/* Where an array of `count` begins, behind what has been placed so far. */
static uint32_t place(uint32_t *end, uint64_t count, uint64_t size)
{
    const uint32_t from = (*end + 63u) & ~63u;
    *end = from + (uint32_t)(count * size);
    return from;
}

/* Each array has the room of the largest graph; what is unused is never touched. */
static uint32_t lay_out(SyPlan *plan)
{
    uint32_t end = sizeof(SyPlan);
    plan->tasks_from = place(&end, SY_TASKS_MAX, sizeof(SyPlanTask));
    plan->steps_from = place(&end, SY_TASKS_MAX, sizeof(SyPlanStep));
    plan->nodes_from = place(&end, SY_MODULES_MAX, sizeof(SyPlanNode));
    plan->preds_from = place(&end, PREDS_MAX, sizeof(uint32_t));
    plan->inputs_from = place(&end, SY_MODULES_MAX * SY_PORTS_MAX, sizeof(SyPlanInput));
    plan->cables_from = place(&end, SY_CABLES_MAX, sizeof(SyPlanCable));
    plan->sinks_from = place(&end, SY_MODULES_MAX, sizeof(SyPlanSink));
    plan->lasts_from = place(&end, SY_TASKS_MAX, sizeof(uint32_t));
    plan->ops_from = place(&end, SY_MODULES_MAX + SY_CABLES_MAX, sizeof(SyPlanOp));
    plan->homes_from = place(&end, SY_WORKERS_MAX, sizeof(uint32_t));
    return end;
}

uint64_t sy_plan_bytes_max(void)
{
    SyPlan plan;
    return lay_out(&plan);
}

/* By target, port and order: first by order, which they are in as a rule, then by the rest. */
void sy_plan_sort_cables(SyCompiler *compiler, const SyGraph *graph)
{
    SyKeyed *keyed = compiler->keyed;
    uint32_t n = 0, at = 0;

    for (uint32_t i = 0; i < graph->cable_top; i++) {
        if (graph->cables[i].used && !graph->cables[i].sink) {
            keyed[n++] = (SyKeyed){.key = graph->cables[i].order, .index = i};
        }
    }
    sy_keyed_sort(keyed, compiler->spare, n);
    for (uint32_t i = 0; i < n; i++) {
        const SyGraphCable *cable = &graph->cables[keyed[i].index];
        keyed[i].key = (uint64_t)cable->to << 8 | cable->to_port;
    }
    sy_keyed_sort(keyed, compiler->spare, n);
    for (uint32_t i = 0; i < n; i++) {
        compiler->sorted[i] = keyed[i].index;
    }
    for (uint32_t slot = 0; slot <= graph->module_top; slot++) {
        while (at < n && keyed[at].key >> 8 < slot) {
            at++;
        }
        compiler->first_in[slot] = at;
    }
}

static SyPlanCable plan_cable(const SyCompiler *compiler, const SyGraph *graph, uint32_t slot,
                              uint32_t block)
{
    const SyGraphCable *cable = &graph->cables[slot];
    const SyGraphModule *source = &graph->modules[cable->from];
    const uint64_t port_at = (uint64_t)cable->from_port * source->voices * sizeof(float);

    return (SyPlanCable){
        .wires_at = compiler->wires_at[cable->from] + port_at * block,
        .tail_at = source->state_at + source->tails_from + port_at,
        .tail_stride = source->state_bytes,
        .cable = slot,
        .source = cable->from,
        .level = cable->dying ? 0 : cable->gain,
        .voices = source->voices,
        .back = cable->back,
        .dying = cable->dying,
    };
}

static void classify(const SyPlan *plan, const SyModule *type, uint32_t port, uint32_t n_lanes,
                     SyPlanInput *input)
{
    const SyPlanCable *cable = &sy_plan_cables(plan)[input->first_cable];
    const SyPortInfo *info = &type->inputs[port];

    if (input->n_cables == 0 && info->normal == 0 && !info->normalled_to) {
        input->kind = SY_INPUT_SILENT;
    } else if (input->n_cables == 1 && !cable->back && cable->level == 1 &&
               !(n_lanes == 1 && info->sums && cable->voices > 1)) {
        input->kind = SY_INPUT_PLAIN;
        input->wires_at = cable->wires_at;
        input->is_mono = cable->voices == 1;
    }
}

/* An input that is summed by several hears what they leave. */
static void take_sum(const SyCompiler *compiler, uint32_t slot, uint32_t port, SyPlanInput *input)
{
    const uint64_t at = sy_sums_at(compiler, slot, port);

    if (at != 0) {
        input->kind = SY_INPUT_SUMMED;
        input->wires_at = at;
        input->is_mono = true;
    }
}

/* The inputs of one node and the cables that end there; returns the mask of patched ports. */
static uint32_t emit_inputs(const SyCompiler *compiler, const SyGraph *graph,
                            const SyPlanNode *node, const SyModule *type, uint32_t block,
                            SyPlan *plan)
{
    const uint32_t slot = node->slot;
    uint32_t at = compiler->first_in[slot], patched = 0;

    for (uint32_t port = 0; port < type->n_inputs; port++) {
        SyPlanInput input = {.first_cable = plan->n_cables};
        while (at < compiler->first_in[slot + 1] &&
               graph->cables[compiler->sorted[at]].to_port == port) {
            sy_plan_cables(plan)[plan->n_cables++] =
                plan_cable(compiler, graph, compiler->sorted[at++], block);
        }
        input.n_cables = (uint16_t)(plan->n_cables - input.first_cable);
        classify(plan, type, port, node->n_lanes, &input);
        take_sum(compiler, slot, port, &input);
        patched |= (uint32_t)(input.n_cables > 0) << port;
        sy_plan_inputs(plan)[plan->n_inputs++] = input;
    }
    return patched;
}

/* An input that stands in for another is patched when that one is. */
static uint32_t with_normals(const SyModule *type, uint32_t patched)
{
    uint32_t all = patched;
    for (uint32_t port = 0; port < type->n_inputs; port++) {
        const uint8_t other = type->inputs[port].normalled_to;
        if (other && patched >> (other - 1) & 1) {
            all |= 1u << port;
        }
    }
    return all;
}

static uint32_t inputs_of_kind(const SyPlan *plan, const SyPlanNode *node, const SyModule *type,
                               SyInputKind kind)
{
    const SyPlanInput *inputs = &sy_plan_inputs(plan)[node->first_input];
    uint32_t found = 0;
    for (uint32_t port = 0; port < type->n_inputs; port++) {
        found |= (uint32_t)(inputs[port].kind == kind) << port;
    }
    return found;
}

static uint32_t heard_outputs(const SyCompiler *compiler, const SyGraph *graph, uint32_t slot,
                              const SyModule *type)
{
    const SyLoops *loops = &compiler->loops;
    uint32_t heard = type->is_sink ? 3 : 0;
    for (uint32_t e = loops->first_out[slot]; e < loops->first_out[slot + 1]; e++) {
        heard |= 1u << graph->cables[loops->out[e]].from_port;
    }
    return heard;
}

static void emit_node(SyCompiler *compiler, const SyGraph *graph, uint32_t slot, uint32_t block,
                      SyPlan *plan)
{
    const SyGraphModule *module = &graph->modules[slot];
    const SyModule *type = sy_registry_at(module->ref.type);
    SyPlanNode *node = &sy_plan_nodes(plan)[plan->n_nodes++];

    sy_plan_tasks(plan)[plan->n_tasks - 1].sinks |= type->is_sink;
    sy_wires_place(compiler, graph, slot);
    *node = (SyPlanNode){
        .slot = slot,
        .type = module->ref.type,
        .id = module->ref.id,
        .voices = module->voices,
        .n_lanes = type->per_instance ? 1 : module->voices,
        .heard = heard_outputs(compiler, graph, slot, type),
        .first_input = plan->n_inputs,
        .lane_bytes = module->lane_bytes,
        .state_bytes = module->state_bytes,
        .mode_from = module->mode_from,
        .tails_from = module->tails_from,
        .state_at = module->state_at,
        .page_bytes = type->isolated ? module->memory_size - SY_PAGE : 0,
        .params_at = module->params_at,
        .wires_at = compiler->wires_at[slot],
        .tape_at = module->tape_at,
        .tape_bytes = module->tape_bytes,
        .file_at = module->file ? graph->files[module->file - 1].at : 0,
    };
    node->used_bytes = type->state_used ? type->state_used(node->heard) : type->state_size;
    node->patched = with_normals(type, emit_inputs(compiler, graph, node, type, block, plan));
    node->silent = inputs_of_kind(plan, node, type, SY_INPUT_SILENT);
    node->summed = inputs_of_kind(plan, node, type, SY_INPUT_SUMMED);
}

static void emit_loop(SyCompiler *compiler, const SyGraph *graph, uint32_t lead, uint32_t block,
                      SyPlan *plan)
{
    for (uint32_t i = compiler->first_member[lead];
         i < compiler->n_members && compiler->members[i].lead == lead; i++) {
        emit_node(compiler, graph, compiler->members[i].slot, block, plan);
    }
}

/* One step: the units from `first` on that can be computed together. Returns the unit behind. */
static uint32_t emit_step(SyCompiler *compiler, const SyGraph *graph, uint32_t first,
                          uint32_t block, SyPlan *plan)
{
    const SyUnit *unit = &compiler->units[first];
    SyPlanStep *step = &sy_plan_steps(plan)[plan->n_steps++];
    uint32_t i = first;

    *step = (SyPlanStep){.first_node = plan->n_nodes, .loop = unit->loop};
    if (unit->loop) {
        emit_loop(compiler, graph, unit->lead, block, plan);
        i++;
    } else {
        for (; i < compiler->n_units; i++) {
            const SyUnit *next = &compiler->units[i];
            if (next->task != unit->task || next->wave != unit->wave ||
                next->level != unit->level || next->loop || next->type != unit->type) {
                break;
            }
            emit_node(compiler, graph, next->lead, block, plan);
        }
    }
    step->n_nodes = plan->n_nodes - step->first_node;
    sy_wires_end_step(compiler, first, i);
    return i;
}

/* `task` has to wait for `pred`. */
static void emit_pred(SyCompiler *compiler, uint32_t task, uint32_t pred, SyPlan *plan)
{
    if (pred != task && compiler->stamp[pred] != task) {
        compiler->stamp[pred] = task;
        compiler->waited_for[pred] = true;
        sy_plan_preds(plan)[plan->n_preds++] = pred;
    }
}

/* `task` reads what arrives at these inputs of a module. */
static void wait_for_sources(SyCompiler *compiler, const SyGraph *graph, uint32_t task,
                             uint32_t slot, uint32_t ports, SyPlan *plan)
{
    for (uint32_t c = compiler->first_in[slot]; c < compiler->first_in[slot + 1]; c++) {
        const SyGraphCable *cable = &graph->cables[compiler->sorted[c]];
        if (ports >> cable->to_port & 1) {
            emit_pred(compiler, task, compiler->task_of[compiler->loops.lead[cable->from]], plan);
        }
    }
}

/* `task` hears what is summed for these inputs of a module. */
static void wait_for_sums(SyCompiler *compiler, uint32_t task, uint32_t slot, uint32_t ports,
                          SyPlan *plan)
{
    for (uint32_t i = 0; i < compiler->n_sums && ports != 0; i++) {
        const SySum *sum = &compiler->sums[i];
        for (uint32_t p = 0; p < sum->n_pieces && sum->slot == slot && ports >> sum->port & 1;
             p++) {
            emit_pred(compiler, task, sum->first_task + p, plan);
        }
    }
}

/* `task` sums what arrives at an input, where another may stand in for a cable that fades. */
static void emit_preds_of_sum(SyCompiler *compiler, const SyGraph *graph, uint32_t task,
                              const SyPlanNode *node, uint32_t port, SyPlan *plan)
{
    const uint8_t other = sy_registry_at(node->type)->inputs[port].normalled_to;
    const uint32_t normal = other ? 1u << (other - 1) : 0;

    wait_for_sources(compiler, graph, task, node->slot, 1u << port | (normal & ~node->summed),
                     plan);
    wait_for_sums(compiler, task, node->slot, normal & node->summed, plan);
}

/* The tasks that have to be done before `task`. */
static void emit_preds(SyCompiler *compiler, const SyGraph *graph, uint32_t task, SyPlan *plan)
{
    SyPlanTask *planned = &sy_plan_tasks(plan)[task];
    const SyPlanStep *steps = &sy_plan_steps(plan)[planned->first_step];
    const SyPlanNode *nodes = sy_plan_nodes(plan);

    planned->first_pred = plan->n_preds;
    for (uint32_t s = 0; s < planned->n_steps; s++) {
        const SyPlanNode *node = &nodes[steps[s].first_node];
        if (steps[s].sums) {
            emit_preds_of_sum(compiler, graph, task, node, steps[s].port, plan);
        }
        for (uint32_t n = 0; n < steps[s].n_nodes; n++, node++) {
            wait_for_sources(compiler, graph, task, node->slot, ~node->summed, plan);
            wait_for_sums(compiler, task, node->slot, node->summed, plan);
        }
    }
    planned->n_preds = plan->n_preds - planned->first_pred;
}

static void emit_tasks(SyCompiler *compiler, const SyGraph *graph, uint32_t block, SyPlan *plan)
{
    for (uint32_t unit = 0; unit < compiler->n_units;) {
        const uint32_t number = compiler->units[unit].task;
        sy_sums_emit(compiler, number, block, plan);
        SyPlanTask *task = &sy_plan_tasks(plan)[plan->n_tasks++];
        sy_wires_begin_task(compiler);
        *task = (SyPlanTask){.home = compiler->units[unit].home, .first_step = plan->n_steps};
        while (unit < compiler->n_units && compiler->units[unit].task == number) {
            unit = emit_step(compiler, graph, unit, block, plan);
        }
        task->n_steps = plan->n_steps - task->first_step;
    }
    sy_sums_name_nodes(compiler, plan);
    memset(compiler->stamp, 0xff, sizeof(compiler->stamp));
    memset(compiler->waited_for, 0, sizeof(compiler->waited_for));
    for (uint32_t i = 0; i < plan->n_tasks; i++) {
        emit_preds(compiler, graph, i, plan);
    }
    for (uint32_t i = 0; i < plan->n_tasks; i++) {
        if (!compiler->waited_for[i]) {
            sy_plan_lasts(plan)[plan->n_lasts++] = i;
        }
    }
}

static int by_order(const void *a, const void *b)
{
    const SyPlanSink *x = a, *y = b;
    return x->order < y->order ? -1 : x->order > y->order;
}

static void emit_sinks(const SyGraph *graph, SyPlan *plan)
{
    for (uint32_t i = 0; i < graph->module_top; i++) {
        const SyGraphModule *module = &graph->modules[i];
        if (module->used && module->sink_cable != SY_NONE) {
            sy_plan_sinks(plan)[plan->n_sinks++] =
                (SyPlanSink){.order = module->order,
                             .wires_at = module->wires_at,
                             .n_outputs = sy_registry_at(module->ref.type)->n_outputs,
                             .voices = module->voices,
                             .cable = module->sink_cable};
        }
    }
    qsort(sy_plan_sinks(plan), plan->n_sinks, sizeof(SyPlanSink), by_order);
}

static void emit_homes(SyPlan *plan)
{
    bool seen[SY_WORKERS_MAX] = {false};
    for (uint32_t i = 0; i < plan->n_tasks; i++) {
        const uint32_t home = sy_plan_tasks(plan)[i].home;
        if (!seen[home]) {
            seen[home] = true;
            sy_plan_homes(plan)[plan->n_homes++] = home;
        }
    }
}

static void emit_op(SyPlan *plan, SyPlanOpKind kind, uint32_t index, float value)
{
    sy_plan_ops(plan)[plan->n_ops++] = (SyPlanOp){.kind = kind, .index = index, .value = value};
}

static void emit_ops(const SyGraph *graph, SyPlan *plan)
{
    for (uint32_t i = 0; i < graph->module_top; i++) {
        if (graph->modules[i].used && graph->modules[i].fresh) {
            emit_op(plan, SY_OP_BORN, i, 0);
        }
    }
    for (uint32_t i = 0; i < graph->cable_top; i++) {
        const SyGraphCable *cable = &graph->cables[i];
        if (!cable->used) {
            continue;
        }
        if (cable->fresh) {
            /* A new module is not to hear its input's normal first, which nobody patched. */
            const bool new_target = cable->to != SY_NONE && graph->modules[cable->to].fresh;
            emit_op(plan, new_target ? SY_OP_PLUG_NEW : SY_OP_PLUG, i, cable->gain);
        } else if (cable->dying && cable->fades_since == 0) {
            emit_op(plan, SY_OP_UNPLUG, i, 0);
        } else if (cable->gain_changed) {
            emit_op(plan, SY_OP_GAIN, i, cable->gain);
        }
    }
}

void sy_plan_emit(SyCompiler *compiler, const SyGraph *graph, uint32_t block, SyPlan *plan)
{
    memset(plan, 0, sizeof(*plan));
    lay_out(plan);
    sy_wires_begin(compiler, graph);
    emit_tasks(compiler, graph, block, plan);
    emit_homes(plan);
    emit_sinks(graph, plan);
    emit_ops(graph, plan);
    plan->width = compiler->width;
}
