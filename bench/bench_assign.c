/* synthbench assign: how long it takes until a module has its worker.
 *
 * The ring's way is measured inside this process, with a worker that answers and does nothing else;
 * the whole way from an OSC client against a synthd of its own, idle and then with so many voices
 * that a block takes 70 % of its period. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/bench.h"
#include "bench/noise.h"
#include "bench/osc_client.h"
#include "bench/stage.h"
#include "engine/realtime.h"

#define ROUND_TRIPS   10000
#define ROUND         500
#define NOISE_A_ROUND 20
#define ID            9000 /* of the module that comes and goes */
#define LOAD_PERCENT  70.0
#define CHAINS_MAX    1000

/* The ring's way. */

static bool ping(SyStage *stage)
{
    SyFutex *bell = &stage->segment->control_bell;
    SyWorkerMessage message = {.kind = SY_MESSAGE_PING};
    const uint32_t ticket = sy_pool_send(&stage->control->pool, 0, &message);

    while (ticket != 0) {
        const uint32_t seen = sy_bell_listen(bell);
        if (sy_pool_receive(&stage->control->pool, 0, &message)) {
            return message.ticket == ticket;
        }
        sy_bell_sleep(bell, seen, 100000000);
    }
    return false;
}

static bool measure_ring(uint64_t n, SyReport *report, SyHistogram *noise)
{
    SyHistogram *trips = sy_histogram_new();
    SyStage stage;
    bool ok = true;

    if (!trips || !sy_stage_open(&stage, 1)) {
        sy_histogram_free(trips);
        return false;
    }
    sy_realtime_enter(SY_PRIORITY_CONTROL);
    for (uint64_t i = 0; i < n && ok; i++) {
        if (i % ROUND == 0) {
            sy_noise_measure(noise, NOISE_A_ROUND);
        }
        const uint64_t before = sy_bench_now();
        ok = ping(&stage);
        sy_histogram_record(trips, sy_bench_now() - before);
    }
    sched_setscheduler(0, SCHED_OTHER, &(struct sched_param){0});
    sy_stage_close(&stage);
    if (ok) {
        sy_report_row(report, "ring: control to a parked worker and back", trips, 1);
    }
    sy_histogram_free(trips);
    return ok;
}

/* The whole way. */

typedef struct Trips {
    SyHistogram *create, *assign, *destroy;
} Trips;

static bool create_and_destroy(SyOscClient *client, Trips *trips)
{
    double assign_us = 0;
    uint64_t before = sy_bench_now();

    if (!sy_osc_create(client, "vco", ID, 1, &assign_us)) {
        return false;
    }
    sy_histogram_record(trips->create, sy_bench_now() - before);
    sy_histogram_record(trips->assign, (uint64_t)(assign_us * 1e3));
    before = sy_bench_now();
    if (!sy_osc_destroy(client, "vco", ID)) {
        return false;
    }
    sy_histogram_record(trips->destroy, sy_bench_now() - before);
    return true;
}

static void report_trips(const Trips *trips, const char *when, SyReport *report)
{
    char name[80];

    snprintf(name, sizeof(name), "create, OSC client to answer, %s", when);
    sy_report_row(report, name, trips->create, 1);
    snprintf(name, sizeof(name), "of that, taken up to worker's answer, %s", when);
    sy_report_row(report, name, trips->assign, 1);
    snprintf(name, sizeof(name), "destroy, OSC client to answer, %s", when);
    sy_report_row(report, name, trips->destroy, 1);
}

static bool measure_trips(SyOscClient *client, uint64_t n, const char *when, SyReport *report,
                          SyHistogram *noise)
{
    Trips trips = {sy_histogram_new(), sy_histogram_new(), sy_histogram_new()};
    bool ok = trips.create && trips.assign && trips.destroy;

    for (uint64_t i = 0; i < n && ok; i++) {
        if (i % ROUND == 0) {
            sy_noise_measure(noise, NOISE_A_ROUND);
        }
        ok = create_and_destroy(client, &trips);
    }
    if (ok) {
        report_trips(&trips, when, report);
    }
    sy_histogram_free(trips.create);
    sy_histogram_free(trips.assign);
    sy_histogram_free(trips.destroy);
    return ok;
}

/* Adds chains of 16 voices until the blocks take as much of their period as is wanted. */
static bool load_engine(SyOscClient *client, SyReport *report)
{
    double percent = 0;
    int chains = 0;

    while (percent < LOAD_PERCENT && chains < CHAINS_MAX) {
        const double missing = percent > 5 ? chains * (LOAD_PERCENT / percent - 1) : 4;
        const int more = missing < 1 ? 1 : missing > 32 ? 32 : (int)missing;
        for (int i = 0; i < more; i++, chains++) {
            if (!sy_osc_voice(client, chains + 1)) {
                return false;
            }
        }
        if (!sy_osc_settled_load(client, &percent)) {
            return false;
        }
    }
    sy_report_value(report, "load reached", percent, "% of the period");
    sy_report_value(report, "voices it took", chains * 16.0, "saw and filter");
    return true;
}

static bool measure_engine(const SyBenchOptions *options, uint64_t n, SyReport *report,
                           SyHistogram *noise)
{
    char *sibling = sy_bench_sibling("synthd");
    SyOscClient client;

    if (!sy_osc_open(&client, options->synthd ? options->synthd : sibling)) {
        free(sibling);
        return false;
    }
    /* On stage the client has a machine of its own, or at least its turn on this one. */
    sy_realtime_enter(SY_PRIORITY_OSC);
    const bool ok = measure_trips(&client, n, "idle", report, noise) &&
                    load_engine(&client, report) &&
                    measure_trips(&client, n, "70 % loaded", report, noise);
    sched_setscheduler(0, SCHED_OTHER, &(struct sched_param){0});
    sy_osc_close(&client);
    free(sibling);
    return ok;
}

static bool run(const SyBenchOptions *options, SyReport *report)
{
    const uint64_t n = options->count ? options->count : ROUND_TRIPS;
    SyHistogram *noise = sy_histogram_new();
    const char *advice;

    if (!noise) {
        return sy_bench_fail("histogram");
    }
    const bool ok = measure_ring(n, report, noise) && measure_engine(options, n, report, noise);
    sy_report_row(report, SY_NOISE_ROW, noise, 1);
    if (!sy_realtime_permitted(&advice)) {
        sy_report_note(report, "%s", advice);
    }
    sy_histogram_free(noise);
    return ok;
}

const SyBench sy_bench_assign = {
    .name = "assign",
    .help = "from a command to a module that has its worker: by ring, and whole from an OSC client",
    .run = run,
};
