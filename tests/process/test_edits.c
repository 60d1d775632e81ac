/* Edits of a patch that plays: no click, and nothing overtakes anything. */
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/rig/check.h"
#include "tests/rig/fade.h"
#include "tests/rig/osc.h"
#include "tests/rig/sound.h"
#include "tests/rig/synth.h"

#define AMPLITUDE  0.2
#define LOWEST_HZ  220.0
#define HIGHEST_HZ 500.0
#define AT_ONCE    3 /* sines that sound at the same time, at the most */
#define FADES      6 /* that may meet when the machine is busy and edits come close together */

static const char base[] = "create vco --id 1 --freq 220\ncreate out --id 1\n"
                           "connect vco/1/sine out/1/left --gain 0.2\n";

static const char other[] = "create vco --id 1 --freq 220\ncreate out --id 1\n"
                            "create vco --id 3 --freq 330\ncreate vca --id 3\n"
                            "connect vco/1/sine out/1/left --gain 0.2\n"
                            "connect vco/3/sine vca/3/in --gain 0.2\n"
                            "connect vca/3/out out/1/left\n";

/* Each is carried out at once; the next comes when its fades are over, or so. */

static const char *const structural[] = {
    "create vco --id 2 --freq 330\nconnect vco/2/sine out/1/left --gain 0.2",
    "disconnect vco/2/sine out/1/left",
    "connect vco/2/sine out/1/left --gain 0.2",
    "disconnect vco/2/sine out/1/left\nconnect vco/2/sine out/1/left --gain 0.2",
    "destroy vco/2\ncreate vco --id 2 --freq 330",
    "create out --id 2\nconnect vco/2/sine out/2/left --gain 0.2",
    "destroy out/2",
    "destroy vco/2",
    "workers 5",
    "load other.synth",
    "workers 2",
    "load base.synth",
    "load other.synth",
    "destroy vca/3",
    "load base.synth",
};

static const char *const values[] = {
    "create vco --id 2 --freq 330\nconnect vco/2/sine out/1/left --gain 0.2",
    "connect vco/2/sine out/1/left --gain 0.1",
    "connect vco/2/sine out/1/left --gain -0.1",
    "connect vco/2/sine out/1/left --gain 0.2",
    "set vco/2/level -6",
    "set vco/2/freq 500",
    "set vco/2/level -60",
    "set vco/2/freq 330",
    "set vco/2/level 0",
    "set vco/2/fine 100",
    "set out/1/gain -6",
    "set out/1/gain 0\nset out/1/gain -60\nset out/1/gain 0",
};

/* Records edits. Returns how many blocks were late. */
static double record_edits(SyStage *stage, const char *const *edits, size_t n_edits)
{
    pid_t pids[SY_SYNTH_WORKERS_MAX];
    uint32_t seed = 5;

    SySynth *synth = sy_synth_start(
        stage, "--audio clock --block 512 --workers 2 --load base.synth --record edits.wav");
    sy_stage_pause_ms(50);
    for (size_t i = 0; i < n_edits; i++) {
        sy_ctl_lines(synth, edits[i]);
        seed = seed * 1664525u + 1013904223u;
        sy_stage_pause_ms(20 + (int)(seed >> 27));
        if (i % 5 == 4 && sy_synth_workers(synth, pids) > 1) {
            kill(pids[0], SIGKILL);
        }
    }
    sy_ctl_ok(synth, "clear");
    sy_stage_pause_ms(50);
    const double late = sy_status(synth, "timing.late");
    sy_synth_quit(synth);
    return late;
}

static void assert_no_click(SyStage *stage, const char *const *edits, size_t n_edits,
                            SyFadeShape shape)
{
    const double slope = AT_ONCE * AMPLITUDE *
                         (2 * M_PI * HIGHEST_HZ / SY_FADE_RATE + M_PI / (2.0 * SY_FADE_FRAMES));
    const double above = fmax(sy_fade_above(shape, LOWEST_HZ, AMPLITUDE),
                              sy_fade_above(shape, HIGHEST_HZ, AMPLITUDE));
    const double cut = sy_fade_above(SY_FADE_CUT, LOWEST_HZ, AMPLITUDE);
    double late = 1;

    sy_stage_write(stage, "base.synth", base);
    sy_stage_write(stage, "other.synth", other);
    /* A late block is a gap, and no fault of the edit: the machine was busy with something else. */
    for (int tries = 0; late > 0 && tries < 8; tries++) {
        late = record_edits(stage, edits, n_edits);
    }
    if (late > 0) {
        print_message("no recording without a late block; nothing can be told\n");
        skip();
    }
    const SySound sound = sy_sound_read(stage, "edits.wav");
    const double jump = sy_sound_jump(sound.left, sound.n_frames);
    const double heard = sy_sound_above(sound.left, sound.n_frames, 2000, SY_FADE_RATE);
    print_message("%.2f s: jumps to %.5f of %.5f, above 2 kHz %.2e; a fade %.2e, a cut %.2e\n",
                  (double)sound.n_frames / SY_FADE_RATE, jump, slope, heard, above, cut);
    assert_true(sy_sound_above(sound.left, sound.n_frames, 100, SY_FADE_RATE) > AMPLITUDE);
    assert_true(jump <= slope);
    if (heard > FADES * above) {
        fail_msg("%.2e is louder than %d fades of %.2e", heard, FADES, above);
    }
    assert_true(cut > 10 * FADES * above); /* a click would show */
}

