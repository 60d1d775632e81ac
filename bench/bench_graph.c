/* synthbench graph: what the shape and the size of a patch cost, and what more cores are good for.
 *
 * Shapes as bench/bench_graph_shapes.h has them, from 2 to 4,096 modules. Each of them is played by
 * three engines that have a worker for each core, and take turns round by round, so that what the
 * machine does to one it does to the others:
 *
 *     one    all modules on one worker (--placement pack)
 *     all    spread over all of them (--placement spread)
 *     auto   wherever the engine puts them
 *
 * Ratios are medians over rounds of one's median to the other's, and so hold even where the times
 * themselves wander. Before it is measured each engine plays until it has put the modules where it
 * wants them. Each is played
 *
 *     offline   back to back, in blocks of 512: from the end of one to the end of the next
 *     live      at the pace of its period: from its release to its end; workers have gone to sleep
 *               between two blocks and are woken for each, as on stage
 *
 * Patches whose blocks take longer than a period even with the best of the three are not played
 * live: nothing could play them, and the kernel ends workers that compute on and on.
 *
 * A chain cannot be shared out, and rows of a diamond are short, so goals of speed are those of the
 * shapes that are wide. What the machine's CPUs are worth to work that shares nothing is measured
 * between the rounds, and told beside them: bench/cpus_at_once.h. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "bench/bench.h"
#include "bench/bench_graph_shapes.h"
#include "bench/cpus_at_once.h"
#include "bench/noise.h"
#include "bench/stage_player.h"
#include "bench/yardstick.h"
#include "engine/realtime.h"

#define ROUNDS        10
#define ROUNDS_MAX    1000
#define AT_ONCE_MAX   1024
#define ARENA_MB      24 /* for blocks of 64 */
#define NOISE_A_ROUND 2
#define SETTLE_NS     UINT64_C(40000000000) /* when it is given up */
#define PIN_NS        UINT64_C(120000000)   /* after it has settled, until CPUs are chosen too */
#define PAUSE_NS      1000000
#define PERIOD_US     (1e6 * 64 / 48000)
#define SIZES         7
#define SPEED_UP      1.85
#define LIVE_FROM_US  500.0 /* of work a block, with one worker */
#define OFF_FROM_US   100.0
#define NEAR_SHARE    1.05 /* auto is as good as the better of the two */
#define NEAR_US       5.0

enum { ONE, ALL, AUTO, CONFIGS };
enum { OFFLINE, LIVE, MODES };

static const char *const mode_names[MODES] = {"offline", "live"};
static const uint32_t sizes[SIZES] = {2, 4, 16, 64, 256, 1024, 4096};

/* What was found of one patch in one mode. */
typedef struct Cell {
    uint32_t n_modules; /* 0: the shape does not fit */
    double p50_us[CONFIGS], p99_us[CONFIGS], n_blocks[CONFIGS];
    double speed_up;     /* one worker's time to all workers' */
    double auto_to_best; /* auto's time to that of the better of the two */
    double auto_workers; /* that it has put the patch on */
} Cell;

typedef struct Tools {
    SyHistogram *blocks[CONFIGS], *round, *noise;
    double medians[CONFIGS][ROUNDS_MAX]; /* of the blocks of a round */
    uint32_t n_rounds;
    SyCpusAtOnce *cpus; /* NULL where there is one */
    double at_once[AT_ONCE_MAX];
    uint32_t n_at_once;
} Tools;

static Cell cells[MODES][SY_SHAPES][SIZES];

/* Rounds. */

/* Engines that are compared. */
typedef struct Engines {
    int mode;
    SyStage stages[CONFIGS];
    SyPlayer *players[CONFIGS];
} Engines;

static void play_round(Engines *engines, int c, SyHistogram *blocks)
{
    sy_histogram_reset(blocks);
    sy_player_round(engines->players[c], blocks);
}

static void compute_at_once(Tools *tools)
{
    if (tools->cpus && tools->n_at_once < AT_ONCE_MAX) {
        tools->at_once[tools->n_at_once] = sy_cpus_round(tools->cpus, tools->n_at_once);
        tools->n_at_once++;
    }
}

