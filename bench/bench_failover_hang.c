/* The part of synthbench failover for which a module must be told to hang: a live engine with such
 * a module, and the bench as its client. */
#include <endian.h>
#include <lo/lo.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "bench/bench_failover.h"
#include "bench/osc_client.h"
#include "engine/futex.h"

#define PATIENCE_NS INT64_C(5000000000)
#define PAUSE_NS    20000000 /* between two hangs */
#define ASK_NS      250000   /* between two questions */

static bool send_message(const SyOscClient *client, const char *path, lo_message message)
{
    size_t size = 0;
    void *bytes = lo_message_serialise(message, path, NULL, &size);
    const bool sent = bytes && send(client->socket, bytes, size, 0) == (ssize_t)size;

    free(bytes);
    lo_message_free(message);
    return sent;
}

static lo_message text(const char *value)
{
    lo_message message = lo_message_new();
    lo_message_add_string(message, value);
    return message;
}

static lo_message number(int value)
{
    lo_message message = lo_message_new();
    lo_message_add_int32(message, value);
    return message;
}

/* Where `words` are in what came last, or NULL. They may be in a bundle. */
static const char *find(const SyOscClient *client, const char *words)
{
    return memmem(client->answer, (size_t)client->answer_size, words, strlen(words));
}

/* Receives until a packet holds these words. */
static bool await(SyOscClient *client, const char *words)
{
    const int64_t until = sy_now_ns() + PATIENCE_NS;

    while (sy_now_ns() < until) {
        client->answer_size = recv(client->socket, client->answer, sizeof(client->answer), 0);
        if (client->answer_size > 0 && find(client, words)) {
            return true;
        }
    }
    return sy_bench_fail(words);
}

static bool ask(SyOscClient *client, const char *path, lo_message message, const char *answer)
{
    return send_message(client, path, message) && await(client, answer);
}

/* A number in the last packet, an answer to /engine: its name, padded to 8 bytes, stands before. */
static bool read_number(const SyOscClient *client, const char *named, uint64_t *number_read)
{
    const char *values = find(client, ",shsh");
    const char *end = client->answer + client->answer_size;
    char name[8] = "";
    uint64_t value;

    strncpy(name, named, sizeof(name) - 1);
    const char *at = values ? memmem(values, (size_t)(end - values), name, sizeof(name)) : NULL;
    if (!at || end - at < (ptrdiff_t)(sizeof(name) + sizeof(value))) {
        return false;
    }
    memcpy(&value, at + sizeof(name), sizeof(value));
    *number_read = be64toh(value);
    return true;
}

static bool ask_number(SyOscClient *client, const char *name, uint64_t *value)
{
    return ask(client, "/engine", lo_message_new(), "/engine.blocks") &&
           read_number(client, name, value);
}

/* The first late block shows by the count, which is asked for over and over: not so often, and not
 * with such a priority, that those who are to find the hang have to wait for the asker. */
static bool hang_once(SyOscClient *client, SyHistogram *bypassed, SyHistogram *told)
{
    uint64_t before = 0, late;
    int64_t late_ns = 0;

    if (!ask_number(client, "late", &before)) {
        return false;
    }
    const int64_t told_ns = sy_now_ns();
    send_message(client, "/fault/1/mode", text("hang"));
    do {
        if (!ask(client, "/engine", lo_message_new(), "/")) {
            return false;
        }
        if (late_ns == 0 && read_number(client, "late", &late) && late > before) {
            late_ns = sy_now_ns();
        }
        if (sy_now_ns() - told_ns > PATIENCE_NS) {
            return sy_bench_fail("no quarantine");
        }
        sy_failover_pause(find(client, "/quarantined") ? 0 : ASK_NS);
    } while (!find(client, "/quarantined"));
    const int64_t now = sy_now_ns();
    sy_histogram_record(told, (uint64_t)(now - told_ns));
    sy_histogram_record(bypassed, late_ns ? (uint64_t)(now - late_ns) : 0);
    return true;
}

static bool await_blocks(SyOscClient *client, uint64_t n)
{
    const int64_t until = sy_now_ns() + PATIENCE_NS;
    uint64_t first, now;

    if (!ask_number(client, "blocks", &first)) {
        return false;
    }
    do {
        if (!ask_number(client, "blocks", &now) || sy_now_ns() > until) {
            return sy_bench_fail("no blocks");
        }
    } while (now < first + n);
    return true;
}

/* The block in which it hung, and still would, has to be over before it may run again. */
static bool revive(SyOscClient *client)
{
    return send_message(client, "/fault/1/mode", text("none")) && await_blocks(client, 3) &&
           ask(client, "/revive", text("fault/1"), "/revive") && await_blocks(client, 1);
}

static lo_message cable(const char *from, const char *to)
{
    lo_message message = text(from);
    lo_message_add_string(message, to);
    return message;
}

/* False if this synthd has no such module. */
static bool patch(SyOscClient *client)
{
    double ignored;
    lo_message module = text("fault");

    lo_message_add_int32(module, 1);
    return ask(client, "/create", module, "fault") && find(client, "/done") &&
           sy_osc_create(client, "vco", 1, 1, &ignored) &&
           sy_osc_create(client, "out", 1, 1, &ignored) &&
           ask(client, "/connect", cable("vco/1/saw", "fault/1/in"), "/done") &&
           ask(client, "/connect", cable("fault/1/out", "out/1/left"), "/done") &&
           ask(client, "/notify", number(1), "/done");
}

static bool measure(SyOscClient *client, uint64_t n, SyReport *report)
{
    SyHistogram *bypassed = sy_histogram_new(), *told = sy_histogram_new();
    uint64_t before = 0, after = 0;
    bool ok = bypassed && told && ask_number(client, "late", &before);

    for (uint64_t i = 0; i < n && ok; i++) {
        ok = hang_once(client, bypassed, told) && revive(client);
        sy_failover_pause(PAUSE_NS);
    }
    if (ok && ask_number(client, "late", &after)) {
        sy_report_row(report, "hang: first late block to told it is bypassed", bypassed, 1);
        sy_report_row(report, "hang: from the message that makes it hang", told, 1);
        sy_report_value(report, "late blocks a hang", (double)(after - before) / (double)n, "");
    }
    sy_histogram_free(bypassed);
    sy_histogram_free(told);
    return ok;
}

bool sy_failover_measure_hangs(const SyBenchOptions *options, uint64_t n, SyReport *report)
{
    SyOscClient client;
    bool ok = true;

    if (!options->synthd) {
        sy_report_note(report, "no rows for hangs: they need --synthd with one that has a module "
                               "`fault`, as the tests build it");
        return true;
    }
    if (!sy_osc_open(&client, options->synthd)) {
        return false;
    }
    if (patch(&client)) {
        ok = measure(&client, n, report);
    } else {
        sy_report_note(report, "no rows for hangs: this synthd has no module `fault`");
    }
    sy_osc_close(&client);
    return ok;
}
