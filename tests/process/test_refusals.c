/* A synthd that cannot start says why, and what to do, by a text and by its exit code. */
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "engine/status.h"
#include "tests/rig/check.h"
#include "tests/rig/sound.h"
#include "tests/rig/synth.h"

static void assert_says(const char *text, const char *words)
{
    assert_non_null(text);
    if (!strstr(text, words)) {
        fail_msg("'%s' is not in: %s", words, text);
    }
}

static void wrong_options_are_named_with_what_is_right(void **state)
{
    static const struct {
        const char *options, *names, *right;
        SyStatus code;
    } cases[] = {
        {"--block 17", "--block 17", "a multiple of 16", SY_ERR_USAGE},
        {"--block 2048", "--block 2048", "from 16 to 1024", SY_ERR_USAGE},
        {"--rate 100", "--rate 100", "from 8000 to 192000", SY_ERR_USAGE},
        {"--workers 0", "--workers 0", "from 1 to 256", SY_ERR_USAGE},
        {"--workers 257", "--workers 257", "from 1 to 256", SY_ERR_USAGE},
        {"--workers two", "--workers two", "a whole number", SY_ERR_USAGE},
        {"--memory 0", "--memory 0", "from 1 to 65536", SY_ERR_USAGE},
        {"--seconds -1", "--seconds -1", "above 0", SY_ERR_USAGE},
        {"--seconds nan", "--seconds nan", "above 0", SY_ERR_USAGE},
        {"--port 65536", "--port 65536", "from 1 to 65535", SY_ERR_USAGE},
        {"--audio loud", "--audio loud", "auto, portaudio", SY_ERR_USAGE},
        {"--audio offline", "offline", "needs --seconds", SY_ERR_USAGE},
        {"--listen 0.0.0.0", "--listen 0.0.0.0", "--allow", SY_ERR_USAGE},
        {"--audio clock --listen 192.0.2.1 --allow any", "192.0.2.1", "ip address", SY_ERR_USAGE},
        {"--bolck 64", "--bolck", "synthd --help", SY_ERR_USAGE},
        {"--block", "--block", "needs a value", SY_ERR_USAGE},
        {"demo.synth", "demo.synth", "--load", SY_ERR_USAGE},
        {"--audio clock --load none.synth", "none.synth", "No such file", SY_ERR_FILE},
    };
    SyStage *stage = *state;

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const SyRun run = sy_synth_run(stage, "--port %d %s", stage->port, cases[i].options);
        if (run.code != (int)cases[i].code) {
            fail_msg("%s: code %d: %s", cases[i].options, run.code, run.err);
        }
        assert_says(run.err, cases[i].names);
        assert_says(run.err, cases[i].right);
        assert_string_equal(run.out, "");
    }
}

static void wrong_environment_is_named(void **state)
{
    setenv("SYNTHD_WORKERS", "many", 1);
    const SyRun workers = sy_synth_run(*state, "--audio offline --seconds 1");
    unsetenv("SYNTHD_WORKERS");
    setenv("SYNTHD_ISA", "m68k", 1);
    const SyRun isa = sy_synth_run(*state, "--audio offline --seconds 1");
    unsetenv("SYNTHD_ISA");
    assert_int_equal(workers.code, SY_ERR_USAGE);
    assert_says(workers.err, "SYNTHD_WORKERS many");
    assert_int_equal(isa.code, SY_ERR_VALUE);
    assert_says(isa.err, "m68k (SYNTHD_ISA)");
}

static void second_synthd_on_the_port_is_refused_and_the_first_goes_on(void **state)
{
    SyStage *stage = *state;

    sy_stage_write(stage, "tone.synth",
                   "create vco --id 1 --freq 440\ncreate out --id 1\n"
                   "connect vco/1/sine out/1/left --gain 0.5\n");
    SySynth *first = sy_synth_start(stage, "--audio clock --load tone.synth --record tone.wav");
    for (int i = 0; i < 5; i++) {
        const SyRun second = sy_synth_run(stage, "--audio clock --port %d", stage->port);
        assert_int_equal(second.code, SY_ERR_IN_USE);
        assert_says(second.err, sy_stage_text(stage, "port %d is in use", stage->port));
        assert_says(second.err, "synthctl quit");
        assert_says(second.err, "--port");
    }
    const double blocks = sy_status(first, "timing.blocks");
    sy_await(sy_status(first, "timing.blocks") > blocks + 200);
    assert_int_equal(sy_status(first, "modules"), 2);
    double late;
    const SySound sound = sy_sound_end(first, "tone.wav", &late);
    sy_sound_assert_tone(&sound, 440, 0.5, late);
}

