/* Bundles with timetags are played on their sample, whatever else goes on. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "tests/rig/check.h"
#include "tests/rig/jack.h"
#include "tests/rig/osc.h"
#include "tests/rig/sound.h"
#include "tests/rig/synth.h"

#define RATE    48000
#define PAIRS   20
#define AHEAD_S 0.1
#define APART_S 0.01
#define APART   480
#define HIGH    0.25f /* half of what the gate brings */

/* A gate that is heard as it is. */
static const char gate_patch[] = "create keys --id 1\ncreate out --id 1\n"
                                 "connect keys/1/gate out/1/left --gain 0.5\n";

/* A late block puts a gap between two samples, and a server that lost time moves the frame that the
 * second of two timetags stands for. */
static double disturbances(const SySynth *synth)
{
    return sy_status(synth, "timing.late") + sy_status(synth, "timing.clock_moves");
}

/* Sends a note for a moment ahead and its end 10 ms later, in bundles of their own. Returns whether
 * nothing disturbed them from before until after. */
static bool play_pair(const SySynth *synth, const SyOsc *osc, int i)
{
    const double before = disturbances(synth);
    /* At any phase of a block, and of a sample. */
    const double at = sy_osc_now() + AHEAD_S + i * 0.00037123;

    sy_osc_send_at(osc, at, "/note", "sff", "keys/1", 60.0, 100.0);
    sy_osc_send_at(osc, at + APART_S, "/note", "sff", "keys/1", 60.0, 0.0);
    sy_stage_pause_ms((int)(1000 * (AHEAD_S + APART_S)) + 40);
    return disturbances(synth) == before;
}

/* Lengths of what is high in a recording. Pairs are far apart: what is low for a shorter while is
 * the gap of a late block. Returns how many. */
static int find_pulses(const SySound *sound, int *lengths, int max)
{
    int64_t first = 0, last = -RATE;
    int n = 0;

    for (int64_t i = 0; i < sound->n_frames; i++) {
        if (sound->left[i] <= HIGH) {
            continue;
        }
        if (i - last > RATE / 20) {
            assert_true(n < max);
            first = i;
            n++;
        }
        last = i;
        lengths[n - 1] = (int)(last - first + 1);
    }
    return n;
}

static void assert_pulses(const SySound *sound, const bool *counts)
{
    int lengths[PAIRS], counted = 0;

    assert_int_equal(find_pulses(sound, lengths, PAIRS), PAIRS);
    for (int i = 0; i < PAIRS; i++) {
        counted += counts[i];
        if (counts[i] && lengths[i] != APART) {
            fail_msg("pair %d is %d frames apart", i, lengths[i]);
        }
    }
    print_message(
        "%d pairs exactly %d frames apart, %d disturbed by late blocks or xruns left out\n",
        counted, APART, PAIRS - counted);
    if (counted == 0) {
        skip(); /* the machine has other things to do */
    }
}

static void play_all(const SySynth *synth, bool *counts)
{
    SyOsc osc = sy_osc_open(synth);

    sy_ctl_lines(synth, gate_patch);
    sy_stage_pause_ms(500); /* lets the engine's clock settle on the driver's */
    for (int i = 0; i < PAIRS; i++) {
        counts[i] = play_pair(synth, &osc, i);
    }
    sy_osc_close(&osc);
    assert_int_equal(sy_status(synth, "health.events_late"), 0);
}

static void bundles_are_played_on_their_sample_by_the_clock(void **state)
{
    bool counts[PAIRS];
    SySynth *synth = sy_synth_start(*state, "--audio clock --record gate.wav");

    play_all(synth, counts);
    sy_synth_quit(synth);
    const SySound sound = sy_sound_read(*state, "gate.wav");
    assert_pulses(&sound, counts);
}

static void bundles_are_played_on_their_sample_by_a_server(void **state)
{
    SyStage *stage = *state;
    bool counts[PAIRS];

    if (!sy_jack_is_here(stage)) {
        print_message("jackd is not installed\n");
        skip();
    }
    const pid_t server = sy_jack_start(stage, 128);
    SySynth *synth = sy_synth_start(stage, "--audio portaudio:JACK --block 128 --record gate.wav");
    play_all(synth, counts);
    sy_synth_quit(synth);
    sy_jack_stop(server);
    const SySound sound = sy_sound_read(stage, "gate.wav");
    assert_pulses(&sound, counts);
}

/* What comes too late is played at once, counted, and answered. */
static void late_bundle_is_played_and_reported(void **state)
{
    SySynth *synth = sy_synth_start(*state, "--audio clock");
    SyOsc osc = sy_osc_open(synth);

    sy_ctl_lines(synth, "create vco --id 1\n");
    sy_osc_send_at(&osc, sy_osc_now() - 1, "/vco/1/freq", "f", 123.0);
    sy_osc_await(&osc, "/late");
    sy_osc_sync(&osc);
    assert_string_equal(sy_ctl_ok(synth, "get vco/1/freq"), "123\n");
    assert_int_equal(sy_status(synth, "osc.late"), 1);
    assert_int_equal(sy_status(synth, "health.events_late"), 1);
    sy_osc_close(&osc);
    sy_synth_quit(synth);
}

/* All that a bundle asks for happens on one sample: a patch that is made and played by it. */
static void edits_in_a_bundle_for_later_come_true_then(void **state)
{
    SySynth *synth = sy_synth_start(*state, "--audio clock");
    SyOsc osc = sy_osc_open(synth);

    sy_osc_send_at(&osc, sy_osc_now() + 0.3, "/create", "si", "vco", 5);
    sy_osc_sync(&osc);
    assert_int_equal(sy_status(synth, "modules"), 0);
    sy_await(sy_status(synth, "modules") == 1);
    sy_osc_close(&osc);
    sy_synth_quit(synth);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        sy_stage_test(bundles_are_played_on_their_sample_by_the_clock),
        sy_stage_test(bundles_are_played_on_their_sample_by_a_server),
        sy_stage_test(late_bundle_is_played_and_reported),
        sy_stage_test(edits_in_a_bundle_for_later_come_true_then),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
