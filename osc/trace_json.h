/* A trace as a file for Perfetto and chrome://tracing: "JSON Object Format" of Chrome's trace
 * events. Each worker is a track, whose tasks hold their nodes; blocks and what happened are tracks
 * of their own.
 * Source: the document "Trace Event Format" of the Chromium project. */
#ifndef SY_OSC_TRACE_JSON_H
#define SY_OSC_TRACE_JSON_H

#include <stdatomic.h>
#include <stdbool.h>

#include "engine/tracing.h"
#include "osc/text.h"

/* Finds out at once whether such a file could be written. Returns SY_OK or as sy_trace_write().
 * Thread: any.  RT: no. */
SyStatus sy_trace_check(const char *path, SyError *error);

/* Writes a file whole or not at all, and only over another trace. Sorts the trace's items by time.
 * Gives up with SY_ERR_FAILED when `stop` becomes true. Returns SY_OK or the errors of replace.h.
 * Thread: any.  RT: no. */
SyStatus sy_trace_write(const char *path, SyTrace *trace, const atomic_bool *stop, SyError *error);

#endif
