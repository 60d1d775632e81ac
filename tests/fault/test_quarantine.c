/* Quarantine on a running engine, as a performer meets it. */
#include <math.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "tests/rig/check.h"
#include "tests/rig/osc.h"
#include "tests/rig/sound.h"

/* A tone on the left that nothing disturbs, and one on the right that goes through the module. */
static const char patch[] = "create vco --id 1 --freq 440\ncreate vca --id 1\n"
                            "create fault --id 1\ncreate out --id 1\n"
                            "connect vco/1/sine vca/1/in --gain 0.5\n"
                            "connect vca/1/out out/1/left\n"
                            "connect vco/1/sine fault/1/in --gain 0.5\n"
                            "connect fault/1/out out/1/right\n";

static SySynth *start_patched(SyStage *stage)
{
    sy_stage_write(stage, "tone.synth", patch);
    return sy_synth_start(stage, "--audio clock --workers 4 --load tone.synth --record tone.wav");
}

/* The words for what a module is in quarantine for, from the list in JSON. */
static const char *fault_of(const SySynth *synth)
{
    struct json_object *list = sy_ctl_json(synth, "ls"), *modules;
    const char *fault = "";

    assert_true(json_object_object_get_ex(list, "modules", &modules));
    for (size_t i = 0; i < json_object_array_length(modules); i++) {
        struct json_object *module = json_object_array_get_idx(modules, i), *value;
        assert_true(json_object_object_get_ex(module, "fault", &value));
        if (json_object_get_string_len(value) > 0) {
            fault = sy_stage_text(synth->stage, "%s", json_object_get_string(value));
        }
    }
    json_object_put(list);
    return fault;
}

static void quarantined_module_is_told_of_bypassed_and_revived(void **state)
{
    SySynth *synth = start_patched(*state);
    SyOsc osc = sy_osc_open(synth);

    sy_osc_send(&osc, "/notify", "i", 1);
    for (int i = 0; i < 3; i++) {
        sy_stage_pause_ms(100);
        sy_ctl_ok(synth, "set fault/1/mode exit");
        const char *told = sy_osc_await(&osc, "/quarantined");
        assert_non_null(strstr(told, "/fault/1"));
        assert_non_null(strstr(told, "exit with code 3 in block"));
        assert_non_null(strstr(fault_of(synth), "exit with code 3 in block"));
        assert_int_equal(sy_status(synth, "health.quarantined"), 1);
        sy_stage_pause_ms(50);
        sy_ctl_ok(synth, "set fault/1/mode none");
        sy_ctl_ok(synth, "revive fault/1");
        sy_osc_await(&osc, "/revived");
        assert_string_equal(fault_of(synth), "");
    }
    assert_int_equal(sy_ctl(synth, "revive fault/1").code, 27);
    sy_osc_close(&osc);
    sy_synth_quit(synth);

    const SySound sound = sy_sound_read(*state, "tone.wav");
    int64_t silent = 0, heard = 0;
    double jump = sy_sound_jump(sound.right, sound.n_frames);
    for (int64_t i = 0; i < sound.n_frames; i++) {
        silent += sound.right[i] == 0;
        heard += sound.right[i] != 0;
    }
    /* Each time it is silent for some 50 ms, and the way there and back is a fade. */
    print_message("right: %lld frames silent, %lld heard, jumps up to %.3f\n", (long long)silent,
                  (long long)heard, jump);
    assert_true(jump < 0.1);
    assert_true(silent > 3 * 0.04 * sound.rate);
    assert_true(heard > 3 * 0.08 * sound.rate);
}

static void hanging_module_ends_in_quarantine(void **state)
{
    SySynth *synth = start_patched(*state);
    SyOsc osc = sy_osc_open(synth);

    sy_osc_send(&osc, "/notify", "i", 1);
    sy_stage_pause_ms(100);
    const double late = sy_status(synth, "timing.late");
    sy_ctl_ok(synth, "set fault/1/mode hang");
    assert_non_null(strstr(sy_osc_await(&osc, "/quarantined"), "hung in block"));
    sy_stage_pause_ms(200);
    const double after = sy_status(synth, "timing.late");
    const double blocks = sy_status(synth, "timing.blocks");
    sy_await(sy_status(synth, "timing.blocks") > blocks + 100);
    print_message("%.0f blocks late\n", after - late);
    sy_osc_close(&osc);
    sy_synth_quit(synth);
}

