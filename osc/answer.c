/* The engine's answers become messages to who asked. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "modules/registry.h"
#include "osc/log.h"
#include "osc/server_state.h"

/* Says that a knob has stopped: what was asked, and what is. */
static void say_clamped(SyJob *job, SyRequest *request, SyModuleRef module, uint8_t param,
                        float asked, float written)
{
    char address[SY_ADDRESS_MAX];
    sy_address_of_param(address, module, param);
    sy_writer_add(&job->replies, "/clamped", "sff", address, (double)asked, (double)written);
    request->n_clamped++;
}

static void answer_set(SyJob *job, SyRequest *request, const SyCommand *command,
                       const SyAnswer *answer)
{
    char address[SY_ADDRESS_MAX];
    request->written = answer->written;
    if (!answer->clamped) {
        return;
    }
    if (request->route.verb == SY_VERB_PLAIN_SET) { /* puts the asker's knob where it is */
        sy_address_of_param(address, command->param.module, command->param.value.param);
        sy_writer_add(&job->replies, address, "f", (double)answer->written);
    }
    say_clamped(job, request, command->param.module, command->param.value.param,
                command->param.value.written, answer->written);
}

static void answer_get(SyJob *job, const SyCommand *command, const SyAnswer *answer)
{
    char address[SY_ADDRESS_MAX];
    sy_address_of_param(address, command->param.module, command->param.value.param);
    sy_writer_add(&job->replies, address, "f", (double)answer->written);
}

static void answer_file(SyJob *job, const SyCommand *command, const SyAnswer *answer)
{
    char address[SY_ADDRESS_MAX];
    sy_address_of_file(address, command->module);
    sy_writer_add(&job->replies, address, "s", answer->file);
}

/* What should be known of a file that was read all the same. */
static void remark(SyJob *job, SyModuleRef module, const SyAnswer *answer)
{
    char address[SY_ADDRESS_MAX];
    if (answer->text[0] != '\0') {
        sy_address_of_module(address, module);
        sy_writer_add(&job->replies, "/remark", "ss", address, answer->text);
    }
}

static void answer_create(SyJob *job, SyRequest *request, const SyCommand *command,
                          const SyAnswer *answer)
{
    const SyModule *info = sy_registry_at(command->create.module.type);
    request->worker = answer->worker;
    request->assign_us = answer->assign_us;
    remark(job, command->create.module, answer);
    for (uint8_t i = 0; answer->clamped && i < command->create.n_params; i++) {
        const SyParamValue value = command->create.params[i];
        const float written = sy_param_clamp(&info->params[value.param], value.written);
        if (written != value.written) {
            say_clamped(job, request, command->create.module, value.param, value.written, written);
        }
    }
}

/* In scsynth's form, which sclang watches. */
static void answer_status(SyJob *job, const SyEngineView *view)
{
    const double period_us = view->rate ? 1e6 * view->block / view->rate : 1.0;
    sy_writer_add(&job->replies, "/status.reply", "iiiiiffdd", (int32_t)1, (int32_t)view->n_modules,
                  (int32_t)view->n_modules, (int32_t)1, (int32_t)sy_registry_count(),
                  100.0 * (double)view->load, 100.0 * (double)view->block_us_max / period_us,
                  (double)view->rate, (double)view->rate);
}

static int64_t counted(const _Atomic uint64_t *counter)
{
    return (int64_t)atomic_load_explicit(counter, memory_order_relaxed);
}

static void answer_osc_counts(SyJob *job)
{
    SyServer *server = job->server;
    const SyServerCounts *counts = &server->counts;
    sy_writer_add(&job->replies, "/engine.osc", "shshshshshshshsi", "packets",
                  counted(&counts->packets), "messages", counted(&counts->messages), "malformed",
                  counted(&counts->malformed), "refused", counted(&counts->refused), "flooded",
                  counted(&counts->flooded), "late", counted(&counts->late), "unsent",
                  (int64_t)sy_outbox_lost(&server->outbox), "subscribers",
                  (int32_t)sy_subscribers_count(&server->subscribers));
}

