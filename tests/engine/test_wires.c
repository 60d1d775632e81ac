/* The wires of one module are let to another when nobody needs them any more. */
#include "tests/engine/plan_rig.h"

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

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(wires_of_whole_voices_are_let),
        TEST(wires_are_kept_for_the_last_to_hear),
    };
    return cmocka_run_group_tests_name("wires", tests, NULL, NULL);
}
