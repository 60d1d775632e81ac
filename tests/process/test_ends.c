/* However synthd ends, nothing of it is left, and the next one starts at once. */
#include <dirent.h>
#include <errno.h>
#include <math.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "tests/rig/check.h"
#include "tests/rig/sound.h"
#include "tests/rig/synth.h"

/* All processes of a synthd, as they were while it played. */
typedef struct Census {
    size_t n;
    SyProcess list[SY_PROCESSES_MAX];
} Census;

static SySynth *start_playing(SyStage *stage, Census *census)
{
    SySynth *synth = sy_synth_start(stage, "--audio clock --workers 4 --load test/voices.synth "
                                           "--record sound.wav");
    sy_await(sy_status(synth, "timing.blocks") > 100);
    census->n = sy_synth_processes(synth, census->list);
    assert_int_equal(census->n, 7); /* keeper, zygote, engine, four workers */
    for (size_t i = 0; i < census->n; i++) {
        assert_false(sy_process_maps(census->list[i].pid, "/dev/shm"));
    }
    return synth;
}

static void assert_gone(const Census *census)
{
    for (size_t i = 0; i < census->n; i++) {
        if (sy_process_lives(census->list[i].pid)) {
            fail_msg("%s is left", census->list[i].name);
        }
    }
}

/* What a killed keeper leaves ends by itself, a moment later. */
static void await_gone(const Census *census)
{
    for (size_t i = 0; i < census->n; i++) {
        assert_true(sy_process_await_end(census->list[i].pid, SY_PATIENCE_NS));
    }
}

static bool has_socket(SyStage *stage)
{
    return access(sy_stage_path(stage, sy_stage_text(stage, "synthd-%d.sock", stage->port)),
                  F_OK) == 0;
}

/* On the same port, and with the socket's old name. */
static void assert_next_one_starts(SyStage *stage)
{
    SySynth *next = sy_synth_start(stage, "--audio clock --workers 1");
    sy_ctl_ok(next, "--socket synthd-%d.sock status", stage->port);
    sy_ctl_ok(next, "--host 127.0.0.1 status");
    sy_synth_quit(next);
    assert_false(has_socket(stage));
}

static void assert_sound_is_whole(SyStage *stage)
{
    const SySound sound = sy_sound_read(stage, "sound.wav");
    assert_true(sound.n_frames > 100 * 64);
    assert_true(fabs((double)sound.left[sound.n_frames - 1]) < 1e-5); /* faded out */
}

static void ends_in_good_order_by(SyStage *stage, int number)
{
    Census census;
    SySynth *synth = start_playing(stage, &census);

    kill(synth->keeper, number);
    assert_int_equal(sy_stage_wait(synth->keeper), 0);
    assert_gone(&census);
    assert_false(has_socket(stage));
    assert_sound_is_whole(stage);
    assert_next_one_starts(stage);
}

static void sigterm_leaves_nothing(void **state)
{
    ends_in_good_order_by(*state, SIGTERM);
}

static void sigint_leaves_nothing(void **state)
{
    ends_in_good_order_by(*state, SIGINT);
}

static void closed_terminal_leaves_nothing(void **state)
{
    ends_in_good_order_by(*state, SIGHUP);
}

static void quit_leaves_nothing(void **state)
{
    Census census;
    SySynth *synth = start_playing(*state, &census);

    sy_synth_quit(synth);
    assert_gone(&census);
    assert_false(has_socket(*state));
    assert_sound_is_whole(*state);
    assert_next_one_starts(*state);
}

/* A terminal sends its interrupt to all processes in it. */
static void interrupt_for_all_is_one_for_the_keeper(void **state)
{
    Census census;
    SySynth *synth = start_playing(*state, &census);

    for (size_t i = census.n; i-- > 0;) {
        kill(census.list[i].pid, SIGINT);
    }
    assert_int_equal(sy_stage_wait(synth->keeper), 0);
    assert_gone(&census);
    assert_sound_is_whole(*state);
    assert_false(sy_synth_has_complained(synth, "killed"));
}

static void killed_keeper_leaves_nothing(void **state)
{
    Census census;
    SySynth *synth = start_playing(*state, &census);

    kill(synth->keeper, SIGKILL);
    assert_int_equal(sy_stage_wait(synth->keeper), 256 + SIGKILL);
    await_gone(&census);
    assert_next_one_starts(*state);
}

static void killed_engine_is_replaced_and_leaves_nothing(void **state)
{
    Census census;
    SySynth *synth = start_playing(*state, &census);

    kill(sy_synth_engine(synth), SIGKILL);
    sy_await(sy_synth_has_complained(synth, "there is a new one"));
    sy_synth_await(synth);
    sy_synth_quit(synth);
    assert_gone(&census);
    assert_true(sy_synth_has_complained(synth, "the engine was ended by signal 9"));
    assert_next_one_starts(*state);
}

static void killed_zygote_leaves_nothing(void **state)
{
    Census census;
    SySynth *synth = start_playing(*state, &census);

    const pid_t zygote = sy_synth_zygote(synth);

    kill(zygote, SIGKILL);
    sy_await(sy_synth_zygote(synth) != 0 && sy_synth_zygote(synth) != zygote);
    sy_synth_quit(synth);
    assert_gone(&census);
    assert_true(sy_synth_has_complained(synth, "the zygote was ended by signal 9"));
    assert_next_one_starts(*state);
}

/* Whatever it is doing at the time. */
static void termination_during_the_start_leaves_nothing(void **state)
{
    static SyProcess list[SY_PROCESSES_MAX];
    SyStage *stage = *state;

    for (int ms = 0; ms < 40; ms += 2) {
        SySynth *synth = sy_synth_launch(stage, "--audio clock --workers 4");
        sy_stage_pause_ms(ms);
        kill(synth->keeper, SIGTERM);
        const int code = sy_stage_wait(synth->keeper);
        if (code != 0 && code != 256 + SIGTERM) {
            fail_msg("ended with %d: %s", code, sy_stage_read(stage, synth->complained, NULL));
        }
        assert_int_equal(sy_process_below(getpid(), list), 0);
        assert_false(has_socket(stage));
    }
    assert_next_one_starts(stage);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        sy_stage_test(sigterm_leaves_nothing),
        sy_stage_test(sigint_leaves_nothing),
        sy_stage_test(closed_terminal_leaves_nothing),
        sy_stage_test(quit_leaves_nothing),
        sy_stage_test(interrupt_for_all_is_one_for_the_keeper),
        sy_stage_test(killed_keeper_leaves_nothing),
        sy_stage_test(killed_engine_is_replaced_and_leaves_nothing),
        sy_stage_test(killed_zygote_leaves_nothing),
        sy_stage_test(termination_during_the_start_leaves_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
