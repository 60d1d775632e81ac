/* Modules that are made from files: what they play, and what comes of files that cannot be read. */
#include <fcntl.h>
#include <math.h>
#include <signal.h>
#include <sndfile.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/rig/check.h"
#include "tests/rig/osc.h"
#include "tests/rig/sound.h"

#define HZ 220.0

/* A file of `n` frames at `rate`: a sine on the first channel, silence on the others. */
static void write_sine(SyStage *stage, const char *name, int rate, int n, int n_channels)
{
    SF_INFO info = {
        .samplerate = rate, .channels = n_channels, .format = SF_FORMAT_WAV | SF_FORMAT_FLOAT};
    SNDFILE *file = sf_open(sy_stage_path(stage, name), SFM_WRITE, &info);
    float *frames = calloc((size_t)n + 1, (size_t)n_channels * sizeof(float));

    assert_non_null(file);
    for (int i = 0; i < n; i++) {
        frames[i * n_channels] = (float)(0.25 * sin(2 * M_PI * HZ * i / rate));
    }
    assert_int_equal(sf_writef_float(file, frames, n), n);
    sf_close(file);
    free(frames);
}

static void write_patch(SyStage *stage, const char *name, const char *file)
{
    sy_stage_write(stage, name,
                   sy_stage_text(stage,
                                 "create player --id 1 --file \"%s\"\n"
                                 "create out --id 1\n"
                                 "connect player/1/out out/1/left\n"
                                 "connect player/1/out out/1/right\n",
                                 file));
}

static void loaded_patch_plays_its_file_from_the_first_frame(void **state)
{
    SyStage *stage = *state;

    write_sine(stage, "sine.wav", 48000, 48000, 2);
    write_patch(stage, "player.synth", "sine.wav");
    const SyRun one = sy_synth_run(stage, "--audio offline --load player.synth --seconds 2 "
                                          "--record one.wav --workers 1");
    assert_int_equal(one.code, 0);
    assert_string_equal(one.err, ""); /* not even that the workers took long to see the file */
    sy_synth_render(stage, "player.synth", "2", "four.wav", "--workers 4 --block 16");
    assert_true(sy_stage_same(stage, "one.wav", "four.wav"));

    const SySound sound = sy_sound_read(stage, "one.wav");
    for (int i = 300; i < 90000; i++) { /* behind the cable's fade */
        const double is = 0.25 * sin(2 * M_PI * HZ * (i % 48000) / 48000.0);
        assert_true(fabs((double)sound.left[i] - is) < 1e-6);
    }
}

static void file_of_another_rate_is_resampled(void **state)
{
    SyStage *stage = *state;

    write_sine(stage, "sine.wav", 44100, 44100, 1);
    write_patch(stage, "player.synth", "sine.wav");
    sy_synth_render(stage, "player.synth", "1", "out.wav", "--workers 1");
    const SySound sound = sy_sound_read(stage, "out.wav");
    const SyTone tone = sy_sound_tone(&sound, HZ, 2400, 45000);
    print_message("%.4f Hz, amplitude %.5f\n", tone.hz, tone.amplitude);
    assert_true(fabs(tone.hz - HZ) < 0.001);
    assert_true(fabs(tone.amplitude - 0.25) < 1e-4);
}

static void missing_file_refuses_the_patch_by_line(void **state)
{
    SyStage *stage = *state;

    sy_stage_write(stage, "broken.synth",
                   "create out --id 1\n\ncreate player --file nowhere.wav\n");
    const SyRun run =
        sy_synth_run(stage, "--audio offline --load broken.synth --seconds 1 --record no.wav");
    assert_int_equal(run.code, 15);
    assert_non_null(strstr(run.err, "line 3"));
    assert_non_null(strstr(run.err, "nowhere.wav cannot be opened: No such file"));

    SySynth *synth = sy_synth_start(stage, "--audio clock --workers 2");
    sy_ctl_ok(synth, "create vco --id 1");
    const SyRun loaded = sy_ctl(synth, "load broken.synth");
    assert_int_equal(loaded.code, 15);
    assert_non_null(strstr(loaded.err, "line 3"));
    assert_non_null(strstr(sy_synth_patch(synth), "create vco --id 1"));
    sy_synth_quit(synth);
}

