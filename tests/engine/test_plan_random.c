/* Plans of random patches: whatever the patch and wherever its modules live, the plan has the order
 * that the workers rely on. */
#include <stdlib.h>

#include "tests/engine/plan_rig.h"

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

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(random_patches_keep_the_order),
        TEST(random_patches_in_pieces_keep_the_order),
        TEST(random_patches_with_sums_keep_the_order),
    };
    return cmocka_run_group_tests_name("plan random", tests, NULL, NULL);
}
