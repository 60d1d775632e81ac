/* What synthctl shows of an engine that plays: top, and the graph. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/rig/check.h"
#include "tests/rig/synth.h"

#define WORKERS 3

static SySynth *start_demo(SyStage *stage)
{
    SySynth *synth = sy_synth_start(stage, "--audio clock --workers 3 --placement spread "
                                           "--load patches/demo.synth");
    sy_await(sy_status(synth, "timing.blocks") > 20);
    return synth;
}

static struct json_object *list_of(struct json_object *object, const char *name)
{
    struct json_object *list = json_object_object_get(object, name);
    assert_true(json_object_is_type(list, json_type_array));
    return list;
}

static const char *text_of(struct json_object *object, const char *name)
{
    const char *text = json_object_get_string(json_object_object_get(object, name));
    assert_non_null(text);
    return text;
}

static void top_has_every_module_and_worker(void **state)
{
    SyStage *stage = *state;
    SySynth *synth = start_demo(stage);
    struct json_object *report = sy_ctl_json(synth, "top --once");
    struct json_object *modules = list_of(report, "modules");
    const size_t n = json_object_array_length(modules);
    const char *text = sy_ctl_ok(synth, "top --once");

    assert_int_equal(n, sy_status(synth, "modules"));
    assert_int_equal(json_object_array_length(list_of(report, "workers")), WORKERS);
    assert_non_null(strstr(text, "\nplacement spread"));
    for (size_t i = 0; i < n; i++) {
        struct json_object *module = json_object_array_get_idx(modules, i);
        const char *row = sy_stage_text(stage, "\n%-16s ", text_of(module, "module"));
        assert_non_null(strstr(text, row));
        assert_true(sy_json_number(module, "cost_us") > 0);
        if (i > 0) {
            struct json_object *dearer = json_object_array_get_idx(modules, i - 1);
            assert_true(sy_json_number(dearer, "cost_us") >= sy_json_number(module, "cost_us"));
        }
    }
    json_object_put(report);
    sy_synth_quit(synth);
}

/* "vco/1/saw" cut into "vco/1" and "saw". */
static const char *cut_port(SyStage *stage, const char *address, const char **port)
{
    char *module = sy_stage_text(stage, "%s", address);
    char *slash = strrchr(module, '/');
    assert_non_null(slash);
    *slash = '\0';
    *port = slash + 1;
    return module;
}

/* Lines of modules that stand in no worker's cluster. */
static size_t count_outside_of_clusters(const char *dot)
{
    bool inside = false;
    size_t n = 0;
    for (const char *line = dot; line; line = strchr(line, '\n')) {
        line += *line == '\n';
        if (strncmp(line, "  subgraph cluster_worker_", 26) == 0) {
            inside = true;
        } else if (strncmp(line, "  }", 3) == 0) {
            inside = false;
        }
        n += strncmp(line, "    \"", 5) == 0 && !inside;
    }
    return n;
}

static void dot_has_every_module_and_cable(void **state)
{
    SyStage *stage = *state;
    SySynth *synth = start_demo(stage);
    struct json_object *listed = sy_ctl_json(synth, "ls");
    struct json_object *modules = list_of(listed, "modules"), *cables = list_of(listed, "cables");
    const char *dot = sy_ctl_ok(synth, "graph --dot");

    assert_true(json_object_array_length(modules) > 30);
    for (size_t i = 0; i < json_object_array_length(modules); i++) {
        const char *name = text_of(json_object_array_get_idx(modules, i), "module");
        assert_non_null(strstr(dot, sy_stage_text(stage, "\n    \"%s\" [label=", name)));
    }
    for (size_t i = 0; i < json_object_array_length(cables); i++) {
        struct json_object *cable = json_object_array_get_idx(cables, i);
        const char *output, *input;
        const char *from = cut_port(stage, text_of(cable, "from"), &output);
        const char *to = cut_port(stage, text_of(cable, "to"), &input);
        const char *line =
            sy_stage_text(stage, "\n  \"%s\" -> \"%s\" [label=\"%s -> %s", from, to, output, input);
        assert_non_null(strstr(dot, line));
    }
    assert_int_equal(count_outside_of_clusters(dot), 0);
    json_object_put(listed);
    sy_synth_quit(synth);
}

static double level_of(struct json_object *modules, const char *name)
{
    for (size_t i = 0; i < json_object_array_length(modules); i++) {
        struct json_object *module = json_object_array_get_idx(modules, i);
        if (strcmp(text_of(module, "module"), name) == 0) {
            return sy_json_number(module, "level");
        }
    }
    fail_msg("no %s", name);
    return 0;
}

static void graph_goes_the_way_of_the_cables(void **state)
{
    SyStage *stage = *state;
    SySynth *synth = start_demo(stage);
    struct json_object *graph = sy_ctl_json(synth, "graph");
    struct json_object *modules = list_of(graph, "modules"), *cables = list_of(graph, "cables");

    assert_int_equal(json_object_array_length(modules), sy_status(synth, "modules"));
    assert_int_equal(json_object_array_length(cables), sy_status(synth, "cables"));
    for (size_t i = 0; i < json_object_array_length(cables); i++) {
        struct json_object *cable = json_object_array_get_idx(cables, i);
        const char *port;
        const char *from = cut_port(stage, text_of(cable, "from"), &port);
        const char *to = cut_port(stage, text_of(cable, "to"), &port);
        assert_true(level_of(modules, from) < level_of(modules, to));
    }
    const char *text = sy_ctl_ok(synth, "graph");
    assert_non_null(strstr(text, "out/1"));
    assert_null(strstr(text, "~")); /* it has no loops */
    sy_ctl_ok(synth, "connect vca/10/out vcf/10/in --gain 0.1");
    assert_non_null(strstr(sy_ctl_ok(synth, "graph"), "vcf/10/in x 0.1 (a frame late)"));
    json_object_put(graph);
    sy_synth_quit(synth);
}

static bool has_reported(SyStage *stage, const char *words)
{
    return strstr(sy_stage_read(stage, "reports.jsonl", NULL), words) != NULL;
}

static void top_goes_on_when_the_engine_was_killed(void **state)
{
    SyStage *stage = *state;
    SySynth *synth = start_demo(stage);
    const char *const arguments[] = {
        getenv("SYNTHCTL"), "--port", sy_stage_text(stage, "%d", synth->port), "top",
        "--json",           NULL};
    const SyStart start = {.arguments = arguments, .out = "reports.jsonl", .err = "wrong.txt"};
    const pid_t top = sy_stage_launch(stage, &start);

    sy_await(has_reported(stage, "\"restarts\":0"));
    kill(sy_synth_engine(synth), SIGKILL);
    sy_await(has_reported(stage, "\"restarts\":1"));
    kill(top, SIGINT);
    assert_int_equal(sy_stage_wait(top), 0);
    sy_synth_quit(synth);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        sy_stage_test(top_has_every_module_and_worker),
        sy_stage_test(dot_has_every_module_and_cable),
        sy_stage_test(graph_goes_the_way_of_the_cables),
        sy_stage_test(top_goes_on_when_the_engine_was_killed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