/* A file that cannot be read, what becomes of it, and what is said. */
typedef struct Bad {
    const char *name;
    int code;
    const char *says;
    bool needs_cage;
} Bad;

static void write_bad_files(SyStage *stage)
{
    size_t size = 0;

    sy_stage_write(stage, "empty.wav", "");
    sy_stage_write(stage, "text.wav", "create vco --id 1\n");
    mkdir(sy_stage_path(stage, "folder.wav"), 0700);
    mkfifo(sy_stage_path(stage, "pipe.wav"), 0600);
    write_sine(stage, "whole.wav", 48000, 1000, 1);
    const char *whole = sy_stage_read(stage, "whole.wav", &size);
    FILE *cut = fopen(sy_stage_path(stage, "cut.wav"), "wb");
    assert_int_equal(fwrite(whole, 1, 30, cut), 30);
    fclose(cut);
    const int fd = open(sy_stage_path(stage, "huge.wav"), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    assert_int_equal(ftruncate(fd, (off_t)10 << 30), 0);
    close(fd);
    write_sine(stage, "nosound.wav", 48000, 0, 1);
    write_sine(stage, "wide.wav", 48000, 100, 17);
    write_sine(stage, "refused.wav", 48000, 661, 1);
    write_sine(stage, "crashes.wav", 48000, 662, 1);
    write_sine(stage, "calls.wav", 48000, 663, 1);
    write_sine(stage, "beyond.wav", 48000, 664, 1);
}

static const Bad bad[] = {
    {"nowhere.wav", 15, "cannot be opened: No such file", false},
    {"empty.wav", 15, "is empty", false},
    {"text.wav", 15, "is not a sound file that can be read", false},
    {"folder.wav", 15, "is a folder", false},
    {"pipe.wav", 15, "is a pipe or a device", false},
    {"cut.wav", 15, "is not a sound file that can be read", false},
    {"huge.wav", 15, "is not a sound file that can be read", false},
    {"nosound.wav", 15, "has no sound in it", false},
    {"wide.wav", 15, "has 17 channels", false},
    {"refused.wav", 15, "is of a length that is refused", false},
    {"crashes.wav", 15, "the loader was ended by SIGILL", true},
    {"calls.wav", 15, "the loader was ended by SIGSYS", true},
    {"beyond.wav", 15, "the loader was ended by SIGSEGV", true},
};

/* Where the machine holds one up for long it is killed, which is another matter. */
static void assert_no_worker_crashed(const SySynth *synth)
{
    assert_false(sy_synth_has_complained(synth, ": killed by SIGILL"));
    assert_false(sy_synth_has_complained(synth, ": killed by SIGSYS"));
    assert_false(sy_synth_has_complained(synth, ": killed by SIGSEGV"));
}

static void unreadable_file_is_said_and_leaves_nothing(void **state)
{
    SyStage *stage = *state;

    write_bad_files(stage);
    write_sine(stage, "good.wav", 48000, 4800, 1);
    SySynth *synth = sy_synth_start(stage, "--audio clock --workers 2");
    sy_ctl_ok(synth, "create player --id 9 --file good.wav");
    const char *before = sy_synth_patch(synth);
    const double used = sy_status(synth, "health.files_used");
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        if (bad[i].needs_cage && !SY_CAGE) {
            continue;
        }
        const SyRun made = sy_ctl(synth, "create player --id 1 --file %s", bad[i].name);
        print_message("%s", made.err);
        assert_int_equal(made.code, bad[i].code);
        assert_non_null(strstr(made.err, bad[i].says));
        const SyRun set = sy_ctl(synth, "set player/9/file %s", bad[i].name);
        assert_int_equal(set.code, bad[i].code);
        assert_non_null(strstr(set.err, bad[i].says));
        assert_string_equal(sy_synth_patch(synth), before);
    }
    sy_await(sy_status(synth, "health.files_used") == used);
    assert_no_worker_crashed(synth);
    sy_synth_quit(synth);
}

