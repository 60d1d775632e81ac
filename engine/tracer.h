/* The thread that keeps the log, "sy-trace", and the ways to it.
 *
 * It is no real-time thread, and nobody waits for it: audio and workers write where it reads, and
 * it takes what it can. Control's events come by a ring. */
#ifndef SY_ENGINE_TRACER_H
#define SY_ENGINE_TRACER_H

#include <pthread.h>

#include "engine/ring.h"
#include "engine/trace_collect.h"

#define SY_TRACE_NOTICES 32768 /* that can wait: the largest patch is loaded at once */

typedef struct SyTracer {
    SyAudio *audio;
    pthread_t thread;
    bool running;
    _Atomic bool stopping;
    SyFutex bell;

    SyRing notices_in, notices_out; /* control to whoever has the lock */
    void *notices_memory;
    uint64_t n_lost; /* control: notices there was no room for, since the last there was */

    pthread_mutex_t lock; /* of what follows */
    SyTraceLog log;
    SyTraceCollector collector;
} SyTracer;

/* Makes a tracer. Returns it, or NULL when memory is out. free takes NULL, and a tracer whose
 * thread has been stopped.  Thread: setup.  RT: no. */
SyTracer *sy_tracer_new(const SySegment *segment, SyAudio *audio);
void sy_tracer_free(SyTracer *tracer);

/* Starts the thread; stops it. Returns SY_OK or SY_ERR_FAILED.  Thread: setup.  RT: no. */
SyStatus sy_tracer_start(SyTracer *tracer);
void sy_tracer_stop(SyTracer *tracer);

/* Takes down what happened just now; parameters that were set are left out.
 * Thread: control, and osc for parameters.  RT: no. */
void sy_tracer_note(SyTracer *tracer, const SyNotice *notice);

/* Has the thread look, however long it was about to sleep.  Thread: any.  RT: no. */
void sy_tracer_rouse(SyTracer *tracer);

#endif
