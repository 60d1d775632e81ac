/* synthbench voices: how many voices one core sustains.
 *
 * A voice is a saw, a filter whose cutoff moves with every sample, and an amplifier: vco -> vcf ->
 * vca, each of them a module of its own (mono), or 16 voices of one (poly), all added up in one
 * `out`. One lfo moves all cutoffs and opens all amplifiers.
 *
 * What is measured is the real engine as `synthd --audio offline` sets it up, with the real
 * protocol: processes, plans, claims, commits. Only whoever drives the blocks is this bench, so
 * that it can look at the clock between two. It does so in blocks of 512 frames, as patches are
 * rendered, and in blocks of 64, as they are played. Beside it stand the kernels alone, process()
 * called on the same voices without an engine: what is left over is what the engine costs.
 *
 * 4,096 modules are all that an engine has, so more than 1,360 mono voices cannot be tried: what a
 * period would hold is reckoned from the line through the largest sizes. */
#include <math.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "bench/bench.h"
#include "bench/crowd.h"
#include "bench/stage.h"
#include "bench/yardstick.h"
#include "engine/realtime.h"
#include "modules/registry.h"

#define RATE       48000
#define ROUNDS     31
#define FRAMES     31744     /* a size: 31 rounds of 16 blocks of 64 */
#define WARM_UP    16384     /* frames: longer than any fade */
#define PIN_NS     150000000 /* after it has settled, until CPUs are chosen too */
#define SIZES_MAX  6
#define ARENA_MB   512
#define NAIVE_RUNS 1024 /* of a block, beside each round */
#define GOAL       8000.0
#define GOAL_SHARE 85.0

typedef struct Size {
    double voices;
    double wall_ns, cpu_ns;                /* of a block: as it goes by; CPU time of all workers */
    double naive_ns;                       /* of a frame */
    double vco_ns, vcf_ns, vca_ns, out_ns; /* of a block, by the engine's own account */
} Size;

typedef struct Series {
    const char *name;
    uint32_t voices_each; /* of a module */
    uint32_t n_workers, block;
    const uint32_t *instances; /* [n_sizes] */
    uint32_t n_sizes;
    Size sizes[SIZES_MAX];
    double fit; /* voices whose blocks take a period */
} Series;

static int64_t workers_cpu_ns(const SyStage *stage, uint32_t n_workers)
{
    int64_t sum = 0;

    for (uint32_t i = 0; i < n_workers; i++) {
        clockid_t clock;
        struct timespec now;
        if (clock_getcpuclockid(sy_stage_worker(stage, i), &clock) == 0 &&
            clock_gettime(clock, &now) == 0) {
            sum += now.tv_sec * INT64_C(1000000000) + now.tv_nsec;
        }
    }
    return sum;
}

static void run_blocks(SyStage *stage, uint32_t n)
{
    float left[SY_OFFLINE_BLOCK], right[SY_OFFLINE_BLOCK];
    const int64_t never = INT64_MAX / 2;

    for (uint32_t i = 0; i < n; i++) {
        sy_audio_process(stage->audio, left, right, (SyAudioTime){sy_now_ns(), never, i + 1 < n});
    }
}

static double time_naive(void)
{
    static float out[SY_LIVE_BLOCK];
    static uint32_t phase;
    const int64_t before = sy_thread_cpu_ns();

    for (int i = 0; i < NAIVE_RUNS; i++) {
        phase = sy_naive_saw(out, SY_LIVE_BLOCK, phase, 93631234);
    }
    return (double)(sy_thread_cpu_ns() - before) / (NAIVE_RUNS * SY_LIVE_BLOCK);
}

/* The plan with all modules is adopted when there is a block to adopt it in, and then what is new
 * fades in, and modules and threads are put where they stay. */
static bool settle(SyStage *stage, uint32_t n_modules)
{
    sy_stage_loaded(stage);
    atomic_store(&stage->audio->thread, gettid());
    for (int i = 0; i < 100000; i++) {
        run_blocks(stage, 1);
        if (sy_stage_is_settled(stage, n_modules)) {
            const uint64_t until = sy_bench_now() + PIN_NS;
            do {
                run_blocks(stage, WARM_UP / stage->segment->block);
            } while (sy_bench_now() < until);
            return true;
        }
        sched_yield();
    }
    fprintf(stderr, "synthbench: the patch does not come to play\n");
    return false;
}

static void measure(SyStage *stage, uint32_t n_workers, uint32_t n_blocks, Size *size)
{
    double wall[ROUNDS], naive[ROUNDS];
    const int64_t cpu_before = workers_cpu_ns(stage, n_workers);

    for (int i = 0; i < ROUNDS; i++) {
        naive[i] = time_naive();
        const uint64_t before = sy_bench_now();
        run_blocks(stage, n_blocks);
        wall[i] = (double)(sy_bench_now() - before) / n_blocks;
    }
    size->wall_ns = sy_median(wall, ROUNDS);
    size->naive_ns = sy_median(naive, ROUNDS);
    size->cpu_ns = (double)(workers_cpu_ns(stage, n_workers) - cpu_before) / ROUNDS / n_blocks;
}

