/* Where there is no sound device, or nothing but trouble with one. */
#include <stdlib.h>
#include <string.h>

#include "engine/status.h"
#include "tests/rig/check.h"
#include "tests/rig/sound.h"
#include "tests/rig/synth.h"

static const char tone[] = "create vco --id 1 --freq 440\ncreate out --id 1\n"
                           "connect vco/1/sine out/1/left --gain 0.5\n";

static void configure_alsa(void *path)
{
    setenv("ALSA_CONFIG_PATH", path, 1);
}

/* No JACK server has the stage's name, so what ALSA is told decides. */
static SySynth *start_with(SyStage *stage, const char *configuration)
{
    const char *port = sy_stage_text(stage, "%d", stage->port);
    const char *const arguments[] = {getenv("SYNTHD"), "--port",   port,
                                     "--record",       "tone.wav", NULL};
    SySynth *synth = sy_stage_keep(stage, calloc(1, sizeof(*synth)));
    const char *path = sy_stage_path(stage, "alsa.conf");
    const SyStart start = {.arguments = arguments,
                           .out = "synthd.out",
                           .err = "synthd.err",
                           .prepare = configuration ? configure_alsa : NULL,
                           .user = (void *)(uintptr_t)path};

    if (configuration) {
        sy_stage_write(stage, "alsa.conf", configuration);
    }
    *synth =
        (SySynth){stage, sy_stage_launch(stage, &start), stage->port, "synthd.out", "synthd.err"};
    sy_synth_await(synth);
    return synth;
}

static bool plays_by_the_clock(const SySynth *synth)
{
    struct json_object *all = sy_ctl_json(synth, "status");
    const char *audio = json_object_get_string(json_object_object_get(all, "audio"));
    const bool by_the_clock = strcmp(audio, "clock") == 0;
    json_object_put(all);
    return by_the_clock;
}

static void assert_plays_by_the_clock(SySynth *synth)
{
    assert_true(plays_by_the_clock(synth));
    assert_true(sy_synth_has_complained(synth, "playing by the clock, without a device"));
    sy_ctl_lines(synth, tone);
    const double blocks = sy_status(synth, "timing.blocks");
    sy_await(sy_status(synth, "timing.blocks") > blocks + 400);
    double late;
    SySound sound = sy_sound_end(synth, "tone.wav", &late);
    const int64_t heard = 380 * 64;
    sound.left += sound.n_frames - heard;
    sound.n_frames = heard;
    sy_sound_assert_tone(&sound, 440, 0.5, late);
}

static void without_a_device_the_clock_plays(void **state)
{
    SySynth *synth = start_with(*state, NULL);
    if (!plays_by_the_clock(synth)) {
        print_message("this machine has a sound device\n");
        skip();
    }
    assert_true(sy_synth_has_complained(synth, "there is no audio device"));
    assert_plays_by_the_clock(synth);
}

static void with_a_broken_configuration_the_clock_plays(void **state)
{
    assert_plays_by_the_clock(start_with(*state, "pcm.!default { type nonsense\n"));
}

/* PortAudio aborts then; so does no more than the process that it is in. */
static void with_an_empty_configuration_the_clock_plays(void **state)
{
    assert_plays_by_the_clock(start_with(*state, ""));
}

static void device_that_is_asked_for_and_not_there_is_an_error(void **state)
{
    SyStage *stage = *state;
    const SyRun run = sy_synth_run(stage, "--port %d --audio portaudio:theremin", stage->port);

    assert_int_equal(run.code, SY_ERR_AUDIO);
    assert_true(strlen(run.err) > 20);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        sy_stage_test(without_a_device_the_clock_plays),
        sy_stage_test(with_a_broken_configuration_the_clock_plays),
        sy_stage_test(with_an_empty_configuration_the_clock_plays),
        sy_stage_test(device_that_is_asked_for_and_not_there_is_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
