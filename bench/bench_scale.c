/* synthbench scale: what one module more costs, from one to all 4,096.
 *
 * A patch of each size, voices of vco, vcf and vca into one out (bench/bench_graph_shapes.h), on
 * one worker of a live engine, at the pace of its period. Of each:
 *
 *     a block        from its release to its end, with the waking of the worker
 *     memory         of the arena, where states, wires and parameters are; and private, what the
 *                    engine's process and the worker's have more than before the patch
 *     the plan       sy_plan_compile() on the engine's own graph, with a compiler of its own
 *     an edit        a vca is made and destroyed, each until it is answered
 *
 * 4,096 modules are all there can be, so there the edits are made with one voice less. */
#include <malloc.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "bench/bench.h"
#include "bench/bench_graph_shapes.h"
#include "bench/noise.h"
#include "bench/stage_driver.h"
#include "bench/yardstick.h"
#include "engine/realtime.h"

#define ROUNDS        31                    /* of compiling */
#define BLOCKS_NS     700000000             /* how long blocks are looked at: some 500 */
#define SETTLE_NS     UINT64_C(10000000000) /* when it is given up */
#define SETTLED_NS    120000000
#define LOOK_NS       5000000
#define EDITS         50
#define EDIT_PAUSE_NS 9000000 /* what was destroyed has faded, and its slot is free */
#define ARENA_MB      64
#define NOISE_A_ROUND 20
#define VOICES        3 /* of sy_shapes */
#define NEW_ID        9000
#define SIZES         7

typedef struct Size {
    uint32_t n_modules;
    double block_ns, block_p99_ns, n_blocks;
    double arena_bytes, private_bytes;
    double compile_ns, compile_p99_ns;
    double create_ns, create_p99_ns, destroy_ns, destroy_p99_ns, n_edits;
} Size;

/* What a bench of a size measures with. */
typedef struct Tools {
    SyHistogram *blocks, *compiles, *creates, *destroys, *noise;
    SyCompiler *compiler;
    SyPlan *plan;
    uint32_t n_edits;
} Tools;

/* Memory. */

/* Bytes of a process that are in no file and no shared memory, 0 if the kernel does not tell. */
static double private_bytes(pid_t process)
{
    char path[64], line[128];
    double sum_kb = 0, kb;

    snprintf(path, sizeof(path), "/proc/%d/smaps_rollup", (int)process);
    FILE *file = fopen(path, "re");
    while (file && fgets(line, sizeof(line), file)) {
        if (sscanf(line, "Anonymous: %lf", &kb) == 1) {
            sum_kb += kb;
        }
    }
    if (file) {
        fclose(file);
    }
    return 1024 * sum_kb;
}

static double all_private_bytes(const SyStage *stage)
{
    malloc_trim(0);
    return private_bytes(getpid()) + private_bytes(sy_stage_worker(stage, 0));
}

/* Blocks. */

static void pause_for(int64_t ns)
{
    const struct timespec pause = {.tv_sec = ns / 1000000000, .tv_nsec = ns % 1000000000};
    nanosleep(&pause, NULL);
}

/* While the driver plays. Blocks that were late are not among them: they have no time. */
static void time_blocks(const SyStage *stage, Tools *tools)
{
    const SyAudio *audio = stage->audio;
    const uint64_t first = atomic_load(&audio->n_times);

    pause_for(BLOCKS_NS);
    const uint64_t end = atomic_load(&audio->n_times);
    sy_histogram_reset(tools->blocks);
    for (uint64_t i = first; i < end; i++) {
        sy_histogram_record(tools->blocks, atomic_load(&audio->times_ns[i % SY_TIMES_KEPT]));
    }
}

/* While the driver plays: until the engine has the modules where it wants them, and for a moment
 * after. */
static bool settle(const SyStage *stage, uint32_t n_modules)
{
    const uint64_t until = sy_bench_now() + SETTLE_NS;

    while (!sy_stage_is_settled(stage, n_modules)) {
        if (sy_bench_now() > until) {
            fprintf(stderr, "synthbench: the patch does not come to play\n");
            return false;
        }
        pause_for(LOOK_NS);
    }
    pause_for(SETTLED_NS);
    return true;
}

/* The plan. The control thread has nothing to do, so the graph stays as it is. This has that
 * thread's priority meanwhile. */