static void run_rounds(Engines *engines, Tools *tools)
{
    for (int c = 0; c < CONFIGS; c++) {
        sy_histogram_reset(tools->blocks[c]);
    }
    for (uint32_t r = 0; r < tools->n_rounds; r++) {
        for (int c = 0; c < CONFIGS; c++) {
            play_round(engines, c, tools->round);
            tools->medians[c][r] = (double)sy_histogram_percentile(tools->round, 50);
            sy_histogram_merge(tools->blocks[c], tools->round);
        }
        sy_noise_measure(tools->noise, NOISE_A_ROUND);
        compute_at_once(tools);
    }
}

static double median_ratio(const Tools *tools, int above, int below)
{
    double ratios[ROUNDS_MAX];

    for (uint32_t r = 0; r < tools->n_rounds; r++) {
        ratios[r] = tools->medians[above][r] / tools->medians[below][r];
    }
    return sy_median(ratios, tools->n_rounds);
}

static void take_down(const Tools *tools, Cell *cell)
{
    for (int c = 0; c < CONFIGS; c++) {
        cell->p50_us[c] = (double)sy_histogram_percentile(tools->blocks[c], 50) / 1e3;
        cell->p99_us[c] = (double)sy_histogram_percentile(tools->blocks[c], 99) / 1e3;
        cell->n_blocks[c] = (double)sy_histogram_count(tools->blocks[c]);
    }
    cell->speed_up = median_ratio(tools, ONE, ALL);
    cell->auto_to_best =
        median_ratio(tools, AUTO, cell->p50_us[ONE] < cell->p50_us[ALL] ? ONE : ALL);
}

/* A patch. */

static bool are_settled(Engines *engines, uint32_t n_modules, SyHistogram *round)
{
    const struct timespec pause = {.tv_nsec = PAUSE_NS};
    bool settled = true;

    for (int c = 0; c < CONFIGS; c++) {
        play_round(engines, c, round);
        settled = sy_stage_is_settled(&engines->stages[c], n_modules) && settled;
    }
    nanosleep(&pause, NULL); /* the control threads' turn */
    return settled;
}

/* Plays until all have `n_modules` where they want them. */
static bool settle(Engines *engines, uint32_t n_modules, SyHistogram *round)
{
    const uint64_t start = sy_bench_now();
    uint64_t since = 0, now = start;

    while (now < start + SETTLE_NS) {
        const bool settled = are_settled(engines, n_modules, round);
        now = sy_bench_now();
        since = !settled ? 0 : since == 0 ? now : since;
        if (settled && (n_modules == 0 || now >= since + PIN_NS)) {
            return true;
        }
    }
    fprintf(stderr, "synthbench: the patch does not come to play\n");
    return false;
}

static bool patch_all(Engines *engines, const SyShape *shape, uint32_t size, Cell *cell)
{
    SyScript script;
    bool ok = true;

    cell->n_modules = sy_shape_write(shape, size, &script);
    for (int c = 0; c < CONFIGS && ok; c++) {
        ok = sy_script_run(&script, &engines->stages[c]);
        sy_stage_loaded(&engines->stages[c]);
    }
    sy_script_free(&script);
    return ok;
}

static bool clear_all(Engines *engines, SyHistogram *round)
{
    bool ok = true;

    for (int c = 0; c < CONFIGS && ok; c++) {
        SyCommand clear = {.kind = SY_CMD_CLEAR};
        ok = sy_stage_edit(&engines->stages[c], &clear, 1);
    }
    return ok && settle(engines, 0, round);
}

static bool measure_cell(Engines *engines, const SyShape *shape, uint32_t size, Tools *tools,
                         Cell *cell)
{
    if (!patch_all(engines, shape, size, cell) || !settle(engines, cell->n_modules, tools->round)) {
        return false;
    }
    run_rounds(engines, tools);
    take_down(tools, cell);
    cell->auto_workers = engines->stages[AUTO].audio->plan->n_homes;
    return clear_all(engines, tools->round);
}

/* Offline comes first. */
static bool can_be_played(int mode, int shape, int size)
{
    const Cell *offline = &cells[OFFLINE][shape][size];

    if (sizes[size] < sy_shapes[shape].least) {
        return false;
    }
    return mode == OFFLINE || fmin(offline->p50_us[ONE], offline->p50_us[ALL]) < PERIOD_US;
}