/* What the workers have noted of the nodes of a type, kernels and all that is done about them. */
static double account_of(const SyStage *stage, const char *type)
{
    const SyPlan *plan = stage->audio->plan;
    const int number = sy_registry_find(type);
    double sum = 0.0;

    for (uint32_t i = 0; i < plan->n_nodes; i++) {
        const SyPlanNode *node = &sy_plan_nodes(plan)[i];
        if (node->type == number) {
            sum += atomic_load_explicit(&stage->segment->work[node->slot].cost_ns,
                                        memory_order_relaxed);
        }
    }
    return sum;
}

static bool measure_size(const Series *series, uint32_t instances, uint32_t n_blocks, Size *size)
{
    SyStage stage;
    cpu_set_t cpus;
    uint32_t n_modules = 0;

    const SyStageSetup setup = {.n_workers = series->n_workers,
                                .n_cores = sy_stage_cores(),
                                .arena_mb = ARENA_MB,
                                .block = series->block,
                                .offline = true,
                                .placement = series->n_workers > 1 ? SY_PLACEMENT_SPREAD
                                                                   : SY_PLACEMENT_PACK};
    sched_getaffinity(0, sizeof(cpus), &cpus);
    if (!sy_stage_open_all(&stage, &setup, 1)) {
        return false;
    }
    const bool ok = sy_crowd_patch(&stage, instances, series->voices_each, &n_modules) &&
                    settle(&stage, n_modules);
    if (ok) {
        size->voices = (double)instances * series->voices_each;
        measure(&stage, series->n_workers, n_blocks, size);
        size->vco_ns = account_of(&stage, "vco");
        size->vcf_ns = account_of(&stage, "vcf");
        size->vca_ns = account_of(&stage, "vca");
        size->out_ns = account_of(&stage, "out");
    }
    sy_stage_close(&stage);
    sched_setaffinity(0, sizeof(cpus), &cpus); /* the engine may have kept this thread on one */
    return ok;
}

/* Where the straight line that lies best among three sizes meets the period: those around it, or
 * the largest. Where the machine became so much faster on the way that more voices took less, it is
 * the line from nothing to the largest. */
static double voices_in(const Series *series, double period_ns)
{
    double n = 0, t = 0, nn = 0, nt = 0;
    uint32_t last = 2;

    while (last + 1 < series->n_sizes && series->sizes[last].wall_ns < period_ns) {
        last++;
    }
    for (uint32_t i = last - 2; i <= last; i++) {
        n += series->sizes[i].voices / 3;
        t += series->sizes[i].wall_ns / 3;
    }
    for (uint32_t i = last - 2; i <= last; i++) {
        const double from_mean = series->sizes[i].voices - n;
        nn += from_mean * from_mean;
        nt += from_mean * (series->sizes[i].wall_ns - t);
    }
    const Size *largest = &series->sizes[last];
    return nt > 0 ? n + (period_ns - t) * nn / nt : largest->voices * period_ns / largest->wall_ns;
}

/* As in "mono, blocks of 64, 1 worker". */
static void name_series(const Series *series, char *text, size_t size)
{
    snprintf(text, size, "%s, blocks of %u, %u %s", series->name, series->block, series->n_workers,
             series->n_workers == 1 ? "worker" : "workers");
}

static void report_series(Series *series, uint32_t n_blocks, SyReport *report)
{
    static const char *const columns[] = {"block us", "ns/frame", "in N",   "N ns",   "CPU ns",
                                          "vco ns",   "vcf ns",   "vca ns", "out ns", "blocks"};
    char name[80], text[160];

    name_series(series, name, sizeof(name));
    snprintf(text, sizeof(text),
             "%s: a block; a voice's frame, its CPU time, and what the engine counts of it", name);
    sy_report_table(report, text, columns, sizeof(columns) / sizeof(*columns));
    sy_report_draw(report, &(SyReportDraw){.title = "A voice's frame through the whole engine",
                                           .series = name,
                                           .x = "voices",
                                           .y = "time of a voice's frame",
                                           .unit = "ns",
                                           .columns = &columns[1],
                                           .n_columns = 1});
    for (uint32_t i = 0; i < series->n_sizes; i++) {
        const Size *size = &series->sizes[i];
        const double frames = size->voices * series->block;
        snprintf(text, sizeof(text), "%g voices", size->voices);
        sy_report_cells(report, text,
                        (double[]){size->wall_ns / 1e3, size->wall_ns / frames,
                                   size->wall_ns / frames / size->naive_ns, size->naive_ns,
                                   size->cpu_ns / frames, size->vco_ns / frames,
                                   size->vcf_ns / frames, size->vca_ns / frames,
                                   size->out_ns / frames, (double)ROUNDS * n_blocks});
    }
}

