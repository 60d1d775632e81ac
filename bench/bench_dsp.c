/* synthbench dsp: what a frame of one lane costs, module by module.
 *
 * Each type of the registry is run through its own process(), as the engine calls it: blocks of 64,
 * 1, 8 or 16 lanes at a time, for each instruction set that this CPU has. `plain` is a module with
 * one signal patched in and one output heard; `full` has a signal at every input and all outputs
 * heard. The unit is N, see bench/yardstick.h. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/bench.h"
#include "bench/specimen.h"
#include "bench/yardstick.h"

#define BLOCK   SY_SPECIMEN_BLOCK
#define SIGNALS 3
#define WARM_UP 32

#define RESPONSE_S 5.0 /* of the convolver */
#define CYCLE      256 /* blocks after which its work repeats */
#define CYCLES     31
#define N_NS       0.65 /* what N was when the convolver's goal was set */

/* Sines that go through a block a whole number of times, so that it can be run over and over. Each
 * lane has a wire of its own, as voices have whose sources are modules of as many voices. */
static const float *signal_at(int input, uint32_t lane)
{
    static float signals[SY_LANES_MAX][SIGNALS][BLOCK];

    if (signals[0][0][1] == 0.0f) {
        for (size_t i = 0; i < sizeof(signals) / sizeof(float); i++) {
            const size_t turns = 1 + i / BLOCK % SIGNALS;
            ((float *)signals)[i] = 0.5f * (float)sin(2.0 * M_PI * (double)(turns * i) / BLOCK);
        }
    }
    return signals[lane][input % SIGNALS];
}

static void patch(SySpecimen *specimen, const char *name, int signal)
{
    const int input = sy_module_find_input(specimen->module, name);

    for (uint32_t l = 0; input >= 0 && l < specimen->n_lanes; l++) {
        sy_specimen_patch_lane(specimen, l, (uint32_t)input, signal_at(signal, l));
    }
}

/* Noise that dies away: a room for a convolver, a heap of waves for a wavetable. */
static float *make_response(uint32_t n_frames)
{
    float *response = malloc(n_frames * sizeof(*response));
    uint32_t noise = 1;

    for (uint32_t i = 0; response && i < n_frames; i++) {
        noise = noise * 1664525u + 1013904223u;
        response[i] = (float)((double)(int32_t)noise / 2147483648.0 * exp(-6.9 * i / n_frames));
    }
    return response;
}

static bool load(SySpecimen *specimen, SyReport *report)
{
    const uint32_t wanted = (uint32_t)(RESPONSE_S * SY_SPECIMEN_RATE);
    const uint32_t most = specimen->module->file->frames_max;
    const uint32_t n_frames = wanted < most ? wanted : most;
    float *response = make_response(n_frames);
    const float *channels[1] = {response};
    const SyFileAudio audio = {
        .channels = channels, .n_channels = 1, .n_frames = n_frames, .rate = SY_SPECIMEN_RATE};
    char error[128] = "no memory";

    const bool ok = response && sy_specimen_load(specimen, &audio, error, sizeof(error));
    if (!ok) {
        sy_report_note(report, "%s: %s", specimen->module->name, error);
    }
    free(response);
    return ok;
}

static SySpecimen *new_specimen(const char *type, const char *isa, uint32_t n_lanes,
                                SyReport *report)
{
    const int number = sy_registry_find(type);
    SySpecimen *specimen =
        number < 0 ? NULL : sy_specimen_new(sy_registry_at((uint32_t)number), isa, n_lanes, BLOCK);

    if (specimen && specimen->module->file && !load(specimen, report)) {
        sy_specimen_free(specimen);
        return NULL;
    }
    return specimen;
}

static void run_block(void *user)
{
    sy_specimen_block(user);
}

/* Frees the specimen. */
static SyRatio cost_of(SySpecimen *specimen)
{
    for (int i = 0; i < WARM_UP; i++) {
        sy_specimen_block(specimen);
    }
    const SyRatio ratio = sy_ratio_measure(run_block, specimen, (double)specimen->n_lanes * BLOCK);
    sy_specimen_free(specimen);
    return ratio;
}

static double cost_in_n(const SyModule *module, const char *isa, uint32_t n_lanes, bool full,
                        SyReport *report)
{
    SySpecimen *specimen = new_specimen(module->name, isa, n_lanes, report);

    if (!specimen) {
        return NAN;
    }
    for (int p = 0; p < module->n_inputs && (full || p == 0); p++) {
        patch(specimen, module->inputs[p].name, p);
    }
    if (!full) {
        sy_specimen_hear(specimen, 1);
    }
    return cost_of(specimen).in_n;
}

static void measure_types(const char *isa, SyReport *report)
{
    static const char *const columns[] = {"1 plain", "8 plain", "16 plain",
                                          "1 full",  "8 full",  "16 full"};
    static const uint32_t lanes[] = {1, 8, 16};
    char title[160];

    snprintf(title, sizeof(title), "%s: N a lane and frame, by lanes in a batch (median of %d)",
             isa, SY_RATIO_ROUNDS);
    sy_report_table(report, title, columns, 6);
    snprintf(title, sizeof(title), "A lane's frame with the kernels for %s", isa);
    sy_report_draw(report, &(SyReportDraw){.bars = true,
                                           .title = title,
                                           .series = "lanes in a batch",
                                           .x = "N: the time of a naive saw's frame",
                                           .y = "",
                                           .unit = "N",
                                           .columns = (const char *[]){"1 full", "16 full"},
                                           .n_columns = 2});
    for (uint32_t type = 0; type < sy_registry_count(); type++) {
        double cells[6];
        for (int i = 0; i < 6; i++) {
            cells[i] = cost_in_n(sy_registry_at(type), isa, lanes[i % 3], i >= 3, report);
        }
        sy_report_cells(report, sy_registry_at(type)->name, cells);
    }
}

