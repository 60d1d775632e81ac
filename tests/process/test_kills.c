/* A worker that is killed costs nothing: no sample, no descriptor, no zombie, no place. */
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/rig/check.h"
#include "tests/rig/sound.h"
#include "tests/rig/synth.h"

/* A render is repeated until there were so many kills, within reason. A machine that has much else
 * to do starts workers more slowly than they are killed: a render is not shot at for ever. */
#define KILLS           (SY_SANITIZED ? 40 : 100)
#define KILLS_A_RENDER  60 /* an engine gives up when more than 64 are killed while it starts */
#define ROUNDS_MAX      8
#define STOPS           8
#define ROUNDS_UNTIL_NS (SY_SANITIZED ? 4000000000 : 10000000000)

/* Of sound: sanitizers make a render six times slower. */
static const char *lasting(SyStage *stage, int seconds)
{
    return sy_stage_text(stage, "%d", SY_SANITIZED ? seconds / 3 : seconds);
}

/* The same in every run, so that one that fails can be run again. */
static uint32_t next_random(uint32_t *seed)
{
    *seed = *seed * 1664525u + 1013904223u;
    return *seed >> 8;
}

/* Starts an offline render that can be shot at. */
static SySynth *launch_render(SyStage *stage, const char *patch, const char *seconds, int workers)
{
    return sy_synth_launch(stage,
                           "--audio offline --block 64 --load %s --seconds %s --workers %d "
                           "--placement spread --record shot.wav",
                           patch, seconds, workers);
}

/* Kills random workers, so many at a time, every few milliseconds, while the render lasts. Returns
 * how many. */
static int shoot(SySynth *synth, size_t at_once, int pause_ms, uint32_t seed)
{
    pid_t pids[SY_SYNTH_WORKERS_MAX];
    int killed = 0;

    while (killed < KILLS_A_RENDER && sy_process_lives(synth->keeper)) {
        size_t n = sy_synth_workers(synth, pids);
        for (size_t i = 0; i < at_once && n > 0 && killed < KILLS_A_RENDER; i++) {
            const size_t which = next_random(&seed) % n;
            killed += kill(pids[which], SIGKILL) == 0;
            pids[which] = pids[--n];
        }
        sy_stage_pause_ms(pause_ms / 2 + (int)(next_random(&seed) % (unsigned)pause_ms));
    }
    assert_int_equal(sy_stage_wait(synth->keeper), 0);
    return killed;
}

static void assert_costs_no_sample(SyStage *stage, const char *patch, int length_s, int workers,
                                   size_t at_once, int pause_ms)
{
    const char *seconds = lasting(stage, length_s);
    int killed = 0, rounds = 0;

    sy_synth_render(stage, patch, seconds, "whole.wav", "--workers %d", workers);
    const int64_t until = sy_stage_now_ns() + ROUNDS_UNTIL_NS;
    while (rounds == 0 || (killed < KILLS && rounds < ROUNDS_MAX && sy_stage_now_ns() < until)) {
        SySynth *synth = launch_render(stage, patch, seconds, workers);
        killed += shoot(synth, at_once, pause_ms, (uint32_t)++rounds);
        assert_true(sy_stage_same(stage, "whole.wav", "shot.wav"));
    }
    print_message("%d times %s s of %s: %d workers killed\n", rounds, seconds, patch, killed);
    assert_true(killed > 0);
}

static void killed_worker_costs_no_sample(void **state)
{
    assert_costs_no_sample(*state, "patches/demo.synth", 20, 4, 1, 30);
}

static void killed_worker_costs_no_sample_in_a_loop(void **state)
{
    assert_costs_no_sample(*state, "test/loops.synth", 10, 4, 1, 10);
}

static void only_worker_killed_costs_no_sample(void **state)
{
    assert_costs_no_sample(*state, "test/voices.synth", 10, 1, 1, 20);
}

static void all_workers_but_one_killed_cost_no_sample(void **state)
{
    assert_costs_no_sample(*state, "test/voices.synth", 20, 8, 7, 40);
}

static void all_workers_killed_cost_no_sample(void **state)
{
    assert_costs_no_sample(*state, "test/voices.synth", 20, 4, 4, 40);
}