static void what_is_no_number_is_muted_and_told_of(void **state)
{
    SySynth *synth = start_patched(*state);
    SyOsc osc = sy_osc_open(synth);

    sy_osc_send(&osc, "/notify", "i", 1);
    sy_ctl_ok(synth, "set fault/1/mode notanumber");
    assert_non_null(strstr(sy_osc_await(&osc, "/wild"), "/fault/1"));
    sy_ctl_ok(synth, "set fault/1/mode infinite");
    sy_stage_pause_ms(100);
    sy_ctl_ok(synth, "set fault/1/mode none");
    sy_stage_pause_ms(100);
    sy_osc_close(&osc);
    double late;
    const SySound sound = sy_sound_end(synth, "tone.wav", &late);
    for (int64_t i = 0; i < sound.n_frames; i++) {
        assert_true(isfinite(sound.right[i]) && fabsf(sound.right[i]) <= 0.51f);
    }
    sy_sound_assert_tone(&sound, 440, 0.5, late); /* on the left */
}

/* Those that died of a trap, which sanitizers make an end with a code. Others may be taken for hung
 * meanwhile, on a machine that is busy enough. */
static int count_trapped(const SySynth *synth)
{
    return sy_synth_complaints(synth, "killed by SIGILL") +
           sy_synth_complaints(synth, "ended with code");
}

static void module_that_cannot_be_made_is_refused(void **state)
{
    SySynth *synth = start_patched(*state);
    const SyRun run = sy_ctl(synth, "create stillborn --id 1");

    assert_int_equal(run.code, 21);
    assert_non_null(strstr(run.err, "no worker took it"));
    sy_await(count_trapped(synth) > 0);
    assert_in_range(count_trapped(synth), 1, 5);
    assert_int_equal(sy_status(synth, "modules"), 4);
    sy_ctl_ok(synth, "create vco --id 7");
    const double blocks = sy_status(synth, "timing.blocks");
    sy_await(sy_status(synth, "timing.blocks") > blocks + 100);
    sy_synth_quit(synth);
}

/* The one of them that takes so much CPU time within so many milliseconds, or 0. */
static pid_t find_spinner(const pid_t *pids, size_t n, int64_t cpu_ms, int ms)
{
    int64_t before[SY_SYNTH_WORKERS_MAX];

    for (size_t i = 0; i < n; i++) {
        before[i] = sy_process_cpu_ns(pids[i]);
    }
    for (int64_t until = sy_stage_now_ns() + (int64_t)ms * 1000000; sy_stage_now_ns() < until;) {
        for (size_t i = 0; i < n; i++) {
            if (sy_process_cpu_ns(pids[i]) - before[i] > cpu_ms * 1000000) {
                return pids[i];
            }
        }
        sy_stage_pause_ms(1);
    }
    return 0;
}

/* Returns whether the kernel ended it: the engine, stopped meanwhile, cannot have. */
static bool spin_while_the_engine_is_stopped(const SySynth *synth)
{
    pid_t pids[SY_SYNTH_WORKERS_MAX];

    sy_await(sy_synth_workers(synth, pids) == 4);
    sy_ctl_ok(synth, "set fault/1/mode hang");
    assert_int_not_equal(find_spinner(pids, 4, 10, 10000), 0);
    kill(sy_synth_engine(synth), SIGSTOP);
    const size_t n = sy_synth_workers(synth, pids);
    /* More than a start or an end takes. */
    const pid_t spinner = find_spinner(pids, n, 200, 800);
    if (spinner) {
        sy_await(!sy_process_lives(spinner));
    }
    kill(sy_synth_engine(synth), SIGCONT);
    sy_await(sy_status(synth, "health.quarantined") == 1);
    sy_ctl_ok(synth, "set fault/1/mode none");
    sy_ctl_ok(synth, "revive fault/1");
    return spinner != 0;
}

/* Blocks of 128 ms leave time to stop the engine before its watchdog notices, as a rule. */
static void spinner_is_ended_by_the_kernel_when_the_engine_is_stopped(void **state)
{
    const struct sched_param priority = {.sched_priority = 1}, plain = {.sched_priority = 0};
    int tries = 1;

    if (sched_setscheduler(0, SCHED_FIFO, &priority) < 0) {
        skip(); /* the limit is one on real-time threads */
    }
    sched_setscheduler(0, SCHED_OTHER, &plain);
    sy_stage_write(*state, "tone.synth", patch);
    SySynth *synth = sy_synth_start(
        *state, "--audio clock --rate 8000 --block 1024 --workers 4 --load tone.synth");
    while (!spin_while_the_engine_is_stopped(synth)) {
        assert_true(tries++ < 10);
    }
    print_message("ended by the kernel, at try %d\n", tries);
    sy_synth_quit(synth);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        sy_stage_test(quarantined_module_is_told_of_bypassed_and_revived),
        sy_stage_test(hanging_module_ends_in_quarantine),
        sy_stage_test(what_is_no_number_is_muted_and_told_of),
        sy_stage_test(module_that_cannot_be_made_is_refused),
        sy_stage_test(spinner_is_ended_by_the_kernel_when_the_engine_is_stopped),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