static bool measure_shapes(Engines *engines, Tools *tools)
{
    bool ok = true;

    for (int shape = 0; shape < SY_SHAPES; shape++) {
        for (int i = 0; i < SIZES && ok; i++) {
            if (can_be_played(engines->mode, shape, i)) {
                ok = measure_cell(engines, &sy_shapes[shape], sizes[i], tools,
                                  &cells[engines->mode][shape][i]);
            }
        }
    }
    return ok;
}

static void close_engines(Engines *engines)
{
    for (int c = 0; c < CONFIGS; c++) {
        sy_player_stop(engines->players[c]);
        sy_stage_close(&engines->stages[c]);
    }
}

static bool open_engines(Engines *engines, int mode)
{
    static const SyPlacement placements[CONFIGS] = {
        [ONE] = SY_PLACEMENT_PACK, [ALL] = SY_PLACEMENT_SPREAD, [AUTO] = SY_PLACEMENT_AUTO};
    const uint32_t n_cores = sy_stage_cores();
    SyStageSetup setups[CONFIGS];
    bool ok = true;

    *engines = (Engines){.mode = mode};
    for (int c = 0; c < CONFIGS; c++) {
        setups[c] = (SyStageSetup){.n_workers = n_cores,
                                   .n_cores = n_cores,
                                   .arena_mb = mode == OFFLINE ? 8 * ARENA_MB : ARENA_MB,
                                   .block = mode == OFFLINE ? SY_OFFLINE_BLOCK : SY_LIVE_BLOCK,
                                   .offline = mode == OFFLINE,
                                   .placement = placements[c]};
    }
    if (!sy_stage_open_all(engines->stages, setups, CONFIGS)) {
        return false;
    }
    for (int c = 0; c < CONFIGS && ok; c++) {
        engines->players[c] = sy_player_start(&engines->stages[c]);
        ok = engines->players[c] != NULL;
    }
    if (!ok) {
        close_engines(engines);
    }
    return ok;
}

static bool measure_mode(int mode, Tools *tools)
{
    Engines engines;

    if (!open_engines(&engines, mode)) {
        return false;
    }
    tools->cpus = sy_stage_cores() > 1 ? sy_cpus_start(sy_stage_cores()) : NULL;
    const bool ok = measure_shapes(&engines, tools);
    sy_cpus_stop(tools->cpus);
    close_engines(&engines);
    return ok;
}

/* The report. */

static void report_shape(int mode, int shape, SyReport *report)
{
    static const char *const columns[] = {"one us", "p99", "all us",   "p99",       "auto us",
                                          "p99",    "on",  "speed-up", "auto/best", "blocks"};
    char text[80];

    snprintf(text, sizeof(text), "%s, %s: a block", sy_shapes[shape].name, mode_names[mode]);
    sy_report_table(report, text, columns, sizeof(columns) / sizeof(*columns));
    for (int i = 0; i < SIZES; i++) {
        const Cell *cell = &cells[mode][shape][i];
        if (cell->n_modules > 0) {
            snprintf(text, sizeof(text), "%u modules", cell->n_modules);
            sy_report_cells(report, text,
                            (double[]){cell->p50_us[ONE], cell->p99_us[ONE], cell->p50_us[ALL],
                                       cell->p99_us[ALL], cell->p50_us[AUTO], cell->p99_us[AUTO],
                                       cell->auto_workers, cell->speed_up, cell->auto_to_best,
                                       cell->n_blocks[AUTO]});
        }
    }
}

/* The smallest speed-up among the wide patches that have so much to do; NAN if none has. */
static double least_speed_up(int mode, double from_us)
{
    double least = NAN;

    for (int shape = 0; shape < SY_SHAPES; shape++) {
        const uint32_t wide_from = sy_shapes[shape].wide_from;
        for (int i = 0; i < SIZES; i++) {
            const Cell *cell = &cells[mode][shape][i];
            const bool is_wide = wide_from > 0 && sizes[i] >= wide_from;
            if (is_wide && cell->n_modules > 0 && cell->p50_us[ONE] >= from_us) {
                least = fmin(least, cell->speed_up);
            }
        }
    }
    return least;
}

static void report_speed_up(int mode, SyReport *report)
{
    const double from_us = mode == LIVE ? LIVE_FROM_US : OFF_FROM_US;
    const double least = least_speed_up(mode, from_us);
    char text[100];

    snprintf(text, sizeof(text), "least speed-up of 2 cores, %s, wide, from %g us a block",
             mode_names[mode], from_us);
    if (isnan(least)) {
        sy_report_note(report, "no wide patch has %g us of work a block %s", from_us,
                       mode_names[mode]);
    } else {
        sy_report_at_least(report, text, least, SPEED_UP, "x");
    }
}

