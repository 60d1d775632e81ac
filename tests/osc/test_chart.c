/* The chart of `synthctl graph`: the order, the loops, and how both are written. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "osc/chart.h"
#include "tests/osc/listed.h"

static SyListing listing;
static SyChart *chart;
static char *text;

static int setup(void **state)
{
    (void)state;
    sy_listing_init(&listing);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    sy_chart_free(chart);
    sy_listing_deinit(&listing);
    free(text);
    chart = NULL;
    text = NULL;
    return 0;
}

#define chart_test(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

static void make_chart(void)
{
    listed_end(&listing, 0);
    sy_chart_free(chart);
    chart = sy_chart_new(&listing);
    assert_non_null(chart);
}

/* Modules by their names, "vco/1 vcf/1", at home on worker 0. */
static void list_modules(const char *names)
{
    char copy[256], *rest = copy;
    snprintf(copy, sizeof copy, "%s", names);
    for (const char *name; (name = strsep(&rest, " "));) {
        listed_module(&listing, name, 0, 1.0);
    }
}

static const SyChartModule *module_called(const char *name)
{
    for (uint32_t i = 0; i < chart->n_modules; i++) {
        if (strcmp(chart->modules[i].name, name) == 0) {
            return &chart->modules[i];
        }
    }
    fail_msg("no %s", name);
    return NULL;
}

/* All modules as "name level", in the chart's order. */
static const char *order(void)
{
    static char words[512];
    size_t at = 0;
    words[0] = '\0';
    for (uint32_t i = 0; i < chart->n_modules; i++) {
        at += (size_t)snprintf(words + at, sizeof words - at, "%s%s %u", i ? ", " : "",
                               chart->modules[i].name, chart->modules[i].level);
    }
    return words;
}

static bool is_late(const char *from, const char *to)
{
    for (uint32_t c = 0; c < chart->n_cables; c++) {
        if (strcmp(chart->modules[chart->cables[c].from].name, from) == 0 &&
            strcmp(chart->modules[chart->cables[c].to].name, to) == 0) {
            return chart->cables[c].feedback;
        }
    }
    fail_msg("no cable from %s to %s", from, to);
    return false;
}

static void what_hears_comes_behind_what_is_heard(void **state)
{
    (void)state;
    list_modules("out/1 vca/1 vcf/1 vco/1");
    listed_cable(&listing, "/vca/1/out", "/out/1/left", 1.0);
    listed_cable(&listing, "/vcf/1/low", "/vca/1/in", 1.0);
    listed_cable(&listing, "/vco/1/saw", "/vcf/1/in", 1.0);
    make_chart();
    assert_string_equal(order(), "vco/1 0, vcf/1 1, vca/1 2, out/1 3");
    assert_int_equal(chart->n_levels, 4);
    assert_int_equal(chart->n_loops, 0);
}

static void level_is_the_longest_way(void **state)
{
    (void)state;
    list_modules("vco/1 lfo/1 vcf/1 out/1");
    listed_cable(&listing, "/vco/1/saw", "/out/1/left", 1.0);
    listed_cable(&listing, "/vco/1/saw", "/vcf/1/in", 1.0);
    listed_cable(&listing, "/lfo/1/sine", "/vco/1/fm", 1.0);
    listed_cable(&listing, "/vcf/1/low", "/out/1/left", 1.0);
    make_chart();
    assert_string_equal(order(), "lfo/1 0, vco/1 1, vcf/1 2, out/1 3");
}

static void modules_of_a_type_stand_together(void **state)
{
    (void)state;
    list_modules("lfo/2 vco/3 lfo/1 vco/1");
    make_chart();
    assert_string_equal(order(), "vco/3 0, vco/1 0, lfo/2 0, lfo/1 0"); /* as they were made */
}

static void youngest_cable_of_a_loop_is_late_and_the_loop_is_one(void **state)
{
    (void)state;
    list_modules("vca/1 vcf/1 vco/1 out/1");
    listed_cable(&listing, "/vca/1/out", "/vcf/1/in", 1.0);
    listed_cable(&listing, "/vco/1/saw", "/vcf/1/in", 1.0);
    listed_cable(&listing, "/vca/1/out", "/out/1/left", 1.0);
    listed_cable(&listing, "/vcf/1/low", "/vca/1/in", 1.0);
    make_chart();
    assert_string_equal(order(), "vco/1 0, vca/1 1, vcf/1 1, out/1 2");
    assert_true(is_late("vcf/1", "vca/1"));
    assert_false(is_late("vca/1", "vcf/1"));
    assert_int_equal(module_called("vca/1")->loop, 1);
    assert_int_equal(module_called("vcf/1")->loop, 1);
    assert_int_equal(module_called("vco/1")->loop, 0);
    assert_int_equal(module_called("out/1")->loop, 0);
}