/* Cut off behind its head, longer than is taken in: what is there is played, and it is said. */
static void file_that_is_read_in_part_is_remarked_on(void **state)
{
    SyStage *stage = *state;
    size_t size = 0;

    write_sine(stage, "whole.wav", 48000, 48000, 1);
    const char *whole = sy_stage_read(stage, "whole.wav", &size);
    FILE *cut = fopen(sy_stage_path(stage, "cut.wav"), "wb");
    assert_int_equal(fwrite(whole, 1, size / 2, cut), size / 2);
    fclose(cut);
    write_sine(stage, "long.wav", 8000, 88000, 1);
    SySynth *synth = sy_synth_start(stage, "--audio clock --workers 2");
    SyRun run = sy_ctl(synth, "create player --id 1 --file cut.wav");
    assert_int_equal(run.code, 0);
    assert_non_null(strstr(run.err, "cut.wav breaks off: there are only 0.50 s"));
    run = sy_ctl(synth, "set player/1/file long.wav");
    assert_int_equal(run.code, 0);
    assert_non_null(strstr(run.err, "long.wav is longer than 10.0 s"));
    run = sy_ctl(synth, "set player/1/file whole.wav");
    assert_int_equal(run.code, 0);
    assert_string_equal(run.err, "");
    sy_synth_quit(synth);
}

static void every_common_format_is_read_behind_walls(void **state)
{
    static const struct {
        const char *name;
        int format;
    } formats[] = {
        {"a.flac", SF_FORMAT_FLAC | SF_FORMAT_PCM_24}, {"a.ogg", SF_FORMAT_OGG | SF_FORMAT_VORBIS},
        {"a.aiff", SF_FORMAT_AIFF | SF_FORMAT_PCM_16}, {"a.caf", SF_FORMAT_CAF | SF_FORMAT_FLOAT},
        {"a.w64", SF_FORMAT_W64 | SF_FORMAT_DOUBLE},   {"a.au", SF_FORMAT_AU | SF_FORMAT_ULAW},
    };
    SyStage *stage = *state;
    static float silence[96000];

    SySynth *synth = sy_synth_start(stage, "--audio clock --workers 2");
    for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++) {
        SF_INFO info = {.samplerate = 44100, .channels = 2, .format = formats[i].format};
        SNDFILE *file = sf_open(sy_stage_path(stage, formats[i].name), SFM_WRITE, &info);
        assert_non_null(file);
        assert_int_equal(sf_writef_float(file, silence, 48000), 48000);
        sf_close(file);
        sy_ctl_ok(synth, "create player --file %s", formats[i].name);
    }
    sy_synth_quit(synth);
}

static void what_is_no_files_business_is_refused(void **state)
{
    SySynth *synth = sy_synth_start(*state, "--audio clock --workers 2");
    const SyRun run = sy_ctl(synth, "create vco --id 1 --file x.wav");

    assert_int_equal(run.code, 7);
    assert_non_null(strstr(run.err, "vco takes no file"));
    assert_int_equal(sy_ctl(synth, "set vco/1/file x.wav").code, 7);
    assert_int_equal(sy_ctl(synth, "get vco/1/file").code, 7);
    SyOsc osc = sy_osc_open(synth);
    sy_osc_send(&osc, "/create", "siss", "player", 1, "file", "x.wav");
    assert_non_null(strstr(sy_osc_await(&osc, "/fail"), "from / on"));
    sy_osc_send(&osc, "/create", "sisi", "player", 1, "file", 3);
    assert_non_null(strstr(sy_osc_await(&osc, "/fail"), "by its path"));
    sy_osc_close(&osc);
    sy_synth_quit(synth);
}

