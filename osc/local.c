/* What the server answers without asking the engine: about itself and about the module types. */
#include <stdio.h>
#include <string.h>

#include "modules/registry.h"
#include "osc/server_state.h"
#include "osc/tracing.h"

#define SCLANG_LOGINS 32 /* more clients than this sclang does not believe a server to have */

static const char *curve_name(SyCurve curve)
{
    switch (curve) {
    case SY_CURVE_LINEAR:
        return "linear";
    case SY_CURVE_PITCH:
        return "pitch";
    case SY_CURVE_DB:
        return "dB";
    case SY_CURVE_STEP:
        return "step";
    }
    return "";
}

static void answer_types(SyJob *job, const SyRoute *route)
{
    const uint32_t n = sy_registry_count();
    for (uint32_t i = 0; i < n; i++) {
        const SyModule *info = sy_registry_at(i);
        sy_writer_add(&job->replies, "/types.reply", "ss", info->name, info->help);
    }
    sy_job_done(job, route, "i", (int32_t)n);
}

/* The names of a switch's positions, with commas between. */
static void join_choices(const SyParamInfo *param, char *text, size_t size)
{
    size_t used = 0;
    text[0] = '\0';
    const int n = param->choices ? (int)(param->max - param->min) + 1 : 0;
    for (int i = 0; i < n && used < size; i++) {
        used +=
            (size_t)snprintf(text + used, size - used, "%s%s", i > 0 ? "," : "", param->choices[i]);
    }
}

static void describe_inputs(SyJob *job, const SyModule *info)
{
    for (uint8_t i = 0; i < info->n_inputs; i++) {
        const SyPortInfo *port = &info->inputs[i];
        const char *stand_in = port->normalled_to ? info->inputs[port->normalled_to - 1].name : "";
        sy_writer_add(&job->replies, "/describe.input", "sssfs", info->name, port->name, port->help,
                      (double)port->normal, stand_in);
    }
}

static void describe_params(SyJob *job, const SyModule *info)
{
    for (uint8_t i = 0; i < info->n_params; i++) {
        const SyParamInfo *param = &info->params[i];
        char choices[256];
        join_choices(param, choices, sizeof choices);
        sy_writer_add(&job->replies, "/describe.param", "ssssfffss", info->name, param->name,
                      param->help, param->unit, (double)param->min, (double)param->max,
                      (double)param->def, curve_name(param->curve), choices);
    }
}

static void answer_describe(SyJob *job, const SyRoute *route)
{
    const SyModule *info = sy_registry_at((uint32_t)route->number);
    sy_writer_add(&job->replies, "/describe.type", "ssiiis", info->name, info->help,
                  (int32_t)info->n_inputs, (int32_t)info->n_outputs, (int32_t)info->n_params,
                  info->file ? info->file->help : "");
    describe_inputs(job, info);
    for (uint8_t i = 0; i < info->n_outputs; i++) {
        sy_writer_add(&job->replies, "/describe.output", "sss", info->name, info->outputs[i].name,
                      info->outputs[i].help);
    }
    describe_params(job, info);
    sy_job_done(job, route, "s", info->name);
}

/* In scsynth's form: name, major, minor, patch, branch, commit. */
static void answer_version(SyJob *job, const SyRoute *route)
{
    int major = 0, minor = 0;
    char patch[16] = "";
    sscanf(SY_VERSION, "%d.%d%15s", &major, &minor, patch);
    sy_writer_add(&job->replies, "/version.reply", "siisss", "synthd", (int32_t)major,
                  (int32_t)minor, patch, "", "");
    if (route->has_request) {
        sy_job_done(job, route, "s", SY_VERSION);
    }
}

static SyStatus answer_notify(SyJob *job, const SyRoute *route, SyError *error)
{
    SySubscribers *subscribers = &job->server->subscribers;
    if (route->number == 0) {
        sy_subscribers_remove(subscribers, &job->peer);
    } else if (!sy_peer_has_address(&job->peer)) {
        return sy_problem(error, SY_ERR_USAGE, "a socket without a name cannot be notified");
    } else if (!sy_subscribers_add(subscribers, &job->peer, route->number == 2)) {
        return sy_problem(error, SY_ERR_LIMIT, "there are %d subscribers already",
                          SY_SUBSCRIBERS_MAX);
    }
    sy_writer_add(&job->replies, "/done", "sii", route->command, route->client,
                  (int32_t)SCLANG_LOGINS);
    return SY_OK;
}

static void answer_error(SyJob *job, const SyRoute *route)
{
    if (route->number >= 0) {
        atomic_store_explicit(&job->server->log_errors, route->number, memory_order_relaxed);
    }
    job->log_errors = route->number == 1 || route->number == -2; /* below 0: this bundle only */
    sy_job_done(job, route, "i", route->number);
}

SyStatus sy_local_answer(SyJob *job, const SyRoute *route, SyError *error)
{
    switch (route->verb) {
    case SY_VERB_TYPES:
        answer_types(job, route);
        return SY_OK;
    case SY_VERB_DESCRIBE:
        answer_describe(job, route);
        return SY_OK;
    case SY_VERB_VERSION:
        answer_version(job, route);
        return SY_OK;
    case SY_VERB_NOTIFY:
        return answer_notify(job, route, error);
    case SY_VERB_DUMP_OSC:
        atomic_store_explicit(&job->server->dump, route->number, memory_order_relaxed);
        sy_job_done(job, route, "i", route->number);
        return SY_OK;
    case SY_VERB_ERROR:
        answer_error(job, route);
        return SY_OK;
    case SY_VERB_TRACE:
        return sy_tracing_level(job, route, error);
    case SY_VERB_RECORD:
        return sy_tracing_record(job, route, error);
    default: /* a plain get of a module without parameters */
        return SY_OK;
    }
}
