#include "tests/engine/plan_rig.h"

#include <stdlib.h>

int set_up(void **state)
{
    Patch *patch = calloc(1, sizeof(*patch));
    const SySegmentSize size = {.rate = 48000,
                                .block = BLOCK,
                                .n_cores = 2,
                                .plan_bytes = sy_plan_bytes_max(),
                                .arena_bytes = 16 << 20};

    patch->segment = sy_segment_map(&size);
    patch->arena = sy_arena_new(patch->segment->used_to, size.arena_bytes);
    patch->graph = calloc(1, sizeof(SyGraph));
    patch->compiler = sy_compiler_new();
    patch->plan = sy_at(patch->segment, patch->segment->plan_at[0]);
    patch->seed = 1;
    patch->vca = sy_registry_find("vca");
    *state = patch;
    return 0;
}

int tear_down(void **state)
{
    Patch *patch = *state;
    sy_compiler_free(patch->compiler);
    free(patch->graph);
    sy_arena_free(patch->arena);
    sy_segment_unmap(patch->segment);
    free(patch);
    return 0;
}

uint32_t add(Patch *patch, const char *type, uint16_t id, uint32_t home)
{
    const int number = sy_registry_find(type);
    const SyModule *module = sy_registry_at((uint32_t)number);
    float written[SY_PARAMS_MAX];
    uint32_t slot = SY_NONE;

    for (uint32_t i = 0; i < module->n_params; i++) {
        written[i] = module->params[i].def;
    }
    assert_int_equal(sy_graph_create(patch->graph, patch->segment, patch->arena,
                                     (SyModuleRef){(uint16_t)number, id}, 1, written, &slot),
                     SY_OK);
    patch->graph->modules[slot].home = home;
    return slot;
}

uint32_t plug(Patch *patch, uint32_t from, uint32_t to, uint8_t port)
{
    uint32_t cable = SY_NONE;
    assert_int_equal(sy_graph_connect(patch->graph, from, 0, to, port, 1, &cable), SY_OK);
    return cable;
}

const SyPlan *compile(Patch *patch)
{
    sy_graph_settle_loops(patch->graph);
    sy_plan_compile(patch->compiler, patch->graph, BLOCK, patch->plan);
    return patch->plan;
}

void locate(const SyPlan *plan, Where *where)
{
    uint32_t seen = 0;

    for (uint32_t t = 0; t < plan->n_tasks; t++) {
        const SyPlanTask *task = &sy_plan_tasks(plan)[t];
        for (uint32_t s = 0; s < task->n_steps; s++) {
            const SyPlanStep *step = &sy_plan_steps(plan)[task->first_step + s];
            for (uint32_t n = 0; n < step->n_nodes; n++, seen++) {
                const SyPlanNode *node = &sy_plan_nodes(plan)[step->first_node + n];
                where[node->slot] =
                    (Where){t, task->first_step + s, step->first_node + n, step->loop};
            }
        }
    }
    assert_int_equal(seen, plan->n_nodes);
}

bool has_pred(const SyPlan *plan, uint32_t task, uint32_t pred)
{
    const SyPlanTask *planned = &sy_plan_tasks(plan)[task];
    for (uint32_t i = 0; i < planned->n_preds; i++) {
        if (sy_plan_preds(plan)[planned->first_pred + i] == pred) {
            return true;
        }
    }
    return false;
}

/* The input is summed in tasks of its own: all of them wait for the source, the node for them, and
 * together they sum every frame once. */
static void check_sums(const SyPlan *plan, uint32_t port, const Where *from, const Where *to)
{
    uint32_t n_frames = 0;

    for (uint32_t t = 0; t < plan->n_tasks; t++) {
        const SyPlanStep *step = &sy_plan_steps(plan)[sy_plan_tasks(plan)[t].first_step];
        if (step->sums && step->first_node == to->node && step->port == port) {
            assert_int_equal(sy_plan_tasks(plan)[t].n_steps, 1);
            assert_true(from->task < t && t < to->task);
            assert_true(has_pred(plan, t, from->task));
            assert_true(has_pred(plan, to->task, t));
            assert_int_equal(step->from, n_frames);
            n_frames += step->n_frames;
        }
    }
    assert_int_equal(n_frames, BLOCK);
}

static void check_cable(const SyPlan *plan, const SyGraphCable *cable, const Where *where)
{
    const Where *from = &where[cable->from], *to = &where[cable->to];

    if (sy_plan_nodes(plan)[to->node].summed >> cable->to_port & 1) {
        assert_false(cable->back);
        check_sums(plan, cable->to_port, from, to);
    } else if (cable->back) {
        assert_int_equal(from->step, to->step);
        assert_true(from->loop);
    } else if (from->task != to->task) {
        assert_true(from->task < to->task);
        assert_true(has_pred(plan, to->task, from->task));
    } else {
        assert_true(from->step < to->step || (from->loop && from->step == to->step));
        assert_true(from->node < to->node);
    }
}

/* Whether node `other` writes between the time at which `from` has written and that at which `to`
 * has heard it. Another task may be run at any time. */
static bool comes_between(const Where *other, const Where *from, const Where *to)
{
    if (other->task != from->task) {
        return true;
    }
    if (from->loop && other->step == from->step) {
        return true; /* they take turns */
    }
    return other->node > from->node && (to->task != from->task || other->step <= to->step);
}

static void check_wires(const SyPlan *plan, const SyGraphCable *cable, const Where *where)
{
    const SyPlanNode *nodes = sy_plan_nodes(plan);
    const Where *from = &where[cable->from], *to = &where[cable->to];

    for (uint32_t i = 0; i < plan->n_nodes; i++) {
        if (i != from->node && nodes[i].wires_at == nodes[from->node].wires_at &&
            comes_between(&where[nodes[i].slot], from, to)) {
            fail_msg("node %d overwrites what %d has for %d", (int)i, (int)from->node,
                     (int)to->node);
        }
    }
}

uint32_t count_shared_wires(const SyPlan *plan)
{
    const SyPlanNode *nodes = sy_plan_nodes(plan);
    uint32_t n = 0;

    for (uint32_t i = 0; i < plan->n_nodes; i++) {
        for (uint32_t before = 0; before < i; before++) {
            if (nodes[before].wires_at == nodes[i].wires_at) {
                n++;
                break;
            }
        }
    }
    return n;
}

void check(Patch *patch, const SyPlan *plan)
{
    static Where where[SY_MODULES_MAX];
    uint32_t n_used = 0;

    for (uint32_t i = 0; i < patch->graph->module_top; i++) {
        n_used += patch->graph->modules[i].used;
    }
    assert_int_equal(plan->n_nodes, n_used);
    locate(plan, where);
    for (uint32_t i = 0; i < plan->n_nodes; i++) {
        patch->n_summed += (uint32_t)__builtin_popcount(sy_plan_nodes(plan)[i].summed);
    }
    for (uint32_t i = 0; i < patch->graph->cable_top; i++) {
        if (patch->graph->cables[i].used && !patch->graph->cables[i].sink) {
            check_cable(plan, &patch->graph->cables[i], where);
            check_wires(plan, &patch->graph->cables[i], where);
        }
    }
    for (uint32_t t = 0; t < plan->n_tasks; t++) {
        const SyPlanTask *task = &sy_plan_tasks(plan)[t];
        for (uint32_t i = 0; i < task->n_preds; i++) {
            assert_true(sy_plan_preds(plan)[task->first_pred + i] < t);
        }
    }
}
