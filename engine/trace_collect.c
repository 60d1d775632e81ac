/* The labels are those of trace.h. */
#include "engine/trace_collect.h"

#include "modules/registry.h"

static uint64_t handed_out(const SyTraceCollector *collector)
{
    return atomic_load_explicit(&collector->audio->blocks, memory_order_acquire);
}

void sy_trace_collector_init(SyTraceCollector *collector, const SySegment *segment,
                             const SyAudio *audio, SyTraceLog *log)
{
    *collector = (SyTraceCollector){.segment = segment, .audio = audio, .log = log};
    collector->moments_seen = atomic_load(&audio->trace.n_moments);
    collector->last_serial = atomic_load(&audio->adopted);
    sy_trace_collector_skip(collector);
}

void sy_trace_collector_skip(SyTraceCollector *collector)
{
    collector->seen = handed_out(collector);
}

/* A block as audio has noted it. */
typedef struct Block {
    uint64_t epoch, at;
    uint32_t n_tasks, n_nodes;
    int64_t released_ns, done_ns;
} Block;

/* False if a later block has the place. */
static bool read_block(const SyTraceCollector *collector, uint64_t epoch, Block *block)
{
    const SyTraceBlock *shared = &collector->audio->trace.blocks[epoch % SY_TRACE_BLOCKS];

    block->epoch = atomic_load_explicit(&shared->epoch, memory_order_acquire);
    block->at = atomic_load_explicit(&shared->at, memory_order_acquire);
    block->n_tasks = atomic_load_explicit(&shared->n_tasks, memory_order_acquire);
    block->n_nodes = atomic_load_explicit(&shared->n_nodes, memory_order_acquire);
    block->released_ns = atomic_load_explicit(&shared->released_ns, memory_order_acquire);
    block->done_ns = atomic_load_explicit(&shared->done_ns, memory_order_acquire);
    return block->epoch == epoch &&
           atomic_load_explicit(&shared->epoch, memory_order_acquire) == epoch;
}

/* T4 */
static bool still_holds(const SyTraceCollector *collector, const Block *block)
{
    const uint64_t next = atomic_load_explicit(&collector->audio->trace.next, memory_order_acquire);
    return next - block->at <= SY_TRACE_RECORDS;
}

/* Whether a record can be what is expected in its place. */
static bool is_sound(const SyTraceItem *item, uint64_t epoch, uint32_t worker, uint32_t node,
                     bool is_node)
{
    return item->block == epoch && worker < SY_WORKERS_MAX && (node != 0) == is_node &&
           (!is_node || (node >> 16) < sy_registry_count());
}

static bool read_record(const SyTraceCollector *collector, const Block *block, uint32_t index,
                        SyTraceItem *item)
{
    const SySegment *segment = collector->segment;
    const SyTraceRecord *records = sy_at(segment, segment->trace_at);
    const SyTraceRecord *record = &records[(block->at + index) & (SY_TRACE_RECORDS - 1)];
    const uint32_t worker = atomic_load_explicit(&record->worker, memory_order_acquire);
    const uint32_t node = atomic_load_explicit(&record->node, memory_order_acquire);
    const bool is_node = index >= block->n_tasks;

    *item = (SyTraceItem){
        .begin_ns = atomic_load_explicit(&record->begin_ns, memory_order_acquire),
        .block = atomic_load_explicit(&record->epoch, memory_order_acquire),
        .duration_ns = atomic_load_explicit(&record->duration_ns, memory_order_acquire),
        .worker = (uint16_t)worker,
        .kind = is_node ? SY_TRACE_NODE : SY_TRACE_TASK,
        .task = (uint16_t)atomic_load_explicit(&record->task, memory_order_acquire),
        .module = {.type = (uint16_t)(node >> 16), .id = (uint16_t)node}};
    return is_sound(item, block->epoch, worker, node, is_node);
}

static uint32_t limited(int64_t ns)
{
    return ns < 0 ? 0 : ns < UINT32_MAX ? (uint32_t)ns : UINT32_MAX;
}