static bool run_series(Series *series, uint64_t n_frames, SyReport *report)
{
    const uint64_t frames_a_round = (uint64_t)ROUNDS * series->block;
    const uint32_t n_blocks = (uint32_t)((n_frames + frames_a_round - 1) / frames_a_round);

    for (uint32_t i = 0; i < series->n_sizes; i++) {
        if (!measure_size(series, series->instances[i], n_blocks, &series->sizes[i])) {
            return false;
        }
    }
    series->fit = voices_in(series, 1e9 * series->block / RATE);
    report_series(series, n_blocks, report);
    return true;
}

/* Returns what 16 voices take, ns of a voice's frame. */
static double report_kernels(SyReport *report)
{
    static const char *const columns[] = {"vco", "vcf", "vca", "all", "all in N", "rounds"};
    static const struct {
        const char *name;
        uint32_t voices;
        bool deep;
    } rows[] = {{"16 voices, memory in L1", 16, false},
                {"1,360 voices, all vcos first", 1360, false},
                {"1,360 voices, 16 at a time", 1360, true},
                {"8,192 voices, all vcos first", 8192, false},
                {"8,192 voices, 16 at a time", 8192, true}};
    double alone = NAN;

    sy_report_table(report, "kernels alone, process() with 16 lanes: ns of a voice's frame",
                    columns, sizeof(columns) / sizeof(*columns));
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        SyCrowdCost cost;
        if (sy_crowd_kernels(rows[i].voices, rows[i].deep, &cost)) {
            sy_report_cells(report, rows[i].name,
                            (double[]){cost.vco_ns, cost.vcf_ns, cost.vca_ns, cost.all.ns,
                                       cost.all.in_n, cost.all.n_rounds});
            alone = i == 0 ? cost.all.ns : alone;
        }
    }
    return alone;
}

static void report_share(const Series *series, double alone_ns, SyReport *report)
{
    const Size *size = &series->sizes[series->n_sizes - 1];
    const double frame_ns = size->wall_ns / size->voices / series->block;
    char name[80], text[160];

    name_series(series, name, sizeof(name));
    snprintf(text, sizeof(text), "%s: share of the kernels in the time", name);
    sy_report_value(report, text, 100 * alone_ns / frame_ns, "%");
    snprintf(text, sizeof(text), "%s: what the engine adds to a module's block", name);
    sy_report_value(report, text, (frame_ns - alone_ns) * series->block / 3, "ns");
}

static void report_goals(const Series *one, const Series *all, SyReport *report)
{
    char name[80], text[160];

    name_series(one, name, sizeof(name));
    snprintf(text, sizeof(text), "voices a core, %s", name);
    sy_report_at_least(report, text, one->fit, GOAL, "voices");
    if (all) {
        name_series(all, name, sizeof(name));
        snprintf(text, sizeof(text), "of that per core, %s", name);
        sy_report_at_least(report, text, 100 * all->fit / all->n_workers / one->fit, GOAL_SHARE,
                           "%");
    }
}

static bool run(const SyBenchOptions *options, SyReport *report)
{
    static const uint32_t monos[] = {256, 680, 1020, 1360}, polys[] = {64, 256, 512, 640};
    const uint64_t n_frames = options->count ? options->count * SY_LIVE_BLOCK : FRAMES;
    const uint32_t n_cores = sy_stage_cores();
    Series series[8];
    const size_t n_series = sizeof(series) / sizeof(series[0]), step = n_cores > 1 ? 1 : 2;

    for (size_t i = 0; i < n_series; i++) { /* each on one worker first, then on all */
        const bool is_poly = i / 2 % 2;
        series[i] = (Series){.name = is_poly ? "poly, 16 voices a module" : "mono",
                             .voices_each = is_poly ? 16 : 1,
                             .n_workers = i % 2 ? n_cores : 1,
                             .block = i < 4 ? SY_OFFLINE_BLOCK : SY_LIVE_BLOCK,
                             .instances = is_poly ? polys : monos,
                             .n_sizes = 4};
    }
    for (size_t i = 0; i < n_series; i += step) {
        if (!run_series(&series[i], n_frames, report)) {
            return false;
        }
    }
    const double alone_ns = report_kernels(report);
    for (size_t i = 0; i < n_series; i += 4) {
        report_share(&series[i], alone_ns, report);
    }
    for (size_t i = 0; i < n_series; i += 2) {
        report_goals(&series[i], n_cores > 1 ? &series[i + 1] : NULL, report);
    }
    if (n_cores < 2) {
        sy_report_note(report, "one CPU only: no lines for a worker on each");
    }
    sy_report_note(report, "mono voices are limited by the engine's 4,096 modules; what a period "
                           "would hold is reckoned from the line through the largest sizes");
    return true;
}

const SyBench sy_bench_voices = {
    .name = "voices",
    .help = "how many voices a core sustains through the whole engine, and what the engine adds",
    .run = run,
};
