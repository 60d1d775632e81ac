/* synthbench idle: what synthd costs while nothing is patched.
 *
 * CPU time of all its processes, and how often their threads are woken; and by turns with it the
 * same of a client of the same JACK server that does nothing but clear its buffer
 * (bench/idle_client.c). A wake-up costs what the machine makes of it, however little is done then,
 * so what counts is what synthd uses beyond that client. */
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "bench/bench.h"
#include "bench/jack_server.h"
#include "bench/osc_client.h"
#include "bench/usage.h"

#define ROUNDS     3
#define ROUNDS_MAX 64
#define SECONDS    4.0
#define SETTLE_S   3.0 /* synthd makes its memory present in the first second */
#define GOAL       0.5 /* % of a core */

typedef struct Idle {
    const char *synthd, *client;
    double seconds;
    uint32_t n_rounds;
} Idle;

/* Of one run: % of a core, and wake-ups a second. */
typedef struct Share {
    double cpu, wake_ups;
} Share;

static void sleep_s(double seconds)
{
    const struct timespec pause = {.tv_sec = (time_t)seconds,
                                   .tv_nsec = (long)(fmod(seconds, 1) * 1e9)};
    nanosleep(&pause, NULL);
}

static Share share_of(pid_t root, double settle_s, double seconds)
{
    sleep_s(settle_s);
    const SyUsage before = sy_usage_of(root);
    const uint64_t began = sy_bench_now();
    sleep_s(seconds);
    const SyUsage after = sy_usage_of(root);
    const double took_ns = (double)(sy_bench_now() - began);

    return (Share){100 * (after.cpu_ns - before.cpu_ns) / took_ns,
                   1e9 * (after.wake_ups - before.wake_ups) / took_ns};
}

static bool measure_synthd(const Idle *idle, const char *audio, uint32_t block, Share *share)
{
    SyOscClient client;

    if (!sy_osc_open_on(&client, idle->synthd, audio, block)) {
        return false;
    }
    *share = share_of(client.engine, SETTLE_S, idle->seconds);
    sy_osc_close(&client);
    return true;
}

static void become_client(const Idle *idle, uint32_t block, int ready)
{
    char frames[16], file[16];

    prctl(PR_SET_PDEATHSIG, SIGKILL);
    snprintf(frames, sizeof(frames), "%u", block);
    snprintf(file, sizeof(file), "%d", ready);
    if (freopen("/dev/null", "w", stdout)) {
        execl(idle->client, idle->client, frames, file, (char *)NULL);
    }
    _exit(127);
}

static bool measure_client(const Idle *idle, uint32_t block, Share *share)
{
    int ends[2];
    char byte;

    if (pipe(ends) < 0) {
        return sy_bench_fail("pipe");
    }
    fflush(NULL);
    const pid_t pid = fork();
    if (pid == 0) {
        become_client(idle, block, ends[1]);
    }
    close(ends[1]);
    const bool plays = pid > 0 && read(ends[0], &byte, 1) == 1;
    close(ends[0]);
    if (plays) {
        *share = share_of(pid, 1, idle->seconds);
    }
    if (pid > 0) {
        kill(pid, SIGKILL);
        waitpid(pid, NULL, 0);
    }
    return plays || sy_bench_fail(idle->client);
}

static int by_cpu(const void *a, const void *b)
{
    const double x = ((const Share *)a)->cpu, y = ((const Share *)b)->cpu;
    return (x > y) - (x < y);
}

static Share median(Share *shares, uint32_t n)
{
    qsort(shares, n, sizeof(*shares), by_cpu);
    return shares[n / 2];
}

static void report_one(SyReport *report, const char *driver, uint32_t block, Share own, Share bare)
{
    char name[80];
    const double cells[] = {own.cpu, bare.cpu, own.wake_ups, bare.wake_ups};

    snprintf(name, sizeof(name), "%s, %u frames", driver, block);
    sy_report_cells(report, name, cells);
}

static void judge(SyReport *report, const char *driver, uint32_t block, double own)
{
    char name[80];

    snprintf(name, sizeof(name), "%s, %u frames: synthd's own", driver, block);
    sy_report_at_most(report, name, own, GOAL, "% of a core");
}

static bool take_clock(const Idle *idle, uint32_t block, SyReport *report, double *own)
{
    Share shares[ROUNDS_MAX];

    for (uint32_t i = 0; i < idle->n_rounds; i++) {
        if (!measure_synthd(idle, "clock", block, &shares[i])) {
            return false;
        }
    }
    const Share share = median(shares, idle->n_rounds);
    report_one(report, "clock", block, share, (Share){NAN, NAN});
    *own = share.cpu;
    return true;
}

static bool take_jack(const Idle *idle, uint32_t block, SyReport *report, double *own)
{
    Share shares[ROUNDS_MAX], bare[ROUNDS_MAX];
    SyJackServer server;
    const char *why;
    bool ok = true;

    *own = NAN;
    if (!sy_jack_server_open(&server, block, &why)) {
        sy_report_note(report, "by the clock alone: %s", why);
        return true;
    }
    for (uint32_t i = 0; ok && i < idle->n_rounds; i++) {
        ok = measure_client(idle, block, &bare[i]) &&
             measure_synthd(idle, "portaudio:JACK", block, &shares[i]);
    }
    sy_jack_server_close(&server);
    if (ok) {
        const Share share = median(shares, idle->n_rounds), floor = median(bare, idle->n_rounds);
        report_one(report, "JACK", block, share, floor);
        *own = share.cpu - floor.cpu;
    }
    return ok;
}

static bool take_all(const Idle *idle, SyReport *report)
{
    static const struct {
        const char *driver;
        uint32_t block;
        bool (*take)(const Idle *idle, uint32_t block, SyReport *report, double *own);
    } cases[] = {{"clock", 64, take_clock},
                 {"clock", 512, take_clock},
                 {"JACK", 64, take_jack},
                 {"JACK", 256, take_jack},
                 {"JACK", 1024, take_jack}};
    static const char *const columns[] = {"synthd, %", "bare client, %", "synthd, wake-ups/s",
                                          "bare client, wake-ups/s"};
    double own[sizeof(cases) / sizeof(*cases)];

    sy_report_table(report, "An empty patch: CPU time of all threads, of a core", columns, 4);
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        if (!cases[i].take(idle, cases[i].block, report, &own[i])) {
            return false;
        }
    }
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        if (!isnan(own[i])) {
            judge(report, cases[i].driver, cases[i].block, own[i]);
        }
    }
    return true;
}

static bool run(const SyBenchOptions *options, SyReport *report)
{
    char *synthd = sy_bench_sibling("synthd"), *client = sy_bench_sibling("bench/idle-client");
    const uint64_t n = options->count ? options->count : ROUNDS;
    const Idle idle = {.synthd = options->synthd ? options->synthd : synthd,
                       .client = client,
                       .seconds = options->seconds > 0 ? options->seconds : SECONDS,
                       .n_rounds = n < ROUNDS_MAX ? (uint32_t)n : ROUNDS_MAX};

    const bool ok = synthd && client && take_all(&idle, report);
    sy_report_note(report, "medians of %u rounds of %.0f s, by turns; JACK: %s", idle.n_rounds,
                   idle.seconds, SY_JACK_SERVER_HOW);
    free(synthd);
    free(client);
    return ok;
}

const SyBench sy_bench_idle = {
    .name = "idle",
    .help = "what synthd costs while nothing is patched, beside a client that does nothing",
    .run = run,
};
