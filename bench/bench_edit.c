/* synthbench edit: how long it takes until an edit of a large patch is heard.
 *
 * 666 voices of vco, vcf and vca play, 2,000 modules, in real time and with a worker for each core.
 * One edit after the other is made, by turns: a cable is plugged in, a module is made, the cable is
 * pulled out, the module is destroyed. Each is timed from the moment it is handed to the control
 * thread to its answer, and to the release of the block that plays the first plan with it. Then
 * there is a pause of random length, so that edits come at any moment of a block, and so that what
 * the last one has left to fade is over, as it is when somebody patches by hand.
 *
 * In what is waited for is a block: 1.33 ms, 0.67 on average. The rest is the edit itself, and its
 * plan. Blocks that were late are counted in a time without edits too, as those of a busy machine
 * are no edit's fault. */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "bench/bench.h"
#include "bench/crowd.h"
#include "bench/noise.h"
#include "bench/script.h"
#include "bench/stage_driver.h"
#include "engine/realtime.h"

#define VOICES        666 /* 2,000 modules, with out and lfo */
#define ARENA_MB      32
#define EDITS         1000
#define QUIET_S       2.0
#define PAUSE_NS      8000000 /* and up to as much again */
#define ROUND         20
#define NOISE_A_ROUND 10
#define NEW_ID        9000 /* of the module that comes and goes */
#define GOAL_MS       5.0

enum { CONNECT, CREATE, DISCONNECT, DESTROY, KINDS };

static const char *const kinds[KINDS] = {"connect", "create", "disconnect", "destroy"};

typedef struct Times {
    SyHistogram *answered[KINDS], *playing[KINDS]; /* from the request */
    SyHistogram *all, *noise;
} Times;

static bool new_times(Times *times)
{
    times->all = sy_histogram_new();
    times->noise = sy_histogram_new();
    bool ok = times->all && times->noise;
    for (int k = 0; k < KINDS; k++) {
        times->answered[k] = sy_histogram_new();
        times->playing[k] = sy_histogram_new();
        ok = ok && times->answered[k] && times->playing[k];
    }
    return ok;
}

static void free_times(Times *times)
{
    for (int k = 0; k < KINDS; k++) {
        sy_histogram_free(times->answered[k]);
        sy_histogram_free(times->playing[k]);
    }
    sy_histogram_free(times->all);
    sy_histogram_free(times->noise);
}

static void pause_for(uint64_t ns)
{
    const struct timespec pause = {.tv_sec = (time_t)(ns / 1000000000),
                                   .tv_nsec = (long)(ns % 1000000000)};
    nanosleep(&pause, NULL);
}

/* The edit number `n`: of each four, one of each kind, at another voice than the last four. */
static SyCommand make_edit(uint64_t n)
{
    const SyModuleRef voice = sy_script_module("vco", 1 + (uint32_t)(n / KINDS * 7 % VOICES));
    SyScript script = {.commands = NULL};
    SyCommand command = {.kind = SY_CMD_DESTROY, .module = sy_script_module("vca", NEW_ID)};

    if (n % KINDS == CREATE) {
        sy_script_create(&script, command.module, 1, NULL, 0.0f);
    } else if (n % KINDS != DESTROY) {
        sy_script_connect(&script, sy_script_module("lfo", 1), "triangle", voice, "fm");
    }
    if (script.n_commands > 0) {
        command = script.commands[0];
    }
    if (n % KINDS == DISCONNECT) {
        command.kind = SY_CMD_DISCONNECT;
    }
    sy_script_free(&script);
    return command;
}

static bool time_edit(SyStage *stage, SyDriver *driver, uint64_t n, Times *times)
{
    SyCommand command = make_edit(n);
    SyStageAnswer answer;
    const uint64_t before = sy_bench_now();

    if (!sy_stage_edit_timed(stage, &command, 1, &answer)) {
        return false;
    }
    const uint64_t released_ns = sy_driver_wait(driver, answer.serial);
    if (released_ns == 0) {
        fprintf(stderr, "synthbench: the edit does not come to play\n");
        return false;
    }
    sy_histogram_record(times->answered[n % KINDS], answer.answered_ns - before);
    sy_histogram_record(times->playing[n % KINDS], released_ns - before);
    sy_histogram_record(times->all, released_ns - before);
    return true;
}

