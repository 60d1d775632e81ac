/* Which worker is best to compute what: patches whose answer can be told by hand. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "engine/place.h"
#include "modules/registry.h"

#define HANDOFF_NS 1000.0
#define FETCH_NS   100.0

static const SyPlaceCosts costs = {.handoff_ns = HANDOFF_NS, .fetch_ns = FETCH_NS, .n_workers = 2};

typedef struct Patch {
    SyGraph *graph;
    SyPlacer *placer;
    uint32_t group[SY_MODULES_MAX];
} Patch;

static int set_up(void **state)
{
    Patch *patch = calloc(1, sizeof(*patch));
    patch->graph = calloc(1, sizeof(SyGraph));
    patch->placer = sy_placer_new();
    *state = patch;
    return 0;
}

static int tear_down(void **state)
{
    Patch *patch = *state;
    sy_placer_free(patch->placer);
    free(patch->graph);
    free(patch);
    return 0;
}

/* Modules as far as the reckoning looks at them. */
static uint32_t add(Patch *patch, uint32_t cost_ns)
{
    const uint32_t slot = patch->graph->module_top++;
    patch->graph->n_modules++;
    patch->graph->modules[slot] = (SyGraphModule){
        .used = true, .voices = 1, .cost_ns = cost_ns, .order = patch->graph->next_order++};
    return slot;
}

static void plug(Patch *patch, uint32_t from, uint32_t to)
{
    patch->graph->cables[patch->graph->cable_top++] =
        (SyGraphCable){.used = true, .from = from, .to = to, .order = patch->graph->next_order++};
    patch->graph->n_cables++;
}

static double spread(Patch *patch, uint32_t n)
{
    memset(patch->group, 0xff, sizeof(patch->group));
    sy_placer_read(patch->placer, patch->graph, &costs);
    return sy_placer_spread(patch->placer, n, patch->group);
}

static double sum_of(const Patch *patch, uint32_t group)
{
    double sum = 0;
    for (uint32_t i = 0; i < patch->graph->module_top; i++) {
        sum += patch->group[i] == group ? patch->graph->modules[i].cost_ns : 0;
    }
    return sum;
}

static void sum_is_that_of_all_costs(void **state)
{
    Patch *patch = *state;
    add(patch, 1000);
    add(patch, 500);
    assert_float_equal(sy_placer_read(patch->placer, patch->graph, &costs), 1500, 0.5);
    add(patch, 0); /* not known yet: a little */
    assert_in_range((int)sy_placer_read(patch->placer, patch->graph, &costs), 1501, 1600);
}

static void chain_stays_together(void **state)
{
    Patch *patch = *state;
    for (int i = 0; i < 20; i++) {
        const uint32_t slot = add(patch, 5000);
        if (i > 0) {
            plug(patch, slot - 1, slot);
        }
    }
    assert_float_equal(spread(patch, 4), 100000, 0.5);
    for (uint32_t i = 1; i < 20; i++) {
        assert_int_equal(patch->group[i], patch->group[0]);
    }
}

/* One lfo moves them all, one module hears them all; what is between belongs together. */
static void voices_are_shared_out_evenly(void **state)
{
    Patch *patch = *state;
    const uint32_t lfo = add(patch, 300), out = add(patch, 2000);
    uint32_t vco[64];

    for (int i = 0; i < 64; i++) {
        vco[i] = add(patch, 1000);
        const uint32_t vcf = add(patch, 700), vca = add(patch, 300);
        plug(patch, vco[i], vcf);
        plug(patch, lfo, vcf);
        plug(patch, vcf, vca);
        plug(patch, vca, out);
    }
    const double span = spread(patch, 2);
    assert_true(span <
                64 * (2000 + FETCH_NS) / 2 + 32 * FETCH_NS + 2 * 2000 + 3 * HANDOFF_NS + 300);
    assert_true(span >= 64 * 2000 / 2 + 2000);
    assert_true(sum_of(patch, 0) - sum_of(patch, 1) < 5000);
    assert_true(sum_of(patch, 1) - sum_of(patch, 0) < 5000);
    for (int i = 0; i < 64; i++) {
        assert_int_equal(patch->group[vco[i] + 1], patch->group[vco[i]]);
        assert_int_equal(patch->group[vco[i] + 2], patch->group[vco[i]]);
    }
}

