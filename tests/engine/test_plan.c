/* Plans of random patches: whatever the patch and wherever its modules live, the plan has the order
 * that the workers rely on. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "engine/compile.h"
#include "modules/registry.h"

#define BLOCK 64

typedef struct Patch {
    SySegment *segment;
    SyArena *arena;
    SyGraph *graph;
    SyCompiler *compiler;
    SyPlan *plan;
    unsigned seed;
    int vca;
    uint32_t n_summed; /* inputs that are summed by several, of all plans that were checked */
} Patch;

static int set_up(void **state)
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

static int tear_down(void **state)
{
    Patch *patch = *state;
    sy_compiler_free(patch->compiler);
    free(patch->graph);
    sy_arena_free(patch->arena);
    sy_segment_unmap(patch->segment);
    free(patch);
    return 0;
}

static uint32_t add(Patch *patch, const char *type, uint16_t id, uint32_t home)
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

static uint32_t plug(Patch *patch, uint32_t from, uint32_t to, uint8_t port)
{
    uint32_t cable = SY_NONE;
    assert_int_equal(sy_graph_connect(patch->graph, from, 0, to, port, 1, &cable), SY_OK);
    return cable;
}

static const SyPlan *compile(Patch *patch)
{
    sy_graph_settle_loops(patch->graph);
    sy_plan_compile(patch->compiler, patch->graph, BLOCK, patch->plan);
    return patch->plan;
}

/* Where each slot is in the plan. */
typedef struct Where {
    uint32_t task, step, node;
    bool loop;
} Where;

static void locate(const SyPlan *plan, Where *where)
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

static bool has_pred(const SyPlan *plan, uint32_t task, uint32_t pred)
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

static uint32_t count_shared_wires(const SyPlan *plan)
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

static void check(Patch *patch, const SyPlan *plan)
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

static void empty_patch_makes_an_empty_plan(void **state)
{
    const SyPlan *plan = compile(*state);
    assert_int_equal(plan->n_tasks, 0);
    assert_int_equal(plan->n_sinks, 0);
}

static void chain_on_one_worker_is_one_task(void **state)
{
    Patch *patch = *state;
    const uint32_t a = add(patch, "vco", 1, 0), b = add(patch, "vcf", 1, 0);
    const uint32_t c = add(patch, "out", 1, 0);

    plug(patch, a, b, 0);
    plug(patch, b, c, 0);
    const SyPlan *plan = compile(patch);
    check(patch, plan);
    assert_int_equal(plan->n_tasks, 1);
    assert_int_equal(plan->n_steps, 3);
    assert_int_equal(plan->width, 1);
    assert_int_equal(plan->n_sinks, 1);
}

static void modules_of_one_type_and_level_make_steps_of_a_batch(void **state)
{
    Patch *patch = *state;
    for (uint16_t i = 1; i <= 20; i++) {
        add(patch, "vco", i, 0);
    }
    const SyPlan *plan = compile(patch);
    check(patch, plan);
    assert_int_equal(plan->n_steps, 2);
    assert_int_equal(sy_plan_steps(plan)[0].n_nodes, SY_LANES_MAX);
    assert_int_equal(sy_plan_steps(plan)[1].n_nodes, 20 - SY_LANES_MAX);
}

/* What an oscillator has written is read by its filter before too many others have written. */
static void many_voices_are_run_depth_first(void **state)
{
    Patch *patch = *state;
    const int vco = sy_registry_find("vco"), vcf = sy_registry_find("vcf");
    const uint32_t lfo = add(patch, "lfo", 1, 0);
    for (uint16_t i = 1; i <= 40; i++) {
        const uint32_t filter = add(patch, "vcf", i, 0);
        plug(patch, lfo, filter, 2);
        plug(patch, add(patch, "vco", i, 0), filter, 0);
    }
    const SyPlan *plan = compile(patch);
    const SyPlanStep *steps = sy_plan_steps(plan);
    check(patch, plan);
    assert_int_equal(plan->n_tasks, 1);
    assert_int_equal(plan->n_steps, 7);
    for (uint32_t s = 0, of_lfo = 0; s < plan->n_steps; s++) {
        const SyPlanNode *first = &sy_plan_nodes(plan)[steps[s].first_node];
        if (first->type != vco && first->type != vcf) {
            of_lfo++;
            continue;
        }
        assert_int_equal(first->type, (s - of_lfo) % 2 ? vcf : vco);
        assert_in_range(steps[s].n_nodes, 8, SY_LANES_MAX);
    }
    assert_int_equal(count_shared_wires(plan), 40 - SY_LANES_MAX); /* the oscillators' */
}

