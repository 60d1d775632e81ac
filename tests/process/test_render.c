/* The same patch makes the same bytes, by however many workers and in whatever blocks it is
 * computed. */
#include <stdio.h>
#include <stdlib.h>

#include "tests/rig/check.h"
#include "tests/rig/sound.h"
#include "tests/rig/synth.h"

/* A whole number of frames, but not of blocks of any size: the last one is always cut off.
 * ThreadSanitizer makes a render some thirty times slower. */
#if SY_SANITIZED
#define SECONDS "0.5475"
#define FRAMES  26280
#else
#define SECONDS "2.0475"
#define FRAMES  98280
#endif

static void assert_silence_is_not_all(SyStage *stage, const char *wav)
{
    const SySound sound = sy_sound_read(stage, wav);
    double sum = 0;

    assert_int_equal(sound.n_frames, FRAMES);
    for (int64_t i = 0; i < sound.n_frames; i++) {
        sum += (double)sound.left[i] * (double)sound.left[i];
    }
    assert_true(sum / (double)sound.n_frames > 1e-5);
}

static void assert_always_the_same(SyStage *stage, const char *patch)
{
    static const char *const ways[] = {
        "--workers 2", "--workers 8 --block 16", "--block 256",  "--workers 4",
        "--workers 2", "--workers 8 --block 64", "--block 1024", "--workers 2 --block 80"};
    /* The first two differ most. */
    const size_t n = SY_SANITIZED ? 2 : sizeof(ways) / sizeof(ways[0]);

    sy_synth_render(stage, patch, SECONDS, "first.wav", "--workers 1");
    assert_silence_is_not_all(stage, "first.wav");
    for (size_t i = 0; i < n; i++) {
        remove(sy_stage_path(stage, "other.wav"));
        sy_synth_render(stage, patch, SECONDS, "other.wav", "%s", ways[i]);
        if (!sy_stage_same(stage, "first.wav", "other.wav")) {
            fail_msg("%s sounds different with %s", patch, ways[i]);
        }
    }
}

static void demo_is_the_same_to_the_bit(void **state)
{
    assert_always_the_same(*state, "patches/demo.synth");
}

static void voices_are_the_same_to_the_bit(void **state)
{
    assert_always_the_same(*state, "test/voices.synth");
}

static void feedback_loops_are_the_same_to_the_bit(void **state)
{
    assert_always_the_same(*state, "test/loops.synth");
}

/* A forest of small chains that cross, wide and deep, and not a multiple of anything. */
static void write_forest(SyStage *stage, const char *name, int n)
{
    FILE *file = fopen(sy_stage_path(stage, name), "we");

    assert_non_null(file);
    fprintf(file, "create mixer --id 1 --gain -20\ncreate out --id 1\n"
                  "connect mixer/1/out out/1/left\n");
    for (int i = 1; i <= n; i++) {
        const int voices = 1 + i % 3 * (i % 5);
        fprintf(file, "create vco --id %d --voices %d --freq %d\n", i, voices, 40 + 13 * i);
        fprintf(file, "create vcf --id %d --voices %d --cutoff %d\n", i, voices, 200 + 31 * i);
        fprintf(file, "create lfo --id %d --rate %g\n", i, 0.1 * i);
        fprintf(file, "connect vco/%d/saw vcf/%d/in\nconnect lfo/%d/sine vcf/%d/fm\n", i, i, i, i);
        fprintf(file, "connect vcf/%d/low mixer/1/in%d --gain 0.3\n", i, 1 + i % 8);
        if (i > 3) {
            fprintf(file, "connect lfo/%d/triangle vco/%d/pitch --gain 0.1\n", i - 3, i);
        }
    }
    assert_int_equal(fclose(file), 0);
}

static void many_modules_are_the_same_to_the_bit(void **state)
{
    write_forest(*state, "forest.synth", 101);
    assert_always_the_same(*state, "forest.synth");
}

/* More wires at both sides of an output than one worker is to sum up; some of them come late, and
 * some are poly. */
static void write_crowd(SyStage *stage, const char *name)
{
    FILE *file = fopen(sy_stage_path(stage, name), "we");

    assert_non_null(file);
    fprintf(file, "create out --id 1 --gain -20\n");
    for (int i = 1; i <= 33; i++) {
        fprintf(file, "create vco --id %d --voices %d --freq %d\n", i, i % 4 ? 16 : 1, 40 + 13 * i);
        fprintf(file, "connect vco/%d/saw out/1/left --gain %g\n", i, 0.01 * i);
        fprintf(file, "connect vco/%d/pulse out/1/right\n", i);
    }
    assert_int_equal(fclose(file), 0);
}

static void crowded_output_is_the_same_to_the_bit(void **state)
{
    write_crowd(*state, "crowd.synth");
    assert_always_the_same(*state, "crowd.synth");
}

/* synthctl finds the synthd beside it. */
static void synthctl_renders_the_same(void **state)
{
    SyStage *stage = *state;
    const char *arguments[] = {getenv("SYNTHCTL"),
                               "render",
                               "test/voices.synth",
                               "-o",
                               "b.wav",
                               "--seconds",
                               SECONDS,
                               NULL};
    const SyStart start = {.arguments = arguments};

    sy_synth_render(stage, "test/voices.synth", SECONDS, "a.wav", "--block 64");
    const SyRun run = sy_stage_run(stage, &start);
    assert_string_equal(run.err, "");
    assert_int_equal(run.code, 0);
    assert_true(sy_stage_same(stage, "a.wav", "b.wav"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        sy_stage_test(demo_is_the_same_to_the_bit),
        sy_stage_test(voices_are_the_same_to_the_bit),
        sy_stage_test(feedback_loops_are_the_same_to_the_bit),
        sy_stage_test(many_modules_are_the_same_to_the_bit),
        sy_stage_test(crowded_output_is_the_same_to_the_bit),
        sy_stage_test(synthctl_renders_the_same),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
