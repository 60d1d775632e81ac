/* Once they are warm, real-time threads have no page faults: whatever they touch was made present
 * before. Workers have none for an edit either; the engine's threads may have, a few for each part
 * of the shared memory that they come to for the first time, which is said but not judged. */
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "tests/realtime/threads.h"
#include "tests/rig/check.h"

#define PLAYED_MS 2000
#define ADDED     20 /* voices, one after the other, in an edit while it plays */
#define ANYBODY   ""
#define WORKERS   "sy-worker-"

static SySynth *start(SyStage *stage)
{
    SySynth *synth = sy_synth_start(stage, "--audio clock --workers 3");
    sy_ctl_ok(synth, "load %s", sy_stage_path(stage, "patches/demo.synth"));
    return synth;
}

static const SyThread *find(const SyThread *list, size_t n, pid_t tid)
{
    for (size_t i = 0; i < n; i++) {
        if (list[i].tid == tid) {
            return &list[i];
        }
    }
    return NULL;
}

/* Since `before`, which has the same threads. Those whose names do not begin with `whose` are only
 * spoken of. */
static void assert_no_faults(const SySynth *synth, const SyThread *before, size_t n,
                             const char *whose)
{
    SyThread now[SY_THREADS_MAX];

    assert_int_equal(sy_threads(synth, now), n);
    for (size_t i = 0; i < n; i++) {
        const SyThread *same = find(now, n, before[i].tid);
        assert_non_null(same);
        const unsigned long long faults = same->faults - before[i].faults;
        if (faults > 0 && strncmp(same->name, whose, strlen(whose)) == 0) {
            fail_msg("%s had %llu page faults", same->name, faults);
        } else if (faults > 0) {
            print_message("%s had %llu page faults\n", same->name, faults);
        }
    }
}

/* Three workers, the audio thread, the watchdog; and their faults are counted at all. */
static size_t assert_watched(const SySynth *synth, SyThread *list)
{
    const size_t n = sy_threads(synth, list);

    assert_int_equal(n, 5);
    for (size_t i = 0; i < n; i++) {
        assert_true(list[i].faults > 0); /* it began with some */
    }
    return n;
}

static void nothing_is_paged_in_while_a_patch_plays(void **state)
{
    SySynth *synth = start(*state);
    SyThread before[SY_THREADS_MAX];

    sy_threads_await_warm(synth);
    const size_t n = assert_watched(synth, before);
    const double blocks = sy_status(synth, "timing.blocks");
    sy_stage_pause_ms(PLAYED_MS);
    assert_true(sy_status(synth, "timing.blocks") > blocks + 100);
    assert_no_faults(synth, before, n, ANYBODY);
    sy_synth_quit(synth);
}

/* Creates, connects, changes and destroys voices, so that plans change and memory is handed out
 * that was never used. */
static void edit(const SySynth *synth)
{
    char lines[64 * 1024];
    size_t size = 0;

    for (int i = 100; i < 100 + ADDED; i++) {
        size += (size_t)snprintf(lines + size, sizeof(lines) - size,
                                 "create vco --id %d --voices 16\ncreate vcf --id %d --voices 16\n"
                                 "connect vco/%d/saw vcf/%d/in\nconnect vcf/%d/low out/1/left\n"
                                 "set vco/%d/freq 300\n",
                                 i, i, i, i, i, i);
    }
    for (int i = 100; i < 100 + ADDED; i++) {
        size += (size_t)snprintf(lines + size, sizeof(lines) - size,
                                 "disconnect vcf/%d/low out/1/left\ndestroy vco/%d\n", i, i);
    }
    assert_true(size < sizeof(lines));
    sy_ctl_lines(synth, lines);
}

static void nothing_is_paged_in_for_an_edit(void **state)
{
    SySynth *synth = start(*state);
    SyThread before[SY_THREADS_MAX];

    sy_threads_await_warm(synth);
    const size_t n = assert_watched(synth, before);
    edit(synth);
    assert_no_faults(synth, before, n, ANYBODY);
    sy_synth_quit(synth);
}

static void nothing_is_paged_in_by_the_worker_that_replaces_a_killed_one(void **state)
{
    SySynth *synth = start(*state);
    SyThread before[SY_THREADS_MAX];
    pid_t workers[SY_SYNTH_WORKERS_MAX], now[SY_SYNTH_WORKERS_MAX];

    sy_threads_await_warm(synth);
    assert_int_equal(sy_synth_workers(synth, workers), 3);
    kill(workers[0], SIGKILL);
    sy_await(!sy_process_lives(workers[0]) && sy_synth_workers(synth, now) == 3);
    sy_threads_await_warm(synth);
    const size_t n = assert_watched(synth, before);
    sy_stage_pause_ms(PLAYED_MS / 2);
    edit(synth);
    assert_no_faults(synth, before, n, ANYBODY);
    sy_synth_quit(synth);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        sy_stage_test(nothing_is_paged_in_while_a_patch_plays),
        sy_stage_test(nothing_is_paged_in_for_an_edit),
        sy_stage_test(nothing_is_paged_in_by_the_worker_that_replaces_a_killed_one),
    };
    return cmocka_run_group_tests_name("realtime faults", tests, NULL, NULL);
}