/* Of two that a filter alone hears, the second would do it no good on another worker. */
static void small_ways_stay_with_their_voice(void **state)
{
    Patch *patch = *state;
    const uint32_t out = add(patch, 2000);
    uint32_t lfo[32];

    for (int i = 0; i < 32; i++) {
        lfo[i] = add(patch, 300);
        const uint32_t vco = add(patch, 1000), vcf = add(patch, 700);
        plug(patch, lfo[i], vcf);
        plug(patch, vco, vcf);
        plug(patch, vcf, out);
    }
    spread(patch, 2);
    assert_true(sum_of(patch, 0) - sum_of(patch, 1) < 6000);
    assert_true(sum_of(patch, 1) - sum_of(patch, 0) < 6000);
    for (int i = 0; i < 32; i++) {
        assert_int_equal(patch->group[lfo[i] + 1], patch->group[lfo[i]]);
        assert_int_equal(patch->group[lfo[i] + 2], patch->group[lfo[i]]);
    }
}

/* Modules of voices that are torn apart have cost what they had to fetch too, and that is what is
 * gained by keeping each on one worker. */
static void torn_voices_take_longer(void **state)
{
    Patch *patch = *state;

    for (int i = 0; i < 40; i++) {
        const uint32_t vco = add(patch, 1000), vcf = add(patch, 1000);
        plug(patch, vco, vcf);
        patch->graph->modules[vco].home = (uint32_t)i % 2;
        patch->graph->modules[vcf].home = (uint32_t)(i + 1) % 2;
    }
    const double whole = spread(patch, 2);
    assert_float_equal(whole, 40000 - 20 * FETCH_NS, 0.5);
    assert_in_range((int)sy_placer_span(patch->placer, 2), 40000, 40000 + 2 * (int)HANDOFF_NS);
}

/* Forty voices; `n_torn` of them have the filter on another worker than the oscillator. The lfo
 * that all hear and the `out` that hears all are elsewhere for half of them anyway. */
static void add_voices(Patch *patch, int n_torn)
{
    const uint32_t lfo = add(patch, 300), out = add(patch, 2000);

    for (int i = 0; i < 40; i++) {
        const uint32_t vco = add(patch, 1000), vcf = add(patch, 1000);
        plug(patch, lfo, vcf);
        plug(patch, vco, vcf);
        plug(patch, vcf, out);
        patch->graph->modules[vco].home = (uint32_t)i % 2;
        patch->graph->modules[vcf].home = (uint32_t)(i + (i < n_torn)) % 2;
    }
}

static bool mends(Patch *patch, double slower)
{
    spread(patch, 2);
    const double span = sy_placer_span(patch->placer, 2);
    return sy_placer_mends(patch->placer, span, span * slower, patch->group);
}

/* Both workers have the same to do either way. */
static void torn_voices_are_mended(void **state)
{
    Patch *patch = *state;
    add_voices(patch, 40);
    assert_true(mends(patch, 1));
    assert_false(mends(patch, 1.1)); /* not if it takes longer then */
}

static void few_torn_voices_are_left(void **state)
{
    Patch *patch = *state;
    add_voices(patch, 3);
    assert_false(mends(patch, 1));
}

static void what_is_whole_is_not_mended(void **state)
{
    Patch *patch = *state;
    assert_false(mends(patch, 1)); /* nothing at all */
    add_voices(patch, 40);
    spread(patch, 2);
    for (uint32_t i = 0; i < patch->graph->module_top; i++) {
        patch->graph->modules[i].home = patch->group[i];
    }
    assert_false(mends(patch, 1));
}

static void dear_one_has_a_worker_for_itself(void **state)
{
    Patch *patch = *state;
    const uint32_t dear = add(patch, 50000);
    for (int i = 0; i < 10; i++) {
        add(patch, 5000);
    }
    assert_float_equal(spread(patch, 2), 50000, 0.5);
    for (uint32_t i = 1; i <= 10; i++) {
        assert_int_equal(patch->group[i], 1 - patch->group[dear]);
    }
}

/* Two ways side by side, from one module to another. Returns the first of the four. */
static uint32_t add_diamond(Patch *patch, uint32_t way_ns)
{
    const uint32_t a = add(patch, 400), b = add(patch, way_ns), c = add(patch, way_ns);
    const uint32_t d = add(patch, 400);

    plug(patch, a, b);
    plug(patch, a, c);
    plug(patch, b, d);
    plug(patch, c, d);
    return a;
}

