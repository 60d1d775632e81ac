/* The labels are those of trace.h. A driver that is killed in the middle of this has at worst
 * reserved room that nobody uses: the next one prepares the block again. */
#include "engine/audio_trace.h"

#include "engine/tracing.h"

static SyTraceBlock *block_of(SyAudio *audio)
{
    return &audio->trace.blocks[audio->epoch % SY_TRACE_BLOCKS];
}

static uint64_t reserve(SyAudio *audio, uint32_t n_records)
{
    const uint64_t at = atomic_load_explicit(&audio->trace.next, memory_order_relaxed);
    atomic_store_explicit(&audio->trace.next, at + n_records, memory_order_release); /* T4 */
    return at;
}

void sy_audio_trace_reserve(SyAudio *audio, SyBlockInfo *info)
{
    const SyPlan *plan = audio->plan;
    const uint32_t level = atomic_load_explicit(&audio->trace.level, memory_order_relaxed);
    const bool recorded = level > SY_TRACE_BASIC && plan && plan->n_tasks > 0;

    atomic_store_explicit(&info->trace, recorded ? level : SY_TRACE_BASIC, memory_order_relaxed);
    if (!recorded) {
        return;
    }
    SyTraceBlock *block = block_of(audio);
    const uint32_t n_nodes = level >= SY_TRACE_COMPLETE ? plan->n_nodes : 0;
    const uint64_t at = reserve(audio, plan->n_tasks + n_nodes);
    atomic_store_explicit(&block->epoch, audio->epoch | SY_TRACE_BUSY, memory_order_release);
    atomic_store_explicit(&block->at, at, memory_order_release);
    atomic_store_explicit(&block->level, level, memory_order_release);
    atomic_store_explicit(&block->n_tasks, plan->n_tasks, memory_order_release);
    atomic_store_explicit(&block->n_nodes, n_nodes, memory_order_release);
    atomic_store_explicit(&block->epoch, audio->epoch, memory_order_release);
    atomic_store_explicit(&info->trace_at, (uint32_t)at, memory_order_relaxed);
    atomic_store_explicit(&audio->trace.last, audio->epoch, memory_order_release);
}

void sy_audio_trace_done(SyAudio *audio)
{
    SyTraceBlock *block = block_of(audio);

    if (atomic_load_explicit(&block->epoch, memory_order_relaxed) == audio->epoch) {
        atomic_store_explicit(&block->released_ns, audio->released_ns, memory_order_release);
        atomic_store_explicit(&block->done_ns, sy_now_ns(), memory_order_release);
    }
}

void sy_audio_trace_moment(SyAudio *audio, SyMomentKind kind)
{
    const uint64_t n = atomic_load_explicit(&audio->trace.n_moments, memory_order_relaxed);
    SyMoment *moment = &audio->trace.moments[n % SY_TRACE_MOMENTS];

    atomic_store_explicit(&moment->epoch, audio->epoch, memory_order_release);
    atomic_store_explicit(&moment->serial, audio->plan ? audio->plan->serial : 0,
                          memory_order_release);
    atomic_store_explicit(&moment->at_ns, sy_now_ns(), memory_order_release);
    atomic_store_explicit(&moment->kind, kind, memory_order_release);
    atomic_store_explicit(&audio->trace.n_moments, n + 1, memory_order_release);
}
