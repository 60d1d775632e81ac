/* A thousand modules; where they are put; what happens when memory is out. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/status.h"
#include "tests/rig/check.h"
#include "tests/rig/osc.h"
#include "tests/rig/sound.h"
#include "tests/rig/synth.h"

#define MODULES 1000

/* Chains of oscillator, filter and amplifier, all of them heard. */
static char *write_thousand(void)
{
    char *text = NULL;
    size_t size;
    FILE *file = open_memstream(&text, &size);

    assert_non_null(file);
    fprintf(file, "create out --id 1 --gain -30\n");
    for (int i = 1; i <= (MODULES - 1) / 3; i++) {
        fprintf(file,
                "create vco --id %d --freq %d\ncreate vcf --id %d\ncreate vca --id %d\n"
                "connect vco/%d/saw vcf/%d/in\nconnect vcf/%d/low vca/%d/in\n"
                "connect vca/%d/out out/1/left --gain 0.1\n",
                i, 40 + i, i, i, i, i, i, i, i);
    }
    assert_int_equal(fclose(file), 0);
    return text;
}

static void assert_plays(const SySynth *synth, double n_modules)
{
    assert_int_equal(sy_status(synth, "modules"), n_modules);
    for (int i = 0; i < 10; i++) { /* the peak is that since it was last asked for */
        sy_await(sy_status(synth, "health.peak_left") > 0.01);
    }
}

static void await_empty(const SySynth *synth, double memory)
{
    sy_await(sy_status(synth, "modules") == 0 && sy_status(synth, "cables") == 0);
    sy_await(sy_status(synth, "health.memory_used") == memory);
}

typedef struct Resident {
    long engine_kb, workers_kb;
} Resident;

static Resident measure(const SySynth *synth)
{
    pid_t pids[SY_SYNTH_WORKERS_MAX];
    const size_t n = sy_synth_workers(synth, pids);
    Resident resident = {.engine_kb = sy_process_status_kb(sy_synth_engine(synth), "RssAnon")};

    for (size_t i = 0; i < n; i++) {
        resident.workers_kb += sy_process_status_kb(pids[i], "RssAnon");
    }
    return resident;
}

static void thousand_modules_come_play_and_go(void **state)
{
    SyStage *stage = *state;
    char *thousand = sy_stage_keep(stage, write_thousand());

    sy_stage_write(stage, "thousand.synth", thousand);
    SySynth *synth = sy_synth_start(stage, "--audio clock --workers 4 --block 512");
    const double memory = sy_status(synth, "health.memory_used");
    Resident first = {0}, last = {0};
    for (int round = 0; round < 5; round++) {
        if (round == 0) { /* one by one, and again one by one */
            sy_ctl_lines(synth, thousand);
            assert_plays(synth, MODULES);
            sy_ctl_ok(synth, "destroy vca/* vcf/*");
            sy_ctl_ok(synth, "destroy vco/* out/1");
        } else {
            sy_ctl_ok(synth, "load thousand.synth");
            assert_plays(synth, MODULES);
            sy_ctl_ok(synth, "clear");
        }
        await_empty(synth, memory);
        last = measure(synth);
        first = round == 1 ? last : first;
        print_message("round %d: engine %ld kB, workers %ld kB\n", round, last.engine_kb,
                      last.workers_kb);
    }
    if (!SY_SANITIZED) { /* which keep what was freed for a while */
        assert_true(last.engine_kb < first.engine_kb + 1024);
        assert_true(last.workers_kb < first.workers_kb + 1024);
    }
    assert_false(sy_synth_has_complained(synth, "worker"));
    assert_false(sy_synth_has_complained(synth, "memory is at"));
    sy_synth_quit(synth);
}

/* Assignment. */

static int create(const SySynth *synth, const char *what)
{
    struct json_object *made = sy_ctl_json(synth, "create %s", what);
    const int worker = (int)sy_json_number(made, "worker");
    json_object_put(made);
    return worker;
}

static int modules_of(const SySynth *synth, int worker)
{
    struct json_object *workers = sy_ctl_json(synth, "workers");
    const int n =
        (int)sy_json_number(json_object_array_get_idx(workers, (size_t)worker), "modules");
    json_object_put(workers);
    return n;
}

static bool all_have_run(const SySynth *synth)
{
    struct json_object *patch = sy_ctl_json(synth, "ls");
    struct json_object *modules = json_object_object_get(patch, "modules");
    bool all = true;

    for (size_t i = 0; i < json_object_array_length(modules); i++) {
        all = all && sy_json_number(json_object_array_get_idx(modules, i), "cost_us") > 0;
    }
    json_object_put(patch);
    return all;
}

