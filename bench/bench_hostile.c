/* synthbench hostile: every module under everything that could be done to it. Ends after --seconds;
 * an hour of it is what a release should have behind it. */
#include <math.h>
#include <stdio.h>

#include "bench/bench.h"
#include "bench/hostile.h"
#include "modules/registry.h"

#define SECONDS 20.0
#define BOUND   10000.0 /* an amplifier makes 1,600 of 10 times 10 */

static void report_types(const SyHostile *seen, SyReport *report)
{
    static const char *const columns[] = {"highest", "not finite"};

    sy_report_table(report, "what came out of each type", columns, 2);
    for (uint32_t t = 0; t < sy_registry_count() && t < SY_HOSTILE_TYPES; t++) {
        sy_report_cells(report, sy_registry_at(t)->name,
                        (double[]){(double)seen->highest[t], (double)seen->n_wild[t]});
    }
}

static void report_goals(const SyHostile *seen, SyReport *report)
{
    double n_wild = 0.0, highest = 0.0;
    char name[120];

    for (uint32_t t = 0; t < SY_HOSTILE_TYPES; t++) {
        n_wild += (double)seen->n_wild[t];
        highest = fmax(highest, (double)seen->highest[t]);
    }
    sy_report_at_most(report, "samples that are not finite", n_wild, 0.0, "samples");
    sy_report_at_most(report, "highest sample, inputs up to +-10", highest, BOUND, "");
    snprintf(name, sizeof(name), "worst block to its patch's median (seed %llu, mostly %s)",
             (unsigned long long)seen->worst_seed, sy_registry_at(seen->worst_type)->name);
    sy_report_at_most(report, name, seen->worst_ratio, SY_HOSTILE_RATIO, "x");
}

static bool run(const SyBenchOptions *options, SyReport *report)
{
    const double seconds = options->seconds > 0.0 ? options->seconds : SECONDS;
    const uint64_t until = sy_bench_now() + (uint64_t)(seconds * 1e9);
    SyHostile seen = {0};

    sy_dsp_thread_init();
    for (uint64_t seed = options->seed ? options->seed : 1; sy_bench_now() < until; seed++) {
        if (!sy_hostile_play(seed, &seen)) {
            return sy_bench_fail("hostile");
        }
    }
    report_types(&seen, report);
    sy_report_value(report, "patches", (double)seen.n_patches, "");
    sy_report_value(report, "blocks of 64", (double)seen.n_blocks, "");
    sy_report_value(report, "samples looked at", (double)seen.n_samples, "");
    report_goals(&seen, report);
    return true;
}

const SyBench sy_bench_hostile = {
    .name = "hostile",
    .help = "random patches of all modules under square waves and noise of +-10, for --seconds",
    .run = run,
};