/* False if it cannot be had as a whole. */
static bool take_block(SyTraceCollector *collector, uint64_t epoch)
{
    SyTraceLog *log = collector->log;
    Block block;

    if (!read_block(collector, epoch, &block) || !still_holds(collector, &block)) {
        return false;
    }
    const uint32_t n = block.n_tasks + block.n_nodes; /* audio's, so it is right */
    sy_trace_log_reserve(log, 1 + n);
    *sy_trace_log_at(log, 0) =
        (SyTraceItem){.begin_ns = block.released_ns,
                      .block = epoch,
                      .duration_ns = limited(block.done_ns - block.released_ns),
                      .kind = SY_TRACE_BLOCK,
                      .n_more = n};
    for (uint32_t i = 0; i < n; i++) {
        if (!read_record(collector, &block, i, sy_trace_log_at(log, 1 + i))) {
            return false;
        }
    }
    if (!still_holds(collector, &block)) {
        return false;
    }
    sy_trace_log_add(log, 1 + n);
    return true;
}

/* Those that follow each other become one item. */
static void drop_block(SyTraceCollector *collector, uint64_t epoch)
{
    SyTraceLog *log = collector->log;

    collector->n_dropped++;
    if (log->end > log->first) {
        SyTraceItem *last = &log->items[(log->end - 1) % SY_TRACE_ITEMS];
        if (last->kind == SY_TRACE_DROPPED && last->block + last->n_blocks == epoch) {
            last->n_blocks++;
            return;
        }
    }
    sy_trace_log_reserve(log, 1);
    *sy_trace_log_at(log, 0) = (SyTraceItem){
        .begin_ns = sy_now_ns(), .block = epoch, .kind = SY_TRACE_DROPPED, .n_blocks = 1};
    sy_trace_log_add(log, 1);
}

/* Whether a block was not to be recorded although others were: nothing was playing. */
static bool is_empty(const SyTraceCollector *collector, uint64_t epoch)
{
    const SyTraceBlock *shared = &collector->audio->trace.blocks[epoch % SY_TRACE_BLOCKS];
    return atomic_load_explicit(&shared->epoch, memory_order_acquire) < epoch;
}

static void collect_blocks(SyTraceCollector *collector)
{
    const uint64_t out = handed_out(collector);
    const uint64_t last = atomic_load_explicit(&collector->audio->trace.last, memory_order_acquire);
    const uint64_t end = out < last ? out : last; /* none after `last` is recorded */

    while (collector->log->items && collector->seen < end) {
        const uint64_t epoch = ++collector->seen;
        if (!is_empty(collector, epoch) && !take_block(collector, epoch)) {
            drop_block(collector, epoch);
        }
    }
}

/* False if a later one has the place. */
static bool read_moment(const SyTraceCollector *collector, uint64_t number, SyTraceEvent *event)
{
    const SyTraceShared *trace = &collector->audio->trace;
    const SyMoment *shared = &trace->moments[number % SY_TRACE_MOMENTS];
    const uint32_t kind = atomic_load_explicit(&shared->kind, memory_order_acquire);

    *event = (SyTraceEvent){
        .kind = kind == SY_MOMENT_LATE ? SY_TRACE_LATE : SY_TRACE_PLAN,
        .block = atomic_load_explicit(&shared->epoch, memory_order_acquire),
        .serial = atomic_load_explicit(&shared->serial, memory_order_acquire),
        .at_ns = atomic_load_explicit(&shared->at_ns, memory_order_acquire),
    };
    return atomic_load_explicit(&trace->n_moments, memory_order_acquire) - number <
           SY_TRACE_MOMENTS;
}

/* A driver that was killed may have said it already. */
static bool is_news(SyTraceCollector *collector, const SyTraceEvent *event)
{
    if (event->kind != SY_TRACE_PLAN) {
        return true;
    }
    const bool news = event->serial != collector->last_serial;
    collector->last_serial = event->serial;
    return news;
}

static void collect_moments(SyTraceCollector *collector)
{
    const uint64_t end =
        atomic_load_explicit(&collector->audio->trace.n_moments, memory_order_acquire);
    SyTraceEvent event;
    uint64_t n_lost = 0;

    for (; collector->moments_seen < end; collector->moments_seen++) {
        if (!read_moment(collector, collector->moments_seen, &event)) {
            n_lost++;
        } else if (is_news(collector, &event)) {
            sy_trace_log_add_event(collector->log, &event);
        }
    }
    if (n_lost > 0) {
        event = (SyTraceEvent){.kind = SY_TRACE_LOST, .serial = n_lost, .at_ns = sy_now_ns()};
        sy_trace_log_add_event(collector->log, &event);
    }
}

void sy_trace_collect(SyTraceCollector *collector)
{
    collect_moments(collector);
    collect_blocks(collector);
}
