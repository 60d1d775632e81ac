/* A journal whose writer is killed before and after every system call that it makes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <signal.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <linux/ptrace.h>

#include "tests/engine/journal_rig.h"

#define N_BEFORE  10
#define N_APPENDS 5
#define CALLS_MAX 512

typedef void Work(Rig *rig);

/* What the writer had got an answer for when it was killed; shared with it. */
typedef struct Answered {
    volatile uint32_t n_edits;
    volatile bool compacted;
} Answered;

static Answered *answered;

static void append_some(Rig *rig)
{
    SyJournal *journal = opened(rig);

    for (uint32_t i = 0; i < N_APPENDS; i++) {
        if (append_edit(rig, journal, N_BEFORE + i) == SY_OK) {
            answered->n_edits++;
        }
    }
}

static void compact_and_append(Rig *rig)
{
    SyJournal *journal = opened(rig);

    answered->compacted = compact(rig, journal, N_BEFORE) == SY_OK;
    answered->n_edits += append_edit(rig, journal, N_BEFORE) == SY_OK;
}

/* The child stops before its first system call in `work`. */
static pid_t start_traced(Rig *rig, Work *work)
{
    const pid_t child = fork();

    if (child == 0) {
        if (ptrace(PTRACE_TRACEME, 0, NULL, NULL) != 0) {
            _exit(1);
        }
        raise(SIGSTOP);
        work(rig);
        _exit(0);
    }
    return child;
}

/* Lets it go on to the next edge of a system call; false when it has ended. */
static bool go_on(pid_t child)
{
    int status;
    return ptrace(PTRACE_SYSCALL, child, NULL, NULL) == 0 && waitpid(child, &status, 0) == child &&
           WIFSTOPPED(status);
}

/* False if `work` was over before edge `n` of its system calls. */
static bool kill_at(Rig *rig, Work *work, uint32_t n)
{
    const pid_t child = start_traced(rig, work);
    int status;

    waitpid(child, &status, 0);
    if (!WIFSTOPPED(status)) {
        skip(); /* nothing may be traced here */
    }
    for (uint32_t i = 0; i < n; i++) {
        if (!go_on(child)) {
            return false;
        }
    }
    kill(child, SIGKILL);
    waitpid(child, &status, 0);
    return true;
}

static void begin_anew(Rig *rig)
{
    unlink(rig->path);
    *answered = (Answered){0};
    SyJournal *journal = opened(rig);
    append_edits(rig, journal, 0, N_BEFORE);
    sy_journal_close(journal);
}

static int set_up_kills(void **state)
{
    answered =
        mmap(NULL, sizeof(*answered), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    return set_up(state);
}

static int tear_down_kills(void **state)
{
    munmap(answered, sizeof(*answered));
    return tear_down(state);
}

/* The next engine opens it and goes on. */
static void expect_usable(Rig *rig, uint32_t next)
{
    Taken taken;
    SyJournal *journal = opened(rig);

    append_edits(rig, journal, next, next + 2);
    sy_journal_close(journal);
    assert_int_equal(read_back(rig, &taken), SY_OK);
    assert_int_equal(taken.n_wrong, 0);
    assert_int_equal(taken.next, next + 2);
    assert_string_equal(rig->error, "");
}

static void killed_appends_lose_nothing_acknowledged(void **state)
{
    Rig *rig = *state;
    uint32_t n = 1;

    for (begin_anew(rig); kill_at(rig, append_some, n); begin_anew(rig), n++) {
        Taken taken;
        assert_true(n < CALLS_MAX);
        assert_int_equal(read_back(rig, &taken), SY_OK);
        assert_int_equal(taken.n_wrong, 0);
        assert_in_range(taken.n_edits, N_BEFORE + answered->n_edits,
                        N_BEFORE + answered->n_edits + 1);
        expect_usable(rig, taken.next);
    }
    print_message("killed at %u places\n", n - 1);
    assert_true(n > 2 * N_APPENDS);
}

static void killed_compaction_leaves_the_old_or_the_new(void **state)
{
    Rig *rig = *state;
    uint32_t n = 1, n_old = 0;

    for (begin_anew(rig); kill_at(rig, compact_and_append, n); begin_anew(rig), n++) {
        Taken taken;
        assert_true(n < CALLS_MAX);
        assert_int_equal(read_back(rig, &taken), SY_OK);
        assert_string_equal(rig->error, "");
        assert_int_equal(taken.n_wrong, 0);
        if (taken.n_snapshots == 0) {
            assert_false(answered->compacted);
            assert_int_equal(taken.n_edits, N_BEFORE);
            n_old++;
        } else {
            assert_in_range(taken.n_edits, answered->n_edits, answered->n_edits + 1);
        }
        expect_usable(rig, taken.next);
    }
    print_message("killed at %u places, at %u of them before the new one held\n", n - 1, n_old);
    assert_in_range(n_old, 1, n - 2);
}

/* A power cut keeps only what was waited for, which no kill can show: so the order is looked at. */
static uint32_t file_calls(pid_t child, long *calls)
{
    struct ptrace_syscall_info info;
    uint32_t n = 0;

    while (n < CALLS_MAX && go_on(child)) {
        if (ptrace(PTRACE_GET_SYSCALL_INFO, child, sizeof(info), &info) > 0 &&
            info.op == PTRACE_SYSCALL_INFO_ENTRY) {
            calls[n++] = (long)info.entry.nr;
        }
    }
    return n;
}

static int64_t index_of(const long *calls, uint32_t n, long call)
{
    for (uint32_t i = 0; i < n; i++) {
        if (calls[i] == call) {
            return i;
        }
    }
    return -1;
}

static int64_t index_of_rename(const long *calls, uint32_t n)
{
    int64_t at = index_of(calls, n, SYS_renameat2);
#ifdef SYS_renameat
    at = at < 0 ? index_of(calls, n, SYS_renameat) : at;
#endif
#ifdef SYS_rename
    at = at < 0 ? index_of(calls, n, SYS_rename) : at;
#endif
    return at;
}

static void a_new_journal_is_on_disk_before_it_has_the_name(void **state)
{
    Rig *rig = *state;
    long calls[CALLS_MAX];
    int status;

    begin_anew(rig);
    const pid_t child = start_traced(rig, compact_and_append);
    waitpid(child, &status, 0);
    if (!WIFSTOPPED(status)) {
        skip();
    }
    ptrace(PTRACE_SETOPTIONS, child, NULL, PTRACE_O_TRACESYSGOOD); /* or the edge is not told */
    const uint32_t n = file_calls(child, calls);
    const int64_t renamed = index_of_rename(calls, n);
    const int64_t on_disk = index_of(calls, n, SYS_fdatasync);
    assert_true(on_disk >= 0);
    const int64_t locked = on_disk + index_of(calls + on_disk, n - (uint32_t)on_disk, SYS_flock);
    const int64_t folder = index_of(calls, n, SYS_fsync);
    assert_true(on_disk < locked && locked < renamed && renamed < folder);
}

#define KILLS(name) cmocka_unit_test_setup_teardown(name, set_up_kills, tear_down_kills)

int main(void)
{
    const struct CMUnitTest tests[] = {
        KILLS(killed_appends_lose_nothing_acknowledged),
        KILLS(killed_compaction_leaves_the_old_or_the_new),
        KILLS(a_new_journal_is_on_disk_before_it_has_the_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
