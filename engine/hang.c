/* Finds workers that hang.
 *
 * The audio thread rings the watchdog when a block is not done within a share of its period, its
 * patience. Whoever is then at a node is under suspicion, and is looked at again: if it is still at
 * the same node, and has spent its budget of CPU time there, it hangs. CPU time, because a worker
 * that had to wait for a CPU is not to blame; but one that gets none at all for long, because it
 * was stopped, holds up the others too and is killed without blame.
 *
 * The kernel brings the CPU time of another process up to date when that is switched, and by its
 * tick, every 4 ms: what is read first may lack all that the worker has done in this block. So it
 * counts from where it is after it has moved for the first time.
 *
 * A kill costs no sample: another worker runs the node again. Only if that one hangs too is the
 * node at fault: blame.h. */
#include <signal.h>
#include <sys/types.h>

#include "engine/claim.h"
#include "engine/judge.h"
#include "engine/zygote.h"

#define COSTS         8         /* a node may take so many times what it took before */
#define STALL_NS      20000000  /* without any CPU time; the machine may be taken away for 10 ms */
#define STALL_PERIODS 8         /* the same for long blocks */
#define OFFLINE_STALL 500000000 /* nobody waits */

static int64_t cpu_ns(int pid)
{
    clockid_t clock;
    struct timespec time;

    if (clock_getcpuclockid(pid, &clock) != 0 || clock_gettime(clock, &time) < 0) {
        return 0;
    }
    return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

static int64_t period_ns(const SyPool *pool)
{
    return (int64_t)pool->segment->block * 1000000000 / pool->segment->rate;
}

/* CPU time that the node, or the batch that begins with it, may take while it is looked at. */
static int64_t budget_ns(const SyPool *pool, const SyDoing *doing)
{
    const int64_t cost =
        doing->slot < SY_MODULES_MAX
            ? atomic_load_explicit(&pool->segment->work[doing->slot].cost_ns, memory_order_relaxed)
            : 0;
    const int64_t known = COSTS * cost * doing->n_nodes;
    const int64_t share = sy_audio_patience_ns(pool->audio) / 2;
    return known > share ? known : share;
}

static int64_t stall_ns(const SyPool *pool)
{
    const int64_t periods = STALL_PERIODS * period_ns(pool);
    if (pool->audio->offline) {
        return OFFLINE_STALL;
    }
    return periods > STALL_NS ? periods : STALL_NS;
}

static void suspect(SyPool *pool, uint32_t place, uint64_t doing, int pid, int64_t now)
{
    pool->suspects[place] = (SySuspect){.doing = doing, .cpu_ns = cpu_ns(pid), .since_ns = now};
}

static void end(SyPool *pool, uint32_t place, int pid, bool hung)
{
    pool->deathbeds[place].hung = hung;
    pool->suspects[place].killed = true;
    kill(pid, SIGKILL);
}

/* Whether a block is in hand, and which. */
static bool is_late(const SySegment *segment, uint64_t *epoch)
{
    *epoch = atomic_load_explicit(&segment->block_shared.done, memory_order_acquire) + 1;
    return *epoch <= atomic_load_explicit(&segment->release.epoch, memory_order_acquire);
}

/* Whether the worker has spent its budget since it has been under suspicion. */
static bool has_spent(const SyPool *pool, const SyDoing *doing, SySuspect *known, int64_t cpu)
{
    if (known->cpu_moved) {
        return cpu - known->cpu_ns >= budget_ns(pool, doing);
    }
    known->cpu_moved = cpu != known->cpu_ns;
    known->cpu_ns = cpu;
    return false;
}

/* Returns whether the worker is to be looked at again. */
static bool look_at(SyPool *pool, uint32_t place, uint64_t epoch, int64_t now)
{
    const SyPlaceShared *shared = &pool->segment->places[place];
    SySuspect *known = &pool->suspects[place];
    const uint64_t word =
        atomic_load_explicit(&pool->segment->workers[place].doing, memory_order_acquire);
    const SyDoing doing = sy_doing_of(word);
    const int pid = atomic_load(&shared->pid);

    if (doing.n_nodes == 0 || doing.epoch != (epoch & SY_EPOCH_MASK) || pid <= 0 ||
        atomic_load(&shared->forked) != atomic_load(&shared->incarnation)) {
        known->doing = 0;
        return false;
    }
    if (known->doing != word) {
        suspect(pool, place, word, pid, now);
    } else if (!known->killed && has_spent(pool, &doing, known, cpu_ns(pid))) {
        end(pool, place, pid, true);
    } else if (!known->killed && now - known->since_ns >= stall_ns(pool)) {
        end(pool, place, pid, false);
    }
    return true;
}

int64_t sy_judge_hangs(SyPool *pool, uint32_t first, uint32_t last)
{
    const int64_t now = sy_now_ns();
    bool again = false;
    uint64_t epoch;

    if (sy_spawn_makes_threads() || !is_late(pool->segment, &epoch)) {
        return 0;
    }
    for (uint32_t i = first; i < last; i++) {
        if (sy_pool_may_hold_claims(pool, i)) {
            again |= look_at(pool, i, epoch, now);
        }
    }
    return again ? sy_audio_patience_ns(pool->audio) / 2 : 0;
}
