/* Workers are killed while everything they do is recorded: what they have committed is in the file,
 * once. */
#include <signal.h>
#include <stdlib.h>

#include "tests/rig/check.h"
#include "tests/trace/trace_file.h"

#define KILLS      60
#define KILLING_NS 3500000000 /* of the 6 s that are recorded */
#define VOICES     16

/* VOICES voices on their way to the loudspeakers, one of them through a feedback loop. */
static const char *patch(SyStage *stage)
{
    const char *text = "create out --id 1\ncreate mixer --id 1\n"
                       "create slew --id 1\ncreate vca --id 99\n"
                       "connect slew/1/out vca/99/in\nconnect vca/99/out slew/1/in --gain 0.5\n"
                       "connect vca/99/out out/1/left --gain 0.01\n";
    for (int i = 1; i <= VOICES; i++) {
        text = sy_stage_text(stage,
                             "%screate vco --id %d --freq %d\ncreate vcf --id %d\ncreate vca --id "
                             "%d\nconnect vco/%d/saw vcf/%d/in\nconnect vcf/%d/low vca/%d/in\n"
                             "connect vca/%d/out out/1/left --gain 0.05\n",
                             text, i, 50 + 30 * i, i, i, i, i, i, i, i);
    }
    return text;
}

static uint32_t next_random(uint32_t *seed)
{
    *seed = *seed * 1664525u + 1013904223u;
    return *seed >> 8;
}

static pid_t start_recording(SyStage *stage, const SySynth *synth, const char *seconds)
{
    const char *const arguments[] = {getenv("SYNTHCTL"),
                                     "--port",
                                     sy_stage_text(stage, "%d", synth->port),
                                     "trace",
                                     "-o",
                                     "killed.json",
                                     "--level",
                                     "complete",
                                     "--seconds",
                                     seconds,
                                     NULL};
    const SyStart start = {.arguments = arguments, .out = "told.txt", .err = "told-wrong.txt"};
    return sy_stage_launch(stage, &start);
}

/* Fewer than KILLS where they take too long: what dies after the recording is not in it. */
static int kill_some(const SySynth *synth)
{
    const int64_t until = sy_stage_now_ns() + KILLING_NS;
    pid_t pids[SY_SYNTH_WORKERS_MAX];
    uint32_t seed = 7;
    int n_kills = 0;

    while (n_kills < KILLS && sy_stage_now_ns() < until) {
        const size_t n = sy_synth_workers(synth, pids);
        if (n > 0 && kill(pids[next_random(&seed) % n], SIGKILL) == 0) {
            n_kills++;
        }
        sy_stage_pause_ms(10 + (int)(next_random(&seed) % 40));
    }
    return n_kills;
}

/* By the engine's count: where the machine holds a worker up for long, the watchdog kills it too.
 */
static double deaths(const SySynth *synth)
{
    return sy_status(synth, "health.worker_deaths");
}

static void count_workers(const TraceFile *file, int n_workers)
{
    bool there[4] = {false};

    for (size_t i = 0; i < file->n_slices; i++) {
        const int worker = file->slices[i].worker;
        if (file->slices[i].kind != 'b') {
            assert_true(worker >= 0 && worker < n_workers);
            there[worker] = true;
        }
    }
    for (int i = 0; i < n_workers; i++) {
        assert_true(there[i]); /* killed often enough for each to have had its turn */
    }
}

static void killed_worker_loses_and_doubles_nothing(void **state)
{
    SyStage *stage = *state;
    const int n_modules = 3 * VOICES + 4;

    sy_stage_write(stage, "patch.synth", patch(stage));
    SySynth *synth = sy_synth_start(stage, "--audio clock --workers 4 --load patch.synth");
    const double before = deaths(synth);
    const pid_t recording = start_recording(stage, synth, "6");
    sy_stage_pause_ms(300);
    const double first = deaths(synth);
    const int n_kills = kill_some(synth);
    const double last = deaths(synth);
    assert_int_equal(sy_stage_wait(recording), 0);
    const double after = deaths(synth);
    const TraceFile *file = trace_read(stage, "killed.json");
    assert_int_equal(file->n_dropped, 0);
    const int64_t n_blocks = trace_assert_whole(file, n_modules);
    const int n_told = trace_count(file, "worker died");
    count_workers(file, 4);
    print_message("%d workers killed, %d in the file, %g to %g by the engine's count; %lld blocks, "
                  "%zu slices\n",
                  n_kills, n_told, last - first, after - before, (long long)n_blocks,
                  file->n_slices);
    assert_true(n_told >= last - first && n_told <= after - before);
    assert_true(trace_count(file, "worker back") > 0);
    json_object_put(file->json);
    sy_synth_quit(synth);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        sy_stage_test(killed_worker_loses_and_doubles_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
