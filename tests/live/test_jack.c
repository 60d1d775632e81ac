/* Playing through a real audio server: what it gets, and what happens when it dies. */
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "tests/rig/check.h"
#include "tests/rig/jack.h"
#include "tests/rig/sound.h"
#include "tests/rig/synth.h"

#define PERIOD 128

static const char tone_patch[] = "create vco --id 1 --freq 440\ncreate out --id 1\n"
                                 "connect vco/1/sine out/1/left --gain 0.5\n";

static pid_t start_server(SyStage *stage)
{
    if (!sy_jack_is_here(stage)) {
        print_message("jackd is not installed\n");
        skip();
    }
    return sy_jack_start(stage, PERIOD);
}

static const char *audio_of(const SySynth *synth)
{
    struct json_object *all = sy_ctl_json(synth, "status");
    const char *name = json_object_get_string(json_object_object_get(all, "audio"));
    const char *audio = sy_stage_text(synth->stage, "%s", name);
    json_object_put(all);
    return audio;
}

static bool plays_by(const SySynth *synth, const char *driver)
{
    return strncmp(audio_of(synth), driver, strlen(driver)) == 0;
}

/* Captures a second or more, and holds it to the tone. */
static void assert_tone_arrives(SyStage *stage, const SySynth *synth, int seconds)
{
    const double before = sy_status(synth, "timing.late");
    sy_jack_record(stage, "captured.wav", seconds);
    const double late = sy_status(synth, "timing.late") - before;
    const SySound sound = sy_sound_read(stage, "captured.wav");
    sy_sound_assert_tone(&sound, 440, 0.5, late);
}

static void tone_arrives_at_the_server(void **state)
{
    SyStage *stage = *state;
    const pid_t server = start_server(stage);

    SySynth *synth = sy_synth_start(stage, "--block %d", PERIOD);
    assert_true(plays_by(synth, "JACK"));
    sy_ctl_lines(synth, tone_patch);
    assert_tone_arrives(stage, synth, 5);
    sy_synth_quit(synth);
    sy_jack_stop(server);
}

/* A period that is not the block: the server's is cut, or several make one. */
static void blocks_need_not_be_the_servers_period(void **state)
{
    SyStage *stage = *state;
    const pid_t server = start_server(stage);
    static const int blocks[] = {32, 256};

    for (size_t i = 0; i < 2; i++) {
        SySynth *synth = sy_synth_start(stage, "--audio portaudio:JACK --block %d", blocks[i]);
        sy_ctl_lines(synth, tone_patch);
        assert_tone_arrives(stage, synth, 2);
        sy_synth_quit(synth);
    }
    sy_jack_stop(server);
}

static int kill_a_worker(const SySynth *synth, int which)
{
    pid_t pids[SY_SYNTH_WORKERS_MAX];
    const size_t n = sy_synth_workers(synth, pids);
    return n > 1 && kill(pids[(size_t)which % n], SIGKILL) == 0;
}

static int kill_the_engine(const SySynth *synth, int which)
{
    const pid_t engine = sy_synth_engine(synth);
    (void)which;
    return engine > 0 && kill(engine, SIGKILL) == 0;
}

/* Plays a tone by JACK, and kills while it is captured. It breaks off no more often than blocks
 * were late. */
static void shoot_while_jack_plays(SyStage *stage, int (*shoot)(const SySynth *synth, int which),
                                   int pause_ms)
{
    const pid_t server = start_server(stage);
    SySynth *synth = sy_synth_start(stage, "--audio portaudio:JACK --block %d", PERIOD);
    const char *const arguments[] = {
        "jack_rec",        "-f", "captured.wav", "-d", "3", "-b", "32", "PortAudio:out_0",
        "PortAudio:out_1", NULL};
    const SyStart capture = {.arguments = arguments, .out = "rec.out", .err = "rec.err"};

    sy_ctl_lines(synth, tone_patch);
    const double before = sy_status(synth, "timing.late");
    const pid_t recorder = sy_stage_launch(stage, &capture);
    int killed = 0;
    while (sy_process_lives(recorder)) {
        killed += shoot(synth, killed);
        sy_stage_pause_ms(pause_ms);
    }
    sy_stage_wait(recorder);
    sy_synth_await(synth);
    const double late = sy_status(synth, "timing.late") - before;
    print_message("%d killed\n", killed);
    assert_true(killed > 0);
    sy_synth_quit(synth);
    sy_jack_stop(server);
    const SySound sound = sy_sound_read(stage, "captured.wav");
    sy_sound_assert_tone(&sound, 440, 0.5, late);
}

static void workers_killed_do_not_reach_the_server(void **state)
{
    shoot_while_jack_plays(*state, kill_a_worker, 30);
}

/* The device process has the block cycle, and goes on with it. */
static void engines_killed_do_not_reach_the_server(void **state)
{
    shoot_while_jack_plays(*state, kill_the_engine, 500);
}

static void dead_server_is_survived_and_its_successor_played(void **state)
{
    SyStage *stage = *state;
    pid_t server = start_server(stage);
    SySynth *synth = sy_synth_start(stage, "--audio portaudio:JACK --block %d", PERIOD);
    const pid_t engine = sy_synth_engine(synth);

    sy_ctl_lines(synth, tone_patch);
    for (int i = 0; i < 2; i++) {
        kill(server, SIGKILL);
        assert_int_equal(sy_stage_wait(server), 256 + SIGKILL);
        sy_await(plays_by(synth, "clock"));
        const double blocks = sy_status(synth, "timing.blocks");
        sy_await(sy_status(synth, "timing.blocks") > blocks + 100);
        sy_ctl_ok(synth, "create vca");
        assert_true(sy_synth_has_complained(synth, "going on by the clock"));

        server = sy_jack_start(stage, PERIOD);
        sy_await(plays_by(synth, "JACK"));
        assert_tone_arrives(stage, synth, 1);
    }
    assert_true(sy_synth_has_complained(synth, "playing on JACK"));
    assert_int_equal(sy_synth_engine(synth), engine); /* the same as at the start */
    sy_synth_quit(synth);
    sy_jack_stop(server);
}

static void synthd_ends_though_its_server_has_gone(void **state)
{
    SyStage *stage = *state;
    const pid_t server = start_server(stage);
    SySynth *synth = sy_synth_start(stage, "--audio portaudio:JACK --block %d", PERIOD);

    sy_ctl_lines(synth, tone_patch);
    kill(server, SIGKILL);
    sy_stage_wait(server);
    sy_synth_quit(synth);
    sy_jack_stop(sy_jack_start(stage, PERIOD)); /* takes away what the killed one has left */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        sy_stage_test(tone_arrives_at_the_server),
        sy_stage_test(blocks_need_not_be_the_servers_period),
        sy_stage_test(workers_killed_do_not_reach_the_server),
        sy_stage_test(engines_killed_do_not_reach_the_server),
        sy_stage_test(dead_server_is_survived_and_its_successor_played),
        sy_stage_test(synthd_ends_though_its_server_has_gone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
