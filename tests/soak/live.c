/* One engine that lives long, on the system's clock, under fire. What is late here says how busy
 * the machine is; that the engine is as it was afterwards is what is asked for. */
#include <inttypes.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/rig/check.h"
#include "tests/soak/soak.h"

#define WARM_UP_KILLS 30

/* How often a word with its 0 occurs. */
static int count_words(const char *bytes, size_t size, const char *word)
{
    const size_t length = strlen(word) + 1;
    int n = 0;

    for (const char *at = bytes; (at = memmem(at, size - (size_t)(at - bytes), word, length));) {
        at += length;
        n++;
    }
    return n;
}

/* Asked of the engine itself: synthctl takes as long to start as a worker does. */
static bool says_full_strength(const SySoakLive *live)
{
    char packet[16384];
    struct pollfd in = {.fd = live->osc.fd, .events = POLLIN};

    sy_osc_send(&live->osc, "/workers", "");
    while (poll(&in, 1, 1000) == 1) {
        const ssize_t size = recv(live->osc.fd, packet, sizeof(packet), 0);
        if (size <= 0 || !memmem(packet, (size_t)size, "/workers.reply", 14)) {
            continue; /* a /done: of the last question, or of something else */
        }
        return count_words(packet, (size_t)size, "parked") +
                   count_words(packet, (size_t)size, "running") ==
               live->n_workers;
    }
    return false;
}

/* Those who were shot do not count, even if the engine has not noticed yet. */
static bool is_at_full_strength(SySoakLive *live)
{
    pid_t pids[SY_SYNTH_WORKERS_MAX];
    SySoakToll ignored;

    return sy_soak_look(&live->targets, pids, &ignored) == (size_t)live->n_workers &&
           says_full_strength(live);
}

double sy_soak_live_await_strength(SySoakLive *live)
{
    const int64_t begun = sy_stage_now_ns();
    while (!is_at_full_strength(live)) {
        assert_true(sy_stage_now_ns() - begun < SY_PATIENCE_NS);
        usleep(500);
    }
    return (double)(sy_stage_now_ns() - begun) * 1e-6;
}

static bool has_zombie(const SySynth *synth)
{
    static SyProcess list[SY_PROCESSES_MAX];
    const size_t n = sy_process_below(synth->keeper, list);
    bool found = false;

    for (size_t i = 0; i < n; i++) {
        found = found || list[i].state == 'Z';
    }
    return found;
}

static long engine_kb(const SySoakLive *live)
{
    return sy_process_own_kb(sy_synth_engine(live->synth));
}

/* New workers make the shared memory present a piece at a time. What none of them has yet counts as
 * the engine's own; so they all have it when that does not get less any more. */
static void settle(SySoakLive *live)
{
    sy_soak_live_await_strength(live);
    sy_await(!has_zombie(live->synth));
    for (long before = LONG_MAX, kb = engine_kb(live); kb < before; kb = engine_kb(live)) {
        before = kb;
        sy_stage_pause_ms(300);
    }
}

SySoakLive *sy_soak_live_start(SyStage *stage, const char *patch, int n_workers)
{
    SySoakLive *live = sy_stage_keep(stage, calloc(1, sizeof(*live)));
    const SySoakFire fire = {.at_once = 1, .pause_ns = 10000000};
    const SySoakEnd end = {.kills = WARM_UP_KILLS};
    SySoakToll ignored = {0};
    uint64_t seed = 1;

    live->synth = sy_synth_start(stage, "--audio clock --workers %d --placement spread --load %s",
                                 n_workers, patch);
    live->osc = sy_osc_open(live->synth);
    live->n_workers = n_workers;
    live->targets.keeper = live->synth->keeper;
    sy_soak_shoot(&live->targets, &fire, &end, &seed, &ignored);
    settle(live);
    live->before = sy_soak_census(live->synth);
    return live;
}

static double timing(const SySynth *synth, const char *name)
{
    struct json_object *all = sy_ctl_json(synth, "--host 127.0.0.1 status");
    const double number = sy_json_number(json_object_object_get(all, "timing"), name);

    json_object_put(all);
    return number;
}

void sy_soak_live_await_blocks(SySoakLive *live, double n)
{
    const double first = timing(live->synth, "blocks");
    sy_await(timing(live->synth, "blocks") >= first + n);
}

