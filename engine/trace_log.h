/* What the engine remembers of what it did: the last items, block by block, and the last events.
 *
 * A block goes in as a whole and is forgotten as a whole. Not for several threads: who has it sees
 * to that. */
#ifndef SY_ENGINE_TRACE_LOG_H
#define SY_ENGINE_TRACE_LOG_H

#include "engine/tracing.h"

#define SY_TRACE_ITEMS  (1u << 20) /* kept; 32 MB, once the level is above basic */
#define SY_TRACE_EVENTS (1u << 14) /* kept */

typedef struct SyTraceLog {
    SyTraceItem *items;   /* [SY_TRACE_ITEMS], or NULL as long as nothing but events is kept */
    uint64_t first, end;  /* of those that are there, counted from the first there ever was */
    SyTraceEvent *events; /* [SY_TRACE_EVENTS] */
    uint64_t n_events;    /* ever */
    uint64_t mark;        /* a block: those after it are counted when they are forgotten */
    uint64_t n_forgotten; /* since the mark was set */
} SyTraceLog;

/* Makes an empty log. Returns SY_OK or SY_ERR_MEMORY.  Thread: setup.  RT: no. */
SyStatus sy_trace_log_init(SyTraceLog *log);
void sy_trace_log_deinit(SyTraceLog *log);

/* Makes room for items, if there is none yet. Returns SY_OK or SY_ERR_MEMORY.
 * Thread: any.  RT: no. */
SyStatus sy_trace_log_keep_items(SyTraceLog *log);

/* Makes room for a block of `n` items (at most SY_TRACE_ITEMS), the oldest blocks giving way. The
 * i-th of them is then sy_trace_log_at(log, i); sy_trace_log_add() makes them part of the log.
 * Thread: any.  RT: no. */
void sy_trace_log_reserve(SyTraceLog *log, uint32_t n);
void sy_trace_log_add(SyTraceLog *log, uint32_t n);

static inline SyTraceItem *sy_trace_log_at(const SyTraceLog *log, uint32_t i)
{
    return &log->items[(log->end + i) % SY_TRACE_ITEMS];
}

/* Adds an event, the oldest giving way.  Thread: any.  RT: no. */
void sy_trace_log_add_event(SyTraceLog *log, const SyTraceEvent *event);

/* Counts from now on what is forgotten of blocks after `block`.  Thread: any.  RT: no. */
void sy_trace_log_mark(SyTraceLog *log, uint64_t block);

/* Copies blocks after the mark, and what happened from trace->from_ns to trace->until_ns. Returns
 * SY_OK or SY_ERR_MEMORY.  Thread: any.  RT: no. */
SyStatus sy_trace_log_copy(const SyTraceLog *log, SyTrace *trace);

#endif
