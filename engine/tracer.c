#include "engine/tracer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/control_private.h"
#include "engine/thread.h"

#define BASIC_LOOK_NS 250000000
#define LOOK_BLOCKS   4 /* there is room for 16 of the largest */
#define LOOK_NS_MIN   1000000
#define LOOK_NS_MAX   20000000

SyTracer *sy_tracer_new(const SySegment *segment, SyAudio *audio)
{
    const size_t bytes = sy_ring_bytes(SY_TRACE_NOTICES, sizeof(SyTraceEvent));
    SyTracer *tracer = aligned_alloc(64, (sizeof(*tracer) + 63) & ~(size_t)63);

    if (!tracer) {
        return NULL;
    }
    memset(tracer, 0, sizeof(*tracer));
    tracer->audio = audio;
    tracer->notices_memory = aligned_alloc(64, bytes);
    pthread_mutex_init(&tracer->lock, NULL);
    if (!tracer->notices_memory || sy_trace_log_init(&tracer->log) != SY_OK) {
        sy_tracer_free(tracer);
        return NULL;
    }
    sy_memory_prefault(tracer->notices_memory, bytes); /* as the log's: see trace_log.c */
    sy_ring_init(&tracer->notices_in, tracer->notices_memory, SY_TRACE_NOTICES,
                 sizeof(SyTraceEvent));
    sy_ring_attach(&tracer->notices_out, tracer->notices_memory, SY_TRACE_NOTICES,
                   sizeof(SyTraceEvent));
    sy_trace_collector_init(&tracer->collector, segment, audio, &tracer->log);
    return tracer;
}

void sy_tracer_free(SyTracer *tracer)
{
    if (tracer) {
        sy_trace_log_deinit(&tracer->log);
        free(tracer->notices_memory);
        pthread_mutex_destroy(&tracer->lock);
        free(tracer);
    }
}

/* With the lock held. */
static void collect(SyTracer *tracer)
{
    SyTraceEvent event;

    while (sy_ring_read(&tracer->notices_out, &event)) {
        sy_trace_log_add_event(&tracer->log, &event);
    }
    sy_trace_collect(&tracer->collector);
}

static SyTraceLevel level_of(const SyTracer *tracer)
{
    return (SyTraceLevel)atomic_load_explicit(&tracer->audio->trace.level, memory_order_acquire);
}

static int64_t pause_ns(const SyTracer *tracer)
{
    const SySegment *segment = tracer->collector.segment;
    const int64_t ns = (int64_t)LOOK_BLOCKS * segment->block * 1000000000 / segment->rate;

    if (level_of(tracer) == SY_TRACE_BASIC) {
        return sy_look_ns(segment, BASIC_LOOK_NS);
    }
    return sy_look_ns(segment, ns < LOOK_NS_MIN || tracer->audio->offline ? LOOK_NS_MIN
                               : ns < LOOK_NS_MAX                         ? ns
                                                                          : LOOK_NS_MAX);
}

static void *run(void *argument)
{
    SyTracer *tracer = argument;

    while (!atomic_load(&tracer->stopping)) {
        const uint32_t seen = sy_bell_listen(&tracer->bell);
        pthread_mutex_lock(&tracer->lock);
        collect(tracer);
        pthread_mutex_unlock(&tracer->lock);
        if (!atomic_load(&tracer->stopping)) {
            sy_bell_sleep(&tracer->bell, seen, pause_ns(tracer));
        }
    }
    return NULL;
}

SyStatus sy_tracer_start(SyTracer *tracer)
{
    tracer->running = sy_thread_start(&tracer->thread, "sy-trace", run, tracer) == 0;
    return tracer->running ? SY_OK : SY_ERR_FAILED;
}

void sy_tracer_stop(SyTracer *tracer)
{
    if (tracer->running) {
        atomic_store(&tracer->stopping, true);
        sy_bell_ring(&tracer->bell);
        pthread_join(tracer->thread, NULL);
        tracer->running = false;
    }
}

void sy_tracer_rouse(SyTracer *tracer)
{
    sy_bell_rouse(&tracer->bell);
}

/* Notices. */

static void say_lost(SyTracer *tracer)
{
    const SyTraceEvent lost = {
        .kind = SY_TRACE_LOST, .serial = tracer->n_lost, .at_ns = sy_now_ns()};

    if (tracer->n_lost > 0 && sy_ring_write(&tracer->notices_in, &lost)) {
        tracer->n_lost = 0;
    }
}

void sy_tracer_note(SyTracer *tracer, const SyNotice *notice)
{
    SyTraceEvent event = {.kind = SY_TRACE_NOTICE,
                          .notice = notice->kind,
                          .at_ns = sy_now_ns(),
                          .worker = notice->worker,
                          .module = notice->module,
                          .from = notice->cable.from,
                          .to = notice->cable.to};

    if (notice->kind == SY_NOTICE_SET) {
        return;
    }
    snprintf(event.text, sizeof(event.text), "%s", notice->text ? notice->text : "");
    say_lost(tracer);
    tracer->n_lost += !sy_ring_write(&tracer->notices_in, &event);
}

/* What the osc folder asks for. */

/* Blocks that are recorded already are taken first; those of a time at which none were are not
 * missed. */
SyStatus sy_control_set_trace(SyControl *control, SyTraceLevel level)
{
    SyTracer *tracer = control->tracer;

    pthread_mutex_lock(&tracer->lock);
    SyStatus status = SY_OK;
    if (level != SY_TRACE_BASIC) {
        status = sy_trace_log_keep_items(&tracer->log);
    }
    if (status == SY_OK) {
        collect(tracer);
        if (level_of(tracer) == SY_TRACE_BASIC) {
            sy_trace_collector_skip(&tracer->collector);
        }
        atomic_store_explicit(&tracer->audio->trace.level, level, memory_order_release);
    }
    pthread_mutex_unlock(&tracer->lock);
    sy_bell_ring(&tracer->bell);
    return status;
}

SyTraceLevel sy_control_trace(SyControl *control)
{
    return level_of(control->tracer);
}

void sy_control_begin_trace(SyControl *control, SyTrace *trace)
{
    SyTracer *tracer = control->tracer;

    pthread_mutex_lock(&tracer->lock);
    collect(tracer);
    *trace = (SyTrace){.from_ns = sy_now_ns(), .first_block = tracer->collector.seen + 1};
    sy_trace_log_mark(&tracer->log, tracer->collector.seen);
    pthread_mutex_unlock(&tracer->lock);
}

SyStatus sy_control_end_trace(SyControl *control, SyTrace *trace)
{
    SyTracer *tracer = control->tracer;

    pthread_mutex_lock(&tracer->lock);
    collect(tracer);
    trace->until_ns = sy_now_ns();
    const SyStatus status = sy_trace_log_copy(&tracer->log, trace);
    pthread_mutex_unlock(&tracer->lock);
    return status;
}

void sy_trace_clear(SyTrace *trace)
{
    free(trace->items);
    free(trace->events);
    *trace = (SyTrace){0};
}