static void answer_engine(SyJob *job, const SyEngineView *view)
{
    SyWriter *writer = &job->replies;
    sy_writer_add(writer, "/engine.reply", "sssssisisisisissss", "version", SY_VERSION, "audio",
                  view->audio, "rate", (int32_t)view->rate, "block", (int32_t)view->block,
                  "modules", (int32_t)view->n_modules, "cables", (int32_t)view->n_cables, "workers",
                  (int32_t)view->n_workers, "placement", view->placement, "placement_why",
                  view->placement_why);
    sy_writer_add(writer, "/engine.blocks", "shshsfsfsfsfsi", "blocks", (int64_t)view->blocks,
                  "late", (int64_t)view->late, "load", (double)view->load, "us_p50",
                  (double)view->block_us_p50, "us_p99", (double)view->block_us_p99, "us_max",
                  (double)view->block_us_max, "clock_moves", (int32_t)view->clock_moves);
    sy_writer_add(writer, "/engine.health", "shshshshshsdsfsfsishsh", "worker_deaths",
                  (int64_t)view->worker_deaths, "events_dropped", (int64_t)view->events_dropped,
                  "events_late", (int64_t)view->events_late + counted(&job->server->counts.late),
                  "memory_used", (int64_t)view->memory_used, "memory_size",
                  (int64_t)view->memory_size, "uptime", view->uptime_s, "peak_left",
                  (double)view->peak_left, "peak_right", (double)view->peak_right, "quarantined",
                  (int32_t)view->n_quarantined, "files_used", (int64_t)view->files_used,
                  "files_size", (int64_t)view->files_size);
    answer_osc_counts(job);
}

/* What one command's success adds to the replies. */
static SyStatus answer_command(SyJob *job, SyRequest *request, const SyCommand *command,
                               const SyAnswer *answer, SyError *error)
{
    if (command->kind == SY_CMD_GET_FILE) {
        answer_file(job, command, answer);
        return SY_OK;
    }
    if (command->kind == SY_CMD_SET_FILE) {
        remark(job, command->file.module, answer);
        return SY_OK;
    }
    switch (request->route.verb) {
    case SY_VERB_PLAIN_SET:
    case SY_VERB_SET:
        answer_set(job, request, command, answer);
        break;
    case SY_VERB_PLAIN_GET:
    case SY_VERB_GET:
        answer_get(job, command, answer);
        break;
    case SY_VERB_CREATE:
        answer_create(job, request, command, answer);
        break;
    case SY_VERB_REVIVE:
        request->n_revived++;
        break;
    case SY_VERB_LIST:
        sy_answer_list(job, request, answer->graph);
        break;
    case SY_VERB_SAVE:
        return sy_answer_save(job, request, answer->graph, error);
    case SY_VERB_WORKERS:
        sy_answer_workers(job, answer);
        request->written = (float)answer->n_workers;
        break;
    case SY_VERB_STATUS:
        answer_status(job, answer->engine);
        break;
    case SY_VERB_ENGINE:
        answer_engine(job, answer->engine);
        break;
    default:
        break;
    }
    return SY_OK;
}

