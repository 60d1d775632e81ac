/* From a packet to a transaction. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "osc/dump.h"
#include "osc/log.h"
#include "osc/packet.h"
#include "osc/parse.h"
#include "osc/patch.h"
#include "osc/server_state.h"

#define AHEAD_MAX_S 86400.0 /* a bundle for later than that has a wrong clock */

/* What is being taken apart. */
typedef struct Intake {
    SyServer *server;
    const SyPeer *peer;
    SyJob *job; /* of the timetag so far, or NULL */
    size_t n_commands;
} Intake;

void sy_server_refuse(SyServer *server, const SyPeer *peer, SyStatus status, const char *text)
{
    const SyRoute route = {.verb = SY_VERB_PLAIN_SET};
    SyJob *job = sy_job_new(server, peer, SY_TIMETAG_NOW);
    if (job) {
        sy_job_fail(job, &route, status, text);
        sy_job_release(&job->transaction);
    }
}

/* The frame a bundle is for. Those that come too late are played at once. */
static SyStatus schedule(SyJob *job, SyError *error)
{
    SyControl *control = job->server->control;
    job->transaction.when = SY_WHEN_NOW;
    if (job->timetag <= SY_TIMETAG_NOW) {
        return SY_OK;
    }
    struct timespec t;
    clock_gettime(CLOCK_REALTIME, &t);
    const double unix_seconds = sy_timetag_unix(job->timetag);
    const double ahead = unix_seconds - ((double)t.tv_sec + (double)t.tv_nsec * 1e-9);
    if (ahead > AHEAD_MAX_S) {
        return sy_problem(error, SY_ERR_VALUE, "a timetag %.0f hours ahead", ahead / 3600.0);
    }
    const int64_t frame = sy_control_frame_at(control, unix_seconds);
    const int64_t late = sy_control_frame_now(control) - frame;
    if (late <= 0) {
        job->transaction.when = frame;
        return SY_OK;
    }
    atomic_fetch_add_explicit(&job->server->counts.late, 1, memory_order_relaxed);
    sy_writer_add(&job->replies, "/late", "fi", -ahead * 1e3,
                  late < INT32_MAX ? (int32_t)late : INT32_MAX);
    return SY_OK;
}

/* Forgets the commands from number `from` on; what they would have created will not come. */
static void drop_commands(SyJob *job, size_t from)
{
    for (size_t i = from; i < job->commands.n; i++) {
        if (job->commands.items[i].kind == SY_CMD_CREATE) {
            sy_world_answered(job->server, job->commands.items[i].create.module);
        }
    }
    sy_commands_truncate(&job->commands, from);
}

/* Nothing of the job will be done. */
static void refuse_all(SyJob *job, SyStatus status, const char *text)
{
    for (size_t i = 0; i < job->n_requests; i++) {
        sy_job_fail(job, &job->requests[i].route, status, text);
    }
    drop_commands(job, 0);
    sy_job_release(&job->transaction);
}

static void submit(SyJob *job)
{
    SyError error;
    if (job->n_requests == 0) {
        sy_job_release(&job->transaction);
        return;
    }
    SyStatus status = schedule(job, &error);
    job->transaction.all_or_nothing = job->transaction.replace = job->is_load;
    job->transaction.commands = job->commands.items;
    job->transaction.n_commands = job->commands.n;
    if (status != SY_OK) {
        refuse_all(job, status, error.text);
        return;
    }
    status = sy_control_submit(job->server->control, &job->transaction);
    if (status != SY_OK) {
        refuse_all(job, status, "the engine's queue is full; nothing was done, try again");
    }
}

/* Appends a request to the job, with its own copy of its text. */
static SyStatus add_request(SyJob *job, const SyRoute *route, SyError *error)
{
    if (job->n_requests == job->capacity) {
        const size_t capacity = job->capacity ? job->capacity * 4 : 1;
        SyRequest *requests = realloc(job->requests, capacity * sizeof *requests);
        if (!requests) {
            return sy_problem(error, SY_ERR_MEMORY, "out of memory");
        }
        job->requests = requests;
        job->capacity = capacity;
    }
    SyRequest *request = &job->requests[job->n_requests];
    memset(request, 0, sizeof *request);
    request->route = *route;
    if (route->text && !(request->route.text = strdup(route->text))) {
        return sy_problem(error, SY_ERR_MEMORY, "out of memory");
    }
    job->n_requests++;
    return SY_OK;
}

