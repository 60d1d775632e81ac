/* What a session leaves behind, and what the next one makes of it. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/rig/check.h"
#include "tests/rig/synth.h"

#define JOURNAL "--audio clock --workers 2 --journal kept.journal"

static void patch_something(SySynth *synth)
{
    sy_ctl_lines(synth, "create vco --id 1 --voices 2 --freq 333\n"
                        "create out --id 1\n"
                        "create lfo --id 1\n"
                        "connect vco/1/saw out/1/left --gain 0.25\n"
                        "connect lfo/1/sine vco/1/fm\n"
                        "disconnect lfo/1/sine vco/1/fm\n"
                        "destroy lfo/1\n"
                        "set vco/1/width 0.125\n");
}

static const char patched[] = "# synthd patch\n"
                              "create vco --id 1 --voices 2 --freq 333 --width 0.125\n"
                              "create out --id 1\n"
                              "connect vco/1/saw out/1/left --gain 0.25\n";

static bool journal_has(SyStage *stage, const char *words)
{
    size_t size;
    const char *journal = sy_stage_read(stage, "kept.journal", &size);
    return memmem(journal, size, words, strlen(words)) != NULL;
}

/* As when the power goes: no process gets to do anything more. The keeper is the first, or it would
 * put new ones in the place of those that are gone; what it has begun goes down with it, but not
 * at once, and the next synthd has to wait for that. */
static void kill_all(SySynth *synth)
{
    static SyProcess list[SY_PROCESSES_MAX];
    const size_t n = sy_synth_processes(synth, list);

    kill(synth->keeper, SIGKILL);
    for (size_t i = 0; i < n; i++) {
        kill(list[i].pid, SIGKILL);
    }
    sy_stage_wait(synth->keeper);
}

static void resume_brings_back_what_was_killed(void **state)
{
    SySynth *synth = sy_synth_start(*state, JOURNAL);

    patch_something(synth);
    sy_await(journal_has(*state, "width 0.125")); /* values come a little later than edits */
    kill_all(synth);
    for (int i = 0; i < 3; i++) { /* resumed, and resumed again */
        synth = sy_synth_start(*state, JOURNAL " --resume");
        assert_string_equal(sy_synth_patch(synth), patched);
        kill_all(synth);
    }
}

static void clean_end_keeps_the_last_values(void **state)
{
    SySynth *synth = sy_synth_start(*state, JOURNAL);

    patch_something(synth);
    sy_synth_quit(synth);
    synth = sy_synth_start(*state, JOURNAL " --resume");
    assert_string_equal(sy_synth_patch(synth), patched);
    sy_synth_quit(synth);
}

static void start_without_resume_keeps_the_old_one(void **state)
{
    SySynth *synth = sy_synth_start(*state, JOURNAL);

    patch_something(synth);
    sy_synth_quit(synth);
    synth = sy_synth_start(*state, JOURNAL);
    assert_int_equal(sy_status(synth, "modules"), 0);
    sy_synth_quit(synth);
    synth = sy_synth_start(*state, "--audio clock --workers 2 --journal kept.journal.old --resume");
    assert_string_equal(sy_synth_patch(synth), patched);
    sy_synth_quit(synth);
}

static void journal_has_a_place_of_its_own(void **state)
{
    SyStage *stage = *state;
    SySynth *synth = sy_synth_start(stage, "--audio clock --workers 2");
    const char *path = sy_stage_path(stage, sy_stage_text(stage, "synthd/%d.journal", stage->port));

    patch_something(synth);
    assert_int_equal(access(path, F_OK), 0);
    sy_synth_quit(synth);
    synth = sy_synth_start(stage, "--audio clock --workers 2 --resume");
    assert_string_equal(sy_synth_patch(synth), patched);
    sy_synth_quit(synth);
}

/* An edit that makes no sense without those that are lost is not made; what is whole is. */
static void torn_journal_gives_what_is_whole(void **state)
{
    SyStage *stage = *state;
    SySynth *synth = sy_synth_start(stage, JOURNAL);
    struct stat now;

    sy_ctl_lines(synth, "create vco --id 1\ncreate out --id 1\ncreate lfo --id 1\n"
                        "destroy lfo/1\n");
    kill_all(synth);
    const char *path = sy_stage_path(stage, "kept.journal");
    assert_int_equal(stat(path, &now), 0);
    assert_int_equal(truncate(path, now.st_size - 5), 0);
    synth = sy_synth_start(stage, JOURNAL " --resume");
    assert_int_equal(sy_status(synth, "modules"), 3); /* the last whole record is before destroy */
    assert_true(sy_synth_has_complained(synth, "kept.journal"));
    sy_synth_quit(synth);
}

static void what_is_no_journal_is_refused_and_left_alone(void **state)
{
    sy_stage_write(*state, "kept.journal", "my novel\n");
    const SyRun run = sy_synth_run(*state, "%s --resume --port 1", JOURNAL);
    assert_int_not_equal(run.code, 0);
    assert_non_null(strstr(run.err, "kept.journal"));
    assert_string_equal(sy_stage_read(*state, "kept.journal", NULL), "my novel\n");
}

static void wrong_options_are_refused(void **state)
{
    static const char *const wrong[] = {
        "--resume --load patches/demo.synth",
        "--resume --journal off",
        "--audio offline --seconds 1 --resume",
        "--recycle often",
        "--journal",
    };
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        const SyRun run = sy_synth_run(*state, "%s", wrong[i]);
        assert_int_equal(run.code, 2);
        assert_true(strlen(run.err) > 20);
    }
}

/* The old engine's journal goes on under the new one. */
static void killed_engine_keeps_its_journal(void **state)
{
    SySynth *synth = sy_synth_start(*state, JOURNAL);

    sy_ctl_lines(synth, "create vco --id 1 --voices 2 --freq 333\ncreate out --id 1\n");
    kill(sy_synth_engine(synth), SIGKILL);
    sy_await(sy_synth_has_complained(synth, "there is a new one"));
    sy_synth_await(synth);
    sy_ctl_lines(synth, "connect vco/1/saw out/1/left --gain 0.25\nset vco/1/width 0.125\n");
    sy_synth_quit(synth);
    synth = sy_synth_start(*state, JOURNAL " --resume");
    assert_string_equal(sy_synth_patch(synth), patched);
    sy_synth_quit(synth);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        sy_stage_test(resume_brings_back_what_was_killed),
        sy_stage_test(clean_end_keeps_the_last_values),
        sy_stage_test(start_without_resume_keeps_the_old_one),
        sy_stage_test(journal_has_a_place_of_its_own),
        sy_stage_test(torn_journal_gives_what_is_whole),
        sy_stage_test(what_is_no_journal_is_refused_and_left_alone),
        sy_stage_test(wrong_options_are_refused),
        sy_stage_test(killed_engine_keeps_its_journal),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
