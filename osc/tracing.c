#include "osc/tracing.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "engine/thread.h"
#include "osc/trace_json.h"

/* A file on its way, and who asked for it. */
struct SyRecording {
    SyServer *server;
    SyPeer peer;
    SyRoute route;
    char *path;
    double seconds;
    SyTraceLevel level, before; /* during the recording, and what it was */
    SyTrace trace;
};

void sy_tracing_init(SyTracing *tracing)
{
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_mutex_init(&tracing->lock, NULL);
    pthread_cond_init(&tracing->changed, &attributes);
    pthread_condattr_destroy(&attributes);
}

void sy_tracing_deinit(SyTracing *tracing)
{
    pthread_cond_destroy(&tracing->changed);
    pthread_mutex_destroy(&tracing->lock);
}

SyStatus sy_tracing_level(SyJob *job, const SyRoute *route, SyError *error)
{
    SyControl *control = job->server->control;
    if (route->number >= 0 && sy_control_set_trace(control, (SyTraceLevel)route->number) != SY_OK) {
        return sy_problem(error, SY_ERR_MEMORY, "no memory for the log");
    }
    sy_job_done(job, route, "s", sy_trace_level_name(sy_control_trace(control)));
    return SY_OK;
}

static void free_recording(SyRecording *recording)
{
    sy_trace_clear(&recording->trace);
    free(recording->path);
    free(recording);
}

static struct timespec in_seconds(double seconds)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    const int64_t ns = t.tv_nsec + (int64_t)(seconds * 1e9);
    t.tv_sec += ns / 1000000000;
    t.tv_nsec = ns % 1000000000;
    return t;
}

static void wait_out(SyTracing *tracing, double seconds)
{
    const struct timespec until = in_seconds(seconds);
    int result = 0;
    pthread_mutex_lock(&tracing->lock);
    while (!atomic_load(&tracing->stop) && result != ETIMEDOUT) {
        result = pthread_cond_timedwait(&tracing->changed, &tracing->lock, &until);
    }
    pthread_mutex_unlock(&tracing->lock);
}

/* Leaves the level alone if somebody has changed it meanwhile. */
static void restore_level(const SyRecording *recording)
{
    SyControl *control = recording->server->control;
    if (recording->level != recording->before && sy_control_trace(control) == recording->level) {
        sy_control_set_trace(control, recording->before);
    }
}

/* A path at which nothing can be written is told at once, not when the time is over. */
static SyStatus record(SyRecording *recording, SyError *error)
{
    SyTracing *tracing = &recording->server->tracing;
    SyStatus status = sy_trace_check(recording->path, error);
    if (status != SY_OK) {
        restore_level(recording);
        return status;
    }
    wait_out(tracing, recording->seconds);
    status = sy_control_end_trace(recording->server->control, &recording->trace);
    restore_level(recording);
    if (status != SY_OK) {
        return sy_problem(error, status, "no memory for what was recorded");
    }
    if (atomic_load(&tracing->stop)) {
        return sy_problem(error, SY_ERR_FAILED, "synthd ends; %.200s is not written",
                          recording->path);
    }
    return sy_trace_write(recording->path, &recording->trace, &tracing->stop, error);
}

static int32_t limited(uint64_t n)
{
    return n < INT32_MAX ? (int32_t)n : INT32_MAX;
}

static void answer(const SyRecording *recording, SyStatus status, const SyError *error)
{
    SyJob *job = sy_job_new(recording->server, &recording->peer, 0);
    if (job && status == SY_OK) {
        sy_job_done(job, &recording->route, "siii", recording->path,
                    limited(recording->trace.n_blocks), limited(recording->trace.n_dropped),
                    limited(recording->trace.n_items + recording->trace.n_events));
    } else if (job) {
        sy_job_fail(job, &recording->route, status, error->text);
    }
    if (job) {
        sy_job_release(&job->transaction);
    }
}

/* Free for the next one before the asker hears of it. */
static void *run(void *user)
{
    SyRecording *recording = user;
    SyTracing *tracing = &recording->server->tracing;
    SyError error = {""};

    const SyStatus status = record(recording, &error);
    atomic_store(&tracing->busy, false);
    answer(recording, status, &error);
    free_recording(recording);
    return NULL;
}

static SyRecording *new_recording(const SyJob *job, const SyRoute *route)
{
    SyRecording *recording = calloc(1, sizeof *recording);
    if (!recording || !(recording->path = strdup(route->text))) {
        free(recording);
        return NULL;
    }
    recording->server = job->server;
    recording->peer = job->peer;
    recording->route = *route;
    recording->route.text = NULL; /* the message's */
    recording->seconds = (double)route->value;
    recording->before = sy_control_trace(job->server->control);
    recording->level = route->number >= 0 ? (SyTraceLevel)route->number : recording->before;
    return recording;
}

static SyStatus start(SyTracing *tracing, SyRecording *recording, SyError *error)
{
    SyControl *control = recording->server->control;
    if (tracing->started) {
        pthread_join(tracing->thread, NULL); /* it has only its answer to send */
        tracing->started = false;
    }
    if (sy_control_set_trace(control, recording->level) != SY_OK) {
        return sy_problem(error, SY_ERR_MEMORY, "no memory for the log");
    }
    sy_control_begin_trace(control, &recording->trace);
    atomic_store(&tracing->busy, true);
    tracing->started = sy_thread_start(&tracing->thread, "sy-trace-file", run, recording) == 0;
    if (!tracing->started) {
        atomic_store(&tracing->busy, false);
        restore_level(recording);
        return sy_problem(error, SY_ERR_FAILED, "no thread to write the trace");
    }
    return SY_OK;
}

SyStatus sy_tracing_record(SyJob *job, const SyRoute *route, SyError *error)
{
    SyTracing *tracing = &job->server->tracing;
    if (atomic_load(&tracing->busy)) {
        return sy_problem(error, SY_ERR_BUSY, "another trace is being recorded; try again later");
    }
    SyRecording *recording = new_recording(job, route);
    if (!recording) {
        return sy_problem(error, SY_ERR_MEMORY, "out of memory");
    }
    const SyStatus status = start(tracing, recording, error);
    if (status != SY_OK) {
        free_recording(recording);
    }
    return status;
}

void sy_tracing_stop(SyTracing *tracing)
{
    pthread_mutex_lock(&tracing->lock);
    atomic_store(&tracing->stop, true);
    pthread_cond_signal(&tracing->changed);
    pthread_mutex_unlock(&tracing->lock);
    if (tracing->started) {
        pthread_join(tracing->thread, NULL);
        tracing->started = false;
    }
}
