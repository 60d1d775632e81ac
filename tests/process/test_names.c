/* What ps shows of a running synthd, and how many workers it has. */
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/rig/check.h"
#include "tests/rig/sound.h"
#include "tests/rig/synth.h"

static size_t cores(void)
{
    cpu_set_t cpus;
    assert_int_equal(sched_getaffinity(0, sizeof(cpus), &cpus), 0);
    return (size_t)CPU_COUNT(&cpus);
}

static size_t count_workers(const SySynth *synth)
{
    pid_t pids[SY_SYNTH_WORKERS_MAX];
    return sy_synth_workers(synth, pids);
}

static void assert_shown_as(pid_t pid, const char *name)
{
    char command[64], threads[512];

    sy_process_command(pid, command, sizeof(command));
    assert_string_equal(command, name);
    sy_process_threads(pid, threads, sizeof(threads));
    assert_string_equal(threads, name);
}

/* What somebody has started is found by what he called it: `killall synthd` ends it as Ctrl-C does.
 */
static void assert_keeps_its_name(pid_t keeper)
{
    char command[512], threads[512];

    sy_process_command(keeper, command, sizeof(command));
    assert_string_equal(basename(command), "synthd");
    sy_process_threads(keeper, threads, sizeof(threads));
    assert_string_equal(threads, "synthd");
}

static void processes_are_named_and_have_one_thread(void **state)
{
    SyStage *stage = *state;
    SySynth *synth = sy_synth_start(stage, "--audio clock");
    const pid_t zygote = sy_synth_zygote(synth);
    SyProcess list[SY_PROCESSES_MAX];
    size_t n_workers = 0;

    assert_keeps_its_name(synth->keeper);
    assert_shown_as(zygote, "sy-zygote");
    const size_t n = sy_process_below(synth->keeper, list);
    for (size_t i = 0; i < n; i++) {
        if (list[i].parent == zygote) {
            char name[16];
            snprintf(name, sizeof(name), "sy-worker-%02zu", n_workers++);
            assert_shown_as(list[i].pid, name);
        }
    }
    assert_int_equal(n_workers, 2 * cores());
    assert_int_equal(n, 2 + n_workers); /* zygote and engine: nothing else is there */
    sy_synth_quit(synth);
}

static void engine_threads_are_named(void **state)
{
    SyStage *stage = *state;
    SySynth *synth = sy_synth_start(stage, "--audio clock");
    const char *const wanted[] = {"sy-control", "sy-osc", "sy-audio", "sy-watchdog"};
    const pid_t engine = sy_synth_engine(synth);
    char command[64], threads[512];

    sy_process_command(engine, command, sizeof(command));
    assert_string_equal(command, "sy-engine");
    sy_process_threads(engine, threads, sizeof(threads));
    for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++) {
        const char *first = strstr(threads, wanted[i]);
        if (!first || strstr(first + 1, wanted[i])) {
            fail_msg("not one %s: %s", wanted[i], threads);
        }
    }
    for (const char *at = threads; at; at = strchr(at, ' ')) {
        at += *at == ' ';
        assert_int_equal(strncmp(at, "sy-", 3), 0);
    }
    sy_synth_quit(synth);
}

static void option_says_how_many_workers(void **state)
{
    SySynth *synth = sy_synth_start(*state, "--audio clock --workers 7");
    assert_int_equal(count_workers(synth), 7);
    sy_synth_quit(synth);
}

static void environment_says_how_many_workers(void **state)
{
    setenv("SYNTHD_WORKERS", "3", 1);
    SySynth *synth = sy_synth_start(*state, "--audio clock");
    const size_t n = count_workers(synth);
    sy_synth_quit(synth);
    SySynth *other = sy_synth_start(*state, "--audio clock --workers 5");
    const size_t n_other = count_workers(other);
    sy_synth_quit(other);
    unsetenv("SYNTHD_WORKERS");
    assert_int_equal(n, 3);
    assert_int_equal(n_other, 5);
}

/* Four tones an octave apart would hide little; one tone through modules on several workers hides
 * nothing: any block that one of them misses is a break. */
static void workers_come_and_go_while_it_plays(void **state)
{
    SyStage *stage = *state;

    sy_stage_write(stage, "tone.synth",
                   "create vco --id 1 --freq 440\ncreate vca --id 1\ncreate vca --id 2\n"
                   "create mixer --id 1\ncreate out --id 1\n"
                   "connect vco/1/sine vca/1/in --gain 0.5\nconnect vca/1/out vca/2/in\n"
                   "connect vca/2/out mixer/1/in1\nconnect mixer/1/out out/1/left\n");
    SySynth *synth =
        sy_synth_start(stage, "--audio clock --workers 2 --load tone.synth --record a.wav");
    for (int i = 0; i < 20; i++) {
        sy_ctl_ok(synth, "workers 8");
        assert_int_equal(count_workers(synth), 8);
        sy_ctl_ok(synth, "workers 2");
        sy_await(count_workers(synth) == 2);
        assert_int_equal(sy_status(synth, "workers"), 2);
    }
    double late;
    const SySound sound = sy_sound_end(synth, "a.wav", &late);
    sy_sound_assert_tone(&sound, 440, 0.5, late);
}

/* One that is just being replaced when it is not wanted any more must not stay. */
static void worker_that_is_replaced_and_not_wanted_goes(void **state)
{
    SySynth *synth = sy_synth_start(*state, "--audio clock --workers 8");

    for (int i = 0; i < 10; i++) {
        pid_t pids[SY_SYNTH_WORKERS_MAX];
        const size_t n = sy_synth_workers(synth, pids);
        for (size_t k = 0; k < n; k++) {
            kill(pids[k], SIGKILL);
        }
        sy_ctl_ok(synth, "workers 2");
        sy_await(count_workers(synth) == 2);
        sy_ctl_ok(synth, "workers 8");
        sy_await(count_workers(synth) == 8);
    }
    sy_synth_quit(synth);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        sy_stage_test(processes_are_named_and_have_one_thread),
        sy_stage_test(engine_threads_are_named),
        sy_stage_test(option_says_how_many_workers),
        sy_stage_test(environment_says_how_many_workers),
        sy_stage_test(workers_come_and_go_while_it_plays),
        sy_stage_test(worker_that_is_replaced_and_not_wanted_goes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