/* The wires of one voice are those of another, sixteen voices on, whatever else is to let. */
static void wires_of_whole_voices_are_let(void **state)
{
    Patch *patch = *state;
    const uint32_t out = add(patch, "out", 1, 0);
    for (uint16_t i = 1; i <= 40; i++) {
        const uint32_t vco = add(patch, "vco", i, 0), vcf = add(patch, "vcf", i, 0);
        const uint32_t vca = add(patch, "vca", i, 0);
        plug(patch, vco, vcf, 0);
        plug(patch, vcf, vca, 0);
        plug(patch, vca, out, 0);
    }
    const SyPlan *plan = compile(patch);
    check(patch, plan);
    assert_int_equal(plan->n_tasks, 1);
    assert_int_equal(count_shared_wires(plan),
                     2 * (40 - SY_LANES_MAX)); /* the amplifiers' are heard last */
}

static void wires_are_kept_for_the_last_to_hear(void **state)
{
    Patch *patch = *state;
    uint32_t slots[8];

    for (uint16_t i = 0; i < 8; i++) {
        slots[i] = add(patch, "vca", (uint16_t)(i + 1), 0);
        if (i > 0) {
            plug(patch, slots[i - 1], slots[i], 0);
        }
    }
    check(patch, compile(patch));
    assert_int_equal(count_shared_wires(patch->plan), 6);
    plug(patch, slots[0], slots[7], 1);
    plug(patch, slots[1], slots[4], 1);
    check(patch, compile(patch));
    assert_in_range(count_shared_wires(patch->plan), 1, 5);
}

static void two_chains_on_two_workers_can_run_side_by_side(void **state)
{
    Patch *patch = *state;
    for (uint16_t i = 1; i <= 2; i++) {
        plug(patch, add(patch, "vco", i, i), add(patch, "vcf", i, i), 0);
    }
    const SyPlan *plan = compile(patch);
    check(patch, plan);
    assert_int_equal(plan->n_tasks, 2);
    assert_int_equal(plan->n_lasts, 2);
    assert_int_equal(plan->width, 2);
}

/* That one filter waits for another worker is nothing to the voices beside it. */
static void voices_beside_one_that_is_cut_stay_whole(void **state)
{
    Patch *patch = *state;
    static Where where[SY_MODULES_MAX];
    uint32_t vco[8], vcf[8];

    for (uint16_t i = 0; i < 8; i++) {
        vco[i] = add(patch, "vco", (uint16_t)(i + 1), i % 2);
        vcf[i] = add(patch, "vcf", (uint16_t)(i + 1), i % 2);
        plug(patch, vco[i], vcf[i], 0);
    }
    const uint32_t waits = add(patch, "vca", 1, 0);
    plug(patch, vcf[0], waits, 0);
    plug(patch, vcf[1], waits, 1);
    const uint32_t cut = add(patch, "vcf", 9, 0);
    plug(patch, add(patch, "vco", 9, 0), cut, 0);
    plug(patch, vcf[1], cut, 2);
    const SyPlan *plan = compile(patch);
    check(patch, plan);
    assert_int_equal(plan->n_tasks, 3);
    locate(plan, where);
    for (uint32_t i = 0; i < 8; i++) {
        assert_int_equal(where[vcf[i]].task, where[vco[i]].task);
    }
    assert_int_equal(where[cut].task, where[waits].task);
}

static void patching_a_loop_makes_its_last_cable_the_late_one(void **state)
{
    Patch *patch = *state;
    const uint32_t a = add(patch, "vca", 1, 0), b = add(patch, "vca", 2, 1);
    const uint32_t first = plug(patch, a, b, 0), last = plug(patch, b, a, 0);

    check(patch, compile(patch));
    assert_false(patch->graph->cables[first].back);
    assert_true(patch->graph->cables[last].back);
    assert_int_equal(patch->plan->n_tasks, 1);

    sy_graph_remove_cable(patch->graph, first);
    check(patch, compile(patch));
    assert_false(patch->graph->cables[last].back);
}

