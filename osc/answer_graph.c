/* The answers that are lists: the patch and the workers; and the patch as a file. */
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "osc/patch.h"
#include "osc/pattern.h"
#include "osc/server_state.h"

static bool module_matches(const char *pattern, SyModuleRef module)
{
    char address[SY_ADDRESS_MAX];
    if (!pattern) {
        return true;
    }
    sy_address_of_module(address, module);
    return sy_pattern_match_address(pattern, address);
}

/* More is added behind what clients know. A reason says that the module is in quarantine. */
static void list_module(SyJob *job, const SyModuleView *module)
{
    char address[SY_ADDRESS_MAX];
    const char *fault = module->fault[0] ? module->fault : "for a reason that is not known";
    const uint32_t n_wild = module->n_wild < INT32_MAX ? module->n_wild : INT32_MAX;
    sy_address_of_module(address, module->ref);
    sy_writer_add(&job->replies, "/list.module", "siifsis", address, (int32_t)module->voices,
                  (int32_t)module->worker, (double)module->cost_us,
                  module->quarantined ? fault : "", (int32_t)n_wild,
                  module->file ? module->file : "");
}

static int32_t list_modules(SyJob *job, const char *pattern, const SyGraphView *graph)
{
    int32_t n = 0;
    for (size_t i = 0; i < graph->n_modules; i++) {
        const SyModuleView *module = &graph->modules[i];
        if (module_matches(pattern, module->ref)) {
            list_module(job, module);
            n++;
        }
    }
    return n;
}

/* A cable belongs to a pattern if one of its ends does. */
static int32_t list_cables(SyJob *job, const char *pattern, const SyGraphView *graph)
{
    int32_t n = 0;
    for (size_t i = 0; i < graph->n_cables; i++) {
        const SyCableView *cable = &graph->cables[i];
        char from[SY_ADDRESS_MAX], to[SY_ADDRESS_MAX];
        if (module_matches(pattern, cable->from.module) ||
            module_matches(pattern, cable->to.module)) {
            sy_address_of_output(from, cable->from);
            sy_address_of_input(to, cable->to);
            sy_writer_add(&job->replies, "/list.cable", "ssf", from, to, (double)cable->gain);
            n++;
        }
    }
    return n;
}

void sy_answer_list(SyJob *job, const SyRequest *request, const SyGraphView *graph)
{
    const char *pattern = request->route.text;
    const int32_t n_modules = list_modules(job, pattern, graph);
    const int32_t n_cables = list_cables(job, pattern, graph);
    sy_job_done(job, &request->route, "ii", n_modules, n_cables);
}

static const char *state_name(SyWorkerState state)
{
    switch (state) {
    case SY_WORKER_ABSENT:
        return "absent";
    case SY_WORKER_STARTING:
        return "starting";
    case SY_WORKER_PARKED:
        return "parked";
    case SY_WORKER_RUNNING:
        return "running";
    }
    return "?";
}

void sy_answer_workers(SyJob *job, const SyAnswer *answer)
{
    for (size_t i = 0; i < answer->n_workers; i++) {
        const SyWorkerView *worker = &answer->workers[i];
        sy_writer_add(&job->replies, "/workers.reply", "iisiif", (int32_t)worker->index,
                      (int32_t)worker->pid, state_name(worker->state), (int32_t)worker->incarnation,
                      (int32_t)worker->n_modules, (double)worker->load);
    }
}

/* A patch on its way to a file, and who asked for it. */
typedef struct Saving {
    SySave save; /* first, so that one is the other */
    SyServer *server;
    SyPeer peer;
    SyRoute route;
    char *path, *text;
} Saving;

static void free_saving(Saving *saving)
{
    free(saving->path);
    free(saving->text);
    free(saving);
}

static void saved(SySave *save, SyStatus status, const SyError *error)
{
    Saving *saving = (Saving *)(void *)save;
    SyJob *job = sy_job_new(saving->server, &saving->peer, 0);
    if (job && status == SY_OK) {
        sy_job_done(job, &saving->route, "si", saving->path, (int32_t)save->size);
    } else if (job) {
        sy_job_fail(job, &saving->route, status, error->text);
    }
    if (job) {
        sy_job_release(&job->transaction);
    }
    free_saving(saving);
}

/* Files of modules that lie beside the patch are named from there. */
static char *format(const SyGraphView *graph, const char *path, size_t *size)
{
    char copy[PATH_MAX], folder[PATH_MAX];
    snprintf(copy, sizeof copy, "%s", path);
    return sy_patch_format_in(graph, realpath(dirname(copy), folder) ? folder : NULL, size);
}

SyStatus sy_answer_save(SyJob *job, const SyRequest *request, const SyGraphView *graph,
                        SyError *error)
{
    Saving *saving = calloc(1, sizeof *saving);
    if (!saving) {
        return sy_problem(error, SY_ERR_MEMORY, "out of memory");
    }
    saving->server = job->server;
    saving->peer = job->peer;
    saving->route = request->route;
    saving->path = strdup(request->route.text);
    saving->text = format(graph, request->route.text, &saving->save.size);
    saving->save.path = saving->path;
    saving->save.text = saving->text;
    saving->save.done = saved;
    SyStatus status = SY_OK;
    if (!saving->path || !saving->text) {
        status = sy_problem(error, SY_ERR_MEMORY, "out of memory");
    } else if (sy_saver_push(&job->server->saver, &saving->save) != SY_OK) {
        status = sy_problem(error, SY_ERR_BUSY, "too many files are being written, try again");
    }
    if (status != SY_OK) {
        free_saving(saving);
    }
    return status;
}