static void file_that_does_not_fit_is_refused(void **state)
{
    SyStage *stage = *state;

    write_sine(stage, "large.wav", 48000, 480000, 1);
    SySynth *synth = sy_synth_start(stage, "--audio clock --workers 2 --files 1");
    const SyRun run = sy_ctl(synth, "create player --id 1 --file large.wav");
    assert_int_equal(run.code, 13);
    assert_non_null(strstr(run.err, "--files"));
    sy_synth_quit(synth);
}

static void modules_share_a_file_and_the_last_gives_it_back(void **state)
{
    SyStage *stage = *state;

    write_sine(stage, "sine.wav", 48000, 48000, 1);
    SySynth *synth = sy_synth_start(stage, "--audio clock --workers 2");
    assert_int_equal(sy_status(synth, "health.files_used"), 0);
    sy_ctl_ok(synth, "create player --id 1 --file sine.wav");
    const double one = sy_status(synth, "health.files_used");
    assert_true(one >= 48000 * 4);
    sy_ctl_ok(synth, "create player --id 2 --file sine.wav");
    sy_ctl_ok(synth, "create player --id 3");
    sy_ctl_ok(synth, "set player/3/file sine.wav");
    assert_true(sy_status(synth, "health.files_used") == one);

    write_sine(stage, "sine.wav", 48000, 24000, 1); /* another of the same name */
    sy_ctl_ok(synth, "set player/3/file sine.wav");
    assert_true(sy_status(synth, "health.files_used") > one);
    sy_ctl_ok(synth, "destroy player/3");
    sy_await(sy_status(synth, "health.files_used") == one);
    sy_ctl_ok(synth, "destroy player/1");
    sy_ctl_ok(synth, "destroy player/2");
    sy_await(sy_status(synth, "health.files_used") == 0);
    sy_synth_quit(synth);
}

static void file_is_listed_saved_and_loaded_again(void **state)
{
    SyStage *stage = *state;

    write_sine(stage, "sine.wav", 48000, 48000, 1);
    SySynth *synth = sy_synth_start(stage, "--audio clock --workers 2");
    sy_ctl_ok(synth, "create player --id 1 --gain 0.5 --file sine.wav");
    const char *path = sy_stage_path(stage, "sine.wav");
    assert_non_null(strstr(sy_ctl_ok(synth, "get player/1/file"), path));
    assert_non_null(strstr(sy_ctl_ok(synth, "get player/1"), path));
    assert_non_null(strstr(sy_ctl_ok(synth, "ls"), path));
    assert_non_null(strstr(sy_ctl_ok(synth, "describe player"), "the path of a sound file"));

    sy_ctl_ok(synth, "save saved.synth");
    assert_false(sy_synth_has_complained(synth, "in the memory of every worker"));
    const char *saved = sy_stage_read(stage, "saved.synth", NULL);
    assert_non_null(strstr(saved, "--file \"sine.wav\""));
    /* However far the one before has come with going away. */
    for (int pause_ms = 0; pause_ms < 24; pause_ms++) {
        sy_ctl_ok(synth, "clear");
        sy_stage_pause_ms(pause_ms);
        sy_ctl_ok(synth, "load saved.synth");
        assert_non_null(strstr(sy_ctl_ok(synth, "get player/1/file"), path));
    }
    sy_ctl_ok(synth, "load saved.synth"); /* the same one plays on */
    sy_ctl_ok(synth, "save again.synth");
    assert_true(sy_stage_same(stage, "saved.synth", "again.synth"));
    sy_synth_quit(synth);
}

