/* Levels: how they are set, what is in a file of each, and that none of them is heard. */
#include <stdlib.h>
#include <string.h>

#include "engine/status.h"
#include "tests/rig/check.h"
#include "tests/trace/trace_file.h"

static const char tone[] = "create vco --id 1 --freq 440\ncreate vcf --id 1\ncreate out --id 1\n"
                           "connect vco/1/saw vcf/1/in\nconnect vcf/1/low out/1/left --gain 0.2\n";

static SySynth *start_tone(SyStage *stage, const char *options)
{
    sy_stage_write(stage, "tone.synth", tone);
    SySynth *synth = sy_synth_start(stage, "--audio clock --load tone.synth %s", options);
    const double blocks = sy_status(synth, "timing.blocks");
    sy_await(sy_status(synth, "timing.blocks") > blocks + 20);
    return synth;
}

static void assert_fails(const SySynth *synth, const char *line, SyStatus code, const char *words)
{
    const SyRun run = sy_ctl(synth, "%s", line);
    if (run.code != (int)code || !strstr(run.err, words)) {
        fail_msg("%s: code %d: %s", line, run.code, run.err);
    }
}

static void level_is_kept_until_it_is_set_again(void **state)
{
    SySynth *synth = start_tone(*state, "--trace detailed");

    assert_string_equal(sy_ctl_ok(synth, "trace"), "detailed\n");
    assert_string_equal(sy_ctl_ok(synth, "trace --level complete"), "complete\n");
    sy_ctl_ok(synth, "trace -o short.json --level basic --seconds 0.05");
    assert_string_equal(sy_ctl_ok(synth, "trace"), "complete\n");
    sy_synth_quit(synth);
}

static void file_of_each_level_has_what_belongs_to_it(void **state)
{
    static const struct {
        const char *level;
        char kinds[4];
    } cases[] = {{"basic", ""}, {"detailed", "bt"}, {"complete", "bnt"}};
    SyStage *stage = *state;
    SySynth *synth = start_tone(stage, "");

    for (size_t i = 0; i < 3; i++) {
        const char *name = sy_stage_text(stage, "%s.json", cases[i].level);
        sy_ctl_ok(synth, "%strace -o %s --level %s --seconds 0.3",
                  i == 1 ? "--host 127.0.0.1 " : "", name, cases[i].level);
        const TraceFile *file = trace_read(stage, name);
        for (size_t s = 0; s < file->n_slices; s++) {
            assert_non_null(strchr(cases[i].kinds, file->slices[s].kind));
        }
        assert_int_equal(file->n_dropped, 0);
        if (i > 0) {
            assert_true(trace_assert_whole(file, i == 2 ? 3 : 0) > 100);
        }
        json_object_put(file->json);
    }
    sy_synth_quit(synth);
}

static pid_t record_for(SyStage *stage, const SySynth *synth, const char *name, const char *seconds)
{
    const char *const arguments[] = {getenv("SYNTHCTL"),
                                     "--port",
                                     sy_stage_text(stage, "%d", synth->port),
                                     "trace",
                                     "-o",
                                     name,
                                     "--seconds",
                                     seconds,
                                     NULL};
    const SyStart start = {.arguments = arguments, .out = "told.txt", .err = "told-wrong.txt"};
    return sy_stage_launch(stage, &start);
}

/* A block is recorded at one level. */
static void level_changes_between_blocks(void **state)
{
    static const char *const levels[] = {"basic", "detailed", "complete"};
    SyStage *stage = *state;
    SySynth *synth = start_tone(stage, "");
    const pid_t recording = record_for(stage, synth, "mixed.json", "3");
    int64_t n[3] = {0};
    uint8_t blocks[30000] = {0};

    for (int i = 0; i < 100; i++) {
        sy_ctl_ok(synth, "trace --level %s", levels[i % 3]);
    }
    assert_int_equal(sy_stage_wait(recording), 0);
    const TraceFile *file = trace_read(stage, "mixed.json");
    for (size_t i = 0; i < file->n_slices; i++) {
        assert_true(file->slices[i].block < 30000);
        blocks[file->slices[i].block] += file->slices[i].kind == 'n' ? 1 : 16;
    }
    for (int i = 0; i < 30000; i++) {
        n[0] += blocks[i] != 0;
        n[1] += blocks[i] != 0 && blocks[i] % 16 == 0;
        n[2] += blocks[i] % 16 == 3;
    }
    print_message("%lld blocks detailed, %lld complete\n", (long long)n[1], (long long)n[2]);
    assert_int_equal(n[0], n[1] + n[2]);
    assert_int_equal(n[0], file->n_blocks);
    assert_int_equal(file->n_dropped, 0);
    assert_true(n[1] > 0 && n[2] > 0);
    json_object_put(file->json);
    sy_synth_quit(synth);
}

