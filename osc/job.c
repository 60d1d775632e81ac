#include <stdlib.h>
#include <string.h>

#include "osc/server_state.h"

#define AT_ONCE 4 /* datagrams of one answer that a UDP receiver surely has room for */

static void send_reply(void *user, const void *data, size_t size, unsigned nth)
{
    SyJob *job = user;
    const bool later = nth >= AT_ONCE && job->peer.any.sa_family != AF_UNIX;
    sy_outbox_send(&job->server->outbox, &job->peer, data, size, later);
}

SyJob *sy_job_new(SyServer *server, const SyPeer *peer, uint64_t timetag)
{
    SyJob *job = calloc(1, sizeof *job);
    if (job) {
        job->server = server;
        job->peer = *peer;
        job->timetag = timetag;
        job->replies = (SyWriter){.func = send_reply, .user = job};
        job->notices = (SyWriter){.func = sy_job_send_notices, .user = job};
        job->log_errors = atomic_load_explicit(&server->log_errors, memory_order_relaxed);
        job->transaction.answer = sy_job_answer;
        job->transaction.release = sy_job_release;
    }
    return job;
}

void sy_job_done(SyJob *job, const SyRoute *route, const char *types, ...)
{
    va_list args;
    va_start(args, types);
    sy_writer_add_list(&job->replies, "/done", route->command, types, &args,
                       route->has_request ? &route->request : NULL);
    va_end(args);
}

void sy_job_fail(SyJob *job, const SyRoute *route, SyStatus status, const char *text)
{
    const char *subject = route->command ? route->command : route->what;
    sy_writer_add(&job->replies, "/fail", route->has_request ? "ssii" : "ssi", subject, text,
                  (int32_t)status, route->request);
}

void sy_job_release(SyTransaction *transaction)
{
    SyJob *job = (SyJob *)(void *)transaction;
    sy_writer_flush(&job->replies);
    sy_writer_flush(&job->notices);
    sy_writer_deinit(&job->replies);
    sy_writer_deinit(&job->notices);
    for (size_t i = 0; i < job->n_requests; i++) {
        free(job->requests[i].failure);
        free((void *)(uintptr_t)job->requests[i].route.text); /* a request's text is its own */
    }
    free(job->requests);
    sy_commands_clear(&job->commands);
    free(job);
}
