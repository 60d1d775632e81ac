/* A module's tape: written in place, and yet no death of a worker can be heard from it. */
#include <signal.h>
#include <string.h>

#include "tests/rig/check.h"
#include "tests/rig/synth.h"

#define SECONDS "20"
#define KILLS   60

/* Eight echoes of a chord that never stands still, one behind the other twice. */
static const char patch[] = "create vco --id 1 --voices 8 --freq 110\n"
                            "create lfo --id 1 --rate 3\n"
                            "create vca --id 1 --voices 8\n"
                            "create reel --id 1 --voices 8\n"
                            "create reel --id 2 --voices 8\n"
                            "create mixer --id 1\n"
                            "create out --id 1\n"
                            "connect vco/1/saw vca/1/in\n"
                            "connect lfo/1/sine vca/1/cv\n"
                            "connect vca/1/out reel/1/in\n"
                            "connect reel/1/out reel/2/in\n"
                            "connect reel/2/out mixer/1/in1 --gain 0.1\n"
                            "connect mixer/1/out out/1/left\n"
                            "connect mixer/1/out out/1/right\n";

static uint32_t next_random(uint32_t *seed)
{
    *seed = *seed * 1664525u + 1013904223u;
    return *seed >> 8;
}

static int shoot(SySynth *synth, uint32_t seed)
{
    pid_t pids[SY_SYNTH_WORKERS_MAX];
    int killed = 0;

    while (killed < KILLS && sy_process_lives(synth->keeper)) {
        const size_t n = sy_synth_workers(synth, pids);
        if (n > 0) {
            killed += kill(pids[next_random(&seed) % n], SIGKILL) == 0;
        }
        sy_stage_pause_ms(2 + (int)(next_random(&seed) % 20));
    }
    assert_int_equal(sy_stage_wait(synth->keeper), 0);
    return killed;
}

static void killed_workers_are_not_heard_from_a_tape(void **state)
{
    SyStage *stage = *state;
    int killed = 0;

    sy_stage_write(stage, "tapes.synth", patch);
    sy_synth_render(stage, "tapes.synth", SECONDS, "whole.wav", "--workers 4");
    for (uint32_t round = 1; killed < KILLS && round <= 8; round++) {
        SySynth *synth =
            sy_synth_launch(stage, "--audio offline --load tapes.synth --seconds " SECONDS
                                   " --workers 4 --record shot.wav");
        killed += shoot(synth, round);
        assert_true(sy_stage_same(stage, "whole.wav", "shot.wav"));
    }
    print_message("%d workers killed\n", killed);
    assert_true(killed > 0);
}

static void block_sizes_and_workers_are_not_heard_from_a_tape(void **state)
{
    static const char *const options[] = {"--workers 1 --block 16", "--workers 3 --block 1024"};
    SyStage *stage = *state;

    sy_stage_write(stage, "tapes.synth", patch);
    /* A multiple of all these blocks. */
    sy_synth_render(stage, "tapes.synth", "2.56", "whole.wav", "--workers 4 --block 64");
    for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++) {
        sy_synth_render(stage, "tapes.synth", "2.56", "other.wav", "%s", options[i]);
        assert_true(sy_stage_same(stage, "whole.wav", "other.wav"));
    }
}

static void tape_is_given_back_even_by_the_next_engine(void **state)
{
    SySynth *synth = sy_synth_start(*state, "--audio clock --workers 2");
    const double before = sy_status(synth, "health.memory_used");

    sy_ctl_ok(synth, "create reel --id 1 --voices 16");
    const double with = sy_status(synth, "health.memory_used");
    assert_true(with - before >= 16 * 5824 * 4);

    const pid_t engine = sy_synth_engine(synth);
    kill(engine, SIGKILL);
    sy_await(sy_synth_engine(synth) != engine);
    sy_synth_await(synth);
    assert_true(sy_status(synth, "health.memory_used") == with);
    sy_ctl_ok(synth, "destroy reel/1");
    sy_await(sy_status(synth, "health.memory_used") == before);
    sy_synth_quit(synth);
}

static void tape_for_which_there_is_no_room_is_refused(void **state)
{
    SySynth *synth = sy_synth_start(*state, "--audio clock --workers 2 --memory 1");
    SyRun run = {.code = 0};
    int made = 0;

    while (run.code == 0) {
        run = sy_ctl(synth, "create reel --id %d --voices 16", made + 1);
        made += run.code == 0;
    }
    assert_int_equal(made, 2);
    assert_int_equal(run.code, 13);
    assert_non_null(strstr(run.err, "--memory"));
    sy_ctl_ok(synth, "destroy reel/1");
    sy_await(sy_ctl(synth, "create reel --id 3 --voices 16").code == 0);
    sy_synth_quit(synth);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        sy_stage_test(killed_workers_are_not_heard_from_a_tape),
        sy_stage_test(block_sizes_and_workers_are_not_heard_from_a_tape),
        sy_stage_test(tape_is_given_back_even_by_the_next_engine),
        sy_stage_test(tape_for_which_there_is_no_room_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