/* The workers it leaves behind play on; those that are killed after it are made by the next. */
static void killed_zygotes_cost_no_sample(void **state)
{
    SyStage *stage = *state;
    pid_t pids[SY_SYNTH_WORKERS_MAX];
    int killed = 0;

    sy_synth_render(stage, "patches/demo.synth", lasting(stage, 60), "whole.wav", "--workers 4");
    SySynth *synth = launch_render(stage, "patches/demo.synth", lasting(stage, 60), 4);
    while (killed < KILLS_A_RENDER && sy_process_lives(synth->keeper)) {
        const pid_t zygote = sy_synth_zygote(synth);
        killed += zygote != 0 && kill(zygote, SIGKILL) == 0;
        sy_stage_pause_ms(20);
        if (sy_synth_workers(synth, pids) > 0) {
            kill(pids[0], SIGKILL);
        }
        sy_stage_pause_ms(20);
    }
    assert_int_equal(sy_stage_wait(synth->keeper), 0);
    print_message("%d zygotes killed\n", killed);
    assert_true(killed > 1);
    assert_true(sy_stage_same(stage, "whole.wav", "shot.wav"));
}

/* Replaced because they are old, every quarter of a second. */
static void recycled_workers_cost_no_sample(void **state)
{
    SyStage *stage = *state;
    const char *seconds = lasting(stage, 20);

    sy_synth_render(stage, "patches/demo.synth", seconds, "whole.wav", "--workers 4");
    sy_synth_render(stage, "patches/demo.synth", seconds, "shot.wav",
                    "--block 64 --workers 4 --placement spread --recycle 0.00001");
    assert_true(sy_stage_same(stage, "whole.wav", "shot.wav"));
}

/* Stops two workers at a time while the render lasts; returns how many. */
static int hold_up(SySynth *synth)
{
    pid_t pids[SY_SYNTH_WORKERS_MAX];
    int stopped = 0;

    while (sy_process_lives(synth->keeper)) {
        const size_t n = sy_synth_workers(synth, pids);
        if (n < 2) {
            sy_stage_pause_ms(1); /* they are still to be made, or have ended */
            continue;
        }
        for (size_t i = 0; i < 2; i++) {
            stopped += kill(pids[i], SIGSTOP) == 0;
        }
        sy_stage_pause_ms(700); /* longer than a worker may stand still with a node in hand */
        for (size_t i = 0; i < 2; i++) {
            kill(pids[i], SIGCONT);
        }
        sy_stage_pause_ms(10);
    }
    assert_int_equal(sy_stage_wait(synth->keeper), 0);
    return stopped;
}

/* Stopped in the middle of whatever it does, taken over from, and let go again. */
static void stopped_workers_cost_no_sample(void **state)
{
    SyStage *stage = *state;
    const char *seconds = lasting(stage, 60);
    int stopped = 0, rounds = 0;

    sy_synth_render(stage, "patches/demo.synth", seconds, "whole.wav", "--workers 4");
    while (stopped < STOPS && rounds < ROUNDS_MAX) {
        stopped += hold_up(launch_render(stage, "patches/demo.synth", seconds, 4));
        rounds++;
        assert_true(sy_stage_same(stage, "whole.wav", "shot.wav"));
    }
    print_message("%d times %s s: %d times stopped\n", rounds, seconds, stopped);
    assert_true(stopped >= STOPS);
}

/* On a running engine. */

typedef struct Descriptors {
    int keeper, zygote, engine;
} Descriptors;

static Descriptors count_descriptors(const SySynth *synth)
{
    return (Descriptors){sy_process_descriptors(synth->keeper),
                         sy_process_descriptors(sy_synth_zygote(synth)),
                         sy_process_descriptors(sy_synth_engine(synth))};
}

static bool is_at_full_strength(const SySynth *synth, int n)
{
    /* By UDP, for which the engine opens nothing: local clients are answered from sockets that it
     * keeps for a while. */
    struct json_object *workers = sy_ctl_json(synth, "--host 127.0.0.1 workers");
    bool all = json_object_array_length(workers) == (size_t)n;

    for (int i = 0; all && i < n; i++) {
        struct json_object *worker = json_object_array_get_idx(workers, (size_t)i);
        const char *status = json_object_get_string(json_object_object_get(worker, "state"));
        all = strcmp(status, "parked") == 0 || strcmp(status, "running") == 0;
    }
    json_object_put(workers);
    return all;
}

/* Workers that there have been, in all places. */
static int count_lives(const SySynth *synth)
{
    struct json_object *workers = sy_ctl_json(synth, "workers");
    int lives = 0;

    for (size_t i = 0; i < json_object_array_length(workers); i++) {
        lives += (int)sy_json_number(json_object_array_get_idx(workers, i), "incarnation");
    }
    json_object_put(workers);
    return lives;
}

static bool has_zombie(const SySynth *synth)
{
    static SyProcess list[SY_PROCESSES_MAX];
    const size_t n = sy_process_below(synth->keeper, list);
    bool found = false;

    for (size_t i = 0; i < n; i++) {
        found = found || list[i].state == 'Z';
    }
    return found;
}

/* Kills one of them. Returns whether it was not among the `n_shot` that have been shot: one that
 * takes its time to die may be shot twice. */
