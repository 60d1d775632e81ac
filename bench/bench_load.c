/* synthbench load: how long it takes to put one patch in the place of another that plays.
 *
 * A synthd of its own, with the clock for a device and all it has by default, its journal too,
 * plays a patch of 1,000 modules: 333 voices of vco, vcf and vca into one out. A client asks it by
 * OSC to load a file with another 1,000, then asks for /sync, both at once. The answer to /load
 * says that the patch has been read, checked and made, and written down; that to /sync, that it
 * plays. The two files take turns, and none of their modules is of the same name, but for the out
 * that stays: so each load makes 999 modules and takes 999 away.
 *
 * Nothing is to be heard of that: /engine says how many blocks were late. Of those the machine has
 * its own share, so they are counted for as long while nothing is loaded. */
#include <arpa/inet.h>
#include <lo/lo.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "bench/bench.h"
#include "bench/noise.h"
#include "bench/osc_client.h"
#include "bench/yardstick.h"
#include "engine/realtime.h"

#define VOICES        333 /* 1,000 modules, with the out */
#define LOADS         21
#define LOADS_MAX     1000
#define PAUSE_NS      250000000 /* for what fades, and for the journal's thread */
#define NOISE_A_ROUND 20
#define GOAL_MS       200.0
#define PACKETS_TRIED 64
#define BUNDLE_HEAD   16 /* "#bundle" and its timetag */

/* The patch files. */

typedef struct Files {
    char folder[64], paths[2][96];
} Files;

static void write_voice(FILE *file, int id)
{
    fprintf(file, "create vco --id %d --freq %d\n", id, 55 + id);
    fprintf(file, "create vcf --id %d --cutoff 1200\n", id);
    fprintf(file, "create vca --id %d\n", id);
    fprintf(file, "connect vco/%d/saw vcf/%d/in\n", id, id);
    fprintf(file, "connect vcf/%d/low vca/%d/in\n", id, id);
    fprintf(file, "connect vca/%d/out out/1/left --gain 0.003\n", id);
}

static bool write_patch(const char *path, int first_id)
{
    FILE *file = fopen(path, "we");

    if (!file) {
        return sy_bench_fail(path);
    }
    fprintf(file, "create out --id 1\n");
    for (int i = 0; i < VOICES; i++) {
        write_voice(file, first_id + i);
    }
    return fclose(file) == 0;
}

static bool write_files(Files *files)
{
    snprintf(files->folder, sizeof(files->folder), "/tmp/synthbench-XXXXXX");
    if (!mkdtemp(files->folder)) {
        return sy_bench_fail(files->folder);
    }
    bool ok = true;
    for (int i = 0; i < 2; i++) {
        snprintf(files->paths[i], sizeof(files->paths[i]), "%s/%d.synth", files->folder, i);
        ok = ok && write_patch(files->paths[i], 1 + i * VOICES);
    }
    return ok;
}

static void remove_files(const Files *files)
{
    unlink(files->paths[0]);
    unlink(files->paths[1]);
    rmdir(files->folder);
}

/* Messages. */

static bool send_message(SyOscClient *client, const char *path, lo_message message)
{
    size_t size = 0;
    void *bytes = lo_message_serialise(message, path, NULL, &size);
    const bool sent = bytes && send(client->socket, bytes, size, 0) == (ssize_t)size;

    free(bytes);
    lo_message_free(message);
    return sent || sy_bench_fail(path);
}

static uint32_t big_endian(const char *at)
{
    uint32_t value;
    memcpy(&value, at, sizeof(value));
    return ntohl(value);
}

/* The message with the address `path` in a packet: what is said at once comes as one bundle.
 * Returns where it begins, or NULL. */
