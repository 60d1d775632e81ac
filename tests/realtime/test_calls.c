/* Which system calls real-time threads make once they are warm: futex, and whoever drives the
 * blocks by the clock sleeps. Allocations, locks and logs, which end up in system calls now and
 * then, would be among them; tests/lint/realtime_symbols.py looks for those that do not. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <linux/ptrace.h>

#include "tests/realtime/threads.h"
#include "tests/rig/check.h"

#define CALLS_MAX 8
#define SLICE_NS  1000000000

/* What threads may ask for. */
typedef struct Allowed {
    const char *thread; /* their names begin so */
    size_t n_watched;   /* calls to look at */
    int calls[CALLS_MAX];
    size_t n_calls;
} Allowed;

/* All of them: futex, and what the tracing itself or a clock that is no plain memory brings. */
static bool is_common(uint64_t call)
{
    return call == SYS_futex || call == SYS_restart_syscall || call == SYS_clock_gettime;
}

static bool may_call(const Allowed *allowed, uint64_t call)
{
    for (size_t i = 0; i < allowed->n_calls; i++) {
        if (call == (uint64_t)allowed->calls[i]) {
            return true;
        }
    }
    return is_common(call);
}

/* Lets the thread run to its next stop; false when it has none any more. */
static bool step(pid_t tid, int *status)
{
    return ptrace(PTRACE_SYSCALL, tid, NULL, NULL) == 0 && waitpid(tid, status, __WALL) == tid &&
           WIFSTOPPED(*status);
}

/* Follows a thread through its system calls, for a second at most: it may have nothing to do.
 * Returns how many there were. */
static size_t follow(pid_t tid, const Allowed *allowed)
{
    const int64_t until = sy_stage_now_ns() + SLICE_NS;
    size_t seen = 0;
    int status;

    while (seen < allowed->n_watched && sy_stage_now_ns() < until && step(tid, &status)) {
        struct __ptrace_syscall_info info;
        if (WSTOPSIG(status) != (SIGTRAP | 0x80)) {
            continue;
        }
        assert_true(ptrace(PTRACE_GET_SYSCALL_INFO, tid, sizeof(info), &info) > 0);
        if (info.op == PTRACE_SYSCALL_INFO_ENTRY) {
            seen++;
            if (!may_call(allowed, info.entry.nr)) {
                ptrace(PTRACE_DETACH, tid, NULL, NULL);
                fail_msg("%s makes system call %llu", allowed->thread,
                         (unsigned long long)info.entry.nr);
            }
        }
    }
    return seen;
}

/* Returns false where tracing is not permitted. A thread that has ended makes no calls. */
static bool trace(pid_t tid, const Allowed *allowed, size_t *seen)
{
    int status;

    if (ptrace(PTRACE_SEIZE, tid, NULL, (void *)PTRACE_O_TRACESYSGOOD) < 0) {
        if (errno == ESRCH) {
            return true;
        }
        print_message("cannot trace %s: %s\n", allowed->thread, strerror(errno));
        return false;
    }
    if (ptrace(PTRACE_INTERRUPT, tid, NULL, NULL) == 0 && waitpid(tid, &status, __WALL) == tid &&
        WIFSTOPPED(status)) {
        *seen += follow(tid, allowed);
    }
    ptrace(PTRACE_DETACH, tid, NULL, NULL);
    return true;
}

/* Edits, in the background. Returns who makes them. */
static pid_t edit(const SySynth *synth)
{
    char lines[16 * 1024];
    size_t size = 0;
    const char *port = sy_stage_text(synth->stage, "%d", synth->port);
    const char *arguments[] = {getenv("SYNTHCTL"), "--port", port, "run", "-", NULL};

    for (int i = 100; i < 140; i++) {
        size += (size_t)snprintf(lines + size, sizeof(lines) - size,
                                 "create vco --id %d\nconnect vco/%d/saw out/1/left\n"
                                 "set vco/%d/freq 300\nnote keys/1 60\ndestroy vco/%d\n",
                                 i, i, i, i);
    }
    assert_true(size < sizeof(lines));
    return sy_stage_launch(synth->stage,
                           &(SyStart){.arguments = arguments, .input = lines, .err = "edits.err"});
}

/* Traces the threads of that name in turn until they have made the calls that are to be looked at:
 * which of the workers has the work is for the engine to say. Those that are born meanwhile are
 * not warm, and not in the list. */
static bool trace_named(const SyThread *list, size_t n, const Allowed *allowed)
{
    const int64_t until = sy_stage_now_ns() + SY_PATIENCE_NS;
    size_t seen = 0;

    while (sy_stage_now_ns() < until) {
        for (size_t i = 0; i < n; i++) {
            if (strncmp(list[i].name, allowed->thread, strlen(allowed->thread)) != 0) {
                continue;
            }
            if (!trace(list[i].tid, allowed, &seen)) {
                return false;
            }
            if (seen >= allowed->n_watched) {
                return true;
            }
        }
    }
    fail_msg("%s made %zu system calls only", allowed->thread, seen);
    return false;
}

static void kill_a_worker(const SySynth *synth)
{
    pid_t workers[SY_SYNTH_WORKERS_MAX];

    assert_true(sy_synth_workers(synth, workers) > 0);
    kill(workers[0], SIGKILL);
}

static void assert_calls(SyStage *stage, const Allowed *allowed, bool kills)
{
    SySynth *synth = sy_synth_start(stage, "--audio clock --workers 3 --record heard.wav");
    SyThread list[SY_THREADS_MAX];

    sy_ctl_ok(synth, "load %s", sy_stage_path(stage, "patches/voice.synth"));
    sy_threads_await_warm(synth);
    const size_t n = sy_threads(synth, list);
    const pid_t editor = edit(synth);
    if (kills) {
        kill_a_worker(synth);
    }
    const bool traced = trace_named(list, n, allowed);
    assert_int_equal(sy_stage_wait(editor), 0);
    sy_synth_quit(synth);
    if (!traced) {
        skip();
    }
}

static void audio_thread_calls_futex_and_sleeps(void **state)
{
    const Allowed allowed = {"sy-audio", 2000, {SYS_clock_nanosleep}, 1};
    assert_calls(*state, &allowed, false);
}

static void worker_calls_futex(void **state)
{
    const Allowed allowed = {"sy-worker-", 1000, {0}, 0};
    assert_calls(*state, &allowed, false);
}

/* And where the machine holds a worker up: it looks at how much of a CPU that worker had, whose
 * clock the C library finds with clock_getres, and kills who had none for long. */
static void watchdog_calls_futex(void **state)
{
    const Allowed allowed = {"sy-watchdog", 6, {SYS_futex_waitv, SYS_clock_getres, SYS_kill}, 3};
    assert_calls(*state, &allowed, true);
}

static void other_calls_are_noticed(void **state)
{
    const Allowed sleep = {"", 0, {SYS_clock_nanosleep}, 1};
    (void)state;
    assert_true(may_call(&sleep, SYS_clock_nanosleep));
    assert_true(may_call(&sleep, SYS_futex));
    assert_false(may_call(&sleep, SYS_write));
    assert_false(may_call(&sleep, SYS_read)); /* 0 is a number too */
    assert_false(may_call(&sleep, SYS_mmap));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(other_calls_are_noticed),
        sy_stage_test(audio_thread_calls_futex_and_sleeps),
        sy_stage_test(worker_calls_futex),
        sy_stage_test(watchdog_calls_futex),
    };
    return cmocka_run_group_tests_name("realtime calls", tests, NULL, NULL);
}