/* Auto is near the better of the two when it is within 5 % of it, or within 5 us. */
static bool is_near(const Cell *cell)
{
    const double best_us = fmin(cell->p50_us[ONE], cell->p50_us[ALL]);
    return cell->auto_to_best <= NEAR_SHARE || cell->p50_us[AUTO] <= best_us + NEAR_US;
}

static void report_auto(int mode, SyReport *report)
{
    uint32_t n_far = 0;
    double worst = NAN;
    char text[100];

    for (int shape = 0; shape < SY_SHAPES; shape++) {
        for (int i = 0; i < SIZES; i++) {
            const Cell *cell = &cells[mode][shape][i];
            if (cell->n_modules > 0 && !is_near(cell)) {
                n_far++;
                worst = fmax(worst, cell->auto_to_best);
            }
        }
    }
    snprintf(text, sizeof(text), "patches where auto is 5 %% and 5 us behind the better, %s",
             mode_names[mode]);
    sy_report_at_most(report, text, n_far, 0, "patches");
    if (n_far > 0) {
        sy_report_value(report,
                        mode == LIVE ? "auto to the better, worst of these, live"
                                     : "auto to the better, worst of these, offline",
                        worst, "x");
    }
}

static void report_at_once(Tools *tools, SyReport *report)
{
    if (tools->n_at_once > 0) {
        sy_report_value(report, "one kernel on all CPUs at once, to one of them alone, median",
                        sy_median(tools->at_once, tools->n_at_once), "x");
        sy_report_value(report, "the same, a tenth of the rounds below",
                        tools->at_once[tools->n_at_once / 10], "x"); /* they are in order now */
        sy_report_value(report, "the same, rounds", tools->n_at_once, "");
    }
}

static void report_goals(SyReport *report)
{
    for (int mode = 0; mode < MODES; mode++) {
        report_auto(mode, report);
        if (sy_stage_cores() == 2) {
            report_speed_up(mode, report);
        }
    }
    if (sy_stage_cores() != 2) {
        sy_report_note(report, "goals of speed-up are for two cores; here there are %u",
                       sy_stage_cores());
    }
}

static bool new_tools(Tools *tools, uint64_t count)
{
    tools->n_rounds = count > ROUNDS_MAX ? ROUNDS_MAX : count > 0 ? (uint32_t)count : ROUNDS;
    tools->round = sy_histogram_new();
    tools->noise = sy_histogram_new();
    bool ok = tools->round && tools->noise;
    for (int c = 0; c < CONFIGS; c++) {
        tools->blocks[c] = sy_histogram_new();
        ok = ok && tools->blocks[c];
    }
    return ok || sy_bench_fail("histogram");
}

static void free_tools(Tools *tools)
{
    for (int c = 0; c < CONFIGS; c++) {
        sy_histogram_free(tools->blocks[c]);
    }
    sy_histogram_free(tools->round);
    sy_histogram_free(tools->noise);
}

static bool run(const SyBenchOptions *options, SyReport *report)
{
    static Tools tools;
    const char *advice;

    const bool ok = new_tools(&tools, options->count) && measure_mode(OFFLINE, &tools) &&
                    measure_mode(LIVE, &tools);
    for (int mode = 0; mode < MODES && ok; mode++) {
        for (int shape = 0; shape < SY_SHAPES; shape++) {
            report_shape(mode, shape, report);
        }
    }
    if (ok) {
        sy_report_row(report, SY_NOISE_ROW, tools.noise, 1);
        report_at_once(&tools, report);
        report_goals(report);
        sy_report_note(report, "offline nothing has real-time priority: what else the machine does "
                               "is in those times");
        sy_report_note(report,
                       "%u rounds of each patch and engine, by turns; `on`: the workers that "
                       "auto has put it on",
                       tools.n_rounds);
    }
    if (!sy_realtime_permitted(&advice)) {
        sy_report_note(report, "%s", advice);
    }
    free_tools(&tools);
    return ok;
}

const SyBench sy_bench_graph = {
    .name = "graph",
    .help = "a block of patches of five shapes and 2 to 4,096 modules, on one core and on all",
    .run = run,
};