static const char *find_message(const char *packet, size_t size, const char *path,
                                size_t *message_size)
{
    if (size < BUNDLE_HEAD || strcmp(packet, "#bundle") != 0) {
        *message_size = size;
        return strcmp(packet, path) == 0 ? packet : NULL;
    }
    for (size_t at = BUNDLE_HEAD; at + 4 < size; at += 4 + *message_size) {
        *message_size = big_endian(packet + at);
        if (*message_size <= size - at - 4 && strcmp(packet + at + 4, path) == 0) {
            return packet + at + 4;
        }
    }
    return NULL;
}

/* Takes packets until one has a message with the address `path`, which is the caller's to free.
 * NULL when the engine says /fail, nothing, or too much else. */
static lo_message await(SyOscClient *client, const char *path)
{
    for (int i = 0; i < PACKETS_TRIED; i++) {
        const ssize_t size = recv(client->socket, client->answer, sizeof(client->answer) - 1, 0);
        size_t message_size;
        int error = 0;
        if (size <= 0) {
            break;
        }
        client->answer[size] = '\0';
        const char *message = find_message(client->answer, (size_t)size, path, &message_size);
        if (message) {
            return lo_message_deserialise((void *)(uintptr_t)message, message_size, &error);
        }
        if (find_message(client->answer, (size_t)size, "/fail", &message_size)) {
            fprintf(stderr, "synthbench: synthd answers /fail instead of %s\n", path);
            return NULL;
        }
    }
    fprintf(stderr, "synthbench: synthd does not answer %s\n", path);
    return NULL;
}

static bool await_only(SyOscClient *client, const char *path)
{
    lo_message message = await(client, path);

    if (message) {
        lo_message_free(message);
    }
    return message != NULL;
}

/* Blocks that were asked for since the start, and those of them that were late. */
typedef struct Blocks {
    double n, late;
} Blocks;

/* /engine.blocks: names and values in turn. The /done is in the same packet. */
static bool ask_blocks(SyOscClient *client, Blocks *blocks)
{
    lo_message answer = NULL;

    *blocks = (Blocks){0};
    if (send_message(client, "/engine", lo_message_new())) {
        answer = await(client, "/engine.blocks");
    }
    for (int i = 0; answer && i + 1 < lo_message_get_argc(answer); i += 2) {
        lo_arg **arguments = lo_message_get_argv(answer);
        const char *name = &arguments[i]->s;
        if (strcmp(name, "blocks") == 0) {
            blocks->n = (double)arguments[i + 1]->h;
        } else if (strcmp(name, "late") == 0) {
            blocks->late = (double)arguments[i + 1]->h;
        }
    }
    blocks->n += blocks->late;
    if (answer) {
        lo_message_free(answer);
    }
    return answer != NULL;
}

/* The loads. */

typedef struct Loads {
    SyHistogram *answered, *playing, *noise;
    double ms[LOADS_MAX]; /* [n]: request to playing */
    uint32_t n;
} Loads;

static bool time_load(SyOscClient *client, const char *path, Loads *loads)
{
    lo_message load = lo_message_new(), sync = lo_message_new();
    lo_message_add_string(load, path);
    lo_message_add_int32(sync, (int32_t)loads->n + 1);
    const uint64_t before = sy_bench_now();

    const bool sent = send_message(client, "/load", load);
    if (!send_message(client, "/sync", sync) || !sent || !await_only(client, "/done")) {
        return false;
    }
    sy_histogram_record(loads->answered, sy_bench_now() - before);
    if (!await_only(client, "/synced")) {
        return false;
    }
    const uint64_t took = sy_bench_now() - before;
    sy_histogram_record(loads->playing, took);
    loads->ms[loads->n++] = (double)took / 1e6;
    return true;
}

static void take_a_rest(void)
{
    const struct timespec pause = {.tv_nsec = PAUSE_NS};
    nanosleep(&pause, NULL);
}

/* The first load, of a file that has never been read and into an engine that has played nothing, is
 * not counted. */
