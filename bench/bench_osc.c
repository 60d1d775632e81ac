/* synthbench osc: how long it takes until what a controller sends is in the engine, and heard.
 *
 * (a), (b) and (c) look inside an engine that has been put together in this process, of the same
 * parts as synthd's: what a parameter is and what a block holds can be seen there without asking,
 * and asking would take longer than what is measured. (d) is a synthd of its own, as its clients
 * know it: what they wait for has the way back in it. (e) is that synthd behind a JACK server, and
 * the bench a client of both.
 *
 *     a  send() to the parameter's value, and its event in the ring    bench_osc_value.c
 *     b  send() to a block with the first changed sample               bench_osc_block.c
 *     c  timetags and the frames at which they are heard               bench_osc_timetags.c
 *     d  /create and /set, sent to answered                            here
 *     e  send() to the changed sample at the device                    bench_osc_jack.c
 *
 * All packets go through the loopback. docs/latency.md has the figures side by side. */
#include "bench/bench_osc.h"

#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "bench/noise.h"
#include "bench/osc_client.h"
#include "engine/realtime.h"

/* How often, unless --count says otherwise: some 20 s in all. */
#define VALUES  2000
#define BLOCKS  400
#define PAIRS   150
#define ANSWERS 1000
#define DEVICE  600

#define ROUND         100
#define NOISE_A_ROUND 20
#define ID            9000   /* of the module that comes and goes */
#define REST_NS       300000 /* and up to a period more, between two questions */

static uint64_t times(const SyBenchOptions *options, uint64_t own)
{
    return options->count ? options->count : own;
}

/* (a) to (c) */
static bool measure_inside(const SyBenchOptions *options, SyReport *report, SyHistogram *noise)
{
    SyOscRig rig;

    if (!sy_osc_rig_open(&rig)) {
        return false;
    }
    const bool ok = sy_osc_measure_value(&rig, times(options, VALUES), report, noise) &&
                    sy_osc_measure_block(&rig, times(options, BLOCKS), report, noise) &&
                    sy_osc_measure_timetags(&rig, times(options, PAIRS), report);
    sy_osc_rig_close(&rig);
    return ok;
}

/* (d) */

typedef struct Answers {
    SyHistogram *create, *set;
    unsigned seed;
} Answers;

static void pause_a_while(Answers *answers)
{
    const long ns = REST_NS + rand_r(&answers->seed) % SY_OSC_RIG_PERIOD_NS;
    nanosleep(&(struct timespec){.tv_nsec = ns}, NULL);
}

static bool create_one(SyOscClient *client, Answers *answers)
{
    double ignored;

    pause_a_while(answers);
    const uint64_t sent = sy_bench_now();
    if (!sy_osc_create(client, "vco", ID, 1, &ignored)) {
        return false;
    }
    sy_histogram_record(answers->create, sy_bench_now() - sent);
    return sy_osc_destroy(client, "vco", ID);
}

static bool set_one(SyOscClient *client, Answers *answers, float value)
{
    pause_a_while(answers);
    const uint64_t sent = sy_bench_now();
    if (!sy_osc_set(client, "vca/1/gain", value)) {
        return false;
    }
    sy_histogram_record(answers->set, sy_bench_now() - sent);
    return true;
}

static bool ask(SyOscClient *client, uint64_t n, Answers *answers, SyHistogram *noise)
{
    double ignored;
    bool ok = sy_osc_create(client, "vca", 1, 1, &ignored);

    for (uint64_t i = 0; i < n && ok; i++) {
        if (i % ROUND == 0) {
            sy_noise_measure(noise, NOISE_A_ROUND);
        }
        ok = set_one(client, answers, i % 2 ? -6.0f : -12.0f) && create_one(client, answers);
    }
    return ok;
}

static bool measure_answers(const SyBenchOptions *options, SyReport *report, SyHistogram *noise)
{
    Answers answers = {.create = sy_histogram_new(), .set = sy_histogram_new(), .seed = 1};
    char *sibling = sy_bench_sibling("synthd");
    SyOscClient client;
    bool ok = answers.create && answers.set &&
              sy_osc_open(&client, options->synthd ? options->synthd : sibling);

    if (ok) {
        /* On stage the client has a machine of its own, or at least its turn on this one. */
        sy_realtime_enter(SY_PRIORITY_OSC);
        ok = ask(&client, times(options, ANSWERS), &answers, noise);
        sched_setscheduler(0, SCHED_OTHER, &(struct sched_param){0});
        sy_osc_close(&client);
    }
    if (ok) {
        sy_report_row(report, "set, OSC client to answer", answers.set, 1);
        sy_report_row(report, "create, OSC client to answer, idle", answers.create, 1);
    }
    sy_histogram_free(answers.create);
    sy_histogram_free(answers.set);
    free(sibling);
    return ok;
}

static bool run(const SyBenchOptions *options, SyReport *report)
{
    SyHistogram *noise = sy_histogram_new();
    const char *advice;

    if (!noise) {
        return sy_bench_fail("histogram");
    }
    const bool ok = measure_inside(options, report, noise) &&
                    measure_answers(options, report, noise) &&
                    sy_osc_measure_jack(options, times(options, DEVICE), report, noise);
    sy_report_row(report, SY_NOISE_ROW, noise, 1);
    if (!sy_realtime_permitted(&advice)) {
        sy_report_note(report, "%s", advice);
    }
    sy_histogram_free(noise);
    return ok;
}

const SyBench sy_bench_osc = {
    .name = "osc",
    .help = "from a packet to its parameter, its sample, its answer, and to the device",
    .run = run,
};
