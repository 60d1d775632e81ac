/* One thing of a trace as an object of Chrome's trace events. Times are counted from `base_ns`. The
 * caller frees what it gets with json_object_put().  Thread: any.  RT: no. */
#ifndef SY_OSC_TRACE_FORMAT_H
#define SY_OSC_TRACE_FORMAT_H

#include <json-c/json.h>
#include <stdbool.h>

#include "engine/tracing.h"

#define SY_TRACK_EVENTS 1
#define SY_TRACK_BLOCKS 2

int sy_trace_track_of_worker(int worker);

/* Names a track ("thread_name") or all of it ("process_name"). */
struct json_object *sy_trace_json_name(const char *what, int track, const char *name);

/* Makes tracks stand in the order of their numbers. */
struct json_object *sy_trace_json_place(int track);

struct json_object *sy_trace_json_item(const SyTraceItem *item, int64_t base_ns);
struct json_object *sy_trace_json_event(const SyTraceEvent *event, int64_t base_ns);

/* Whether it stands on the track of its worker. */
bool sy_trace_event_is_of_worker(const SyTraceEvent *event);

#endif
