/* synthbench voices: how many voices one core sustains.
 *
 * A voice is a saw, a filter whose cutoff moves with every sample, and an amplifier: vco -> vcf ->
 * vca, each of them a module of its own (mono), or 16 voices of one (poly), all added up in one
 * `out`. One lfo moves all cutoffs and opens all amplifiers.
 *
 * What is measured is the real engine as `synthd --audio offline` sets it up, with the real
 * protocol: processes, plans, claims, commits. Only whoever drives the blocks is this bench, so
 * that it can look at the clock between two. It does so in blocks of 512 frames, as patches are
 * rendered, and in blocks of 64, as they are played. Engines with few and with many voices, on one
 * worker and on all, take turns (bench_voices_turns.h). Beside it stand the kernels alone,
 * process() called on the same voices without an engine: what is left over is what the engine
 * costs.
 *
 * 4,096 modules are all that an engine has, so more than 1,360 mono voices cannot be tried: what a
 * period would hold is reckoned from the line through the largest sizes. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/bench.h"
#include "bench/bench_voices_turns.h"
#include "bench/crowd.h"
#include "bench/yardstick.h"

#define RATE       48000
#define ROUNDS     31
#define SIZES      4
#define GOAL       8000.0
#define GOAL_SHARE 85.0
#define GOAL_N_NS  0.65 /* N of the machine that the goals are from */

_Static_assert(2 * SIZES <= SY_TURNS_MAX, "one worker and all of them take turns");

/* Patches of growing size on so many workers. */
typedef struct Series {
    const char *name;
    uint32_t voices_each; /* of a module */
    uint32_t block;
    uint32_t n_workers;
    SyTurn turns[SIZES];
} Series;

/* Where the straight line that lies best among three sizes meets the period: those around it, or
 * the largest. Where the machine became so much faster on the way that more voices took less, it is
 * the line from nothing to the largest. `times`: of blocks, by size. */
static double voices_in(const Series *series, const double *times)
{
    const double period_ns = 1e9 * series->block / RATE;
    double n = 0, t = 0, nn = 0, nt = 0;
    uint32_t last = 2;

    while (last + 1 < SIZES && times[last] < period_ns) {
        last++;
    }
    for (uint32_t i = last - 2; i <= last; i++) {
        n += series->turns[i].voices / 3;
        t += times[i] / 3;
    }
    for (uint32_t i = last - 2; i <= last; i++) {
        const double from_mean = series->turns[i].voices - n;
        nn += from_mean * from_mean;
        nt += from_mean * (times[i] - t);
    }
    return nt > 0 ? n + (period_ns - t) * nn / nt
                  : series->turns[last].voices * period_ns / times[last];
}

static double voices_a_core(const Series *series)
{
    double times[SIZES];

    for (uint32_t i = 0; i < SIZES; i++) {
        times[i] = series->turns[i].wall_ns;
    }
    return voices_in(series, times) / series->n_workers;
}

/* The same if N were what it was where the goals are from: a CPU that a host shares out is not as
 * fast in one run as in the next. */
static double voices_at_goals_n(const Series *series)
{
    double times[SIZES];

    for (uint32_t i = 0; i < SIZES; i++) {
        times[i] = series->turns[i].wall_ns * GOAL_N_NS / series->turns[i].naive_ns;
    }
    return voices_in(series, times) / series->n_workers;
}

/* As in "mono, blocks of 64, 1 worker". */
static void name_series(const Series *series, char *text, size_t size)
{
    snprintf(text, size, "%s, blocks of %u, %u %s", series->name, series->block, series->n_workers,
             series->n_workers == 1 ? "worker" : "workers");
}

static void report_series(const Series *series, SyReport *report)
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
    for (uint32_t i = 0; i < SIZES; i++) {
        const SyTurn *turn = &series->turns[i];
        const double frames = turn->voices * series->block;
        snprintf(text, sizeof(text), "%g voices", turn->voices);
        sy_report_cells(report, text,
                        (double[]){turn->wall_ns / 1e3, turn->wall_ns / frames,
                                   turn->wall_ns / frames / turn->naive_ns, turn->naive_ns,
                                   turn->cpu_ns / frames, turn->vco_ns / frames,
                                   turn->vcf_ns / frames, turn->vca_ns / frames,
                                   turn->out_ns / frames, turn->n_blocks});
    }
}