static bool time_edits(SyStage *stage, SyDriver *driver, uint64_t n_edits, Times *times)
{
    unsigned seed = 1;

    for (uint64_t i = 0; i < n_edits; i++) {
        if (i % ROUND == 0) {
            sy_noise_measure(times->noise, NOISE_A_ROUND);
        }
        if (!time_edit(stage, driver, i, times)) {
            return false;
        }
        pause_for(PAUSE_NS + (uint64_t)rand_r(&seed) % PAUSE_NS);
    }
    return true;
}

/* Blocks that were asked for, and those of them that were late. */
typedef struct Blocks {
    uint64_t n, late;
} Blocks;

static Blocks count_blocks(const SyStage *stage)
{
    const uint64_t late = atomic_load(&stage->audio->late);
    return (Blocks){.n = atomic_load(&stage->audio->blocks) + late, .late = late};
}

static double late_in_1000(Blocks before, Blocks after)
{
    return after.n > before.n
               ? 1e3 * (double)(after.late - before.late) / (double)(after.n - before.n)
               : 0.0;
}

static void report_times(const Times *times, SyReport *report)
{
    char name[80];

    for (int k = 0; k < KINDS; k++) {
        snprintf(name, sizeof(name), "%s: request to answer", kinds[k]);
        sy_report_row(report, name, times->answered[k], 1);
        snprintf(name, sizeof(name), "%s: request to the block that plays it", kinds[k]);
        sy_report_row(report, name, times->playing[k], 1);
    }
    sy_report_row(report, "all: request to the block that plays it", times->all, 1);
    sy_report_row(report, SY_NOISE_ROW, times->noise, 1);
}

static bool measure(SyStage *stage, SyDriver *driver, uint64_t n_edits, Times *times,
                    SyReport *report)
{
    const Blocks start = count_blocks(stage);
    pause_for((uint64_t)(QUIET_S * 1e9));
    const Blocks quiet = count_blocks(stage);
    if (!time_edits(stage, driver, n_edits, times)) {
        return false;
    }
    const Blocks edited = count_blocks(stage);

    report_times(times, report);
    sy_report_value(report, "modules that play", stage->audio->plan->n_nodes, "");
    sy_report_value(report, "edits", (double)n_edits, "");
    sy_report_value(report, "late blocks before the edits", late_in_1000(start, quiet), "of 1000");
    sy_report_value(report, "late blocks during the edits", late_in_1000(quiet, edited), "of 1000");
    sy_report_value(report, "blocks during the edits", (double)(edited.n - quiet.n), "");
    sy_report_at_most(report, "an edit of 2,000 modules, request to playing, p99",
                      (double)sy_histogram_percentile(times->all, 99.0) / 1e6, GOAL_MS, "ms");
    return true;
}

/* The patch comes to play before the driver begins: its first plan is as large as the patch. */
static bool play(uint64_t n_edits, Times *times, SyReport *report)
{
    const uint32_t n_cores = sy_stage_cores();
    const SyStageSetup setup = {
        .n_workers = n_cores, .n_cores = n_cores, .arena_mb = ARENA_MB, .with_books = true};
    uint32_t n_modules = 0;
    SyStage stage;
    bool ok = false;

    if (!sy_stage_open_all(&stage, &setup, 1)) {
        return false;
    }
    if (sy_crowd_patch(&stage, VOICES, 1, &n_modules) && sy_stage_settle(&stage, n_modules)) {
        SyDriver *driver = sy_driver_start(&stage);
        sy_realtime_enter(SY_PRIORITY_OSC);
        ok = driver && measure(&stage, driver, n_edits, times, report);
        sched_setscheduler(0, SCHED_OTHER, &(struct sched_param){0});
        sy_driver_stop(driver);
    }
    sy_stage_close(&stage);
    return ok;
}

static bool run(const SyBenchOptions *options, SyReport *report)
{
    const uint64_t n_edits = options->count ? options->count : EDITS;
    Times times = {.all = NULL};
    const char *advice;

    const bool ok = new_times(&times) ? play(n_edits, &times, report) : sy_bench_fail("histogram");
    if (!sy_realtime_permitted(&advice)) {
        sy_report_note(report, "%s", advice);
    }
    sy_report_note(report, "a block lasts 1.33 ms: an edit waits for the next one");
    free_times(&times);
    return ok;
}

const SyBench sy_bench_edit = {
    .name = "edit",
    .help = "from an edit of a patch of 2,000 modules that plays to the block that plays it",
    .run = run,
};
