/* synthbench failover: what a worker's death costs in time.
 *
 * The bench looks at the shared words as they change. It waits until a worker says that it is at
 * the node, and kills it at a random moment of the time that the node takes undisturbed. That time
 * is taken off: what is left is detection, the fence, the wake-up, caches that have to be filled
 * again, and the bench's own looking.
 *
 * The bench looks from a CPU that it does not leave, and from above the workers, or it would see
 * nothing whenever one of them gets that CPU. Where it looks for the commit, it takes itself back
 * as soon as it has killed, not to be in the way of those who are measured; the driver's clock says
 * when the block was done. The fence is looked for with other kills, and from above: the end of a
 * killed process holds its CPU for a millisecond at that process's own priority. */
#include <stdio.h>
#include <stdlib.h>

#include "bench/bench_failover.h"
#include "bench/noise.h"
#include "engine/realtime.h"

#define KILLS         1000
#define HANGS         50
#define UNDISTURBED   7 /* blocks before each kill, which say what the node takes */
#define ROUND         50
#define NOISE_A_ROUND 10
#define APART_NS      3000000 /* from full strength to the next kill */

typedef struct Rows {
    SyHistogram *undisturbed, *dead, *fenced, *committed, *restored, *noise;
    int64_t node_ns; /* undisturbed, now */
    uint64_t n_missed;
    unsigned seed;
} Rows;

static int by_size(const void *a, const void *b)
{
    const int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

/* What the node takes just now: machines differ from one moment to the next, too. */
static bool measure_node(SyFailoverRig *rig, Rows *rows)
{
    int64_t took[UNDISTURBED];

    for (int i = 0, tries = 0; i < UNDISTURBED; tries++) {
        SyFailoverCourse course;
        bool seen;
        if (!sy_failover_block(rig, -1, SY_FAILOVER_COMMIT, &course, &seen)) {
            return false;
        }
        if (tries > 100) {
            fprintf(stderr, "synthbench: no worker is seen at the node\n");
            return false;
        }
        if (seen) {
            took[i] = course.committed_ns - course.begun_ns;
            sy_histogram_record(rows->undisturbed, (uint64_t)took[i++]);
        }
    }
    qsort(took, UNDISTURBED, sizeof(took[0]), by_size);
    rows->node_ns = took[UNDISTURBED / 2];
    return true;
}

/* A signal can arrive when the node is committed: whoever takes its task over then has nothing to
 * compute. */
static bool was_run_again(const SyFailoverRig *rig, const Rows *rows,
                          const SyFailoverCourse *course)
{
    return sy_failover_busy_ns(rig, course) > rows->node_ns / 3;
}

static void record(SyHistogram *histogram, int64_t from, int64_t to)
{
    if (to != 0) {
        sy_histogram_record(histogram, to > from ? (uint64_t)(to - from) : 0);
    }
}

static bool kill_once(SyFailoverRig *rig, SyFailoverLook look, Rows *rows)
{
    const int64_t at = rand_r(&rows->seed) % 70 * rows->node_ns / 100;
    SyFailoverCourse course;
    int64_t restored_ns = 0;
    bool seen;

    if (!sy_failover_block(rig, at, look, &course, &seen)) {
        return false;
    }
    if (course.killed_ns != 0 && (restored_ns = sy_failover_await_replacement(rig, &course)) == 0) {
        return false;
    }
    if (!seen || (look == SY_FAILOVER_COMMIT && !was_run_again(rig, rows, &course))) {
        rows->n_missed++;
    } else if (look == SY_FAILOVER_FENCE) {
        record(rows->dead, course.killed_ns, course.dead_ns);
        record(rows->fenced, course.killed_ns, course.fenced_ns);
    } else {
        record(rows->committed, course.killed_ns + rows->node_ns, course.committed_ns);
        record(rows->restored, course.killed_ns, restored_ns);
    }
    return true;
}

static bool measure_kills(SyFailoverRig *rig, uint64_t n, Rows *rows)
{
    for (uint64_t i = 0; i < 2 * n; i++) {
        const bool fence = i % 2 == 0;
        if (i % ROUND == 0) {
            sy_noise_measure(rows->noise, NOISE_A_ROUND);
        }
        if (!measure_node(rig, rows) ||
            !kill_once(rig, fence ? SY_FAILOVER_FENCE : SY_FAILOVER_COMMIT, rows)) {
            return false;
        }
        sy_failover_pause(APART_NS);
    }
    return sy_histogram_count(rows->committed) > 0;
}

static bool measure(uint64_t n, Rows *rows)
{
    SyFailoverRig rig;

    if (!sy_failover_open(&rig)) {
        return false;
    }
    if (!sy_bench_pin(SY_FAILOVER_CPU)) {
        fprintf(stderr, "synthbench: failover needs two CPUs: one to look from\n");
        sy_failover_close(&rig);
        return false;
    }
    const bool ok = measure_kills(&rig, n, rows);
    sy_bench_unpin();
    sy_failover_close(&rig);
    return ok;
}

static void report_rows(const Rows *rows, SyReport *report)
{
    const char *advice;

    sy_report_row(report, "the node, undisturbed", rows->undisturbed, 1);
    sy_report_row(report, "kill to OWNER_DIED on the life word", rows->dead, 1);
    sy_report_row(report, "kill to fenced", rows->fenced, 1);
    sy_report_row(report, "kill to node committed, beyond its cost", rows->committed, 1);
    sy_report_row(report, "kill to full strength", rows->restored, 1);
    sy_report_row(report, SY_NOISE_ROW, rows->noise, 1);
    sy_report_value(report, "not counted: node over before the kill", (double)rows->n_missed, "");
    if (!sy_realtime_permitted(&advice)) {
        sy_report_note(report, "%s", advice);
    }
}

static bool run(const SyBenchOptions *options, SyReport *report)
{
    const uint64_t n = options->count ? options->count : KILLS;
    Rows rows = {.seed = 1};
    SyHistogram **all[] = {&rows.undisturbed, &rows.dead,     &rows.fenced,
                           &rows.committed,   &rows.restored, &rows.noise};
    const size_t n_all = sizeof(all) / sizeof(all[0]);
    bool ok = true;

    for (size_t i = 0; i < n_all; i++) {
        ok = (*all[i] = sy_histogram_new()) && ok;
    }
    ok = ok ? measure(n, &rows) : sy_bench_fail("histogram");
    if (ok) {
        report_rows(&rows, report);
        ok = sy_failover_measure_hangs(options, n < HANGS ? n : HANGS, report);
    }
    for (size_t i = 0; i < n_all; i++) {
        sy_histogram_free(*all[i]);
    }
    return ok;
}

const SyBench sy_bench_failover = {
    .name = "failover",
    .help = "from a worker's death to its work done by another, and to full strength; hangs",
    .run = run,
};