/* `n` (1 or 2) series of the same patches and block by turns. */
static bool run_series(Series *series, uint32_t n, const uint32_t *instances, uint32_t n_rounds,
                       SyReport *report)
{
    SyTurn turns[SY_TURNS_MAX];

    for (uint32_t i = 0; i < n * SIZES; i++) {
        turns[i] = (SyTurn){.instances = instances[i % SIZES],
                            .voices_each = series[i / SIZES].voices_each,
                            .n_workers = series[i / SIZES].n_workers};
    }
    if (!sy_turns_play(turns, n * SIZES, series->block, n_rounds)) {
        return false;
    }
    for (uint32_t i = 0; i < n; i++) {
        memcpy(series[i].turns, &turns[i * SIZES], sizeof(series[i].turns));
        report_series(&series[i], report);
    }
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
    const SyTurn *largest = &series->turns[SIZES - 1];
    const double frame_ns = largest->wall_ns / largest->voices / series->block;
    char name[80], text[160];

    name_series(series, name, sizeof(name));
    snprintf(text, sizeof(text), "%s: share of the kernels in the time", name);
    sy_report_value(report, text, 100 * alone_ns / frame_ns, "%");
    snprintf(text, sizeof(text), "%s: what the engine adds to a module's block", name);
    sy_report_value(report, text, (frame_ns - alone_ns) * series->block / 3, "ns");
}

static void report_at_goals_n(const Series *series, SyReport *report)
{
    char name[80], text[160];

    name_series(series, name, sizeof(name));
    snprintf(text, sizeof(text), "voices a core if N were %g ns, %s", GOAL_N_NS, name);
    sy_report_value(report, text, voices_at_goals_n(series), "voices");
}

static void report_goals(const Series *one, const Series *all, SyReport *report)
{
    char name[80], text[160];

    name_series(one, name, sizeof(name));
    snprintf(text, sizeof(text), "voices a core, %s", name);
    sy_report_at_least(report, text, voices_a_core(one), GOAL, "voices");
    if (all) {
        name_series(all, name, sizeof(name));
        snprintf(text, sizeof(text), "of that per core, %s", name);
        sy_report_at_least(report, text, 100 * voices_a_core(all) / voices_a_core(one), GOAL_SHARE,
                           "%");
    }
}

static bool run(const SyBenchOptions *options, SyReport *report)
{
    static const uint32_t monos[SIZES] = {256, 680, 1020, 1360}, polys[SIZES] = {64, 256, 512, 640};
    const uint32_t n_rounds = options->count > 0 ? (uint32_t)options->count : ROUNDS;
    const uint32_t n_cores = sy_stage_cores(), n_each = n_cores > 1 ? 2 : 1;
    Series series[8];

    for (uint32_t i = 0; i < 8; i++) { /* each on one worker first, then on all */
        const bool is_poly = i / 2 % 2;
        series[i] = (Series){.name = is_poly ? "poly, 16 voices a module" : "mono",
                             .voices_each = is_poly ? 16 : 1,
                             .n_workers = i % 2 ? n_cores : 1,
                             .block = i < 4 ? SY_OFFLINE_BLOCK : SY_LIVE_BLOCK};
    }
    for (uint32_t i = 0; i < 8; i += 2) {
        if (!run_series(&series[i], n_each, i / 2 % 2 ? polys : monos, n_rounds, report)) {
            return false;
        }
    }
    const double alone_ns = report_kernels(report);
    for (uint32_t i = 0; i < 8; i += 4) {
        report_share(&series[i], alone_ns, report);
    }
    for (uint32_t i = 0; i < 8; i += 2) {
        report_at_goals_n(&series[i], report);
    }
    for (uint32_t i = 0; i < 8; i += 2) {
        report_goals(&series[i], n_each > 1 ? &series[i + 1] : NULL, report);
    }
    if (n_each < 2) {
        sy_report_note(report, "one CPU only: no lines for a worker on each");
    }
    sy_report_note(report, "mono voices are limited by the engine's 4,096 modules; what a period "
                           "would hold is reckoned from the line through the largest sizes");
    sy_report_note(report,
                   "all sizes of a kind, on one worker and on all, are played by turns; "
                   "times are medians of %u rounds",
                   n_rounds);
    return true;
}

const SyBench sy_bench_voices = {
    .name = "voices",
    .help = "how many voices a core sustains through the whole engine, and what the engine adds",
    .run = run,
};