static void module_patched_into_itself_is_a_loop(void **state)
{
    (void)state;
    list_modules("vco/1 vco/2");
    listed_cable(&listing, "/vco/1/saw", "/vco/1/fm", 0.5);
    make_chart();
    assert_true(is_late("vco/1", "vco/1"));
    assert_int_equal(module_called("vco/1")->loop, 1);
    assert_int_equal(chart->n_loops, 1);
    assert_string_equal(order(), "vco/2 0, vco/1 0"); /* loops come behind */
}

static void loops_that_share_a_module_are_one_and_others_are_not(void **state)
{
    (void)state;
    list_modules("vca/1 vca/2 vca/3 vca/4 vca/5");
    listed_cable(&listing, "/vca/1/out", "/vca/2/in", 1.0);
    listed_cable(&listing, "/vca/2/out", "/vca/1/in", 1.0);
    listed_cable(&listing, "/vca/2/out", "/vca/3/in", 1.0);
    listed_cable(&listing, "/vca/3/out", "/vca/2/cv", 1.0);
    listed_cable(&listing, "/vca/3/out", "/vca/4/in", 1.0);
    listed_cable(&listing, "/vca/4/out", "/vca/5/in", 1.0);
    listed_cable(&listing, "/vca/5/out", "/vca/4/cv", 1.0);
    make_chart();
    assert_int_equal(chart->n_loops, 2);
    assert_string_equal(order(), "vca/1 0, vca/2 0, vca/3 0, vca/4 1, vca/5 1");
}

#define MODULES 24

/* Who gets to whom, by trying every way: Warshall, "A theorem on Boolean matrices", JACM 9, 1962.
 */
static void close_paths(bool reaches[MODULES][MODULES])
{
    for (int k = 0; k < MODULES; k++) {
        for (int i = 0; i < MODULES; i++) {
            for (int j = 0; j < MODULES; j++) {
                reaches[i][j] |= reaches[i][k] && reaches[k][j];
            }
        }
    }
}

static void list_random_patch(unsigned seed, int n_cables)
{
    char from[32], to[32];
    srand(seed);
    for (int i = 0; i < MODULES; i++) {
        snprintf(from, sizeof from, "/vca/%d", i + 1);
        listed_module(&listing, from, 0, 1.0);
    }
    for (int c = 0; c < n_cables; c++) {
        snprintf(from, sizeof from, "/vca/%d/out", rand() % MODULES + 1);
        snprintf(to, sizeof to, "/vca/%d/in", rand() % MODULES + 1);
        listed_cable(&listing, from, to, 1.0);
    }
}

static void assert_loops_are_right(void)
{
    bool reaches[MODULES][MODULES] = {{false}};
    for (uint32_t c = 0; c < chart->n_cables; c++) {
        reaches[chart->cables[c].from][chart->cables[c].to] = true;
    }
    close_paths(reaches);
    for (int i = 0; i < MODULES; i++) {
        assert_int_equal(chart->modules[i].loop > 0, reaches[i][i]);
        for (int j = 0; j < MODULES; j++) {
            const bool together =
                chart->modules[i].loop > 0 && chart->modules[i].loop == chart->modules[j].loop;
            assert_int_equal(together, reaches[i][j] && reaches[j][i]);
        }
    }
}

/* Whether all that a cable says of the order is true of the chart. */
static void assert_order_is_kept(void)
{
    bool reaches[MODULES][MODULES] = {{false}};
    for (uint32_t c = 0; c < chart->n_cables; c++) {
        const SyChartCable *cable = &chart->cables[c];
        const SyChartModule *from = &chart->modules[cable->from], *to = &chart->modules[cable->to];
        reaches[cable->from][cable->to] |= !cable->feedback;
        if (from->loop == 0 || from->loop != to->loop) {
            assert_false(cable->feedback);
            assert_true(from->level < to->level);
        } else {
            assert_int_equal(from->level, to->level);
            assert_true(cable->feedback || cable->from < cable->to);
        }
    }
    close_paths(reaches); /* nothing is heard in circles without being late */
    for (int i = 0; i < MODULES; i++) {
        assert_false(reaches[i][i]);
    }
}

static void order_and_loops_of_random_patches_are_right(void **state)
{
    (void)state;
    for (unsigned seed = 0; seed < 300; seed++) {
        list_random_patch(seed, (int)(seed % 50));
        make_chart();
        assert_loops_are_right();
        assert_order_is_kept();
        teardown(NULL);
        setup(NULL);
    }
}

