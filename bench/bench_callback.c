/* synthbench callback: how regularly blocks are asked for, and how long they take.
 *
 * A synthd of its own plays a small patch and records a trace of itself, as anybody can
 * (docs/tracing.md): when each block was released and when it was handed out. Where two blocks
 * follow each other, the distance of their releases is held against the period; what it is off by
 * is the driver's jitter. First the clock drives, then, if there is one, a JACK server without a
 * sound card, whose callback PortAudio hands on. While it is recorded the bench does as cyclictest
 * does, at the priority of the clock's thread: the same machine at the same time, without synthd.
 *
 * A block whose release is late by a millisecond and whose next one is on time makes two distances
 * that are off. One that takes more than its period is late, and is counted as such. */
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "bench/bench.h"
#include "bench/bench_callback_trace.h"
#include "bench/jack_server.h"
#include "bench/noise.h"
#include "bench/osc_client.h"
#include "engine/realtime.h"

#define RATE      48000
#define PERIOD    64
#define PERIOD_NS (1e9 * PERIOD / RATE)
#define SECONDS   8.0
#define ROUND     100

typedef struct Take {
    const char *synthd, *driver; /* to start; of the rows' names */
    double seconds;
    SyReport *report;
    SyHistogram *jitter, *took, *noise;
} Take;

static bool patch(SyOscClient *client)
{
    double ignored;

    return sy_osc_create(client, "vco", 1, 1, &ignored) &&
           sy_osc_create(client, "out", 1, 1, &ignored) &&
           sy_osc_connect(client, "vco/1/saw", "out/1/left");
}

static void measure_noise(double seconds, SyHistogram *noise)
{
    const uint64_t until = sy_bench_now() + (uint64_t)(seconds * 1e9);

    sy_realtime_enter(SY_PRIORITY_AUDIO);
    while (sy_bench_now() < until) {
        sy_noise_measure(noise, ROUND);
    }
    sched_setscheduler(0, SCHED_OTHER, &(struct sched_param){0});
}

static void report_take(const Take *take, const SyTracedBlocks *traced)
{
    char name[80];

    sy_traced_blocks_judge(traced, PERIOD_NS, take->jitter, take->took);
    snprintf(name, sizeof(name), "%s: two releases, off a period by", take->driver);
    sy_report_row(take->report, name, take->jitter, 1);
    snprintf(name, sizeof(name), "%s: a block, released to handed out", take->driver);
    sy_report_row(take->report, name, take->took, 1);
    snprintf(name, sizeof(name), "%s: %s", take->driver, SY_NOISE_ROW);
    sy_report_row(take->report, name, take->noise, 1);
    snprintf(name, sizeof(name), "%s: blocks that were late", take->driver);
    sy_report_value(take->report, name, (double)traced->n_late, "");
    snprintf(name, sizeof(name), "%s: blocks that the trace lacks", take->driver);
    sy_report_value(take->report, name, (double)traced->n_dropped, "");
}

/* Plays and records into a file that is not there yet. */
static bool record(const Take *take, SyOscClient *client, const char *path)
{
    SyTracedBlocks traced = {0};
    const bool ok = patch(client) && sy_osc_record_trace(client, path, take->seconds);

    if (ok) {
        measure_noise(take->seconds, take->noise);
    }
    if (!ok || !sy_osc_await_trace(client)) {
        return sy_bench_fail("/trace.record");
    }
    const bool read = sy_traced_blocks_read(path, &traced);
    if (read) {
        report_take(take, &traced);
    }
    sy_traced_blocks_clear(&traced);
    return read;
}

static bool record_in_folder(const Take *take, const char *audio)
{
    const char *temporary = getenv("TMPDIR");
    char folder[512], path[540];
    SyOscClient client;

    snprintf(folder, sizeof(folder), "%.480s/synthbench-XXXXXX", temporary ? temporary : "/tmp");
    if (!mkdtemp(folder)) {
        return sy_bench_fail(folder);
    }
    snprintf(path, sizeof(path), "%s/trace.json", folder);
    bool ok = sy_osc_open_on(&client, take->synthd, audio, PERIOD);
    if (ok) {
        ok = record(take, &client, path);
        sy_osc_close(&client);
    }
    unlink(path);
    rmdir(folder);
    return ok;
}

static bool take_one(Take take, const char *audio)
{
    take.jitter = sy_histogram_new();
    take.took = sy_histogram_new();
    take.noise = sy_histogram_new();
    const bool ok = take.jitter && take.took && take.noise && record_in_folder(&take, audio);
    sy_histogram_free(take.jitter);
    sy_histogram_free(take.took);
    sy_histogram_free(take.noise);
    return ok;
}

static bool take_jack(Take take)
{
    SyJackServer server;
    const char *why;

    if (!sy_jack_server_open(&server, PERIOD, &why)) {
        sy_report_note(take.report, "by the clock alone: %s", why);
        return true;
    }
    take.driver = "JACK";
    const bool ok = take_one(take, "portaudio:JACK");
    sy_jack_server_close(&server);
    sy_report_note(take.report, "JACK: %s -p %d", SY_JACK_SERVER_HOW, PERIOD);
    return ok;
}

/* --count is in blocks, a driver. */
static double seconds_of(const SyBenchOptions *options)
{
    return options->count > 0     ? (double)options->count * PERIOD / RATE
           : options->seconds > 0 ? options->seconds
                                  : SECONDS;
}

static bool run(const SyBenchOptions *options, SyReport *report)
{
    char *sibling = sy_bench_sibling("synthd");
    const Take take = {.synthd = options->synthd ? options->synthd : sibling,
                       .driver = "clock",
                       .seconds = seconds_of(options),
                       .report = report};
    const char *advice;

    const bool ok = take_one(take, "clock") && take_jack(take);
    if (!sy_realtime_permitted(&advice)) {
        sy_report_note(report, "%s", advice);
    }
    free(sibling);
    return ok;
}

const SyBench sy_bench_callback = {
    .name = "callback",
    .help = "how regularly blocks are asked for, by the clock and by JACK, and how long they take",
    .run = run,
};