static bool time_loads(SyOscClient *client, const Files *files, uint32_t n, Loads *loads)
{
    if (!time_load(client, files->paths[0], loads)) {
        return false;
    }
    loads->n = 0;
    sy_histogram_reset(loads->answered);
    sy_histogram_reset(loads->playing);
    for (uint32_t i = 0; i < n; i++) {
        take_a_rest();
        sy_noise_measure(loads->noise, NOISE_A_ROUND);
        if (!time_load(client, files->paths[(i + 1) % 2], loads)) {
            return false;
        }
    }
    take_a_rest();
    return true;
}

static double late_in_1000(Blocks before, Blocks after)
{
    return after.n > before.n ? 1e3 * (after.late - before.late) / (after.n - before.n) : 0.0;
}

static void report_loads(Loads *loads, SyReport *report)
{
    sy_report_row(report, "/load sent to its answer", loads->answered, 1);
    sy_report_row(report, "/load sent to playing (/synced)", loads->playing, 1);
    sy_report_row(report, SY_NOISE_ROW, loads->noise, 1);
    sy_report_value(report, "modules of each patch", 3.0 * VOICES + 1, "");
    sy_report_at_most(report, "load of 1,000 modules, request to playing, median",
                      sy_median(loads->ms, loads->n), GOAL_MS, "ms");
}

/* As long without loads as it took with them. */
static bool count_quiet(SyOscClient *client, uint32_t n, Blocks *before, Blocks *after)
{
    if (!ask_blocks(client, before)) {
        return false;
    }
    for (uint32_t i = 0; i < n; i++) {
        take_a_rest();
    }
    return ask_blocks(client, after);
}

static bool measure(SyOscClient *client, const Files *files, uint32_t n, Loads *loads,
                    SyReport *report)
{
    Blocks start, loaded, quiet, end;

    if (!ask_blocks(client, &start) || !time_loads(client, files, n, loads) ||
        !ask_blocks(client, &loaded) || !count_quiet(client, n, &quiet, &end)) {
        return false;
    }
    report_loads(loads, report);
    sy_report_value(report, "blocks during the loads", loaded.n - start.n, "");
    sy_report_value(report, "late blocks during the loads", loaded.late - start.late, "");
    sy_report_value(report, "late, of 1000", late_in_1000(start, loaded), "of 1000");
    sy_report_value(report, "late without loads, of 1000", late_in_1000(quiet, end), "of 1000");
    return true;
}

static bool play(const SyBenchOptions *options, const Files *files, Loads *loads, SyReport *report)
{
    const uint64_t n = options->count ? options->count : LOADS;
    char *sibling = sy_bench_sibling("synthd");
    SyOscClient client;
    bool ok = false;

    if (sy_osc_open(&client, options->synthd ? options->synthd : sibling)) {
        sy_realtime_enter(SY_PRIORITY_OSC);
        ok = measure(&client, files, n < LOADS_MAX ? (uint32_t)n : LOADS_MAX - 1, loads, report);
        sched_setscheduler(0, SCHED_OTHER, &(struct sched_param){0});
        sy_osc_close(&client);
    }
    free(sibling);
    return ok;
}

static bool run(const SyBenchOptions *options, SyReport *report)
{
    Loads loads = {
        .answered = sy_histogram_new(), .playing = sy_histogram_new(), .noise = sy_histogram_new()};
    Files files;
    const char *advice;
    bool ok = loads.answered && loads.playing && loads.noise && write_files(&files);

    if (ok) {
        ok = play(options, &files, &loads, report);
        remove_files(&files);
    }
    if (!sy_realtime_permitted(&advice)) {
        sy_report_note(report, "%s", advice);
    }
    sy_histogram_free(loads.answered);
    sy_histogram_free(loads.playing);
    sy_histogram_free(loads.noise);
    return ok;
}

const SyBench sy_bench_load = {
    .name = "load",
    .help = "from /load of a patch of 1,000 modules, while another plays, to its first block",
    .run = run,
};