static void module_patched_into_itself_is_a_loop(void **state)
{
    Patch *patch = *state;
    const uint32_t a = add(patch, "vca", 1, 0);

    plug(patch, a, a, 0);
    const SyPlan *plan = compile(patch);
    check(patch, plan);
    assert_true(sy_plan_steps(plan)[0].loop);
}

static void sinks_are_summed_in_the_order_of_their_making(void **state)
{
    Patch *patch = *state;
    for (uint16_t i = 1; i <= 8; i++) {
        add(patch, "out", i, 8u - i);
    }
    const SyPlan *plan = compile(patch);
    assert_int_equal(plan->n_sinks, 8);
    for (uint32_t i = 1; i < 8; i++) {
        assert_true(sy_plan_sinks(plan)[i - 1].order < sy_plan_sinks(plan)[i].order);
    }
}

static uint32_t pick(Patch *patch, uint32_t n)
{
    return (uint32_t)rand_r(&patch->seed) % n;
}

/* Edits at random, with loops, on a random number of workers; after each the plan is checked. */
static void edit_at_random(Patch *patch, uint32_t n_most, uint32_t dearest_ns)
{
    static const char *const types[] = {"vco", "vcf", "vca", "mixer", "lfo"};
    uint16_t next_id = 1;

    for (int i = 0; i < 3000; i++) {
        SyGraph *graph = patch->graph;
        const uint32_t what = pick(patch, 10);
        if (graph->n_modules < 3 || (what < 3 && graph->n_modules < n_most)) {
            const uint32_t slot =
                add(patch, types[pick(patch, 5)], next_id++, pick(patch, 1 + pick(patch, 8)));
            graph->modules[slot].cost_ns = pick(patch, dearest_ns);
        } else if (what < 8) {
            const uint32_t from = pick(patch, graph->module_top);
            const uint32_t to = pick(patch, graph->module_top);
            if (graph->modules[from].used && graph->modules[to].used &&
                sy_graph_find_cable(graph, from, 0, to, 0) == SY_NONE) {
                plug(patch, from, to, 0);
            }
        } else if (what == 8) {
            const uint32_t slot = pick(patch, graph->module_top);
            if (graph->modules[slot].used) {
                const SyGraphModule gone = graph->modules[slot];
                sy_graph_remove_module(graph, slot);
                sy_arena_give(patch->arena, gone.memory_at, gone.memory_size);
            }
        } else if (graph->cable_top > 0) {
            const uint32_t cable = pick(patch, graph->cable_top);
            if (graph->cables[cable].used) {
                sy_graph_remove_cable(graph, cable);
            }
        }
        if (i % 5 == 0) {
            check(patch, compile(patch));
        }
    }
}

static void random_patches_keep_the_order(void **state)
{
    edit_at_random(*state, 60, 1);
}

/* The same when tasks are cut into pieces, because it is known what modules cost. */
static void random_patches_in_pieces_keep_the_order(void **state)
{
    edit_at_random(*state, 200, 20000);
}

/* The same when inputs that hear three wires are summed by several workers. */
static void random_patches_with_sums_keep_the_order(void **state)
{
    Patch *patch = *state;

    sy_compiler_set_sum_least(patch->compiler, 3 * BLOCK);
    edit_at_random(patch, 120, 20000);
    assert_true(patch->n_summed > 100);
}

static void crowded_input_is_summed_by_several(void **state)
{
    Patch *patch = *state;
    const uint32_t out = add(patch, "out", 1, 0);

    for (uint16_t i = 1; i <= 1200; i++) {
        plug(patch, add(patch, "vco", i, i % 2), out, i % 1000 == 0);
    }
    check(patch, compile(patch));
    assert_int_equal(patch->n_summed, 1); /* the left side; one wire on the right is none */
    assert_int_equal(patch->plan->n_lasts, 1);

    for (uint32_t slot = 0; slot < patch->graph->module_top; slot++) {
        patch->graph->modules[slot].home = 0; /* all on one: nobody is there to help */
    }
    check(patch, compile(patch));
    assert_int_equal(patch->n_summed, 1); /* as before */
}