/* What the end of a request adds to the replies. */
static void finish(SyJob *job, const SyRequest *request)
{
    const SyRoute *route = &request->route;
    const int32_t n = (int32_t)route->n_commands;
    switch (route->verb) {
    case SY_VERB_CREATE:
        sy_job_done(job, route, "sif", route->what, (int32_t)request->worker,
                    (double)request->assign_us);
        break;
    case SY_VERB_DESTROY:
    case SY_VERB_GET:
        sy_job_done(job, route, "si", route->what, n);
        break;
    case SY_VERB_REVIVE:
        sy_job_done(job, route, "si", route->what, request->n_revived);
        break;
    case SY_VERB_CONNECT:
        sy_job_done(job, route, "ssf", route->what, route->other, (double)route->value);
        break;
    case SY_VERB_DISCONNECT:
        sy_job_done(job, route, "ss", route->what, route->other);
        break;
    case SY_VERB_SET:
        if (route->is_file) {
            sy_job_done(job, route, "ssi", route->what, route->text, n);
        } else {
            sy_job_done(job, route, "sfi", route->what, (double)request->written, n);
        }
        break;
    case SY_VERB_NOTE:
        sy_job_done(job, route, "sfi", route->what, (double)route->value, n);
        break;
    case SY_VERB_LOAD:
        sy_job_done(job, route, "si", route->text, n);
        break;
    case SY_VERB_WORKERS:
        sy_job_done(job, route, "i", (int32_t)request->written);
        break;
    case SY_VERB_SYNC:
        sy_writer_add(&job->replies, "/synced", "i", route->number);
        break;
    case SY_VERB_STATUS: /* /status.reply is all that scsynth sends */
        if (route->has_request) {
            sy_job_done(job, route, "");
        }
        break;
    case SY_VERB_CLEAR:
    case SY_VERB_ENGINE:
        sy_job_done(job, route, "");
        break;
    case SY_VERB_QUIT: /* before the sockets are closed */
        sy_job_done(job, route, "");
        sy_writer_flush(&job->replies);
        break;
    default: /* plain addresses are quiet; list and save have said it */
        break;
    }
}

/* Whether what is remembered says less than the next failure. When a patch is refused as a whole,
 * the engine says "not done" of all lines but the guilty one; and a pattern of /revive may well
 * name modules that play. */
static bool is_weaker(const SyRequest *request, SyStatus next)
{
    return request->status == SY_OK ||
           (request->status == SY_ERR_NOT_QUARANTINED && next != SY_ERR_NOT_QUARANTINED) ||
           (request->failure && strstr(request->failure, "not done"));
}

/* Remembers the first failure of a request that counts. */
static void note_failure(SyRequest *request, uint32_t line, SyStatus status, const char *text)
{
    char with_line[600];
    if (!is_weaker(request, status)) {
        return;
    }
    free(request->failure);
    snprintf(with_line, sizeof with_line, line ? "line %u: %s" : "%.0u%s", line, text);
    request->status = status;
    request->failure = strdup(with_line);
}

static void finish_failed(SyJob *job, const SyRequest *request)
{
    const char *text = request->failure ? request->failure : sy_status_text(request->status);
    sy_job_fail(job, &request->route, request->status, text);
    if (job->log_errors) {
        char who[SY_PEER_TEXT];
        const SyRoute *route = &request->route;
        sy_peer_format(&job->peer, who);
        sy_log_often("osc: %s %s from %s: %s", route->command ? route->command : "", route->what,
                     who, text);
    }
}

/* `revive vco/?` is to bring back what is silent: modules of the pattern that play are no failure,
 * unless they are all that it names. */
static bool has_done(const SyRequest *request)
{
    return request->status == SY_OK ||
           (request->status == SY_ERR_NOT_QUARANTINED && request->n_revived > 0);
}

/* Answers come in order as a rule, but those with a file come later. */
static SyRequest *find_request(SyJob *job, size_t index)
{
    while (job->current > 0 && index < job->requests[job->current].route.first) {
        job->current--;
    }
    while (job->current + 1 < job->n_requests &&
           index >= job->requests[job->current + 1].route.first) {
        job->current++;
    }
    return &job->requests[job->current];
}

void sy_job_answer(SyTransaction *transaction, size_t index, const SyAnswer *answer)
{
    SyJob *job = (SyJob *)(void *)transaction;
    const SyCommand *command = &transaction->commands[index];
    SyRequest *request = find_request(job, index);
    SyStatus status = answer->status;
    const char *text = answer->text;
    SyError error = {""};
    if (command->kind == SY_CMD_CREATE) {
        sy_world_answered(job->server, command->create.module);
    }
    if (status == SY_OK) {
        status = answer_command(job, request, command, answer, &error);
        text = error.text;
    }
    if (status != SY_OK) {
        note_failure(request, command->line, status, text);
    }
    if (++request->n_answered < request->route.n_commands) {
        return;
    }
    if (has_done(request)) {
        finish(job, request);
    } else {
        finish_failed(job, request);
    }
}