/* The goals of speed. */

static void measure_saw(float hz, double goal, const char *isa, SyReport *report)
{
    SySpecimen *specimen = new_specimen("vco", isa, 1, report);
    char name[80];

    if (!specimen) {
        return;
    }
    sy_specimen_set(specimen, "freq", hz);
    sy_specimen_hear(specimen, sy_specimen_mask(specimen, "saw"));
    snprintf(name, sizeof(name), "vco, one mono voice, saw of %.4g Hz", (double)hz);
    sy_report_at_most(report, name, cost_of(specimen).in_n, goal, "N");
}

/* How the cutoffs of a filter's lanes move. */
typedef enum Cutoffs { OWN, SHARED, STANDING } Cutoffs;

/* N a lane and frame. */
static double filter_cost(const char *type, const char *isa, uint32_t n_lanes, Cutoffs cutoffs,
                          SyReport *report)
{
    SySpecimen *specimen = new_specimen(type, isa, n_lanes, report);

    if (!specimen) {
        return NAN;
    }
    patch(specimen, "in", 0);
    if (cutoffs == OWN) {
        patch(specimen, "fm", 1);
    } else if (cutoffs == SHARED) {
        sy_specimen_patch(specimen, "fm", signal_at(1, 0));
    }
    sy_specimen_hear(specimen, 1); /* its low-pass */
    return cost_of(specimen).in_n;
}

static void measure_filters(const char *isa, SyReport *report)
{
    static const char *const types[] = {"vcf", "ladder"};
    static const double goals[] = {1.9, 4.6};
    static const char *const columns[] = {"8 own",     "16 own",     "8 shared",
                                          "16 shared", "8 standing", "16 standing"};
    double cells[2][6];
    char name[80];

    sy_report_table(report,
                    "filters: N a lane and frame, 8 and 16 lanes: each with a wire of its own at "
                    "fm, all with one wire, nothing at fm",
                    columns, 6);
    for (int t = 0; t < 2; t++) {
        for (int i = 0; i < 6; i++) {
            cells[t][i] = filter_cost(types[t], isa, i % 2 ? 16 : 8, (Cutoffs)(i / 2), report);
        }
        sy_report_cells(report, types[t], cells[t]);
    }
    for (int t = 0; t < 2; t++) {
        snprintf(name, sizeof(name), "%s, cutoff per sample, a lane of 8", types[t]);
        sy_report_at_most(report, name, cells[t][OWN], goals[t], "N");
    }
}

/* Times of the blocks of a cycle, each the median of many cycles: what only the machine does now
 * and then is not in it. */
static void time_blocks(SySpecimen *specimen, double *blocks_ns)
{
    static double times[CYCLE][CYCLES];

    for (int c = 0; c < CYCLES; c++) {
        for (int b = 0; b < CYCLE; b++) {
            const int64_t before = sy_thread_cpu_ns();
            sy_specimen_block(specimen);
            times[b][c] = (double)(sy_thread_cpu_ns() - before);
        }
    }
    for (int b = 0; b < CYCLE; b++) {
        blocks_ns[b] = sy_median(times[b], CYCLES);
    }
}

static void measure_convolver(const char *isa, SyReport *report)
{
    SySpecimen *specimen = new_specimen("convolver", isa, 1, report);
    double blocks_ns[CYCLE], worst_ns = 0.0, sum_ns = 0.0;

    if (!specimen) {
        sy_report_note(report, "convolver: there is none yet");
        return;
    }
    patch(specimen, specimen->module->inputs[0].name, 0);
    time_blocks(specimen, blocks_ns);
    for (int b = 0; b < CYCLE; b++) {
        worst_ns = blocks_ns[b] > worst_ns ? blocks_ns[b] : worst_ns;
        sum_ns += blocks_ns[b];
    }
    sy_report_at_most(report, "convolver, 5 s, blocks of 64: worst block to mean",
                      worst_ns / (sum_ns / CYCLE), 2.0, "x");
    sy_report_at_most(report, "convolver, 5 s, blocks of 64, if N were 0.65 ns",
                      cost_of(specimen).in_n * N_NS, 50.0, "ns a frame");
}

static bool run(const SyBenchOptions *options, SyReport *report)
{
    static const char *const names[] = {"x86-64-v4", "x86-64-v3", "x86-64", "generic"};
    const char *forced = getenv("SYNTHD_ISA");
    const char *best = NULL;
    (void)options;

    sy_dsp_thread_init();
    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
        if (sy_dsp_select(names[i]) && (!forced || strcmp(forced, names[i]) == 0)) {
            measure_types(names[i], report);
            best = best ? best : names[i];
        }
    }
    if (!best) {
        fprintf(stderr, "synthbench: this CPU has no kernels called %s (SYNTHD_ISA)\n", forced);
        return false;
    }
    measure_saw(1000.0f, 1.5, best, report);
    measure_saw(4200.0f, 2.5, best, report);
    measure_filters(best, report);
    measure_convolver(best, report);
    sy_report_note(report,
                   "goals with the kernels for %s; every figure is the median of %d rounds "
                   "by turns with the naive saw, CPU time of the thread",
                   best, SY_RATIO_ROUNDS);
    return true;
}

const SyBench sy_bench_dsp = {
    .name = "dsp",
    .help = "what a frame of every module costs, for each instruction set, in N",
    .run = run,
};