/* Ways that cost less than to hand something over stay where they are. */
static void what_is_cheap_is_not_handed_over(void **state)
{
    Patch *patch = *state;
    const uint32_t a = add_diamond(patch, 400);

    assert_float_equal(spread(patch, 2), 1600, 0.5);
    for (uint32_t i = 1; i < 4; i++) {
        assert_int_equal(patch->group[a + i], patch->group[a]);
    }
}

static void ways_that_are_dear_are_computed_side_by_side(void **state)
{
    Patch *patch = *state;
    const uint32_t a = add_diamond(patch, 40000);

    assert_float_equal(spread(patch, 2), 40800 + 2 * (HANDOFF_NS + FETCH_NS),
                       HANDOFF_NS + FETCH_NS + 1);
    assert_int_not_equal(patch->group[a + 1], patch->group[a + 2]);
}

static void loop_is_one(void **state)
{
    Patch *patch = *state;
    for (uint32_t i = 0; i < 6; i++) {
        add(patch, 1000);
    }
    for (uint32_t i = 0; i < 6; i++) {
        plug(patch, i, (i + 1) % 6);
    }
    assert_float_equal(spread(patch, 3), 6000, 0.5);
    for (uint32_t i = 1; i < 6; i++) {
        assert_int_equal(patch->group[i], patch->group[0]);
    }
}

/* Four workers with a module each take on two cores what two would. */
static void span_knows_how_many_cores_there_are(void **state)
{
    Patch *patch = *state;
    for (uint32_t i = 0; i < 4; i++) {
        patch->graph->modules[add(patch, 10000)].home = i;
    }
    sy_placer_read(patch->placer, patch->graph, &costs);
    assert_float_equal(sy_placer_span(patch->placer, 4), 10000, 0.5);
    assert_float_equal(sy_placer_span(patch->placer, 2), 20000, 0.5);
    for (uint32_t i = 0; i < 4; i++) {
        patch->graph->modules[i].home = 0;
    }
    assert_float_equal(sy_placer_span(patch->placer, 4), 40000, 0.5);
}

/* Random patches: everything is dealt out, and no way of dealing it out beats what there is to do.
 */
static void random_patches_are_dealt_out(void **state)
{
    Patch *patch = *state;
    unsigned seed = 7;

    for (int round = 0; round < 50; round++) {
        const uint32_t n_groups = 1 + (uint32_t)rand_r(&seed) % 8;
        memset(patch->graph, 0, sizeof(*patch->graph));
        for (int i = 0; i < 200; i++) {
            add(patch, (uint32_t)rand_r(&seed) % 5000);
        }
        for (int i = 0; i < 300; i++) {
            plug(patch, (uint32_t)rand_r(&seed) % 200, (uint32_t)rand_r(&seed) % 200);
        }
        const double span = spread(patch, n_groups);
        const double sum = sy_placer_read(patch->placer, patch->graph, &costs);
        assert_true(span >= sum / n_groups - 1);
        assert_true(span <= sum + 200 * HANDOFF_NS + 300 * FETCH_NS);
        for (uint32_t i = 0; i < 200; i++) {
            assert_in_range(patch->group[i], 0, n_groups - 1);
            patch->graph->modules[i].home = patch->group[i];
        }
        assert_true(sy_placer_span(patch->placer, n_groups) >= sum / n_groups - 1);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(sum_is_that_of_all_costs),
        TEST(chain_stays_together),
        TEST(voices_are_shared_out_evenly),
        TEST(small_ways_stay_with_their_voice),
        TEST(torn_voices_take_longer),
        TEST(torn_voices_are_mended),
        TEST(few_torn_voices_are_left),
        TEST(what_is_whole_is_not_mended),
        TEST(dear_one_has_a_worker_for_itself),
        TEST(what_is_cheap_is_not_handed_over),
        TEST(ways_that_are_dear_are_computed_side_by_side),
        TEST(loop_is_one),
        TEST(span_knows_how_many_cores_there_are),
        TEST(random_patches_are_dealt_out),
    };
    return cmocka_run_group_tests_name("place", tests, NULL, NULL);
}
