/* synthbench doctor: whether this machine is fit for the stage, and what to change. */
#include <sched.h>
#include <stdio.h>
#include <time.h>

#include "bench/bench.h"
#include "bench/doctor.h"
#include "bench/noise.h"
#include "engine/realtime.h"

#define SECONDS 10.0
#define ROUND   100 /* wake-ups between two looks at the clock */

static double us(uint64_t ns)
{
    return (double)ns * 1e-3;
}

static void watch(double seconds, SyHistogram *late)
{
    const uint64_t until = sy_bench_now() + (uint64_t)(seconds * 1e9);

    while (sy_bench_now() < until) {
        sy_noise_measure(late, ROUND);
    }
}

static double stolen_between(const SyMachine *before, const SyMachine *after)
{
    const double ticks = (double)(after->ticks - before->ticks);
    return ticks > 0 ? (double)(after->stolen_ticks - before->stolen_ticks) / ticks : 0;
}

static SyVerdict gravest_of(const SyFinding *findings, uint32_t n)
{
    SyVerdict gravest = SY_FIT;
    for (uint32_t i = 0; i < n; i++) {
        gravest = findings[i].verdict > gravest ? findings[i].verdict : gravest;
    }
    return gravest;
}

/* The gravest first. */
static void report_findings(const SyFinding *findings, uint32_t n, SyReport *report)
{
    static const char *const verdicts[] = {
        [SY_FIT] = "fit", [SY_BETTER] = "could be better", [SY_UNFIT] = "unfit"};
    static const char *const says[] = {
        [SY_FIT] = "fit for the stage",
        [SY_BETTER] = "fit for the stage; it could be better",
        [SY_UNFIT] = "not fit for the stage as it is",
    };

    for (int verdict = SY_UNFIT; verdict >= SY_FIT; verdict--) {
        for (uint32_t i = 0; i < n; i++) {
            const SyFinding *finding = &findings[i];
            if ((int)finding->verdict == verdict) {
                sy_report_finding(report, verdicts[verdict], finding->what, finding->found,
                                  finding->advice);
            }
        }
    }
    sy_report_note(report, "this machine is %s", says[gravest_of(findings, n)]);
}

static bool run(const SyBenchOptions *options, SyReport *report)
{
    SyHistogram *late = sy_histogram_new();
    SyFinding findings[SY_FINDINGS_MAX];
    SyMachine before, machine;
    SyVital vital = {0};

    if (!late) {
        return sy_bench_fail("doctor");
    }
    sy_realtime_permitted(&vital.realtime_advice);
    sy_machine_read(&before, "");
    vital.is_realtime = sy_realtime_enter(SY_PRIORITY_AUDIO);
    watch(options->seconds > 0 ? options->seconds : SECONDS, late);
    sched_setscheduler(0, SCHED_OTHER, &(struct sched_param){0});
    sy_machine_read(&machine, "");
    vital.late_p50_us = us(sy_histogram_percentile(late, 50));
    vital.late_p99_us = us(sy_histogram_percentile(late, 99));
    vital.late_worst_us = us(sy_histogram_max(late));
    vital.stolen_share = stolen_between(&before, &machine);
    sy_report_row(report, SY_NOISE_ROW, late, 1);
    report_findings(findings, sy_doctor_look(&machine, &vital, findings), report);
    sy_histogram_free(late);
    return true;
}

const SyBench sy_bench_doctor = {
    .name = "doctor",
    .help = "whether this machine is fit for the stage, and what to change",
    .run = run,
};
