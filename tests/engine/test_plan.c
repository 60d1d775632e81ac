/* Plans: tasks, steps and their order, of patches made for the purpose. */
#include "tests/engine/plan_rig.h"

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

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(empty_patch_makes_an_empty_plan),
        TEST(chain_on_one_worker_is_one_task),
        TEST(modules_of_one_type_and_level_make_steps_of_a_batch),
        TEST(many_voices_are_run_depth_first),
        TEST(two_chains_on_two_workers_can_run_side_by_side),
        TEST(voices_beside_one_that_is_cut_stay_whole),
        TEST(patching_a_loop_makes_its_last_cable_the_late_one),
        TEST(module_patched_into_itself_is_a_loop),
        TEST(sinks_are_summed_in_the_order_of_their_making),
        TEST(dear_tasks_are_cut_into_pieces),
        TEST(refused_modules_take_nothing),
    };
    return cmocka_run_group_tests_name("plan", tests, NULL, NULL);
}
