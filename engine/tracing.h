/* What the engine did when, for who wants to look at it; as the osc folder sees it.
 *
 *     basic      what happens to the patch and the engine: modules made and destroyed, workers that
 *                died, late blocks, plans
 *     detailed   and every block, and every task in it
 *     complete   and every node in every task
 *
 * The engine keeps the last of it in memory at all times, as much as fits. Nothing that a worker
 * has committed is missing from it or in it twice, whenever workers are killed; a block that the
 * engine could not keep is left out as a whole, and counted. */
#ifndef SY_ENGINE_TRACING_H
#define SY_ENGINE_TRACING_H

#include <string.h>

#include "engine/control.h"

typedef enum SyTraceLevel {
    SY_TRACE_BASIC,
    SY_TRACE_DETAILED,
    SY_TRACE_COMPLETE,
    SY_TRACE_LEVELS
} SyTraceLevel;

#define SY_TRACE_LEVELS_TEXT "basic, detailed or complete"

/* A level's name.  Thread: any.  RT: yes. */
static inline const char *sy_trace_level_name(SyTraceLevel level)
{
    static const char *const names[] = {"basic", "detailed", "complete"};
    return (unsigned)level < SY_TRACE_LEVELS ? names[level] : "?";
}

/* The level of that name, or -1 if there is none.  Thread: any.  RT: yes. */
static inline int sy_trace_level_find(const char *name)
{
    for (int level = 0; level < SY_TRACE_LEVELS; level++) {
        if (strcmp(sy_trace_level_name((SyTraceLevel)level), name) == 0) {
            return level;
        }
    }
    return -1;
}

/* Something that took time. Times are CLOCK_MONOTONIC. */
typedef enum SyTraceKind {
    SY_TRACE_BLOCK,   /* from its release until it was handed out; `n_more` items of it follow */
    SY_TRACE_TASK,    /* worker, task */
    SY_TRACE_NODE,    /* worker, task, module */
    SY_TRACE_DROPPED, /* `n_blocks` from `block` on were not kept */
} SyTraceKind;

typedef struct SyTraceItem {
    int64_t begin_ns;
    uint64_t block;
    uint32_t duration_ns;
    uint16_t worker;
    uint16_t kind; /* SyTraceKind */
    union {
        struct {
            uint32_t n_more;
        };
        struct {
            uint16_t task;
            SyModuleRef module;
        };
        uint32_t n_blocks;
    };
} SyTraceItem;

/* Something that happened. */
typedef enum SyTraceEventKind {
    SY_TRACE_NOTICE, /* `notice` says what, and which of the others hold */
    SY_TRACE_LATE,   /* `block` was not there in time */
    SY_TRACE_PLAN,   /* plan `serial` plays from `block` on */
    SY_TRACE_LOST,   /* `serial` events before this one were not kept */
} SyTraceEventKind;

#define SY_TRACE_TEXT 64

typedef struct SyTraceEvent {
    int64_t at_ns;
    uint64_t block, serial;
    SyTraceEventKind kind;
    SyNoticeKind notice;
    int32_t worker;
    SyModuleRef module;
    SyPortRef from, to;
    char text[SY_TRACE_TEXT];
} SyTraceEvent;

/* A stretch of the log. */
typedef struct SyTrace {
    int64_t from_ns, until_ns;
    SyTraceItem *items; /* [n_items]: block by block, each behind its own SY_TRACE_BLOCK */
    size_t n_items;
    SyTraceEvent *events; /* [n_events] by time */
    size_t n_events;
    uint64_t n_blocks;    /* in `items` */
    uint64_t n_dropped;   /* blocks of that time that are not: the log could not be kept up with, or
                             they did not fit */
    uint64_t first_block; /* that could be in it */
} SyTrace;

/* Changes the level from the next block on. Returns SY_OK, or SY_ERR_MEMORY when there is none for
 * the log.  Thread: any but control.  RT: no. */
SyStatus sy_control_set_trace(SyControl *control, SyTraceLevel level);

/* The level.  Thread: any.  RT: yes. */
SyTraceLevel sy_control_trace(SyControl *control);

/* Begins a stretch that sy_control_end_trace will end; one at a time, or the count of dropped
 * blocks is the last one's.  Thread: any but control.  RT: no. */
void sy_control_begin_trace(SyControl *control, SyTrace *trace);

/* Ends it now, and copies what is in the log of it. Returns SY_OK or SY_ERR_MEMORY; the caller
 * calls sy_trace_clear() in either case.  Thread: any but control.  RT: no. */
SyStatus sy_control_end_trace(SyControl *control, SyTrace *trace);
void sy_trace_clear(SyTrace *trace);

#endif
