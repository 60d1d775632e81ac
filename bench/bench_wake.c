/* synthbench wake: what it costs to have a block computed by another process. */
#include <sched.h>
#include <stdio.h>
#include <time.h>

#include "bench/bench.h"
#include "bench/noise.h"
#include "bench/stage.h"
#include "engine/realtime.h"
#include "modules/registry.h"

#define BLOCKS        5000
#define PERIOD_NS     1000000 /* long enough for the worker to have gone to sleep again */
#define ROUND         100
#define NOISE_A_ROUND 10

/* One VCA: as good as nothing to compute. */
static bool patch_one_node(SyStage *stage)
{
    SyCommand command = {.kind = SY_CMD_CREATE,
                         .create = {.module = {(uint16_t)sy_registry_find("vca"), 1}, .voices = 1}};
    return sy_stage_edit(stage, &command, 1);
}

static void sleep_until(int64_t ns)
{
    const struct timespec at = {.tv_sec = ns / 1000000000, .tv_nsec = ns % 1000000000};
    clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &at, NULL);
}

static void run_blocks(SyStage *stage, uint64_t n, SyHistogram *wake, SyHistogram *noise)
{
    SyAudio *audio = stage->audio;
    float left[SY_BLOCK_MAX], right[SY_BLOCK_MAX];
    int64_t next = sy_now_ns();

    for (uint64_t i = 0; i < n; i++) {
        if (i % ROUND == 0) {
            sy_noise_measure(noise, NOISE_A_ROUND);
            next = sy_now_ns();
        }
        const uint64_t before = atomic_load(&audio->n_times);
        sy_audio_process(audio, left, right, (SyAudioTime){next, next + 100 * PERIOD_NS, 0});
        if (atomic_load(&audio->n_times) != before) {
            sy_histogram_record(wake, atomic_load(&audio->times_ns[before % SY_TIMES_KEPT]));
        }
        next += PERIOD_NS;
        sleep_until(next);
    }
}

static bool run_on(const char *name, int audio_cpu, int worker_cpu, uint64_t n, SyReport *report,
                   SyHistogram *noise)
{
    SyHistogram *wake = sy_histogram_new();
    SyStage stage;

    if (!wake || !sy_stage_open(&stage, 1)) {
        sy_histogram_free(wake);
        return false;
    }
    const bool ok = patch_one_node(&stage) && sy_thread_pin(0, audio_cpu) &&
                    sy_thread_pin(sy_stage_worker(&stage, 0), worker_cpu);
    if (ok) {
        sy_realtime_enter(SY_PRIORITY_AUDIO);
        run_blocks(&stage, n, wake, noise);
        sched_setscheduler(0, SCHED_OTHER, &(struct sched_param){0});
        sy_report_row(report, name, wake, 1);
    }
    sy_stage_close(&stage);
    sy_histogram_free(wake);
    sy_bench_unpin();
    return ok;
}

static int nth_cpu(int n)
{
    cpu_set_t set;
    sched_getaffinity(0, sizeof(set), &set);
    for (int cpu = 0; cpu < CPU_SETSIZE; cpu++) {
        if (CPU_ISSET(cpu, &set) && n-- == 0) {
            return cpu;
        }
    }
    return -1;
}

static bool run(const SyBenchOptions *options, SyReport *report)
{
    const uint64_t n = options->count ? options->count : BLOCKS;
    SyHistogram *noise = sy_histogram_new();
    const int first = nth_cpu(0), second = nth_cpu(1);
    const char *advice;

    if (!noise) {
        return sy_bench_fail("histogram");
    }
    bool ok = run_on("released to done, worker on the same CPU", first, first, n, report, noise);
    if (ok && second >= 0) {
        ok = run_on("released to done, worker on another CPU", first, second, n, report, noise);
    } else if (ok) {
        sy_report_note(report, "one CPU only: no row for a worker on another");
    }
    sy_report_row(report, SY_NOISE_ROW, noise, 1);
    if (!sy_realtime_permitted(&advice)) {
        sy_report_note(report, "%s", advice);
    }
    sy_histogram_free(noise);
    return ok;
}

const SyBench sy_bench_wake = {
    .name = "wake",
    .help = "a block of one node, from its release to its end, on the same CPU and on another",
    .run = run,
};
