#include "engine/audio_release.h"

#include <sched.h>

#include "engine/audio_trace.h"
#include "engine/claim.h"
#include "engine/tracing.h"

static int64_t start_of(const SyAudio *audio)
{
    return atomic_load_explicit(&audio->frame, memory_order_relaxed);
}

static bool is_alive(const SyAudio *audio, uint32_t worker)
{
    return atomic_load_explicit(&audio->alive[worker], memory_order_relaxed);
}

static void ring(const SyAudio *audio, uint32_t worker)
{
    sy_bell_ring(&audio->segment->workers[worker].doorbell);
}

uint32_t sy_audio_crew_size(const SyAudio *audio)
{
    const uint32_t n_cores = atomic_load_explicit(&audio->segment->n_cores, memory_order_relaxed);
    return audio->plan->width < n_cores ? audio->plan->width : n_cores;
}

/* Wakes the crew: those whose modules come first, then whoever is there in place of the dead. */
void sy_audio_call_crew(SyAudio *audio)
{
    const SyPlan *plan = audio->plan;
    uint32_t wanted = sy_audio_crew_size(audio);
    bool called[SY_WORKERS_MAX] = {false};

    for (uint32_t i = 0; i < plan->n_homes && wanted > 0; i++) {
        const uint32_t home = sy_plan_homes(plan)[i];
        if (is_alive(audio, home)) {
            called[home] = true;
            ring(audio, home);
            wanted--;
        }
    }
    for (uint32_t i = 0; i < SY_WORKERS_MAX && wanted > 0; i++) {
        if (!called[i] && is_alive(audio, i)) {
            ring(audio, i);
            wanted--;
        }
    }
}

static void free_tasks(SyAudio *audio)
{
    for (uint32_t i = 0; audio->plan && i < audio->plan->n_tasks; i++) {
        atomic_store_explicit(sy_claim_of(audio->segment, i),
                              sy_claim_word(audio->epoch, 0, SY_CLAIM_FREE), memory_order_relaxed);
    }
}

/* What a worker must know of the block, but for the trace. */
static SyBlockInfo *describe(SyAudio *audio, uint64_t epoch, int64_t start, bool quiet)
{
    const SyPlan *plan = audio->plan;
    SyBlockInfo *info = sy_block_info(audio->segment, epoch);

    atomic_store_explicit(&info->plan_at,
                          plan ? (uint64_t)((const char *)plan - (const char *)audio->segment) : 0,
                          memory_order_relaxed);
    atomic_store_explicit(&info->plan_serial, plan ? plan->serial : 0, memory_order_relaxed);
    atomic_store_explicit(&info->start, start, memory_order_relaxed);
    atomic_store_explicit(&info->at_rest, audio->rest_at <= start, memory_order_relaxed);
    atomic_store_explicit(&info->quiet, quiet, memory_order_relaxed);
    return info;
}

/* Whether no node has to be looked at. One that is bypassed from now on is found in the next block,
 * or at once by who takes its task over; one that is no more is faded in by the block after. */
static bool is_quiet(SyAudio *audio)
{
    if (atomic_load_explicit(&audio->segment->guarded, memory_order_acquire)) {
        audio->guarded_until = audio->epoch + 1;
    }
    return audio->epoch > audio->guarded_until && audio->schedule.n_events == 0 &&
           audio->born_at <= start_of(audio);
}

void sy_audio_release(SyAudio *audio)
{
    SyReleaseShared *shared = &audio->segment->release;
    const bool has_tasks = audio->plan && audio->plan->n_tasks > 0;

    free_tasks(audio);
    SyBlockInfo *info = describe(audio, audio->epoch, start_of(audio), is_quiet(audio));
    sy_audio_trace_reserve(audio, info);
    atomic_store_explicit(&audio->cpu, sched_getcpu(), memory_order_relaxed);
    if (!has_tasks) {
        atomic_store_explicit(&audio->segment->block_shared.done, audio->epoch,
                              memory_order_release);
    }
    atomic_store_explicit(&shared->epoch, audio->epoch, memory_order_seq_cst);

    audio->released_ns = audio->asked_ns = sy_now_ns();
    if (has_tasks) {
        sy_audio_call_crew(audio);
    }
}

bool sy_audio_is_ahead(const SyAudio *audio)
{
    return atomic_load_explicit(&audio->segment->release.epoch, memory_order_relaxed) >
           audio->epoch;
}

/* Whether control has put nothing down, and nobody has sent anything. */
static bool is_left_alone(const SyAudio *audio)
{
    for (uint32_t i = 0; i < SY_EVENT_SOURCES; i++) {
        if (audio->inlets[i].holding || sy_ring_readable(&audio->inlets[i].out) > 0) {
            return false;
        }
    }
    return !audio->waiting_plan &&
           atomic_load_explicit(&audio->next_plan, memory_order_acquire) == 0 &&
           audio->schedule.n_heap == 0;
}

/* Whether all that is said of the block in hand is true of the one behind it. */
static bool goes_on_alike(SyAudio *audio)
{
    return audio->rest_at <= start_of(audio) && is_quiet(audio) && is_left_alone(audio) &&
           atomic_load_explicit(&audio->trace.level, memory_order_relaxed) == SY_TRACE_BASIC;
}

/* The last block that may be released, or 0. */
static uint64_t last_ahead(SyAudio *audio, uint64_t n_more)
{
    const uint64_t most = sy_ahead(audio->segment) - 1;
    const bool has_tasks = audio->plan && audio->plan->n_tasks > 0;

    return has_tasks && goes_on_alike(audio) ? audio->epoch + (n_more < most ? n_more : most) : 0;
}

void sy_audio_release_ahead(SyAudio *audio, uint64_t n_more)
{
    SySegment *segment = audio->segment;
    const uint64_t first = atomic_load_explicit(&segment->release.epoch, memory_order_relaxed) + 1;

    if (first > audio->epoch + sy_ahead(segment) / 2) {
        return; /* there is enough for a while */
    }
    const uint64_t last = last_ahead(audio, n_more);
    if (first > last) {
        return;
    }
    for (uint64_t epoch = first; epoch <= last; epoch++) {
        const int64_t later = (int64_t)(epoch - audio->epoch) * segment->block;
        SyBlockInfo *info = describe(audio, epoch, start_of(audio) + later, true);
        atomic_store_explicit(&info->trace, SY_TRACE_BASIC, memory_order_relaxed);
    }
    atomic_store_explicit(&segment->release.epoch, last, memory_order_seq_cst);
    sy_audio_call_crew(audio);
}
