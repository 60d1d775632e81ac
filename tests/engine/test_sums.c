/* Inputs that hear many are summed by several workers. */
#include "tests/engine/plan_rig.h"

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

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(crowded_input_is_summed_by_several),
        TEST(sum_waits_for_what_stands_in),
    };
    return cmocka_run_group_tests_name("sums", tests, NULL, NULL);
}
