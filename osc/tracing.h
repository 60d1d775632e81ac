/* /trace and /trace.record: the level, and files of what the engine did.
 *
 * A recording has a thread of its own, "sy-trace-file", that waits until its time is over and then
 * writes the file: neither the osc thread nor the thread that keeps the log has time for a disk.
 * There is one at a time. */
#ifndef SY_OSC_TRACING_H
#define SY_OSC_TRACING_H

#include "osc/server_state.h"

/* Thread: setup.  RT: no. */
void sy_tracing_init(SyTracing *tracing);

/* Gives up a recording that is on its way; its asker is told.  Thread: setup.  RT: no. */
void sy_tracing_stop(SyTracing *tracing);
void sy_tracing_deinit(SyTracing *tracing);

/* Sets the level, or only tells it.  Thread: osc.  RT: no. */
SyStatus sy_tracing_level(SyJob *job, const SyRoute *route, SyError *error);

/* Begins a recording. Returns SY_OK, SY_ERR_BUSY if there is one already, SY_ERR_MEMORY or
 * SY_ERR_FAILED.  Thread: osc.  RT: no. */
SyStatus sy_tracing_record(SyJob *job, const SyRoute *route, SyError *error);

#endif