static bool shoot_another(const SySynth *synth, uint32_t *seed, pid_t *shot, int n_shot)
{
    pid_t pids[SY_SYNTH_WORKERS_MAX];
    size_t n = 0;

    sy_await((n = sy_synth_workers(synth, pids)) > 0);
    shot[n_shot] = pids[next_random(seed) % n];
    kill(shot[n_shot], SIGKILL);
    for (int i = 0; i < n_shot; i++) {
        if (shot[i] == shot[n_shot]) {
            return false;
        }
    }
    return true;
}

static void killed_workers_leave_nothing_and_are_replaced(void **state)
{
    enum { SHOTS = 200 };
    pid_t shot[SHOTS];
    int n_shot = 0;
    SySynth *synth = sy_synth_start(
        *state, "--audio clock --workers 4 --placement spread --load test/voices.synth");
    const Descriptors before = count_descriptors(synth);
    pid_t pids[SY_SYNTH_WORKERS_MAX];
    uint32_t seed = 2;

    for (int i = 0; i < SHOTS; i++) {
        n_shot += shoot_another(synth, &seed, shot, n_shot);
        sy_stage_pause_ms(4);
    }
    sy_await(is_at_full_strength(synth, 4));
    sy_await(!has_zombie(synth));
    assert_int_equal(sy_synth_workers(synth, pids), 4);
    const Descriptors after = count_descriptors(synth);
    assert_memory_equal(&before, &after, sizeof(before));
    const int lives = count_lives(synth);
    print_message("%d killed, %d lives, %.0f of %.0f blocks late\n", n_shot, lives,
                  sy_status(synth, "timing.late"), sy_status(synth, "timing.blocks"));
    assert_true(n_shot > 10);
    assert_true(lives >= 4 + n_shot);
    const double blocks = sy_status(synth, "timing.blocks");
    sy_await(sy_status(synth, "timing.blocks") > blocks + 100);
    sy_synth_quit(synth);
}

static void sound_goes_on_while_workers_are_killed(void **state)
{
    SyStage *stage = *state;
    pid_t pids[SY_SYNTH_WORKERS_MAX];
    uint32_t seed = 3;

    sy_stage_write(stage, "tone.synth",
                   "create vco --id 1 --freq 440\ncreate vca --id 1\ncreate out --id 1\n"
                   "connect vco/1/sine vca/1/in --gain 0.5\nconnect vca/1/out out/1/left\n");
    SySynth *synth = sy_synth_start(
        stage, "--audio clock --workers 4 --placement spread --load tone.synth --record tone.wav");
    for (int i = 0; i < 100; i++) {
        const size_t n = sy_synth_workers(synth, pids);
        if (n > 1) {
            kill(pids[next_random(&seed) % n], SIGKILL);
        }
        sy_stage_pause_ms(20);
    }
    double late;
    const SySound sound = sy_sound_end(synth, "tone.wav", &late);
    sy_sound_assert_tone(&sound, 440, 0.5, late);
}

/* A worker may die at the very moment in which it is told to end. */
static void pool_changes_size_under_fire(void **state)
{
    static const int sizes[] = {8, 2, 5, 1, 8, 3};
    SySynth *synth = sy_synth_start(
        *state, "--audio clock --workers 2 --placement spread --load test/voices.synth");
    pid_t pids[SY_SYNTH_WORKERS_MAX];
    uint32_t seed = 4;

    for (int i = 0; i < 60; i++) {
        const size_t n = sy_synth_workers(synth, pids);
        for (size_t k = 0; k < n; k += 2) {
            kill(pids[next_random(&seed) % n], SIGKILL);
        }
        sy_ctl_ok(synth, "workers %d", sizes[i % 6]);
    }
    sy_ctl_ok(synth, "workers 4");
    sy_await(is_at_full_strength(synth, 4));
    sy_await(sy_synth_workers(synth, pids) == 4);
    const double blocks = sy_status(synth, "timing.blocks");
    sy_await(sy_status(synth, "timing.blocks") > blocks + 100);
    sy_synth_quit(synth);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        sy_stage_test(killed_worker_costs_no_sample),
        sy_stage_test(killed_worker_costs_no_sample_in_a_loop),
        sy_stage_test(only_worker_killed_costs_no_sample),
        sy_stage_test(all_workers_but_one_killed_cost_no_sample),
        sy_stage_test(all_workers_killed_cost_no_sample),
        sy_stage_test(killed_zygotes_cost_no_sample),
        sy_stage_test(recycled_workers_cost_no_sample),
        sy_stage_test(stopped_workers_cost_no_sample),
        sy_stage_test(killed_workers_leave_nothing_and_are_replaced),
        sy_stage_test(sound_goes_on_while_workers_are_killed),
        sy_stage_test(pool_changes_size_under_fire),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
