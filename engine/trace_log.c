#include "engine/trace_log.h"

#include <stdlib.h>

#include "engine/segment.h"

SyStatus sy_trace_log_init(SyTraceLog *log)
{
    *log = (SyTraceLog){.events = calloc(SY_TRACE_EVENTS, sizeof(SyTraceEvent))};
    if (!log->events) {
        return SY_ERR_MEMORY;
    }
    /* All of it at once: an engine that has been through a lot is no larger than a fresh one. */
    sy_memory_prefault(log->events, SY_TRACE_EVENTS * sizeof(SyTraceEvent));
    return SY_OK;
}

void sy_trace_log_deinit(SyTraceLog *log)
{
    free(log->items);
    free(log->events);
    *log = (SyTraceLog){0};
}

SyStatus sy_trace_log_keep_items(SyTraceLog *log)
{
    if (!log->items) {
        log->items = calloc(SY_TRACE_ITEMS, sizeof(SyTraceItem));
    }
    return log->items ? SY_OK : SY_ERR_MEMORY;
}

static const SyTraceItem *item_at(const SyTraceLog *log, uint64_t at)
{
    return &log->items[at % SY_TRACE_ITEMS];
}

/* Of a block's own item, or of one that stands for blocks which were dropped. */
static uint64_t items_of(const SyTraceItem *item)
{
    return item->kind == SY_TRACE_BLOCK ? 1u + item->n_more : 1;
}

static uint32_t blocks_of(const SyTraceItem *item)
{
    return item->kind == SY_TRACE_BLOCK ? 1 : item->n_blocks;
}

static void forget_one(SyTraceLog *log)
{
    const SyTraceItem *item = item_at(log, log->first);

    log->n_forgotten += item->block > log->mark ? blocks_of(item) : 0;
    log->first += items_of(item);
}

void sy_trace_log_reserve(SyTraceLog *log, uint32_t n)
{
    while (log->end + n - log->first > SY_TRACE_ITEMS) {
        forget_one(log);
    }
}

void sy_trace_log_add(SyTraceLog *log, uint32_t n)
{
    log->end += n;
}

void sy_trace_log_add_event(SyTraceLog *log, const SyTraceEvent *event)
{
    log->events[log->n_events++ % SY_TRACE_EVENTS] = *event;
}

void sy_trace_log_mark(SyTraceLog *log, uint64_t block)
{
    log->mark = block;
    log->n_forgotten = 0;
}

static void count(const SyTraceLog *log, uint64_t first, SyTrace *trace)
{
    trace->n_blocks = 0;
    trace->n_dropped = log->n_forgotten;
    for (uint64_t at = first; at < log->end; at += items_of(item_at(log, at))) {
        const SyTraceItem *item = item_at(log, at);
        trace->n_blocks += item->kind == SY_TRACE_BLOCK;
        trace->n_dropped += item->kind == SY_TRACE_DROPPED ? item->n_blocks : 0;
    }
}

static SyStatus copy_items(const SyTraceLog *log, SyTrace *trace)
{
    uint64_t first = log->first;

    while (first < log->end && item_at(log, first)->block <= log->mark) {
        first += items_of(item_at(log, first));
    }
    count(log, first, trace);
    trace->items = malloc((log->end - first + 1) * sizeof(SyTraceItem));
    if (!trace->items) {
        return SY_ERR_MEMORY;
    }
    for (uint64_t at = first; at < log->end; at++) {
        trace->items[trace->n_items++] = *item_at(log, at);
    }
    return SY_OK;
}

static int by_time(const void *a, const void *b)
{
    const int64_t first = ((const SyTraceEvent *)a)->at_ns,
                  second = ((const SyTraceEvent *)b)->at_ns;
    return first < second ? -1 : first > second;
}

/* Those of audio and of control come in turns, so they are not quite in order. */
static SyStatus copy_events(const SyTraceLog *log, SyTrace *trace)
{
    const uint64_t n = log->n_events < SY_TRACE_EVENTS ? log->n_events : SY_TRACE_EVENTS;

    trace->events = malloc((n + 1) * sizeof(SyTraceEvent));
    if (!trace->events) {
        return SY_ERR_MEMORY;
    }
    for (uint64_t at = log->n_events - n; at < log->n_events; at++) {
        const SyTraceEvent *event = &log->events[at % SY_TRACE_EVENTS];
        if (event->at_ns >= trace->from_ns && event->at_ns <= trace->until_ns) {
            trace->events[trace->n_events++] = *event;
        }
    }
    qsort(trace->events, trace->n_events, sizeof(SyTraceEvent), by_time);
    return SY_OK;
}

SyStatus sy_trace_log_copy(const SyTraceLog *log, SyTrace *trace)
{
    const SyStatus status = copy_items(log, trace);
    return status == SY_OK ? copy_events(log, trace) : status;
}