static void idle_worker_is_taken_first(void **state)
{
    SySynth *synth = sy_synth_start(*state, "--audio clock --workers 4 --placement spread");
    bool taken[4] = {false};

    for (int i = 0; i < 4; i++) {
        const int worker = create(synth, "vco");
        assert_in_range(worker, 0, 3);
        assert_false(taken[worker]);
        taken[worker] = true;
        assert_int_equal(modules_of(synth, worker), 1);
    }
    sy_synth_quit(synth);
}

/* Three have sixteen voices to compute and the fourth has one amplifier: four orders of magnitude
 * more than the machine's noise. */
static void least_loaded_worker_is_taken_next(void **state)
{
    SySynth *synth =
        sy_synth_start(*state, "--audio clock --workers 4 --placement spread --block 1024");

    create(synth, "vco --id 1 --voices 16");
    create(synth, "vco --id 2 --voices 16");
    const int light = create(synth, "vca --id 1");
    create(synth, "vco --id 3 --voices 16");
    sy_ctl_lines(synth, "create out --id 1\n"
                        "connect vco/1/saw out/1/left\nconnect vco/2/saw out/1/left\n"
                        "connect vco/3/saw out/1/left\nconnect vca/1/out out/1/left\n");
    sy_await(all_have_run(synth));
    sy_ctl_ok(synth, "destroy out/1");
    sy_await(modules_of(synth, 0) + modules_of(synth, 1) + modules_of(synth, 2) +
                 modules_of(synth, 3) ==
             4);
    assert_int_equal(create(synth, "vca --id 2"), light);
    sy_synth_quit(synth);
}

static void destroyed_module_leaves_its_worker_idle(void **state)
{
    SySynth *synth = sy_synth_start(*state, "--audio clock --workers 3 --placement spread");
    int homes[4] = {0};

    for (int i = 1; i <= 3; i++) {
        homes[i] = create(synth, sy_stage_text(*state, "vco --id %d", i));
    }
    for (int i = 1; i <= 3; i++) {
        sy_ctl_ok(synth, "destroy vco/%d", i);
        assert_int_equal(modules_of(synth, homes[i]), 0);
        assert_int_equal(create(synth, sy_stage_text(*state, "vco --id %d", i)), homes[i]);
        assert_int_equal(modules_of(synth, homes[i]), 1);
    }
    sy_synth_quit(synth);
}

/* Memory. */

static void full_memory_refuses_and_the_sound_goes_on(void **state)
{
    SyStage *stage = *state;
    int n = 0;
    SyRun run;

    sy_stage_write(stage, "tone.synth",
                   "create vco --id 1 --freq 440\ncreate out --id 1\n"
                   "connect vco/1/sine out/1/left --gain 0.5\n");
    SySynth *synth =
        sy_synth_start(stage, "--audio clock --memory 1 --load tone.synth --record tone.wav");
    SyOsc osc = sy_osc_open(synth);
    sy_osc_send(&osc, "/notify", "i", 1);
    sy_osc_await(&osc, "/done");
    do {
        run = sy_ctl(synth, "create vco --voices 2");
        assert_true(++n < 1000);
    } while (run.code == 0);

    assert_int_equal(run.code, SY_ERR_MEMORY);
    assert_non_null(strstr(run.err, "--memory"));
    assert_non_null(strstr(sy_osc_await(&osc, "/memory"), "% of 1 MB"));
    assert_true(sy_synth_has_complained(synth, "--memory gives more"));
    sy_osc_close(&osc);

    assert_int_equal(sy_status(synth, "modules"), 2 + n - 1);
    const char *patch = sy_synth_patch(synth);
    /* A patch that would fit is refused whole if it does not fit beside the one that plays. */
    sy_stage_write(stage, "more.synth",
                   "create vca --id 7\ncreate vco --id 900 --voices 16\n"
                   "create vco --id 901 --voices 16\n"
                   "create vco --id 902 --voices 16\n");
    run = sy_ctl(synth, "load more.synth");
    assert_int_equal(run.code, SY_ERR_MEMORY);
    assert_non_null(strstr(run.err, "line "));
    assert_string_equal(sy_synth_patch(synth), patch);

    /* There is room again once something has gone. */
    const double used = sy_status(synth, "health.memory_used");
    sy_ctl_ok(synth, "destroy vco/2");
    sy_await(sy_status(synth, "health.memory_used") < used);
    sy_ctl_ok(synth, "create vco --id 2 --voices 2");

    double late;
    const SySound sound = sy_sound_end(synth, "tone.wav", &late);
    sy_sound_assert_tone(&sound, 440, 0.5, late);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        sy_stage_test(thousand_modules_come_play_and_go),
        sy_stage_test(idle_worker_is_taken_first),
        sy_stage_test(least_loaded_worker_is_taken_next),
        sy_stage_test(destroyed_module_leaves_its_worker_idle),
        sy_stage_test(full_memory_refuses_and_the_sound_goes_on),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
