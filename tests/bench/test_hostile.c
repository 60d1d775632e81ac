/* What synthbench hostile does for an hour, shortly and always the same. */
#include "bench/hostile.h"
#include "modules/registry.h"
#include "tests/rig/check.h"

#define PATCHES 12

static SyHostile seen;

static int play_all(void **state)
{
    (void)state;
    sy_dsp_thread_init();
    for (uint64_t seed = 1; seed <= PATCHES; seed++) {
        if (!sy_hostile_play(seed, &seen))
            return -1;
    }
    return 0;
}

static void every_type_stays_finite_and_within_bounds(void **state)
{
    (void)state;
    assert_true(seen.n_patches >= PATCHES);
    assert_true(seen.n_samples > 0);
    for (uint32_t t = 0; t < sy_registry_count(); t++) {
        if (seen.n_wild[t] > 0 || seen.highest[t] > 10000.0f)
            fail_msg("%s: %d samples are not finite, the highest is %g", sy_registry_at(t)->name,
                     (int)seen.n_wild[t], (double)seen.highest[t]);
    }
}

static void every_type_is_heard(void **state)
{
    (void)state;
    for (uint32_t t = 0; t < sy_registry_count(); t++) {
        if (!(seen.highest[t] > 0.0f))
            fail_msg("%s is silent", sy_registry_at(t)->name);
    }
}

static void no_block_takes_twice_its_patchs_median(void **state)
{
    (void)state;
    if (SY_SANITIZED)
        skip(); /* what sanitizers cost depends on what else is in their tables */
    assert_true(seen.worst_ratio >= 1.0);
    if (!(seen.worst_ratio <= SY_HOSTILE_RATIO))
        fail_msg("seed %d: a block takes %g times the median, most of it in %s",
                 (int)seen.worst_seed, seen.worst_ratio, sy_registry_at(seen.worst_type)->name);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_type_stays_finite_and_within_bounds),
        cmocka_unit_test(every_type_is_heard),
        cmocka_unit_test(no_block_takes_twice_its_patchs_median),
    };
    return cmocka_run_group_tests_name("hostile", tests, play_all, NULL);
}
