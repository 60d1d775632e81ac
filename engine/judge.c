/* Numbered as cited below:
 *   J1  `doing` was written by a worker, which may have been out of its mind: its slot is checked,
 *       and a wrong one accuses a wrong node at most
 *   J2  a node that is committed is not to blame for what came after it
 *   J3  more than one node at a time: the task is run carefully next, and then it is clear which
 */
#include "engine/judge.h"

#include "engine/claim.h"

void sy_judge_note_death(SyPool *pool, uint32_t place)
{
    const uint64_t doing =
        atomic_load_explicit(&pool->segment->workers[place].doing, memory_order_acquire);

    pool->deathbeds[place].doing = doing;
    atomic_store_explicit(&pool->segment->workers[place].doing, 0, memory_order_relaxed);
}

static bool is_committed(const SySegment *segment, uint32_t slot, uint64_t epoch)
{
    const uint64_t word = atomic_load_explicit(&segment->work[slot].commit, memory_order_acquire);
    return (sy_commit_epoch(word) & SY_EPOCH_MASK) == epoch;
}

/* The control thread hears of it; should its ring be full, the node is bypassed all the same. */
static void quarantine(SyPool *pool, const SyFault *fault)
{
    atomic_store_explicit(&pool->segment->guarded, true, memory_order_release);
    atomic_store_explicit(&pool->segment->nodes[fault->slot].bypassed, 1, memory_order_release);
    sy_ring_write(&pool->faults_in, fault);
    sy_bell_ring(&pool->segment->control_bell);
}

static bool judge(SyPool *pool, uint32_t place)
{
    const SySegment *segment = pool->segment;
    const SyDeathbed *deathbed = &pool->deathbeds[place];
    const SyDoing doing = sy_doing_of(deathbed->doing);
    const int status = atomic_load(&segment->places[place].exit_status);
    SyFault fault = sy_fault_of_exit(status, deathbed->hung);

    if (fault.kind == SY_FAULT_NONE || doing.n_nodes != 1 /* J3 */ ||
        doing.slot >= SY_MODULES_MAX /* J1 */ ||
        is_committed(segment, doing.slot, doing.epoch) /* J2 */) {
        return false;
    }
    fault.epoch = doing.epoch;
    fault.slot = doing.slot;
    fault.worker = place;
    fault.born = segment->nodes[doing.slot].born;
    if (!sy_blame_strike(&pool->blames[doing.slot], fault.born, doing.epoch, sy_now_ns())) {
        return false;
    }
    quarantine(pool, &fault);
    return true;
}

static bool is_over(const SyPool *pool, uint32_t place, uint32_t incarnation)
{
    const SyPlaceShared *shared = &pool->segment->places[place];
    return incarnation != 0 && atomic_load(&pool->fenced[place]) == incarnation &&
           atomic_load_explicit(&shared->reaped, memory_order_acquire) == incarnation;
}

bool sy_judge_deaths(SyPool *pool)
{
    bool quarantined = false;

    for (uint32_t i = 0; i < SY_WORKERS_MAX; i++) {
        SyDeathbed *deathbed = &pool->deathbeds[i];
        const uint32_t incarnation = atomic_load(&pool->segment->places[i].incarnation);
        if (deathbed->judged == incarnation || !is_over(pool, i, incarnation)) {
            continue;
        }
        deathbed->judged = incarnation;
        if (atomic_load(&pool->segment->places[i].retire) != incarnation) {
            quarantined |= judge(pool, i);
        }
        deathbed->hung = false;
    }
    return quarantined;
}
