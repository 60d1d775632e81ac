/* The graph's index: whatever is done to a patch, what it finds is what a walk through all modules
 * and cables would find, and copies of a graph find it again. */
#include <stdlib.h>
#include <string.h>

#include "engine/books.h"
#include "modules/registry.h"
#include "tests/rig/check.h"

#define BLOCK 64

typedef struct Patch {
    SySegment *segment;
    SyArena *arena;
    SyGraph *graph;
    unsigned seed;
    uint16_t last_id;
} Patch;

static int set_up(void **state)
{
    Patch *patch = calloc(1, sizeof(*patch));
    const SySegmentSize size = {
        .rate = 48000, .block = BLOCK, .n_cores = 2, .plan_bytes = 4096, .arena_bytes = 64 << 20};

    patch->segment = sy_segment_map(&size);
    patch->arena = sy_arena_new(patch->segment->used_to, size.arena_bytes);
    patch->graph = calloc(1, sizeof(SyGraph));
    patch->seed = 1;
    *state = patch;
    return 0;
}

static int tear_down(void **state)
{
    Patch *patch = *state;
    free(patch->graph);
    sy_arena_free(patch->arena);
    sy_segment_unmap(patch->segment);
    free(patch);
    return 0;
}

static uint32_t pick(Patch *patch, uint32_t n)
{
    return (uint32_t)rand_r(&patch->seed) % n;
}

/* What the index is to find, by going through all there is. */

static uint32_t walk_to_module(const SyGraph *graph, SyModuleRef ref)
{
    for (uint32_t i = 0; i < graph->module_top; i++) {
        const SyGraphModule *module = &graph->modules[i];
        if (module->used && !module->dying && module->ref.type == ref.type &&
            module->ref.id == ref.id)
            return i;
    }
    return SY_NONE;
}

static uint32_t walk_to_cable(const SyGraph *graph, const SyGraphCable *wanted)
{
    for (uint32_t i = 0; i < graph->cable_top; i++) {
        const SyGraphCable *cable = &graph->cables[i];
        if (cable->used && !cable->dying && !cable->sink && cable->from == wanted->from &&
            cable->to == wanted->to && cable->from_port == wanted->from_port &&
            cable->to_port == wanted->to_port)
            return i;
    }
    return SY_NONE;
}

static bool walk_to_ears(const SyGraph *graph, uint32_t slot)
{
    for (uint32_t i = 0; i < graph->cable_top; i++) {
        if (graph->cables[i].used && graph->cables[i].from == slot)
            return true;
    }
    return false;
}

/* Marks grow along all cables until they grow no more. */
static bool walk_reaches(const SyGraph *graph, uint32_t start, uint32_t goal)
{
    static bool marked[SY_MODULES_MAX];
    bool grown = true;

    memset(marked, 0, sizeof(marked));
    marked[start] = true;
    while (grown) {
        grown = false;
        for (uint32_t i = 0; i < graph->cable_top; i++) {
            const SyGraphCable *cable = &graph->cables[i];
            if (cable->used && !cable->back && !cable->sink && marked[cable->from] &&
                !marked[cable->to])
                marked[cable->to] = grown = true;
        }
    }
    return marked[goal];
}

static uint32_t walk_to_free_module(const SyGraph *graph)
{
    uint32_t i = 0;
    while (i < SY_MODULES_MAX && (graph->modules[i].used || graph->module_held[i]))
        i++;
    return i;
}

/* The dying are found from each slot on that is not beyond them. */
static void check_dying(const SyGraph *graph)
{
    uint32_t module = SY_NONE, cable = SY_NONE;

    for (uint32_t i = SY_MODULES_MAX; i-- > 0;) {
        module = graph->modules[i].dying ? i : module;
        assert_int_equal(sy_graph_next_dying_module(graph, i), module);
    }
    for (uint32_t i = graph->cable_top + 1; i-- > 0;) {
        cable = graph->cables[i].dying ? i : cable;
        assert_int_equal(sy_graph_next_dying_cable(graph, i), cable);
    }
}

static void check_modules(const SyGraph *graph)
{
    for (uint32_t i = 0; i < graph->module_top; i++) {
        if (graph->modules[i].used) {
            assert_int_equal(sy_graph_find(graph, graph->modules[i].ref),
                             walk_to_module(graph, graph->modules[i].ref));
            assert_int_equal(sy_graph_is_heard(graph, i), walk_to_ears(graph, i));
        }
    }
}

static void check_cables(const SyGraph *graph)
{
    for (uint32_t i = 0; i < graph->cable_top; i++) {
        const SyGraphCable *cable = &graph->cables[i];
        if (cable->used && !cable->sink)
            assert_int_equal(sy_graph_find_cable(graph, cable->from, cable->from_port, cable->to,
                                                 cable->to_port),
                             walk_to_cable(graph, cable));
    }
}

/* Edits. */