/* The left side is heard where the right side's cables fade. */
static void sum_waits_for_what_stands_in(void **state)
{
    Patch *patch = *state;
    const uint32_t out = add(patch, "out", 1, 0);
    uint32_t n_left = 0, n_right = 0;

    for (uint16_t i = 1; i <= 1200; i++) {
        plug(patch, add(patch, "vco", i, i % 2), out, i % 4 == 0 || i % 4 == 1);
    }
    const SyPlan *plan = compile(patch);
    check(patch, plan);
    assert_int_equal(patch->n_summed, 2);
    for (uint32_t t = 0; t < plan->n_tasks; t++) {
        const SyPlanStep *step = &sy_plan_steps(plan)[sy_plan_tasks(plan)[t].first_step];
        n_left += step->sums && step->port == 0;
        n_right += step->sums && step->port == 1;
        for (uint32_t left = 0; left < t && step->sums && step->port == 1; left++) {
            const SyPlanStep *other = &sy_plan_steps(plan)[sy_plan_tasks(plan)[left].first_step];
            assert_true(!(other->sums && other->port == 0) || has_pred(plan, t, left));
        }
    }
    assert_int_equal(n_left, SY_SUM_PIECES);
    assert_int_equal(n_right, SY_SUM_PIECES);
}

/* Two workers with 64 voices each: whoever is done first finds something left to take. */
static void dear_tasks_are_cut_into_pieces(void **state)
{
    Patch *patch = *state;
    const uint32_t out = add(patch, "out", 1, 0);

    for (uint16_t i = 1; i <= 128; i++) {
        const uint32_t vco = add(patch, "vco", i, i % 2), vca = add(patch, "vca", i, i % 2);
        plug(patch, vco, vca, 0);
        plug(patch, vca, out, 0);
        patch->graph->modules[vco].cost_ns = patch->graph->modules[vca].cost_ns = 1000;
    }
    check(patch, compile(patch));
    assert_in_range(patch->plan->n_tasks, 8, 10);
    assert_int_equal(patch->plan->n_lasts, 1);

    for (uint32_t slot = 0; slot < patch->graph->module_top; slot++) {
        patch->graph->modules[slot].home = 0; /* all on one: nobody is there to take anything */
    }
    check(patch, compile(patch));
    assert_int_equal(patch->plan->n_tasks, 1);
}

static void refused_modules_take_nothing(void **state)
{
    Patch *patch = *state;
    const SyModuleRef ref = {(uint16_t)patch->vca, 1};
    const float written[SY_PARAMS_MAX] = {0};
    uint32_t slot;

    add(patch, "vca", 1, 0);
    const uint64_t used = sy_arena_used(patch->arena);
    assert_int_equal(
        sy_graph_create(patch->graph, patch->segment, patch->arena, ref, 1, written, &slot),
        SY_ERR_ID_IN_USE);
    assert_int_equal(sy_graph_create(patch->graph, patch->segment, patch->arena,
                                     (SyModuleRef){ref.type, 0}, 1, written, &slot),
                     SY_ERR_ID_RANGE);
    assert_int_equal(sy_graph_create(patch->graph, patch->segment, patch->arena,
                                     (SyModuleRef){ref.type, 2}, 17, written, &slot),
                     SY_ERR_VOICES);
    assert_int_equal(sy_graph_create(patch->graph, patch->segment, patch->arena,
                                     (SyModuleRef){9999, 2}, 1, written, &slot),
                     SY_ERR_UNKNOWN_TYPE);
    assert_int_equal(sy_arena_used(patch->arena), used);
    assert_int_equal(patch->graph->n_modules, 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(empty_patch_makes_an_empty_plan),
        TEST(chain_on_one_worker_is_one_task),
        TEST(modules_of_one_type_and_level_make_steps_of_a_batch),
        TEST(many_voices_are_run_depth_first),
        TEST(wires_of_whole_voices_are_let),
        TEST(wires_are_kept_for_the_last_to_hear),
        TEST(two_chains_on_two_workers_can_run_side_by_side),
        TEST(voices_beside_one_that_is_cut_stay_whole),
        TEST(patching_a_loop_makes_its_last_cable_the_late_one),
        TEST(module_patched_into_itself_is_a_loop),
        TEST(sinks_are_summed_in_the_order_of_their_making),
        TEST(random_patches_keep_the_order),
        TEST(random_patches_in_pieces_keep_the_order),
        TEST(random_patches_with_sums_keep_the_order),
        TEST(crowded_input_is_summed_by_several),
        TEST(sum_waits_for_what_stands_in),
        TEST(dear_tasks_are_cut_into_pieces),
        TEST(refused_modules_take_nothing),
    };
    return cmocka_run_group_tests_name("plan", tests, NULL, NULL);
}
