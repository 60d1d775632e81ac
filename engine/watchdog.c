/* Finds dead workers and takes their claims back.
 *
 * A worker holds its life word as a robust futex: when it dies, however it dies, the kernel sets
 * FUTEX_OWNER_DIED in it and wakes who waits on it, after the worker's last store. So:
 *
 *   W1  OWNER_DIED is seen with acquire: every store of the dead worker is visible
 *   W2  only then are its claims freed, by CAS on the very word that it wrote: a task that it
 * finished, or a block that has moved on, does not match W3  then everybody who could take over is
 * called, because the dead one may have taken a wake-up with it
 *
 * Between W1 and W2 nothing else may touch the claims, and nobody does: a claimed task is its
 * claimer's. If the watchdog itself is killed with the engine, the words stay as they are for the
 * next one. */
#include <linux/futex.h>
#include <string.h>

#include "engine/claim.h"
#include "engine/judge.h"
#include "engine/realtime.h"
#include "engine/thread.h"

#define PER_THREAD 100 /* futex_waitv takes 128 words */
#define LOOK_NS    500000000

static void free_claims(SySegment *segment, uint32_t incarnation)
{
    for (uint32_t i = 0; i < SY_TASKS_MAX; i++) {
        _Atomic uint64_t *word = sy_claim_of(segment, i);
        uint64_t seen = atomic_load_explicit(word, memory_order_acquire);
        if (sy_claim_state(seen) == SY_CLAIM_CLAIMED &&
            sy_claim_incarnation(seen) == (incarnation & SY_INCARNATION_MASK)) {
            const uint64_t freed = (seen & ~0xffffffull) | SY_CLAIM_CAREFUL | SY_CLAIM_FREE;
            atomic_compare_exchange_strong_explicit(word, &seen, freed, memory_order_acq_rel,
                                                    memory_order_relaxed); /* W2 */
        }
    }
}

/* Thread: watchdog.  RT: yes, bounded by the number of workers. */
static void call_everybody(const SyPool *pool)
{
    SySegment *segment = pool->segment;

    sy_bell_ring(&segment->block_shared.progress);
    sy_bell_ring(&segment->block_shared.done_bell);
    for (uint32_t i = 0; i < SY_WORKERS_MAX; i++) {
        if (atomic_load_explicit(&pool->audio->alive[i], memory_order_relaxed)) {
            sy_bell_ring(&segment->workers[i].doorbell);
        }
    }
    sy_bell_ring(&segment->control_bell);
}

/* Thread: watchdog.  RT: yes, bounded by the number of tasks. */
static void fence(SyPool *pool, uint32_t place)
{
    SySegment *segment = pool->segment;
    SyWorkerShared *worker = &segment->workers[place];
    const uint32_t incarnation =
        atomic_load_explicit(&segment->places[place].incarnation, memory_order_acquire);

    atomic_store_explicit(&pool->audio->alive[place], false, memory_order_release);
    sy_judge_note_death(pool, place);
    free_claims(segment, incarnation);
    atomic_store_explicit(&worker->reading, 0, memory_order_release);
    atomic_store_explicit(&pool->fenced[place], incarnation, memory_order_release);

    call_everybody(pool); /* W3 */
}

/* Those that are to end are watched too, until they have: one that is killed on its way out may
 * hold a claim. */
static bool is_watched(const SyPool *pool, uint32_t place)
{
    const SyPlaceShared *shared = &pool->segment->places[place];
    const uint32_t retire = atomic_load_explicit(&shared->retire, memory_order_acquire);

    return atomic_load_explicit(&pool->audio->alive[place], memory_order_acquire) ||
           sy_pool_may_hold_claims(pool, place) ||
           (retire != 0 && retire == atomic_load(&shared->incarnation) &&
            atomic_load(&pool->fenced[place]) != retire);
}

/* Fences the dead; returns how many life words are in `waiters`. */
static unsigned look(const SyWatch *watch, struct futex_waitv *waiters)
{
    SyPool *pool = watch->pool;
    unsigned n = 0;

    for (uint32_t i = watch->first; i < watch->end; i++) {
        SyWorkerShared *worker = &pool->segment->workers[i];
        if (!is_watched(pool, i)) {
            continue;
        }
        const uint32_t life = atomic_load_explicit(&worker->life, memory_order_acquire); /* W1 */
        const SyPlaceShared *place = &pool->segment->places[i];
        const uint32_t reaped = atomic_load_explicit(&place->reaped, memory_order_acquire);
        if (life & FUTEX_OWNER_DIED || reaped == atomic_load(&place->incarnation)) {
            fence(pool, i);
            continue;
        }
        waiters[n++] =
            (struct futex_waitv){.val = life, .uaddr = (uintptr_t)&worker->life, .flags = FUTEX_32};
    }
    return n;
}

static void wait_for_death(struct futex_waitv *waiters, unsigned n, SyFutex *bell, uint32_t seen,
                           int64_t timeout_ns)
{
    struct timespec until;

    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_nsec += timeout_ns;
    until.tv_sec += until.tv_nsec / 1000000000;
    until.tv_nsec %= 1000000000;
    waiters[n] = (struct futex_waitv){.val = seen, .uaddr = (uintptr_t)bell, .flags = FUTEX_32};
    if (syscall(SYS_futex_waitv, waiters, n + 1, 0, &until, CLOCK_MONOTONIC) < 0 &&
        errno == ENOSYS) {
        sy_bell_sleep(bell, seen, 1000000); /* a kernel before 5.16: look often instead */
    }
}

static void *watch_over(void *argument)
{
    const SyWatch *watch = argument;
    SyPool *pool = watch->pool;
    struct futex_waitv waiters[PER_THREAD + 1];

    sy_realtime_enter(SY_PRIORITY_WATCHDOG);
    while (!atomic_load(&pool->stopping)) {
        const uint32_t seen = sy_bell_listen(&pool->segment->watchdog_bell);
        const unsigned n = look(watch, waiters);
        const bool quarantined = watch->first == 0 && sy_judge_deaths(pool);
        const int64_t again_ns = sy_judge_hangs(pool, watch->first, watch->end);
        if (quarantined) {
            call_everybody(pool);
        }
        if (!atomic_load(&pool->stopping)) {
            wait_for_death(waiters, n, &pool->segment->watchdog_bell, seen,
                           again_ns ? again_ns : sy_look_ns(pool->segment, LOOK_NS));
        }
    }
    return NULL;
}

SyStatus sy_pool_watch(SyPool *pool, uint32_t n_workers)
{
    while ((uint32_t)pool->n_watches * PER_THREAD < n_workers) {
        SyWatch *watch = &pool->watches[pool->n_watches];
        const uint32_t first = (uint32_t)pool->n_watches * PER_THREAD;
        *watch = (SyWatch){.pool = pool,
                           .first = first,
                           .end = first + PER_THREAD < SY_WORKERS_MAX ? first + PER_THREAD
                                                                      : SY_WORKERS_MAX};
        if (sy_thread_start(&watch->thread, "sy-watchdog", watch_over, watch) != 0) {
            return SY_ERR_FAILED;
        }
        pool->n_watches++;
    }
    return SY_OK;
}

void sy_pool_unwatch(SyPool *pool)
{
    atomic_store(&pool->stopping, true);
    sy_bell_ring(&pool->segment->watchdog_bell);
    for (int i = 0; i < pool->n_watches; i++) {
        pthread_join(pool->watches[i].thread, NULL);
    }
    pool->n_watches = 0;
}