static void another_file_is_given_without_a_click(void **state)
{
    SyStage *stage = *state;

    write_sine(stage, "sine.wav", 48000, 48000, 1);
    write_sine(stage, "other.wav", 48000, 24000, 1);
    write_patch(stage, "player.synth", "sine.wav");
    SySynth *synth =
        sy_synth_start(stage, "--audio clock --workers 2 --load player.synth --record out.wav");
    sy_ctl_ok(synth, "set player/1/gain 0.9");
    for (int i = 0; i < 6; i++) {
        sy_stage_pause_ms(60);
        sy_ctl_ok(synth, "set player/1/file %s", i % 2 ? "sine.wav" : "other.wav");
    }
    assert_non_null(strstr(sy_ctl_ok(synth, "get player/1/gain"), "0.9"));
    assert_int_equal(sy_status(synth, "cables"), 2);
    assert_int_equal(sy_status(synth, "modules"), 2);
    sy_synth_quit(synth);

    const SySound sound = sy_sound_read(stage, "out.wav");
    const double jump = sy_sound_jump(sound.left, sound.n_frames);
    /* The sine's own steepest step is 2 pi 220 / 48000 of 0.25; a 5 ms fade adds a hundredth. */
    print_message("steepest step %.5f\n", jump);
    assert_true(jump < 0.0120);
}

/* A new engine and a new session have the files too. */
static void file_outlives_the_engine(void **state)
{
    SyStage *stage = *state;

    write_sine(stage, "sine.wav", 48000, 48000, 1);
    SySynth *synth = sy_synth_start(stage, "--audio clock --workers 2 --journal own.journal");
    sy_ctl_ok(synth, "create player --id 1 --file sine.wav");
    const double used = sy_status(synth, "health.files_used");
    const char *patch = sy_synth_patch(synth);
    const pid_t engine = sy_synth_engine(synth);
    kill(engine, SIGKILL);
    sy_await(sy_synth_engine(synth) != engine);
    sy_synth_await(synth);
    assert_string_equal(sy_synth_patch(synth), patch);
    assert_true(sy_status(synth, "health.files_used") == used);
    sy_ctl_ok(synth, "destroy player/1");
    sy_await(sy_status(synth, "health.files_used") == 0);
    sy_ctl_ok(synth, "create player --id 1");
    sy_ctl_ok(synth, "set player/1/file sine.wav");
    sy_synth_quit(synth);

    synth = sy_synth_start(stage, "--audio clock --workers 2 --journal own.journal --resume");
    assert_string_equal(sy_synth_patch(synth), patch);
    assert_true(sy_status(synth, "health.files_used") == used);
    sy_synth_quit(synth);

    unlink(sy_stage_path(stage, "sine.wav"));
    synth = sy_synth_start(stage, "--audio clock --workers 2 --journal own.journal --resume");
    assert_true(sy_synth_has_complained(synth, "its module is silent"));
    assert_int_equal(sy_status(synth, "modules"), 1);
    sy_synth_quit(synth);
}

static pid_t loader_of(const SySynth *synth)
{
    SyProcess list[SY_PROCESSES_MAX];
    const size_t n = sy_synth_processes(synth, list);

    for (size_t i = 0; i < n; i++) {
        if (strcmp(list[i].name, "sy-loader") == 0 && list[i].state != 'Z') {
            return list[i].pid;
        }
    }
    return 0;
}

static void killed_loader_fails_and_killed_zygote_does_not(void **state)
{
    SyStage *stage = *state;

    write_sine(stage, "slow.wav", 48000, 666, 1);
    SySynth *synth = sy_synth_start(stage, "--audio clock --workers 2");
    SyOsc osc = sy_osc_open(synth);
    const char *path = sy_stage_path(stage, "slow.wav");

    sy_osc_send(&osc, "/create", "sissi", "player", 1, "file", path, 11);
    sy_await(loader_of(synth) != 0);
    kill(loader_of(synth), SIGKILL);
    assert_non_null(strstr(sy_osc_await(&osc, "/fail"), "SIGKILL"));
    assert_int_equal(sy_status(synth, "modules"), 0);

    sy_osc_send(&osc, "/create", "sissi", "player", 2, "file", path, 12);
    sy_await(loader_of(synth) != 0);
    kill(sy_synth_zygote(synth), SIGKILL);
    assert_non_null(strstr(sy_osc_await(&osc, "/done"), "/player/2"));
    assert_non_null(strstr(sy_ctl_ok(synth, "get player/2/file"), path));
    sy_osc_close(&osc);
    sy_synth_quit(synth);
}