static void what_happens_to_the_patch_is_in_it(void **state)
{
    SyStage *stage = *state;
    SySynth *synth = start_tone(stage, "");
    const pid_t recording = record_for(stage, synth, "edits.json", "1");

    sy_stage_pause_ms(200);
    sy_ctl_lines(synth, "create lfo --id 7\nconnect lfo/7/sine vcf/1/fm\n"
                        "disconnect lfo/7/sine vcf/1/fm\ndestroy lfo/7\n");
    assert_int_equal(sy_stage_wait(recording), 0);
    const TraceFile *file = trace_read(stage, "edits.json");
    assert_int_equal(trace_count(file, "created lfo/7"), 1);
    assert_int_equal(trace_count(file, "connected lfo/7/sine vcf/1/fm"), 1);
    assert_int_equal(trace_count(file, "disconnected lfo/7/sine vcf/1/fm"), 1);
    assert_int_equal(trace_count(file, "destroyed lfo/7"), 1);
    assert_true(trace_count(file, "new plan") >= 2);
    json_object_put(file->json);
    sy_synth_quit(synth);
}

static void wrong_requests_are_refused_with_what_is_right(void **state)
{
    SyStage *stage = *state;
    SySynth *synth = start_tone(stage, "");

    sy_stage_write(stage, "notes.txt", "mine");
    assert_fails(synth, "trace --level loud", SY_ERR_VALUE, "basic, detailed or complete");
    assert_fails(synth, "trace --seconds 3", SY_ERR_USAGE, "-o");
    assert_fails(synth, "trace --seconds", SY_ERR_USAGE, "needs a value");
    assert_fails(synth, "trace out.json", SY_ERR_USAGE, "--help");
    assert_fails(synth, "trace -o t.json --seconds 0", SY_ERR_VALUE, "above 0");
    assert_fails(synth, "trace -o t.json --seconds 99999", SY_ERR_VALUE, "at most 3600");
    assert_fails(synth, "trace -o t.json --seconds soon", SY_ERR_VALUE, "soon");
    const int64_t before = sy_stage_now_ns();
    assert_fails(synth, "trace -o none/t.json --seconds 60", SY_ERR_FILE, "No such file");
    assert_fails(synth, "trace -o notes.txt --seconds 60", SY_ERR_FILE, "not a trace");
    assert_fails(synth, "trace -o . --seconds 60", SY_ERR_FILE, "not a trace");
    assert_true(sy_stage_now_ns() - before < 20000000000);
    assert_string_equal(sy_stage_read(stage, "notes.txt", NULL), "mine");
    const SyRun run = sy_synth_run(stage, "--port %d --trace loud", stage->port);
    assert_int_equal(run.code, SY_ERR_USAGE);
    assert_non_null(strstr(run.err, "--trace loud: must be basic, detailed or complete"));
    sy_synth_quit(synth);
}

/* One at a time; and the end of synthd does not wait for it. */
static void recording_that_cannot_be_is_told(void **state)
{
    SyStage *stage = *state;
    SySynth *synth = start_tone(stage, "");
    const pid_t recording = record_for(stage, synth, "long.json", "3000");

    sy_stage_pause_ms(300);
    assert_fails(synth, "trace -o other.json --seconds 1", SY_ERR_BUSY, "another trace");
    sy_synth_quit(synth);
    assert_int_equal(sy_stage_wait(recording), SY_ERR_FAILED);
    const char *said = sy_stage_read(stage, "told-wrong.txt", NULL);
    assert_non_null(strstr(said, "synthd ends"));
    assert_non_null(strstr(said, "long.json"));
}

static void level_is_not_heard(void **state)
{
    static const char *const levels[] = {"basic", "detailed", "complete"};
    SyStage *stage = *state;
    const char *demo = sy_stage_path(stage, "patches/demo.synth");

    for (size_t i = 0; i < 3; i++) {
        sy_synth_render(stage, demo, "5", sy_stage_text(stage, "%s.wav", levels[i]),
                        "--workers %d --trace %s", 1 + (int)i, levels[i]);
    }
    assert_true(sy_stage_same(stage, "basic.wav", "detailed.wav"));
    assert_true(sy_stage_same(stage, "basic.wav", "complete.wav"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        sy_stage_test(level_is_kept_until_it_is_set_again),
        sy_stage_test(file_of_each_level_has_what_belongs_to_it),
        sy_stage_test(level_changes_between_blocks),
        sy_stage_test(what_happens_to_the_patch_is_in_it),
        sy_stage_test(wrong_requests_are_refused_with_what_is_right),
        sy_stage_test(recording_that_cannot_be_is_told),
        sy_stage_test(level_is_not_heard),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
