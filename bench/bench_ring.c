/* Our ring beside Concurrency Kit's ck_ring (one producer, one consumer), which is the one a C
 * programmer would otherwise take.
 *
 * Both run in the same rounds, one straight after the other and in turn first, so that whatever
 * else the machine does befalls both.
 */
#include "bench/bench.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench/noise.h"
#include "bench/ring_carriers.h"

#define MOVED  20000u /* items in one measurement of throughput */
#define PINGED 200u   /* measurements of round trips in one round */

typedef enum Job { JOB_RECEIVE, JOB_ECHO, JOB_QUIT } Job;

/* All that the two ends share; mapped before the peer is forked. */
typedef struct Rig {
    SyWays ways;
    alignas(64) _Atomic uint32_t asked; /* number of the job that the peer is to do */
    uint32_t job, carrier;
    uint64_t n;
    alignas(64) _Atomic uint32_t done; /* number of the job that the peer has done */
} Rig;

static void ask(Rig *rig, Job job, uint32_t carrier, uint64_t n)
{
    rig->job = job;
    rig->carrier = carrier;
    rig->n = n;
    atomic_fetch_add(&rig->asked, 1);
}

static void await(Rig *rig)
{
    for (unsigned spins = 0; atomic_load(&rig->done) != atomic_load(&rig->asked);)
        sy_relax(&spins);
}

static void *peer(void *user)
{
    Rig *rig = user;
    sy_bench_pin(1);
    for (unsigned spins = 0;;) {
        const uint32_t asked = atomic_load(&rig->asked);
        if (asked == atomic_load(&rig->done)) {
            sy_relax(&spins);
            continue;
        }
        if (rig->job == JOB_RECEIVE)
            sy_carriers[rig->carrier].receive(&rig->ways, rig->n);
        else if (rig->job == JOB_ECHO)
            sy_carriers[rig->carrier].echo(&rig->ways, rig->n);
        atomic_store(&rig->done, asked);
        if (rig->job == JOB_QUIT)
            return NULL;
    }
}

/* What is measured of each carrier. */
typedef struct Figures {
    SyHistogram *alone, *moved, *pinged;
} Figures;

static void measure(Rig *rig, uint32_t carrier, Figures *figures)
{
    uint64_t start = sy_bench_now();
    sy_carriers[carrier].alone(&rig->ways, MOVED);
    sy_histogram_record(figures->alone, sy_bench_now() - start);

    ask(rig, JOB_RECEIVE, carrier, MOVED);
    start = sy_bench_now();
    sy_carriers[carrier].send(&rig->ways, MOVED);
    await(rig);
    sy_histogram_record(figures->moved, sy_bench_now() - start);

    ask(rig, JOB_ECHO, carrier, PINGED * SY_TRIPS);
    sy_carriers[carrier].ping(&rig->ways, PINGED, figures->pinged);
    await(rig);
}

static bool figures_init(Figures *figures)
{
    figures->alone = sy_histogram_new();
    figures->moved = sy_histogram_new();
    figures->pinged = sy_histogram_new();
    return figures->alone && figures->moved && figures->pinged;
}

static void figures_deinit(Figures *figures)
{
    sy_histogram_free(figures->alone);
    sy_histogram_free(figures->moved);
    sy_histogram_free(figures->pinged);
}

static double ratio(const SyHistogram *ours, const SyHistogram *theirs)
{
    return (double)sy_histogram_percentile(ours, 50) / (double)sy_histogram_percentile(theirs, 50);
}

static void report_pair(SyReport *report, const char *between, const char *what,
                        const char *const titles[2], const SyHistogram *const both[2], uint64_t per)
{
    char name[96];
    for (int i = 0; i < 2; i++) {
        snprintf(name, sizeof name, "%s%s: %s", between, what, titles[i]);
        sy_report_row(report, name, both[i], per);
    }
    snprintf(name, sizeof name, "%s%s: %s, ours / ck_ring", between, what, titles[0]);
    sy_report_value(report, name, ratio(both[0], both[1]), "(medians)");
}