static void edits_go_on_while_a_file_is_read(void **state)
{
    SyStage *stage = *state;

    write_sine(stage, "slow.wav", 48000, 666, 1);
    SySynth *synth = sy_synth_start(stage, "--audio clock --workers 2");
    SyOsc osc = sy_osc_open(synth);
    const char *path = sy_stage_path(stage, "slow.wav");

    sy_ctl_ok(synth, "create out --id 1");
    sy_osc_send(&osc, "/create", "sissi", "player", 1, "file", path, 11);
    sy_osc_send(&osc, "/connect", "ssfi", "player/1/out", "out/1/left", 0.5, 12);
    assert_non_null(strstr(sy_osc_await(&osc, "/done"), "/connect"));
    sy_await(loader_of(synth) != 0);
    sy_osc_send(&osc, "/player/1/gain", "f", 0.25);
    assert_non_null(strstr(sy_osc_await(&osc, "/done"), "/create"));
    assert_int_equal(sy_status(synth, "cables"), 1);
    assert_non_null(strstr(sy_ctl_ok(synth, "get player/1/gain"), "0.25"));

    /* Taken away before it was read. */
    sy_osc_send(&osc, "/create", "sissi", "player", 2, "file", path, 13);
    sy_osc_send(&osc, "/destroy", "si", "player/2", 14);
    assert_non_null(strstr(sy_osc_await(&osc, "/fail"), "taken away"));
    sy_osc_close(&osc);
    sy_synth_quit(synth);
}

static void killed_workers_cost_no_sample_of_a_file(void **state)
{
    SyStage *stage = *state;
    pid_t pids[SY_SYNTH_WORKERS_MAX];
    int killed = 0;

    write_sine(stage, "sine.wav", 48000, 48000, 1);
    write_patch(stage, "player.synth", "sine.wav");
    sy_synth_render(stage, "player.synth", "20", "whole.wav", "--workers 3");
    SySynth *synth = sy_synth_launch(stage, "--audio offline --load player.synth --seconds 20 "
                                            "--workers 3 --placement spread --record shot.wav");
    while (sy_process_lives(synth->keeper)) {
        const size_t n = sy_synth_workers(synth, pids);
        /* One at a time: with none there is nobody to take the modules. */
        killed += n == 3 && kill(pids[(size_t)killed % n], SIGKILL) == 0;
        sy_stage_pause_ms(20);
    }
    assert_int_equal(sy_stage_wait(synth->keeper), 0);
    print_message("%d workers killed\n", killed);
    assert_true(killed > 0);
    assert_true(sy_stage_same(stage, "whole.wav", "shot.wav"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        sy_stage_test(loaded_patch_plays_its_file_from_the_first_frame),
        sy_stage_test(file_of_another_rate_is_resampled),
        sy_stage_test(missing_file_refuses_the_patch_by_line),
        sy_stage_test(unreadable_file_is_said_and_leaves_nothing),
        sy_stage_test(file_that_is_read_in_part_is_remarked_on),
        sy_stage_test(every_common_format_is_read_behind_walls),
        sy_stage_test(what_is_no_files_business_is_refused),
        sy_stage_test(file_that_does_not_fit_is_refused),
        sy_stage_test(modules_share_a_file_and_the_last_gives_it_back),
        sy_stage_test(file_is_listed_saved_and_loaded_again),
        sy_stage_test(another_file_is_given_without_a_click),
        sy_stage_test(file_outlives_the_engine),
        sy_stage_test(killed_loader_fails_and_killed_zygote_does_not),
        sy_stage_test(edits_go_on_while_a_file_is_read),
        sy_stage_test(killed_workers_cost_no_sample_of_a_file),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
