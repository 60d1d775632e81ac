/* The shipped modules that live on files and on FFTW, through the whole engine. */
#include <math.h>
#include <signal.h>
#include <sndfile.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/rig/check.h"
#include "tests/rig/sound.h"
#include "tests/rig/synth.h"

/* A room: two seconds of decaying noise, another for each ear. */
static void write_room(SyStage *stage, const char *name)
{
    enum { FRAMES = 96000 };
    SF_INFO info = {.samplerate = 48000, .channels = 2, .format = SF_FORMAT_WAV | SF_FORMAT_FLOAT};
    SNDFILE *file = sf_open(sy_stage_path(stage, name), SFM_WRITE, &info);
    float *frames = calloc(2 * FRAMES, sizeof(float));
    uint32_t random = 1;

    assert_non_null(file);
    for (int i = 0; i < 2 * FRAMES; i++) {
        random = random * 1664525u + 1013904223u;
        frames[i] = (float)((int32_t)random * 2e-11 * exp(-i / 40000.0));
    }
    assert_int_equal(sf_writef_float(file, frames, FRAMES), FRAMES);
    sf_close(file);
    free(frames);
}

static const char patch[] = "create vco --id 1 --freq 110\n"
                            "create convolver --id 1 --file room.wav --mix 0.5\n"
                            "create out --id 1\n"
                            "connect vco/1/saw convolver/1/in --gain 0.2\n"
                            "connect convolver/1/left out/1/left\n"
                            "connect convolver/1/right out/1/right\n";

/* Its history is a tape, its response lies in the library, its transforms were made by the zygote.
 */
static void killed_workers_cost_no_sample_of_a_room(void **state)
{
    SyStage *stage = *state;
    pid_t pids[SY_SYNTH_WORKERS_MAX];
    int killed = 0;

    write_room(stage, "room.wav");
    sy_stage_write(stage, "room.synth", patch);
    sy_synth_render(stage, "room.synth", "20", "whole.wav", "--workers 1");
    SySynth *synth = sy_synth_launch(stage, "--audio offline --load room.synth --seconds 20 "
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

    const SySound sound = sy_sound_read(stage, "whole.wav");
    double left = 0, apart = 0;
    for (int64_t i = 0; i < sound.n_frames; i++) {
        left += fabs((double)sound.left[i]);
        apart += fabs((double)sound.left[i] - (double)sound.right[i]);
    }
    assert_true(left > 0.001 * (double)sound.n_frames); /* heard, and by each ear otherwise */
    assert_true(apart > 0.01 * left);
}

static bool measures(const SySynth *synth)
{
    SyProcess list[SY_PROCESSES_MAX];
    const size_t n = sy_synth_processes(synth, list);

    for (size_t i = 0; i < n; i++) {
        if (strcmp(list[i].name, "sy-wisdom") == 0) {
            return true;
        }
    }
    return false;
}

static void wisdom_is_measured_once_and_read_by_the_next(void **state)
{
    SyStage *stage = *state;
    const char *path = sy_stage_path(stage, "synthd/fftw-wisdom");
    struct stat first, second;

    setenv("XDG_CACHE_HOME", stage->folder, 1);
    SySynth *synth = sy_synth_start(stage, "--audio clock --workers 2");
    sy_await(stat(path, &first) == 0 && !measures(synth));
    sy_synth_quit(synth);
    assert_true(first.st_size > 100);

    synth = sy_synth_start(stage, "--audio clock --workers 2");
    sy_stage_pause_ms(1200); /* the keeper looks every half second */
    assert_false(measures(synth));
    sy_synth_quit(synth);
    assert_int_equal(stat(path, &second), 0);
    assert_int_equal(second.st_ino, first.st_ino);
    unsetenv("XDG_CACHE_HOME");
}

static void end_does_not_wait_for_wisdom(void **state)
{
    SyStage *stage = *state;

    setenv("XDG_CACHE_HOME", stage->folder, 1);
    SySynth *synth = sy_synth_start(stage, "--audio clock --workers 2");
    sy_await(measures(synth) || access(sy_stage_path(stage, "synthd/fftw-wisdom"), F_OK) == 0);
    sy_synth_quit(synth);
    assert_false(measures(synth));
    unsetenv("XDG_CACHE_HOME");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        sy_stage_test(killed_workers_cost_no_sample_of_a_room),
        sy_stage_test(wisdom_is_measured_once_and_read_by_the_next),
        sy_stage_test(end_does_not_wait_for_wisdom),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