static void add(Patch *patch)
{
    static const char *const types[] = {"vco", "vcf", "vca", "out"};
    SyGraph *graph = patch->graph;
    const float written[SY_PARAMS_MAX] = {0};
    const SyModuleRef ref = {(uint16_t)sy_registry_find(types[pick(patch, 4)]), ++patch->last_id};
    const uint32_t expected = walk_to_free_module(graph);
    uint32_t slot = SY_NONE;

    assert_int_equal(sy_graph_find(graph, ref), SY_NONE);
    assert_int_equal(sy_graph_create(graph, patch->segment, patch->arena, ref, 1, written, &slot),
                     SY_OK);
    assert_int_equal(slot, expected);
}

static void plug(Patch *patch)
{
    SyGraph *graph = patch->graph;
    const SyGraphCable wanted = {.from = pick(patch, graph->module_top),
                                 .to = pick(patch, graph->module_top),
                                 .to_port = (uint8_t)pick(patch, 2)};
    uint32_t slot = SY_NONE;

    if (!graph->modules[wanted.from].used || !graph->modules[wanted.to].used)
        return;
    assert_int_equal(sy_graph_find_cable(graph, wanted.from, 0, wanted.to, wanted.to_port),
                     walk_to_cable(graph, &wanted));
    if (walk_to_cable(graph, &wanted) != SY_NONE)
        return;
    const bool closes = walk_reaches(graph, wanted.to, wanted.from);
    assert_int_equal(sy_graph_connect(graph, wanted.from, 0, wanted.to, wanted.to_port, 1, &slot),
                     SY_OK);
    assert_int_equal(graph->cables[slot].back, closes);
}

static void unplug(Patch *patch)
{
    SyGraph *graph = patch->graph;
    const uint32_t slot = pick(patch, graph->cable_top + 1);

    if (!graph->cables[slot].used || graph->cables[slot].sink)
        return;
    graph->cables[slot].fresh = pick(patch, 2);
    if (pick(patch, 2))
        sy_graph_disconnect(graph, slot);
    else
        sy_graph_remove_cable(graph, slot);
}

static void take_away(Patch *patch)
{
    SyGraph *graph = patch->graph;
    const uint32_t slot = pick(patch, graph->module_top);
    const SyGraphModule module = graph->modules[slot];

    if (!module.used)
        return;
    if (!module.dying && pick(patch, 2)) {
        sy_graph_destroy(graph, slot);
        assert_int_equal(sy_graph_find(graph, module.ref), SY_NONE);
        return;
    }
    sy_graph_remove_module(graph, slot);
    graph->module_held[slot] = (uint8_t)pick(patch, 2);
    sy_arena_give(patch->arena, module.memory_at, module.memory_size);
    assert_false(sy_graph_is_heard(graph, slot));
}

/* Few modules and many edits: slots change hands often. */
static void edit_at_random(Patch *patch, int n_edits)
{
    for (int i = 0; i < n_edits; i++) {
        const uint32_t what = pick(patch, 10);
        if (patch->graph->n_modules < 3 || (what < 3 && patch->graph->n_modules < 40))
            add(patch);
        else if (what < 7)
            plug(patch);
        else if (what < 9)
            unplug(patch);
        else
            take_away(patch);
        if (i % 16 == 0) {
            sy_graph_settle_loops(patch->graph);
            memset(patch->graph->module_held, 0, sizeof(patch->graph->module_held));
        }
        check_modules(patch->graph);
        check_cables(patch->graph);
        if (i % 8 == 0)
            check_dying(patch->graph);
    }
}

static void index_finds_what_a_walk_through_all_finds(void **state)
{
    edit_at_random(*state, 6000);
}

static void loops_are_settled_as_a_walk_would(void **state)
{
    Patch *patch = *state;
    SyGraph *graph = patch->graph;

    for (int round = 0; round < 100; round++) {
        edit_at_random(patch, 60);
        sy_graph_settle_loops(graph);
        for (uint32_t i = 0; i < graph->cable_top; i++) {
            const SyGraphCable *cable = &graph->cables[i];
            if (cable->used && cable->back)
                assert_true(walk_reaches(graph, cable->to, cable->from));
        }
        for (uint32_t i = 0; i < graph->module_top; i++) {
            if (graph->modules[i].used)
                sy_graph_remove_module(graph, i);
        }
    }
}

static void copy_from_the_books_finds_the_same(void **state)
{
    Patch *patch = *state;
    SyBooks *books = sy_books_map();
    SyGraph *copy = calloc(1, sizeof(*copy));
    uint64_t serial = 0;

    assert_non_null(books);
    assert_non_null(copy);
    edit_at_random(patch, 500);
    sy_books_write(books, patch->graph, 7);
    assert_true(sy_books_read(books, copy, &serial));
    assert_int_equal(serial, 7);
    check_modules(copy);
    check_cables(copy);
    check_dying(copy);
    free(patch->graph);
    patch->graph = copy;
    edit_at_random(patch, 500);
    sy_books_unmap(books);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(index_finds_what_a_walk_through_all_finds),
        TEST(loops_are_settled_as_a_walk_would),
        TEST(copy_from_the_books_finds_the_same),
    };
    return cmocka_run_group_tests_name("graph", tests, NULL, NULL);
}
