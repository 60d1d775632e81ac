#include "engine/jail.h"

#include <stdlib.h>
#include <sys/mman.h>

#include "engine/zygote.h"

/* Offsets in the segment: what workers write lies between these, and in the arena. */
static uint64_t bells_from(void)
{
    return offsetof(SySegment, control_bell);
}

static uint64_t bells_to(void)
{
    return (sizeof(SySegment) + SY_PAGE - 1) & ~(uint64_t)(SY_PAGE - 1);
}

/* Protecting memory takes as long as there are pages in it, so what has never been used stays out.
 * Whatever is written there, it is cleared before its first use. */
static uint64_t arena_to(const SySegment *segment)
{
    return atomic_load_explicit(&segment->arena_top, memory_order_acquire);
}

static int protect(const SySegment *segment, uint64_t from, uint64_t to, int protection)
{
    if (from >= to) {
        return 0;
    }
    return mprotect(sy_at(segment, from), to - from, protection) < 0 ? errno : 0;
}

/* All rings but the worker's own. */
static int protect_rings(const SyWorker *worker)
{
    const SySegment *segment = worker->segment;
    const uint64_t own_from = worker->place->commands_at & ~(uint64_t)(SY_PAGE - 1);
    const uint64_t own_to = own_from + segment->rings_bytes;

    const int error = protect(segment, segment->rings_at, own_from, PROT_READ);
    return error ? error : protect(segment, own_to, segment->plan_at[0], PROT_READ);
}

int sy_jail_protect_tables(const SyWorker *worker)
{
    const SySegment *segment = worker->segment;

    if (sy_spawn_makes_threads()) {
        return 0;
    }
    int error = protect(segment, 0, bells_from(), PROT_READ);
    error = error ? error : protect_rings(worker);
    error = error ? error : protect(segment, segment->plan_at[0], segment->trace_at, PROT_READ);
    return error ? error : protect(segment, segment->library_at, segment->size, PROT_READ);
}

/* A wall that does not stand is a bug here: better no worker than a module at large. */
static void demand(int error)
{
    if (error) {
        abort();
    }
}

void sy_jail_enter(const SyWorker *worker, const SyPlanNode *node)
{
    const SySegment *segment = worker->segment;

    if (sy_spawn_makes_threads()) {
        return;
    }
    demand(protect(segment, bells_from(), bells_to(), PROT_READ));
    demand(protect(segment, segment->used_to, node->state_at, PROT_READ));
    demand(protect(segment, node->state_at + node->page_bytes, arena_to(segment), PROT_READ));
    demand(mprotect((void *)(uintptr_t)worker, worker->own_bytes, PROT_READ) < 0);
}

void sy_jail_leave(const SyWorker *worker)
{
    const SySegment *segment = worker->segment;

    if (sy_spawn_makes_threads()) {
        return;
    }
    demand(mprotect((void *)(uintptr_t)worker, worker->own_bytes, PROT_READ | PROT_WRITE) < 0);
    demand(protect(segment, bells_from(), bells_to(), PROT_READ | PROT_WRITE));
    demand(protect(segment, segment->used_to, arena_to(segment), PROT_READ | PROT_WRITE));
}
