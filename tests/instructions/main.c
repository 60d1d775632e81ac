/* Kills a worker at every instruction of a block, and looks whether anybody can hear it.
 *
 *     patchwork.c   small patches, and the audio thread's part of a block
 *     cases.c       which patches: every module type, and whatever takes a way of its own
 *     stepper.c     real workers, run one instruction at a time
 *     watch.c       what of the shared memory an instruction has changed
 *     host.c        a worker in this process, which computes a block for the price of a call
 *     bench.c       a patch on two segments: where workers die, and where the rest is computed
 *     outcome.c     what of a block is compared, bit for bit
 *     snapshot.c    every instruction
 *     kills.c       real kills, at random
 *     ways.c        whether what happens elsewhere makes a difference
 *     draw.c        numbers at random
 *     mutants.c     modules that break the contract, which must be noticed
 *
 * Instructions that change nothing in shared memory leave what the one before left, so only the
 * others are run on from. */
#include <getopt.h>
#include <inttypes.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "modules/registry.h"
#include "tests/instructions/draw.h"
#include "tests/instructions/kills.h"
#include "tests/instructions/mutants.h"
#include "tests/instructions/snapshot.h"
#include "tests/instructions/ways.h"

#define SKIPPED 77 /* as meson understands it */

typedef struct Options {
    uint32_t block, n_rounds, n_next;
    const char *only;
} Options;

typedef struct Total {
    Steps steps;
    uint64_t n_cases, n_controls, n_killed, n_differences;
    bool uncaught, forbidden;
} Total;

static SyWorkerTables tables;

static void tell(const char *name, const Steps *steps, uint64_t n_killed, uint64_t n_differences)
{
    printf(STEPS_LEVEL " %-28s %8" PRIu64 " instructions %6" PRIu64 " states %4" PRIu64
                       " kills %5" PRIu64 " differences\n",
           name, steps->instructions, steps->states, n_killed, n_differences);
    fflush(stdout);
}

static void add(Steps *to, Steps steps)
{
    to->instructions += steps.instructions;
    to->states += steps.states;
}

static void run_case(const Case *its_case, const Options *options, Total *total)
{
    Bench *bench = bench_new(its_case, options->block, &tables);

    bench_lay_field(bench);
    bench_begin(bench);
    total->n_differences += !ways_agree(bench, its_case);
    Steps steps = snapshot_all(bench, true);
    if (steps.instructions == 0) {
        total->forbidden = true;
    } else {
        const uint64_t n_killed = kills_at_random(bench, options->n_rounds);
        for (uint32_t i = 0; i < options->n_next; i++) {
            add(&steps, snapshot_next(bench));
        }
        tell(bench->name, &steps, n_killed, bench->n_differences);
        add(&total->steps, steps);
        total->n_cases++;
        total->n_killed += n_killed;
        total->n_differences += bench->n_differences;
    }
    bench_free(bench);
}

/* Mutant number `number`, or, behind those, a watchdog that does not take claims back. */
static void run_control(uint32_t number, const Options *options, Total *total)
{
    Case its_case = case_of_controls;
    its_case.type = (uint32_t)sy_registry_find("vca");
    Bench *bench = bench_new(&its_case, options->block, &tables);

    bench_lay_field(bench);
    bench->quiet = true;
    bench->name =
        number < N_MUTANTS ? mutant_begin(number, its_case.type, bench) : "claims never taken back";
    bench_begin(bench);
    const Steps steps = snapshot_all(bench, number < N_MUTANTS);
    total->n_controls++;
    const uint32_t n_caught = bench->n_differences;
    const uint64_t n_killed = number < N_MUTANTS ? kills_at_random(bench, options->n_rounds) : 0;
    mutant_end();
    tell(bench->name, &steps, n_killed, bench->n_differences);
    if (n_caught == 0) {
        printf("    not caught\n");
        total->uncaught = true;
    }
    bench_free(bench);
}

static void run_all(const Options *options, Total *total)
{
    Case its_case;

    printf("blocks of %u frames\n", options->block);
    for (uint32_t i = 0; case_at(i, &its_case) && !total->forbidden; i++) {
        if (!options->only || strcmp(its_case.name, options->only) == 0) {
            run_case(&its_case, options, total);
        }
    }
    if ((!options->only || strcmp(options->only, case_of_controls.name) == 0) &&
        !total->forbidden) {
        printf("to be caught:\n");
        for (uint32_t i = 0; i <= N_MUTANTS; i++) {
            run_control(i, options, total);
        }
    }
}

static int conclude(const Total *total)
{
    if (total->forbidden) {
        printf("processes may not be traced here\n");
        return SKIPPED;
    }
    printf(STEPS_LEVEL " %" PRIu64 " cases: %" PRIu64 " instructions, %" PRIu64
                       " states run on from, %" PRIu64 " kills, %" PRIu64
                       " differences; controls %s\n",
           total->n_cases, total->steps.instructions, total->steps.states, total->n_killed,
           total->n_differences, total->uncaught ? "NOT all caught" : "all caught");
    return total->n_cases + total->n_controls == 0 || total->n_differences > 0 || total->uncaught;
}

static void usage(void)
{
    puts("usage: kill-every-instruction [--block FRAMES] [--kills N] [--only CASE] [--full]\n"
         "                              [--next N] [--seed N]\n"
         "  --kills   rounds of real kills for each case\n"
         "  --next    so many that take over, one from the other, are killed at every instruction\n"
         "  --full    blocks of 16 and of 64 frames, 100 rounds, 4 that take over");
    exit(2);
}

/* Stepping goes from process to process and back: on one CPU that costs half as much. */
static void stay_here(void)
{
    cpu_set_t here;

    CPU_ZERO(&here);
    CPU_SET(sched_getcpu(), &here);
    sched_setaffinity(0, sizeof(here), &here);
}

static bool read_options(int argc, char **argv, Options *options)
{
    static const struct option names[] = {{"block", required_argument, NULL, 'b'},
                                          {"kills", required_argument, NULL, 'k'},
                                          {"only", required_argument, NULL, 'o'},
                                          {"next", required_argument, NULL, 's'},
                                          {"seed", required_argument, NULL, 'r'},
                                          {"full", no_argument, NULL, 'f'},
                                          {0}};
    bool full = false;

    for (int got; (got = getopt_long(argc, argv, "", names, NULL)) != -1;) {
        switch (got) {
        case 'b':
            options->block = (uint32_t)atoi(optarg);
            break;
        case 'k':
            options->n_rounds = (uint32_t)atoi(optarg);
            break;
        case 's':
            options->n_next = (uint32_t)atoi(optarg);
            break;
        case 'r':
            draw_from((uint32_t)atoi(optarg));
            break;
        case 'o':
            options->only = optarg;
            break;
        case 'f':
            full = true;
            options->n_rounds = 100;
            options->n_next = 4;
            break;
        default:
            usage();
        }
    }
    return full;
}

int main(int argc, char **argv)
{
    Options options = {.block = SY_BLOCK_MIN, .n_rounds = 4};
    Total total = {0};
    const bool full = read_options(argc, argv, &options);
    SySegment *segment = patch_map(options.block);

    stay_here();
    demand(sy_worker_tables_init(&tables, segment, getenv("SYNTHD_ISA")) == SY_OK,
           "use this instruction set");
    sy_segment_unmap(segment);
    run_all(&options, &total);
    if (full && !total.forbidden) {
        options.block = 64;
        run_all(&options, &total);
    }
    return conclude(&total);
}