static void time_compiles(const SyStage *stage, Tools *tools)
{
    sy_histogram_reset(tools->compiles);
    sy_realtime_enter(SY_PRIORITY_CONTROL);
    for (int i = 0; i < ROUNDS; i++) {
        const uint64_t before = sy_bench_now();
        sy_plan_compile(tools->compiler, stage->control->graph, stage->segment->block, tools->plan);
        sy_histogram_record(tools->compiles, sy_bench_now() - before);
    }
    sched_setscheduler(0, SCHED_OTHER, &(struct sched_param){0});
}

/* Edits. */

/* Makes one edit, waits until it plays, and for what it leaves behind. */
static bool time_edit(SyStage *stage, SyDriver *driver, SyCommand *command, SyHistogram *times)
{
    SyStageAnswer answer;
    const uint64_t before = sy_bench_now();

    if (!sy_stage_edit_timed(stage, command, 1, &answer) ||
        sy_driver_wait(driver, answer.serial) == 0) {
        return false;
    }
    sy_histogram_record(times, answer.answered_ns - before);
    pause_for(EDIT_PAUSE_NS);
    return true;
}

static bool make_room(SyStage *stage, SyDriver *driver, Tools *tools)
{
    static const char *const types[] = {"vco", "vcf", "vca"};
    bool ok = true;

    for (int i = 0; i < 3; i++) {
        SyCommand destroy = {.kind = SY_CMD_DESTROY, .module = sy_script_module(types[i], 1)};
        ok = ok && time_edit(stage, driver, &destroy, tools->destroys);
    }
    sy_histogram_reset(tools->destroys);
    return ok;
}

static bool time_edits(SyStage *stage, SyDriver *driver, uint32_t n_modules, Tools *tools)
{
    const SyModuleRef vca = sy_script_module("vca", NEW_ID);
    SyCommand create = {.kind = SY_CMD_CREATE, .create = {.module = vca, .voices = 1}};
    SyCommand destroy = {.kind = SY_CMD_DESTROY, .module = vca};

    sy_histogram_reset(tools->creates);
    sy_histogram_reset(tools->destroys);
    bool ok = n_modules < SY_MODULES_MAX || make_room(stage, driver, tools);
    for (uint32_t i = 0; ok && i < tools->n_edits; i++) {
        ok = time_edit(stage, driver, &create, tools->creates) &&
             time_edit(stage, driver, &destroy, tools->destroys);
    }
    return ok;
}

/* A size. */

static double percentile(const SyHistogram *histogram, double percent)
{
    return (double)sy_histogram_percentile(histogram, percent);
}

static void take_down(const Tools *tools, Size *size)
{
    size->block_ns = percentile(tools->blocks, 50);
    size->block_p99_ns = percentile(tools->blocks, 99);
    size->n_blocks = (double)sy_histogram_count(tools->blocks);
    size->compile_ns = percentile(tools->compiles, 50);
    size->compile_p99_ns = percentile(tools->compiles, 99);
    size->create_ns = percentile(tools->creates, 50);
    size->create_p99_ns = percentile(tools->creates, 99);
    size->destroy_ns = percentile(tools->destroys, 50);
    size->destroy_p99_ns = percentile(tools->destroys, 99);
    size->n_edits = (double)sy_histogram_count(tools->creates);
}

static bool patch(SyStage *stage, uint32_t n, uint32_t *n_modules)
{
    SyScript script;

    if (n == 1) {
        script = (SyScript){.commands = NULL};
        sy_script_create(&script, sy_script_module("out", 1), 1, NULL, 0.0f);
        *n_modules = 1;
    } else {
        *n_modules = sy_shape_write(&sy_shapes[VOICES], n, &script);
    }
    const bool ok = sy_script_run(&script, stage) && settle(stage, *n_modules);
    sy_script_free(&script);
    return ok;
}

/* The control thread is started by an edit of nothing, so that what it takes is not counted. */
static bool measure_stage(SyStage *stage, SyDriver *driver, uint32_t n, Tools *tools, Size *size)
{
    SyCommand clear = {.kind = SY_CMD_CLEAR};

    if (!sy_stage_edit(stage, &clear, 1) || !settle(stage, 0)) {
        return false;
    }
    const double before = all_private_bytes(stage);
    if (!patch(stage, n, &size->n_modules)) {
        return false;
    }
    size->private_bytes = all_private_bytes(stage) - before;
    size->arena_bytes = (double)sy_arena_used(stage->control->arena);

    time_blocks(stage, tools);
    time_compiles(stage, tools);
    sy_noise_measure(tools->noise, NOISE_A_ROUND);
    sy_realtime_enter(SY_PRIORITY_OSC);
    const bool ok = time_edits(stage, driver, size->n_modules, tools);
    sched_setscheduler(0, SCHED_OTHER, &(struct sched_param){0});
    take_down(tools, size);
    return ok;
}