static void cable_to_what_is_not_listed_is_left_out(void **state)
{
    (void)state;
    list_modules("vco/1");
    listed_cable(&listing, "/vco/1/saw", "/vcf/1/in", 1.0);
    listed_cable(&listing, "/vco/10/saw", "/vco/1/fm", 1.0);
    make_chart();
    assert_int_equal(chart->n_cables, 0);
}

static const char *written(unsigned columns)
{
    size_t size;
    free(text);
    FILE *out = open_memstream(&text, &size);
    assert_non_null(out);
    sy_chart_write_text(out, chart, columns, false);
    fclose(out);
    return text;
}

static void small_patch_is_drawn(void **state)
{
    (void)state;
    listed_module(&listing, "/out/1", 1, 0.1);
    listed_module(&listing, "/vcf/1", 0, 2.104);
    listed_module(&listing, "/vco/1", 0, 1.2);
    listed_faulty(&listing, "/lfo/1", 1, "SIGSEGV in block 7 on worker 0", 0);
    listed_cable(&listing, "/vco/1/saw", "/vcf/1/in", 1.0);
    listed_cable(&listing, "/lfo/1/sine", "/vcf/1/fm", 2.5);
    listed_cable(&listing, "/vcf/1/low", "/out/1/left", 0.12);
    listed_cable(&listing, "/vcf/1/low", "/out/1/right", 0.12);
    listed_cable(&listing, "/vcf/1/high", "/vcf/1/fm", -1.0);
    make_chart();
    assert_string_equal(
        written(80),
        "module           worker  us/block  cables\n"
        "vco/1                 0      1.20  saw -> vcf/1/in\n"
        "lfo/1                 0      0.00  sine -> vcf/1/fm x 2.5; quarantined: SIGSEGV in block "
        "7 "
        "on worker 0\n"
        "  vcf/1 ~             0      2.10  low -> out/1/left x 0.12, out/1/right x 0.12,\n"
        "                                   high -> vcf/1/fm x -1 (a frame late)\n"
        "    out/1             1      0.10\n"
        "\n"
        "4 modules on 3 levels, 5 cables\n"
        "~ 1 feedback loop, computed frame by frame\n"
        "worker 0: 3 modules, 3.30 us a block\n"
        "worker 1: 1 module, 0.10 us a block\n");
}

static size_t longest_line(const char *lines)
{
    size_t longest = 0;
    for (const char *line = lines; *line; line += strcspn(line, "\n"), line += *line == '\n') {
        const size_t length = strcspn(line, "\n");
        longest = length > longest ? length : longest;
    }
    return longest;
}

static size_t count(const char *lines, const char *word)
{
    size_t n = 0;
    for (const char *at = lines; (at = strstr(at, word)); at += strlen(word)) {
        n++;
    }
    return n;
}

static void cables_are_wrapped_and_none_is_lost(void **state)
{
    char to[32];
    (void)state;
    list_modules("lfo/1");
    for (int i = 1; i <= 40; i++) {
        snprintf(to, sizeof to, "/convolver/%d", i);
        listed_module(&listing, to, 0, 1.0);
        snprintf(to, sizeof to, "/convolver/%d/in", i);
        listed_cable(&listing, "/lfo/1/triangle", to, 0.29166667);
    }
    make_chart();
    for (unsigned columns = 72; columns < 200; columns += 7) { /* 72: the widest, and a comma */
        assert_true(longest_line(written(columns)) <= columns);
        assert_int_equal(count(text, "/in x 0.2917"), 40);
    }
    written(1); /* narrower than any cable: one a line */
    assert_int_equal(count(text, "\n"), 1 + 40 + 40 + 3);
}

static void list_long_chain(int n)
{
    char from[32], to[32];
    for (int i = 1; i <= n; i++) {
        snprintf(from, sizeof from, "/vca/%d", i);
        listed_module(&listing, from, i % 3, 0.5);
    }
    for (int i = 1; i < n; i++) {
        snprintf(from, sizeof from, "/vca/%d/out", i);
        snprintf(to, sizeof to, "/vca/%d/in", i + 1);
        listed_cable(&listing, from, to, 1.0);
    }
}

static void thousand_modules_are_a_list_with_a_line_for_each(void **state)
{
    (void)state;
    list_long_chain(1000);
    make_chart();
    assert_int_equal(chart->n_levels, 1000);
    assert_memory_equal(written(80), "level module ", 13);
    assert_int_equal(count(text, "\n"), 1 + 1000 + 2 + 3);
    assert_non_null(strstr(text, "\n  999 vca/1000              1      0.50\n"));
    assert_non_null(
        strstr(text, "\n  998 vca/999               0      0.50  out -> vca/1000/in\n"));
    assert_non_null(strstr(text, "\n1000 modules on 1000 levels, 999 cables\n"));
}