static void report_all(SyReport *report, const char *between, const Figures *figures)
{
    for (size_t c = 0; c < SY_CARRIERS; c += 2) {
        const Figures *const ours = &figures[c], *const theirs = &figures[c + 1];
        const char *const titles[] = {sy_carriers[c].name, sy_carriers[c + 1].name};
        const SyHistogram *const alone[] = {ours->alone, theirs->alone};
        const SyHistogram *const moved[] = {ours->moved, theirs->moved};
        const SyHistogram *const pinged[] = {ours->pinged, theirs->pinged};
        report_pair(report, between, ", one item", titles, moved, MOVED);
        report_pair(report, between, ", round trip", titles, pinged, SY_TRIPS);
        if (between[0] == 't') /* the same whatever the peer is */
            report_pair(report, "one thread", ", in and out", titles, alone, MOVED);
    }
}

static void measure_rounds(Rig *rig, uint64_t rounds, Figures *figures, SyHistogram *noise)
{
    for (uint64_t round = 0; round < rounds; round++) {
        for (uint32_t c = 0; c < SY_CARRIERS; c++)
            measure(rig, c ^ (round & 1), &figures[c ^ (round & 1)]);
        if (round % 8 == 0)
            sy_noise_measure(noise, 5);
    }
}

static Rig *rig_map(void)
{
    Rig *rig = mmap(NULL, sizeof *rig, PROT_READ | PROT_WRITE,
                    MAP_SHARED | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
    if (rig == MAP_FAILED)
        return NULL;
    sy_ways_init(&rig->ways);
    return rig;
}

static bool with_thread(Rig *rig, uint64_t rounds, Figures *figures, SyHistogram *noise)
{
    pthread_t thread;
    if ((errno = pthread_create(&thread, NULL, peer, rig)) != 0)
        return sy_bench_fail("thread");
    measure_rounds(rig, rounds, figures, noise);
    ask(rig, JOB_QUIT, 0, 0);
    pthread_join(thread, NULL);
    return true;
}

static bool with_process(Rig *rig, uint64_t rounds, Figures *figures, SyHistogram *noise)
{
    const pid_t child = fork();
    if (child < 0)
        return sy_bench_fail("fork");
    if (child == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        peer(rig);
        _exit(0);
    }
    measure_rounds(rig, rounds, figures, noise);
    ask(rig, JOB_QUIT, 0, 0);
    waitpid(child, NULL, 0);
    return true;
}

typedef bool With(Rig *rig, uint64_t rounds, Figures *figures, SyHistogram *noise);

static bool run_with(With *with, const char *between, uint64_t rounds, SyHistogram *noise,
                     SyReport *report)
{
    Figures figures[SY_CARRIERS] = {0};
    Rig *rig = rig_map();
    bool ok = rig != NULL;
    for (size_t c = 0; c < SY_CARRIERS; c++)
        ok = figures_init(&figures[c]) && ok;
    if (!ok)
        sy_bench_fail("memory");
    ok = ok && with(rig, rounds, figures, noise);
    if (ok)
        report_all(report, between, figures);
    for (size_t c = 0; c < SY_CARRIERS; c++)
        figures_deinit(&figures[c]);
    if (rig)
        munmap(rig, sizeof *rig);
    return ok;
}

static bool run(const SyBenchOptions *options, SyReport *report)
{
    const uint64_t rounds = options->count ? options->count : 400;
    SyHistogram *noise = sy_histogram_new();
    sy_bench_pin(0);
    const bool ok = noise && run_with(with_thread, "threads", rounds, noise, report) &&
                    run_with(with_process, "processes", rounds, noise, report);
    sy_bench_unpin();
    if (ok) {
        sy_report_row(report, SY_NOISE_ROW, noise, 1);
        sy_report_note(report,
                       "A ratio below 1: ours is faster.  One item: %u in a row through a "
                       "ring of %u.  Round trip: one item there and back, both ends "
                       "spinning, clock included.",
                       MOVED, SY_WAY_CAPACITY);
    }
    sy_histogram_free(noise);
    return ok;
}

const SyBench sy_bench_ring = {
    .name = "ring",
    .help = "our ring beside Concurrency Kit's, between threads and between processes",
    .run = run,
};
