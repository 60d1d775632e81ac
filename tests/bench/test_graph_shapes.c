/* The shapes of synthbench graph: each patch is as large as it says and has the form of its name.
 */
#include <stdlib.h>
#include <string.h>

#include "bench/bench_graph_shapes.h"
#include "modules/registry.h"
#include "tests/rig/check.h"

static const uint32_t sizes[] = {2, 4, 16, 64, 256, 1024, 4096};

#define SIZES (sizeof(sizes) / sizeof(*sizes))

/* A patch as the numbers of its modules, in the order of their making. */
typedef struct Patch {
    SyScript script;
    uint32_t n;
    SyModuleRef modules[SY_MODULES_MAX];
    uint32_t n_in[SY_MODULES_MAX], n_out[SY_MODULES_MAX]; /* cables */
    uint32_t level[SY_MODULES_MAX];                       /* cables on the longest way to it */
} Patch;

static Patch patch;

static uint32_t number_of(SyModuleRef ref)
{
    for (uint32_t i = 0; i < patch.n; i++) {
        if (patch.modules[i].type == ref.type && patch.modules[i].id == ref.id)
            return i;
    }
    fail_msg("a cable ends at a module that has not been made: %s/%d",
             sy_registry_at(ref.type)->name, ref.id);
    return 0;
}

/* For levels only what leads on to a younger module counts: not the way back in a loop, nor to the
 * out. */
static void plug(const SyCommand *command)
{
    const SyPortRef *source = &command->cable.from, *target = &command->cable.to;
    const uint32_t from = number_of(source->module), to = number_of(target->module);

    assert_true(source->port < sy_registry_at(source->module.type)->n_outputs);
    assert_true(target->port < sy_registry_at(target->module.type)->n_inputs);
    patch.n_out[from]++;
    patch.n_in[to]++;
    if (to > from && patch.level[to] <= patch.level[from])
        patch.level[to] = patch.level[from] + 1;
}

static void read_patch(const SyShape *shape, uint32_t size)
{
    memset(&patch, 0, sizeof(patch));
    const uint32_t n = sy_shape_write(shape, size, &patch.script);
    assert_false(patch.script.failed);
    for (size_t i = 0; i < patch.script.n_commands; i++) {
        const SyCommand *command = &patch.script.commands[i];
        if (command->kind == SY_CMD_CREATE)
            patch.modules[patch.n++] = command->create.module;
        else
            plug(command);
    }
    assert_int_equal(patch.n, n);
}

static const SyShape *shape_called(const char *name)
{
    for (int i = 0; i < SY_SHAPES; i++) {
        if (strcmp(sy_shapes[i].name, name) == 0)
            return &sy_shapes[i];
    }
    fail_msg("there is no shape called %s", name);
    return NULL;
}

static uint32_t count_type(const char *type)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < patch.n; i++)
        n += strcmp(sy_registry_at(patch.modules[i].type)->name, type) == 0;
    return n;
}

static void patches_fill_their_size_and_are_heard(void **state)
{
    (void)state;
    for (int s = 0; s < SY_SHAPES; s++) {
        for (size_t i = 0; i < SIZES; i++) {
            if (sizes[i] < sy_shapes[s].least)
                continue;
            read_patch(&sy_shapes[s], sizes[i]);
            assert_in_range(patch.n, sizes[i] > 4 ? sizes[i] - 3 : 2, sizes[i]);
            assert_int_equal(count_type("out"), 1);
            assert_true(patch.n_in[0] > 0); /* the out is made first */
            for (uint32_t m = 1; m < patch.n; m++)
                assert_true(patch.n_out[m] > 0);
            sy_script_free(&patch.script);
        }
    }
}

static void no_module_is_made_twice(void **state)
{
    (void)state;
    for (int s = 0; s < SY_SHAPES; s++) {
        read_patch(&sy_shapes[s], 256);
        for (uint32_t m = 0; m < patch.n; m++)
            assert_int_equal(number_of(patch.modules[m]), m);
        sy_script_free(&patch.script);
    }
}

static void chain_waits_for_one_after_the_other(void **state)
{
    (void)state;
    read_patch(shape_called("chain"), 256);
    for (uint32_t m = 1; m < patch.n; m++) {
        assert_int_equal(patch.level[m], m - 1);
        assert_int_equal(patch.n_out[m], 1);
    }
    sy_script_free(&patch.script);
}

static void fan_spreads_from_one_oscillator(void **state)
{
    (void)state;
    read_patch(shape_called("fan"), 256);
    assert_int_equal(patch.n_out[1], count_type("vcf"));
    assert_in_range(count_type("vca"), count_type("vcf") / 16, count_type("vcf") / 16 + 1);
    assert_int_equal(patch.n_in[0], count_type("vca"));
    sy_script_free(&patch.script);
}

static void diamond_is_as_long_as_it_is_wide(void **state)
{
    (void)state;
    read_patch(shape_called("diamond"), 256);
    const uint32_t rows = count_type("vca");
    assert_in_range(rows, 14, 16);
    assert_int_equal(patch.n_in[0], 1);
    for (uint32_t m = 2; m < patch.n; m++)
        assert_in_range(patch.n_in[m], 1, 16);
    sy_script_free(&patch.script);
}

static void voices_have_nothing_in_common_but_the_out(void **state)
{
    (void)state;
    read_patch(shape_called("voices"), 256);
    assert_int_equal(count_type("vco"), 85);
    assert_int_equal(patch.n_in[0], 85);
    for (uint32_t m = 1; m < patch.n; m++) {
        assert_int_equal(patch.n_out[m], 1);
        assert_true(patch.n_in[m] <= 1);
    }
    sy_script_free(&patch.script);
}

static void feedback_goes_back_into_every_oscillator(void **state)
{
    (void)state;
    read_patch(shape_called("feedback"), 256);
    const uint32_t loops = count_type("vco");
    assert_int_equal(loops, 63);
    assert_int_equal(count_type("vcf"), 2 * loops);
    for (uint32_t m = 1; m < patch.n; m++)
        assert_int_equal(patch.n_in[m], 1);
    sy_script_free(&patch.script);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(patches_fill_their_size_and_are_heard),
        cmocka_unit_test(no_module_is_made_twice),
        cmocka_unit_test(chain_waits_for_one_after_the_other),
        cmocka_unit_test(fan_spreads_from_one_oscillator),
        cmocka_unit_test(diamond_is_as_long_as_it_is_wide),
        cmocka_unit_test(voices_have_nothing_in_common_but_the_out),
        cmocka_unit_test(feedback_goes_back_into_every_oscillator),
    };
    return cmocka_run_group_tests_name("graph shapes", tests, NULL, NULL);
}