#define N(array) (sizeof(array) / sizeof((array)[0]))

static void edits_of_a_playing_patch_fade(void **state)
{
    assert_no_click(*state, structural, N(structural), SY_FADE_COSINE);
}

static void changes_of_a_playing_patch_glide(void **state)
{
    assert_no_click(*state, values, N(values), SY_FADE_LINE);
}

/* What follows a create from the same sender must not be lost, though it takes another way. */

static void value_set_right_behind_a_create_holds(void **state)
{
    SySynth *synth = sy_synth_start(*state, "--audio clock");
    SyOsc osc = sy_osc_open(synth);

    for (int i = 1; i <= 300; i++) {
        char address[32];
        snprintf(address, sizeof(address), "/vco/%d/freq", i);
        sy_osc_send(&osc, "/create", "si", "vco", i);
        sy_osc_send(&osc, address, "f", 1000.0 + i);
        sy_osc_send(&osc, address, "");
        assert_int_equal(strtol(sy_osc_await(&osc, address), NULL, 10), 1000 + i);
        if (i % 3 == 0) {
            sy_osc_send(&osc, "/destroy", "s", "vco/*");
        }
    }
    sy_osc_close(&osc);
    sy_synth_quit(synth);
}

/* Each round adds one voltage to the output, and a lost message takes its share away or makes it a
 * hundred times as large. */
static void notes_and_values_right_behind_a_create_are_heard(void **state)
{
    enum { ROUNDS = 30 };
    SyStage *stage = *state;
    SySynth *synth = sy_synth_start(stage, "--audio clock --record level.wav");
    SyOsc osc = sy_osc_open(synth);

    sy_osc_send(&osc, "/create", "si", "out", 1);
    for (int i = 1; i <= ROUNDS; i++) {
        char keys[32], gate[32], vca[32], in[32], out[32], gain[32];
        snprintf(keys, sizeof(keys), "keys/%d", i);
        snprintf(gate, sizeof(gate), "keys/%d/gate", i);
        snprintf(vca, sizeof(vca), "vca/%d", i);
        snprintf(in, sizeof(in), "vca/%d/in", i);
        snprintf(out, sizeof(out), "vca/%d/out", i);
        snprintf(gain, sizeof(gain), "/vca/%d/gain", i);
        sy_osc_send(&osc, "/create", "si", "keys", i);
        sy_osc_send(&osc, "/note", "sff", keys, 60.0, 100.0);
        sy_osc_send(&osc, "/create", "si", "vca", i);
        sy_osc_send(&osc, gain, "f", -40.0);
        sy_osc_send(&osc, "/connect", "ss", gate, in);
        sy_osc_send(&osc, "/connect", "ss", out, "out/1/left");
    }
    sy_osc_sync(&osc);
    sy_osc_close(&osc);
    assert_int_equal(sy_status(synth, "modules"), 1 + 2 * ROUNDS);
    assert_int_equal(sy_status(synth, "health.events_dropped"), 0);
    const double blocks = sy_status(synth, "timing.blocks");
    sy_await(sy_status(synth, "timing.blocks") > blocks + 100); /* all fades and ramps are over */
    sy_synth_quit(synth);

    const SySound sound = sy_sound_read(stage, "level.wav");
    /* Just before the end's fade; a late block is a gap there, and so the highest level counts. */
    const int64_t end = sound.n_frames - 1500;
    double level = 0;
    assert_true(end > 4000);
    for (int64_t i = end - 4000; i < end; i++) {
        level = fmax(level, (double)sound.left[i]);
    }
    print_message("%d notes at 0.01 each: %.4f\n", ROUNDS, level);
    assert_true(fabs(level - 0.01 * ROUNDS) < 1e-4);
}

/* A value goes straight to the audio thread, which takes it when the next block begins. */
static void sync_is_answered_when_values_are_heard(void **state)
{
    SySynth *synth = sy_synth_start(*state, "--audio clock --block 1024"); /* 21 ms */

    sy_ctl_ok(synth, "create vco --id 1");
    SyOsc osc = sy_osc_open(synth);
    for (int i = 0; i < 5; i++) {
        const double before = sy_status(synth, "timing.blocks");
        sy_osc_send(&osc, "/vco/1/freq", "f", 440.0 + i);
        sy_osc_sync(&osc);
        assert_true(sy_status(synth, "timing.blocks") >= before + 2);
    }
    sy_osc_close(&osc);
    sy_synth_quit(synth);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        sy_stage_test(edits_of_a_playing_patch_fade),
        sy_stage_test(changes_of_a_playing_patch_glide),
        sy_stage_test(value_set_right_behind_a_create_holds),
        sy_stage_test(notes_and_values_right_behind_a_create_are_heard),
        sy_stage_test(sync_is_answered_when_values_are_heard),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