/* A patch file's commands become the job's. */
static SyStatus load(SyJob *job, SyRoute *route, SyError *error)
{
    if (job->n_requests > 0) {
        return sy_problem(error, SY_ERR_USAGE, "/load must be alone in its bundle");
    }
    SyCommandList list;
    SyStatus status = sy_patch_read_commands(route->text, &list, error);
    if (status != SY_OK) {
        return status;
    }
    job->is_load = list.n > 0;
    if (list.n == 0 && sy_commands_add(&list, SY_CMD_CLEAR) == NULL) { /* an empty patch */
        return sy_problem(error, SY_ERR_MEMORY, "out of memory");
    }
    sy_commands_clear(&job->commands);
    job->commands = list;
    route->first = 0;
    route->n_commands = list.n;
    return SY_OK;
}

/* Whether a message has the engine read or write a file. */
static bool touches_files(const SyJob *job, const SyRoute *route)
{
    if (route->verb == SY_VERB_LOAD || route->verb == SY_VERB_SAVE ||
        route->verb == SY_VERB_RECORD) {
        return true;
    }
    for (size_t i = 0; i < route->n_commands; i++) {
        const char **path = sy_command_path(&job->commands.items[route->first + i]);
        if (path && *path) {
            return true;
        }
    }
    return false;
}

static SyStatus carry_out(SyJob *job, SyRoute *route, SyError *error)
{
    SyStatus status = SY_OK;
    const bool file = touches_files(job, route);
    if (file && !sy_address_is_loopback(&job->peer.any)) {
        return sy_problem(error, SY_ERR_PERMISSION, "files are for this machine's users only");
    }
    if (route->verb == SY_VERB_LOAD) {
        status = load(job, route, error);
    } else if (job->is_load) {
        status = sy_problem(error, SY_ERR_USAGE, "/load must be alone in its bundle");
    } else if (route->n_commands == 0) {
        return sy_local_answer(job, route, error);
    }
    return status == SY_OK ? add_request(job, route, error) : status;
}

static void log_failure(const SyJob *job, const char *address, const SyError *error)
{
    char who[SY_PEER_TEXT];
    if (job->log_errors) {
        sy_peer_format(&job->peer, who);
        sy_log_often("osc: %.100s from %s: %s", address, who, error->text);
    }
}

static void take_message(Intake *intake, const SyMessage *message)
{
    SyJob *job = intake->job;
    SyServer *server = intake->server;
    const SyWorld world = sy_world_of(server);
    SyRoute route;
    SyError error;
    const size_t before = job->commands.n;
    SyStatus status = sy_route(message, &world, &job->commands, &route, &error);
    if (status == SY_OK) {
        status = carry_out(job, &route, &error);
        if (status != SY_OK) {
            drop_commands(job, before);
        }
    }
    if (status != SY_OK) {
        sy_job_fail(job, &route, status, error.text);
        log_failure(job, message->address, &error);
    }
}

/* Called for each message of a packet. */
static void on_message(void *user, uint64_t timetag, const void *data, size_t size)
{
    Intake *intake = user;
    SyParsed parsed;
    SyError error;
    if (intake->job && intake->job->timetag != timetag) {
        intake->n_commands += intake->job->commands.n;
        submit(intake->job);
        intake->job = NULL;
    }
    if (!intake->job && !(intake->job = sy_job_new(intake->server, intake->peer, timetag))) {
        sy_log("osc: out of memory, a message is lost");
        return;
    }
    const SyStatus status = sy_parsed_init(&parsed, data, size, &error);
    if (status == SY_OK) {
        sy_dump_message(intake->server, intake->peer, &parsed.message, data, size);
        take_message(intake, &parsed.message);
        sy_parsed_deinit(&parsed);
    } else {
        SyRoute route = {.verb = SY_VERB_PLAIN_SET};
        snprintf(route.what, sizeof route.what, "%s", (const char *)data);
        sy_job_fail(intake->job, &route, status, error.text);
    }
}

size_t sy_server_take(SyServer *server, const SyPeer *peer, const void *packet, size_t size)
{
    Intake intake = {.server = server, .peer = peer};
    sy_packet_walk(packet, size, on_message, &intake);
    if (intake.job) {
        intake.n_commands += intake.job->commands.n;
        submit(intake.job);
    }
    return intake.n_commands;
}
