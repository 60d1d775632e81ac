/* Which workers compute a patch: packed, spread, and moved from one to the other. */
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "engine/status.h"
#include "tests/rig/check.h"
#include "tests/rig/sound.h"
#include "tests/rig/synth.h"

/* How many workers have modules. */
static int homes_of(const SySynth *synth)
{
    struct json_object *all = sy_ctl_json(synth, "workers");
    int n = 0;

    for (size_t i = 0; i < json_object_array_length(all); i++) {
        n += sy_json_number(json_object_array_get_idx(all, i), "modules") > 0;
    }
    json_object_put(all);
    return n;
}

static void small_patch_is_packed_onto_one_worker(void **state)
{
    SySynth *synth = sy_synth_start(*state, "--audio clock --workers 4 --placement pack");

    for (int i = 1; i <= 4; i++) {
        sy_ctl_ok(synth, "create vco --id %d", i); /* each to an idle worker, at first */
    }
    sy_await(homes_of(synth) == 1);
    sy_ctl_ok(synth, "create vca --id 1");
    sy_await(homes_of(synth) == 1);
    sy_ctl_ok(synth, "workers 1");
    assert_int_equal(homes_of(synth), 1);
    sy_ctl_ok(synth, "workers 4");
    sy_synth_quit(synth);
}

/* The voices of one worker go to two, and those of four too. */
static void large_patch_is_spread_over_the_cores(void **state)
{
    SyStage *stage = *state;
    SySynth *synth = sy_synth_start(
        stage, "--audio clock --block 256 --workers 4 --placement spread --load test/voices.synth");

    if (sysconf(_SC_NPROCESSORS_ONLN) > 1) {
        sy_await(homes_of(synth) > 1);
    }
    sy_synth_quit(synth);
}

/* How many of the workers are kept on one CPU. */
static int n_kept(const SySynth *synth)
{
    pid_t pids[SY_SYNTH_WORKERS_MAX];
    const size_t n = sy_synth_workers(synth, pids);
    int kept = 0;

    for (size_t i = 0; i < n; i++) {
        cpu_set_t cpus;
        kept += sched_getaffinity(pids[i], sizeof(cpus), &cpus) == 0 && CPU_COUNT(&cpus) == 1;
    }
    return kept;
}

static void small_patch_has_its_worker_beside_the_audio_thread(void **state)
{
    SySynth *synth = sy_synth_start(*state, "--audio clock --workers 3 --placement pack");
    pid_t pids[SY_SYNTH_WORKERS_MAX];
    cpu_set_t cpus;

    if (sched_getaffinity(0, sizeof(cpus), &cpus) < 0 || CPU_COUNT(&cpus) < 2 ||
        sy_synth_workers(synth, pids) == 0) {
        sy_synth_quit(synth);
        skip();
    }
    sy_ctl_ok(synth, "create vco --id 1");
    sy_await(n_kept(synth) == 1);
    kill(sy_synth_engine(synth), SIGKILL); /* the next one finds it as it was left */
    sy_await(sy_ctl(synth, "ls").code == 0 && n_kept(synth) == 1);
    sy_ctl_ok(synth, "destroy vco/1");
    sy_await(n_kept(synth) == 0);
    sy_synth_quit(synth);
}

static void no_placement_changes_a_sample(void **state)
{
    static const char *const settings[] = {
        "--workers 4 --placement pack",   "--workers 4 --placement spread",
        "--workers 2 --placement spread", "--workers 2 --placement auto --block 256",
        "--workers 8 --placement auto",
    };
    SyStage *stage = *state;

    sy_synth_render(stage, "patches/demo.synth", "20", "first.wav",
                    "--workers 1 --placement spread");
    for (size_t i = 0; i < sizeof(settings) / sizeof(settings[0]); i++) {
        sy_synth_render(stage, "patches/demo.synth", "20", "other.wav", "%s", settings[i]);
        if (!sy_stage_same(stage, "first.wav", "other.wav")) {
            fail_msg("%s sounds different", settings[i]);
        }
    }
}

/* Whoever was kept on a CPU and is let go again included. */
static void nobody_leaves_the_cpus_that_were_given(void **state)
{
    pid_t pids[SY_SYNTH_WORKERS_MAX + 1];
    cpu_set_t allowed, cpus;
    int cpu = 0;

    assert_int_equal(sched_getaffinity(0, sizeof(allowed), &allowed), 0);
    while (!CPU_ISSET(cpu, &allowed)) {
        cpu++;
    }
    SySynth *synth = sy_synth_start(*state, "--audio clock --cpus %d", cpu);
    sy_ctl_ok(synth, "create vco --id 1");
    sy_ctl_ok(synth, "destroy vco/1");
    const size_t n = sy_synth_workers(synth, pids);
    assert_int_equal(n, 2); /* to a core */
    pids[n] = sy_synth_engine(synth);
    for (size_t i = 0; i <= n; i++) {
        assert_int_equal(sched_getaffinity(pids[i], sizeof(cpus), &cpus), 0);
        assert_int_equal(CPU_COUNT(&cpus), 1);
        assert_true(CPU_ISSET(cpu, &cpus));
    }
    sy_synth_quit(synth);
}

static void cpus_that_there_are_not_are_refused(void **state)
{
    const SyRun run = sy_synth_run(*state, "--cpus 0-1023");

    assert_int_equal(run.code, SY_ERR_USAGE);
    assert_non_null(strstr(run.err, "must be CPUs that there are"));
}

static void placement_that_there_is_not_is_refused(void **state)
{
    const SyRun run = sy_synth_run(*state, "--placement everywhere");

    assert_int_equal(run.code, SY_ERR_USAGE);
    assert_non_null(strstr(run.err, "must be auto, spread or pack"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, sy_stage_setup, sy_stage_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(small_patch_is_packed_onto_one_worker),
        TEST(large_patch_is_spread_over_the_cores),
        TEST(small_patch_has_its_worker_beside_the_audio_thread),
        TEST(no_placement_changes_a_sample),
        TEST(nobody_leaves_the_cpus_that_were_given),
        TEST(cpus_that_there_are_not_are_refused),
        TEST(placement_that_there_is_not_is_refused),
    };
    return cmocka_run_group_tests_name("placement", tests, NULL, NULL);
}