static void long_name_stays_whole(void **state)
{
    char name[100];
    (void)state;
    memset(name, 'x', sizeof name - 1);
    name[sizeof name - 1] = '\0';
    listed_module(&listing, name, 0, 1.0);
    make_chart();
    assert_non_null(strstr(written(80), name));
}

static const char *written_as_dot(void)
{
    size_t size;
    free(text);
    FILE *out = open_memstream(&text, &size);
    assert_non_null(out);
    sy_chart_write_dot(out, chart);
    fclose(out);
    return text;
}

static void dot_has_every_module_and_cable_by_worker(void **state)
{
    (void)state;
    listed_module(&listing, "/vco/1", 0, 1.2);
    listed_module(&listing, "/vcf/1", 2, 2.5);
    listed_faulty(&listing, "/lfo/1", 1, "said \"no\"", 0);
    listed_cable(&listing, "/vco/1/saw", "/vcf/1/in", 1.0);
    listed_cable(&listing, "/vcf/1/low", "/vco/1/fm", 0.5);
    make_chart();
    assert_string_equal(written_as_dot(),
                        "digraph synthd {\n"
                        "  rankdir=LR;\n"
                        "  node [shape=box];\n"
                        "  subgraph cluster_worker_0 {\n"
                        "    label=\"worker 0, 1.20 us a block\";\n"
                        "    \"lfo/1\" [label=\"lfo/1  0.00 us\" color=red tooltip=\"said "
                        "\\\"no\\\"\"];\n"
                        "    \"vco/1\" [label=\"vco/1  1.20 us\" style=rounded];\n"
                        "  }\n"
                        "  subgraph cluster_worker_2 {\n"
                        "    label=\"worker 2, 2.50 us a block\";\n"
                        "    \"vcf/1\" [label=\"vcf/1  2.50 us\" style=rounded];\n"
                        "  }\n"
                        "  \"vco/1\" -> \"vcf/1\" [label=\"saw -> in\"];\n"
                        "  \"vcf/1\" -> \"vco/1\" [label=\"low -> fm x 0.5\" style=dashed "
                        "constraint=false];\n"
                        "}\n");
}

static void nothing_is_an_empty_chart(void **state)
{
    (void)state;
    make_chart();
    assert_string_equal(written(80), "");
    assert_string_equal(written_as_dot(), "digraph synthd {\n  rankdir=LR;\n  node "
                                          "[shape=box];\n}\n");
    struct json_object *both = sy_chart_json(chart);
    assert_int_equal(json_object_array_length(json_object_object_get(both, "modules")), 0);
    json_object_put(both);
}

static void json_has_the_order_and_what_is_late(void **state)
{
    (void)state;
    list_modules("vcf/1 vco/1");
    listed_cable(&listing, "/vco/1/saw", "/vcf/1/in", 0.5);
    listed_cable(&listing, "/vcf/1/low", "/vcf/1/fm", 1.0);
    make_chart();
    struct json_object *both = sy_chart_json(chart);
    struct json_object *module =
        json_object_array_get_idx(json_object_object_get(both, "modules"), 1);
    struct json_object *cables = json_object_object_get(both, "cables");
    assert_string_equal(sy_field_text(module, "module"), "vcf/1");
    assert_int_equal(sy_field_number(module, "level"), 1);
    assert_int_equal(sy_field_number(module, "loop"), 1);
    struct json_object *cable = json_object_array_get_idx(cables, 0);
    assert_string_equal(sy_field_text(cable, "from"), "vco/1/saw");
    assert_string_equal(sy_field_text(cable, "to"), "vcf/1/in");
    assert_int_equal(sy_field_number(cable, "feedback"), 0);
    assert_int_equal(sy_field_number(json_object_array_get_idx(cables, 1), "feedback"), 1);
    json_object_put(both);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        chart_test(what_hears_comes_behind_what_is_heard),
        chart_test(level_is_the_longest_way),
        chart_test(modules_of_a_type_stand_together),
        chart_test(youngest_cable_of_a_loop_is_late_and_the_loop_is_one),
        chart_test(module_patched_into_itself_is_a_loop),
        chart_test(loops_that_share_a_module_are_one_and_others_are_not),
        chart_test(order_and_loops_of_random_patches_are_right),
        chart_test(cable_to_what_is_not_listed_is_left_out),
        chart_test(small_patch_is_drawn),
        chart_test(cables_are_wrapped_and_none_is_lost),
        chart_test(thousand_modules_are_a_list_with_a_line_for_each),
        chart_test(long_name_stays_whole),
        chart_test(dot_has_every_module_and_cable_by_worker),
        chart_test(nothing_is_an_empty_chart),
        chart_test(json_has_the_order_and_what_is_late),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