static bool measure_size(uint32_t n, Tools *tools, Size *size)
{
    const SyStageSetup setup = {.n_workers = 1, .n_cores = 1, .arena_mb = ARENA_MB};
    SyStage stage;

    if (!sy_stage_open_all(&stage, &setup, 1)) {
        return false;
    }
    SyDriver *driver = sy_driver_start(&stage);
    const bool ok = driver && measure_stage(&stage, driver, n, tools, size);
    sy_driver_stop(driver);
    sy_stage_close(&stage);
    return ok;
}

static void report_blocks(const Size *sizes, SyReport *report)
{
    static const char *const columns[] = {"block us",    "p99 us",   "ns/module",     "blocks",
                                          "arena B/mod", "arena kB", "private B/mod", "private kB"};
    char name[32];

    sy_report_table(report, "a block on one worker, and memory", columns, 8);
    for (int i = 0; i < SIZES; i++) {
        const Size *size = &sizes[i];
        const double n = size->n_modules;
        snprintf(name, sizeof(name), "%u modules", size->n_modules);
        sy_report_cells(report, name,
                        (double[]){size->block_ns / 1e3, size->block_p99_ns / 1e3,
                                   size->block_ns / n, size->n_blocks, size->arena_bytes / n,
                                   size->arena_bytes / 1024, size->private_bytes / n,
                                   size->private_bytes / 1024});
    }
}

static void report_edits(const Size *sizes, SyReport *report)
{
    static const char *const columns[] = {"compile us", "p99 us",     "compiles", "create us",
                                          "p99 us",     "destroy us", "p99 us",   "edits"};
    char name[32];

    sy_report_table(report, "a plan; a module made and destroyed, request to answer", columns, 8);
    for (int i = 0; i < SIZES; i++) {
        const Size *size = &sizes[i];
        snprintf(name, sizeof(name), "%u modules", size->n_modules);
        sy_report_cells(report, name,
                        (double[]){size->compile_ns / 1e3, size->compile_p99_ns / 1e3, ROUNDS,
                                   size->create_ns / 1e3, size->create_p99_ns / 1e3,
                                   size->destroy_ns / 1e3, size->destroy_p99_ns / 1e3,
                                   size->n_edits});
    }
}

static bool new_tools(Tools *tools, uint32_t n_edits)
{
    *tools = (Tools){.blocks = sy_histogram_new(),
                     .compiles = sy_histogram_new(),
                     .creates = sy_histogram_new(),
                     .destroys = sy_histogram_new(),
                     .noise = sy_histogram_new(),
                     .compiler = sy_compiler_new(),
                     .plan = aligned_alloc(64, (sy_plan_bytes_max() + 63) & ~(uint64_t)63),
                     .n_edits = n_edits};
    return tools->blocks && tools->compiles && tools->creates && tools->destroys && tools->noise &&
           tools->compiler && tools->plan;
}

static void free_tools(Tools *tools)
{
    sy_histogram_free(tools->blocks);
    sy_histogram_free(tools->compiles);
    sy_histogram_free(tools->creates);
    sy_histogram_free(tools->destroys);
    sy_histogram_free(tools->noise);
    sy_compiler_free(tools->compiler);
    free(tools->plan);
}

static bool run(const SyBenchOptions *options, SyReport *report)
{
    static const uint32_t wanted[SIZES] = {1, 4, 16, 64, 256, 1024, SY_MODULES_MAX};
    Size sizes[SIZES] = {{0}};
    Tools tools;
    bool ok = new_tools(&tools, options->count ? (uint32_t)options->count : EDITS);

    for (int i = 0; i < SIZES && ok; i++) {
        ok = measure_size(wanted[i], &tools, &sizes[i]);
    }
    if (ok) {
        report_blocks(sizes, report);
        report_edits(sizes, report);
        sy_report_row(report, SY_NOISE_ROW, tools.noise, 1);
        sy_report_note(report, "private: of the engine's process and its worker's, beyond what "
                               "they have for an empty patch; the first module brings what is "
                               "taken once");
    }
    free_tools(&tools);
    return ok;
}

const SyBench sy_bench_scale = {
    .name = "scale",
    .help = "block, memory, plan and edit of patches of 1 to 4,096 modules",
    .run = run,
};