void sy_soak_live_end(SySoakLive *live, const char *what, const SySoakToll *toll)
{
    settle(live);
    const double blocks = timing(live->synth, "blocks");
    const SySoakCensus after = sy_soak_census(live->synth);

    print_message("%s, live: %" PRIu64 " workers and %" PRIu64 " zygotes killed, %" PRIu64
                  " lives, %.0f s under fire, %.0f kills a second; %.0f of %.0f blocks late\n",
                  what, toll->workers, toll->zygotes, toll->lives, (double)toll->ns * 1e-9,
                  (double)sy_soak_kills_of(toll) * 1e9 / (double)(toll->ns ? toll->ns : 1),
                  timing(live->synth, "late"), blocks);
    sy_soak_census_print(&live->before, "before");
    sy_soak_census_print(&after, "after");
    fflush(NULL);
    sy_await(timing(live->synth, "blocks") > blocks + 100);
    sy_soak_census_compare(&live->before, &after);
    sy_osc_close(&live->osc);
    sy_synth_quit(live->synth);
}

void sy_soak_live_kills(SyStage *stage, uint64_t n, uint64_t seed)
{
    const SySoakFire fire = {.at_once = 1, .pause_ns = 4000000};
    const SySoakEnd end = {.kills = n};
    SySoakToll toll = {0};

    sy_soak_write_patch(stage);
    SySoakLive *live = sy_soak_live_start(stage, SY_SOAK_PATCH, 4);
    sy_soak_shoot(&live->targets, &fire, &end, &seed, &toll);
    sy_soak_live_end(live, "kills", &toll);
}

void sy_soak_live_storm(SyStage *stage, int seconds, uint64_t seed)
{
    const SySoakFire fire = {.at_once = 1, .pause_ns = 10000000, .steady = true};
    const SySoakEnd end = {.kills = (uint64_t)seconds * 100};
    SySoakToll toll = {0};

    sy_soak_write_patch(stage);
    SySoakLive *live = sy_soak_live_start(stage, SY_SOAK_PATCH, 4);
    sy_soak_shoot(&live->targets, &fire, &end, &seed, &toll);
    print_message("storm, live: full strength %.1f ms after the last kill\n",
                  sy_soak_live_await_strength(live));
    sy_soak_live_end(live, "storm", &toll);
}

static int by_size(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void print_times(const char *what, double *ms, size_t n)
{
    qsort(ms, n, sizeof(*ms), by_size);
    print_message("%s: p50 %.1f ms, p90 %.1f ms, max %.1f ms\n", what, ms[n / 2], ms[n * 9 / 10],
                  ms[n - 1]);
}

static double await_zygote(SySoakLive *live, SySoakToll *toll)
{
    pid_t pids[SY_SYNTH_WORKERS_MAX];
    const int64_t begun = sy_stage_now_ns();

    while (sy_soak_look(&live->targets, pids, toll), live->targets.zygote == 0) {
        assert_true(sy_stage_now_ns() - begun < SY_PATIENCE_NS);
        sy_stage_pause_ms(1);
    }
    return (double)(sy_stage_now_ns() - begun) * 1e-6;
}

/* The zygote, and a worker right behind it, for whom there is nobody who could replace it. */
void sy_soak_live_zygotes(SyStage *stage, uint64_t n, uint64_t seed)
{
    const SySoakFire zygote = {.zygotes = true}, worker = {.at_once = 1};
    SySoakToll toll = {0};
    double *new_ms = sy_stage_keep(stage, calloc(n, sizeof(double)));
    double *full_ms = sy_stage_keep(stage, calloc(n, sizeof(double)));

    sy_soak_write_patch(stage);
    SySoakLive *live = sy_soak_live_start(stage, SY_SOAK_PATCH, 4);
    for (uint64_t i = 0; i < n; i++) {
        const int64_t begun = sy_stage_now_ns();
        toll.volleys = 0;
        sy_soak_shoot(&live->targets, &zygote, &(SySoakEnd){.kills = 2 * i + 1}, &seed, &toll);
        sy_soak_shoot(&live->targets, &worker, &(SySoakEnd){.kills = 2 * i + 2}, &seed, &toll);
        new_ms[i] = await_zygote(live, &toll);
        sy_soak_live_await_strength(live);
        full_ms[i] = (double)(sy_stage_now_ns() - begun) * 1e-6;
    }
    print_times("zygotes, live: from the kill to a new zygote", new_ms, n);
    print_times("zygotes, live: from the kills to full strength", full_ms, n);
    sy_soak_live_end(live, "zygotes", &toll);
}
