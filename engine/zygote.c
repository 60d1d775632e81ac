#include "engine/zygote.h"

#include "engine/cage.h"
#include "engine/loader.h"

#define LOOK_NS                                                                                    \
    1000000000 /* a bell that was lost with its ringer is made good within this time               \
                */

static void spawn_wanted(SySegment *segment, const SyWorkerTables *tables)
{
    for (uint32_t i = 0; i < SY_WORKERS_MAX; i++) {
        SyPlaceShared *place = &segment->places[i];
        const uint32_t incarnation =
            atomic_exchange_explicit(&place->wanted, 0, memory_order_acq_rel);
        if (incarnation == 0) {
            continue;
        }
        const int pid = sy_spawn(segment, i, incarnation, tables);
        if (pid < 0) {
            atomic_store_explicit(&place->fork_error, (uint32_t)-pid, memory_order_relaxed);
            atomic_store_explicit(&place->exit_status, SY_ERR_WORKER << 8, memory_order_relaxed);
            atomic_store_explicit(&place->reaped, incarnation, memory_order_release);
            sy_bell_ring(&segment->control_bell);
        }
    }
}

static void note_loader_end(SyLoaderAsked *asked, int exit_status)
{
    atomic_store_explicit(&asked->exit_status, exit_status, memory_order_relaxed);
    atomic_store_explicit(&asked->pid, 0, memory_order_relaxed);
    atomic_store_explicit(&asked->ended, atomic_load_explicit(&asked->forked, memory_order_relaxed),
                          memory_order_release);
}

/* Begins the load that is asked for, ends the one that is not wanted any more. */
static void serve_loader(SySegment *segment, const SyWorkerTables *tables)
{
    SyLoaderAsked *asked = &segment->loader_asked;
    const int running = atomic_load_explicit(&asked->pid, memory_order_relaxed);
    const uint32_t forked = atomic_load_explicit(&asked->forked, memory_order_relaxed);

    if (running > 0 && atomic_load_explicit(&asked->unwanted, memory_order_acquire) == forked) {
        sy_spawn_kill(running);
    }
    const uint32_t ticket = atomic_exchange_explicit(&asked->wanted, 0, memory_order_acq_rel);
    if (ticket == 0) {
        return;
    }
    atomic_store_explicit(&asked->forked, ticket, memory_order_relaxed);
    const int pid = sy_spawn_loader(segment, ticket, tables);
    if (pid > 0) {
        atomic_store_explicit(&asked->pid, pid, memory_order_release);
    } else {
        note_loader_end(asked, pid);
        sy_bell_ring(&segment->control_bell);
    }
}

/* Which place a pid had. Pids are compared before the place can be given to another. */
static int place_of(const SySegment *segment, int pid)
{
    for (int i = 0; i < SY_WORKERS_MAX; i++) {
        if (atomic_load_explicit(&segment->places[i].pid, memory_order_relaxed) == pid) {
            return i;
        }
    }
    return -1;
}

bool sy_zygote_note_end(SySegment *segment, int pid, int exit_status)
{
    const int place = place_of(segment, pid);
    if (place < 0) { /* a loader, say: what its end means is its own zygote's to tell */
        int loader = pid;
        atomic_compare_exchange_strong(&segment->loader_asked.pid, &loader, 0);
        return false;
    }
    SyPlaceShared *shared = &segment->places[place];
    atomic_store_explicit(&shared->exit_status, exit_status, memory_order_relaxed);
    atomic_store_explicit(&shared->pid, 0, memory_order_relaxed);
    atomic_store_explicit(&shared->reaped,
                          atomic_load_explicit(&shared->forked, memory_order_relaxed),
                          memory_order_release);
    sy_bell_ring(&segment->watchdog_bell);
    sy_bell_ring(&segment->control_bell);
    return true;
}

static void reap(SySegment *segment)
{
    int exit_status = 0, pid;

    while ((pid = sy_spawn_reap(&exit_status)) > 0) {
        if (pid == atomic_load_explicit(&segment->loader_asked.pid, memory_order_relaxed)) {
            note_loader_end(&segment->loader_asked, exit_status);
            sy_bell_ring(&segment->control_bell);
        } else {
            sy_zygote_note_end(segment, pid, exit_status);
        }
    }
}

/* Nothing of a worker is to be left when synthd has ended, so its end is waited for. */
static void end_workers(SySegment *segment)
{
    for (uint32_t i = 0; i < SY_WORKERS_MAX; i++) {
        const int pid = atomic_load_explicit(&segment->places[i].pid, memory_order_relaxed);
        if (pid > 0) {
            sy_spawn_kill(pid);
        }
    }
    for (uint32_t i = 0; i < SY_WORKERS_MAX; i++) {
        while (atomic_load_explicit(&segment->places[i].pid, memory_order_relaxed) > 0 &&
               !sy_life_is_over(&segment->keeper_life)) { /* who reaps those of another zygote */
            const uint32_t seen = sy_bell_listen(&segment->zygote_bell);
            reap(segment);
            if (atomic_load_explicit(&segment->places[i].pid, memory_order_relaxed) > 0) {
                sy_bell_sleep(&segment->zygote_bell, seen, LOOK_NS / 100);
            }
        }
    }
}

/* Without a keeper too. */
static bool is_over(const SySegment *segment)
{
    return atomic_load_explicit(&segment->closing, memory_order_acquire) ||
           sy_life_is_over(&segment->keeper_life);
}

int sy_zygote_run(SySegment *segment, const char *isa)
{
    static SyWorkerTables tables;

    const SyStatus status = sy_cage_build() != 0 || sy_loader_walls_build() != 0
                                ? SY_ERR_FAILED
                                : sy_worker_tables_init(&tables, segment, isa);
    atomic_store_explicit(&segment->zygote_ready, 1u + (uint32_t)status, memory_order_release);
    sy_bell_ring(&segment->control_bell);
    if (status != SY_OK) {
        return (int)status;
    }
    sy_spawn_init(segment);
    while (!is_over(segment)) {
        const uint32_t seen = sy_bell_listen(&segment->zygote_bell);
        reap(segment);
        spawn_wanted(segment, &tables);
        serve_loader(segment, &tables);
        if (!is_over(segment)) {
            sy_bell_sleep(&segment->zygote_bell, seen, sy_look_ns(segment, LOOK_NS));
        }
    }
    end_workers(segment);
    return 0;
}