/* One whose folder for sockets is another user's, on another address of the same port. */
static void socket_of_a_running_synthd_is_not_taken(void **state)
{
    SyStage *stage = *state;
    SySynth *first = sy_synth_start(stage, "--audio clock");

    const SyRun second =
        sy_synth_run(stage, "--audio clock --port %d --listen 127.0.0.2 --allow any", stage->port);
    assert_int_equal(second.code, SY_ERR_IN_USE);
    assert_says(second.err, "another synthd listens on");
    sy_ctl_ok(first, "--socket synthd-%d.sock status", stage->port);
    sy_synth_quit(first);
}

/* Root may write anywhere, but not below a file. */
static void recording_where_nothing_can_be_written_is_refused(void **state)
{
    static const char *const offline = "--audio offline --seconds 1";
    SyStage *stage = *state;
    const char *const options[] = {offline,
                                   sy_stage_text(stage, "--audio clock --port %d", stage->port)};

    sy_stage_write(stage, "file", "not a folder");
    for (size_t i = 0; i < 2; i++) {
        const SyRun below_file = sy_synth_run(stage, "%s --record file/a.wav", options[i]);
        assert_int_equal(below_file.code, SY_ERR_FILE);
        assert_says(below_file.err, "cannot record to file/a.wav");
        assert_says(below_file.err, "Not a directory");
        const SyRun no_folder = sy_synth_run(stage, "%s --record none/a.wav", options[i]);
        assert_int_equal(no_folder.code, SY_ERR_FILE);
        assert_says(no_folder.err, "No such file or directory");
    }
}

/* Another user, one that nobody else is. */
#define NOBODY 54321

static void become_nobody(void *user)
{
    (void)user;
    if (setgroups(0, NULL) < 0 || setgid(NOBODY) < 0 || setuid(NOBODY) < 0) {
        _exit(126);
    }
}

static SyRun run_as_nobody(SyStage *stage, void (*prepare)(void *user), void *user,
                           const char *options, ...)
{
    va_list values;
    va_start(values, options);
    const SyStart start = {.arguments =
                               sy_stage_arguments(stage, getenv("SYNTHD"), options, values),
                           .prepare = prepare,
                           .user = user};
    va_end(values);
    return sy_stage_run(stage, &start);
}

static void recording_without_permission_is_refused(void **state)
{
    if (geteuid() != 0) {
        skip(); /* nobody else can become somebody else */
    }
    const SyRun run =
        run_as_nobody(*state, become_nobody, NULL, "--audio offline --seconds 1 --record a.wav");
    assert_int_equal(run.code, SY_ERR_FILE);
    assert_says(run.err, "cannot record to a.wav");
    assert_says(run.err, "Permission denied");
}

static void full_disk_is_reported_at_the_end(void **state)
{
    const SyRun run = sy_synth_run(*state, "--audio offline --seconds 5 --record /dev/full");
    assert_int_equal(run.code, SY_ERR_FILE);
    assert_says(run.err, "/dev/full");
}

/* Processes and threads that the user may have: keeper, zygote, engine and its watchdog, and then
 * so many workers. */
static void allow_few_processes(void *user)
{
    const rlim_t n = 4 + *(const rlim_t *)user;
    const struct rlimit limit = {n, n};

    become_nobody(NULL);
    setenv("ASAN_OPTIONS", "detect_leaks=0", 1); /* which takes a process itself */
    if (setrlimit(RLIMIT_NPROC, &limit) < 0) {
        _exit(126);
    }
}

static void worker_that_cannot_start_is_reported(void **state)
{
    if (geteuid() != 0) {
        skip(); /* a user who has other processes cannot be limited to a handful */
    }
    for (rlim_t workers = 0; workers < 4; workers++) {
        const int64_t before = sy_stage_now_ns();
        const SyRun run =
            run_as_nobody(*state, allow_few_processes, &workers,
                          "--audio offline --seconds 1 --workers 4 --record /dev/null");
        if (run.code != SY_ERR_WORKER) {
            fail_msg("%d workers allowed, code %d: %s", (int)workers, run.code, run.err);
        }
        assert_says(run.err, "could not start: fork: Resource temporarily unavailable");
        /* At once: it does not wait the ten seconds that a slow machine is given. */
        assert_true(sy_stage_now_ns() - before < 5000000000);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        sy_stage_test(wrong_options_are_named_with_what_is_right),
        sy_stage_test(wrong_environment_is_named),
        sy_stage_test(second_synthd_on_the_port_is_refused_and_the_first_goes_on),
        sy_stage_test(socket_of_a_running_synthd_is_not_taken),
        sy_stage_test(recording_where_nothing_can_be_written_is_refused),
        sy_stage_test(recording_without_permission_is_refused),
        sy_stage_test(full_disk_is_reported_at_the_end),
        sy_stage_test(worker_that_cannot_start_is_reported),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
