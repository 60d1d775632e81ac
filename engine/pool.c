#include "engine/pool.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "engine/claim.h"
#include "engine/life.h"

#define RETRY_NS 1000000000 /* between tries of a worker that cannot start */
#define LOST_NS  5000000000 /* after which one that was asked for is given up */

SyStatus sy_pool_init(SyPool *pool, SySegment *segment, SyAudio *audio)
{
    const size_t bytes = sy_ring_bytes(SY_FAULTS_WAITING, sizeof(SyFault));

    memset(pool, 0, sizeof(*pool));
    pool->segment = segment;
    pool->audio = audio;
    pool->faults_memory = aligned_alloc(64, bytes);
    if (!pool->faults_memory) {
        return SY_ERR_MEMORY;
    }
    sy_ring_init(&pool->faults_in, pool->faults_memory, SY_FAULTS_WAITING, sizeof(SyFault));
    sy_ring_attach(&pool->faults_out, pool->faults_memory, SY_FAULTS_WAITING, sizeof(SyFault));
    return SY_OK;
}

void sy_pool_clear(SyPool *pool)
{
    free(pool->faults_memory);
    pool->faults_memory = NULL;
}

/* Still watched until it has ended: it may be in the middle of a task. */
static void retire(SyPool *pool, uint32_t index)
{
    SyPlace *place = &pool->places[index];
    SyWorkerShared *worker = &pool->segment->workers[index];

    place->state = SY_PLACE_RETIRING;
    atomic_store(&pool->segment->places[index].retire, place->incarnation);
    atomic_store(&pool->audio->alive[index], false);
    sy_bell_ring(&worker->doorbell);
}

void sy_pool_want(SyPool *pool, uint32_t n_workers)
{
    pool->n_wanted = pool->segment->n_workers = n_workers;
    for (uint32_t i = 0; i < SY_WORKERS_MAX; i++) {
        SyPlace *place = &pool->places[i];
        place->wanted = i < n_workers;
        if (!place->wanted && place->state == SY_PLACE_READY) {
            retire(pool, i);
        }
    }
}

void sy_pool_recycle(SyPool *pool, int64_t life_ns)
{
    const int64_t now = sy_now_ns();

    for (uint32_t i = 0; i < pool->n_wanted; i++) {
        const SyPlace *place = &pool->places[i];
        if (place->state == SY_PLACE_READY && place->n_unanswered == 0 &&
            now - place->asked_ns > life_ns) {
            retire(pool, i);
            return;
        }
    }
}

static uint32_t next_incarnation(const SyPool *pool)
{
    uint32_t *last = &pool->segment->last_incarnation;

    do {
        *last = (*last + 1) & SY_INCARNATION_MASK;
    } while (*last == 0);
    return *last;
}

/* The rings are new for every worker: nothing that was meant for the last one reaches this one. */
static void ask_for(SyPool *pool, uint32_t index)
{
    SyPlace *place = &pool->places[index];
    SyWorkerShared *worker = &pool->segment->workers[index];
    SyPlaceShared *shared = &pool->segment->places[index];

    place->incarnation = next_incarnation(pool);
    place->state = SY_PLACE_STARTING;
    shared->spawned++;
    place->n_unanswered = 0;
    sy_ring_init(&place->commands, sy_at(pool->segment, shared->commands_at),
                 SY_COMMANDS_PER_WORKER, sizeof(SyWorkerMessage));
    sy_ring_init(&place->replies, sy_at(pool->segment, shared->replies_at), SY_COMMANDS_PER_WORKER,
                 sizeof(SyWorkerMessage));
    atomic_store(&worker->stage, SY_STAGE_NONE);
    atomic_store(&worker->error, 0);
    atomic_store(&worker->state, SY_WORKER_STARTING);
    place->asked_ns = sy_now_ns();
    place->zygote = atomic_load(&pool->segment->zygotes);
    atomic_store(&worker->life, 0); /* the last one's end is not this one's */
    atomic_store(&worker->seat, place->incarnation);
    atomic_store(&shared->fork_error, 0);
    atomic_store(&shared->incarnation, place->incarnation);
    atomic_store(&shared->wanted, place->incarnation);
    sy_bell_ring(&pool->segment->zygote_bell);
}

/* What was on its way between the old engine and a worker is let run out: nothing of it is still
 * waited for. */
static void drain(SyPool *pool, uint32_t index)
{
    SyPlace *place = &pool->places[index];
    SyWorkerMessage message;

    while (sy_ring_read(&place->replies, &message)) {
    }
}

/* Where a place stands, from what zygote, worker and watchdog have written. */
static SyPlaceState state_of(const SyPool *pool, uint32_t index)
{
    const SyPlaceShared *shared = &pool->segment->places[index];
    const uint32_t incarnation = atomic_load(&shared->incarnation);
    const bool alive = atomic_load(&pool->audio->alive[index]);

    if (incarnation == 0) {
        return SY_PLACE_EMPTY;
    }
    if (atomic_load(&shared->retire) == incarnation) {
        return SY_PLACE_RETIRING;
    }
    if (alive || sy_life_is_over(&pool->segment->workers[index].life)) {
        return SY_PLACE_READY; /* or dead: the watchdog will say */
    }
    return SY_PLACE_STARTING;
}

void sy_pool_attach(SyPool *pool)
{
    SySegment *segment = pool->segment;

    pool->n_wanted = segment->n_workers;
    for (uint32_t i = 0; i < SY_WORKERS_MAX; i++) {
        SyPlace *place = &pool->places[i];
        const SyPlaceShared *shared = &segment->places[i];
        place->state = state_of(pool, i);
        place->wanted = i < pool->n_wanted;
        place->incarnation = atomic_load(&shared->incarnation);
        place->asked_ns = sy_now_ns();
        place->zygote = atomic_load(&segment->zygotes);
        if (place->state == SY_PLACE_EMPTY) {
            continue;
        }
        if (place->state == SY_PLACE_READY) { /* so that it is watched, and fenced if it is dead */
            atomic_store(&pool->audio->alive[i], true);
        }
        sy_ring_attach(&place->commands, sy_at(segment, shared->commands_at),
                       SY_COMMANDS_PER_WORKER, sizeof(SyWorkerMessage));
        sy_ring_attach(&place->replies, sy_at(segment, shared->replies_at), SY_COMMANDS_PER_WORKER,
                       sizeof(SyWorkerMessage));
        place->n_unanswered = sy_ring_readable(&place->commands);
        place->next_ticket = (uint32_t)sy_now_ns(); /* far from those that may still be answered */
        drain(pool, i);
    }
}

static const char *stage_text(uint32_t stage)
{
    static const char *const texts[] = {
        [SY_STAGE_NONE] = "starting", [SY_STAGE_SIGNALS] = "signals", [SY_STAGE_LIFE] = "life word",
        [SY_STAGE_MEMORY] = "memory", [SY_STAGE_CAGE] = "cage",       [SY_STAGE_READY] = "running",
    };
    return stage < sizeof(texts) / sizeof(texts[0]) ? texts[stage] : "?";
}

static void describe_end(const SyPool *pool, uint32_t index, SyPoolEvent *event)
{
    const SyWorkerShared *worker = &pool->segment->workers[index];
    const SyPlaceShared *place = &pool->segment->places[index];
    const int status = atomic_load(&place->exit_status);
    const uint32_t stage = atomic_load(&worker->stage);
    const int error = atomic_load(&worker->error),
              fork_error = (int)atomic_load(&place->fork_error);

    if (fork_error) {
        snprintf(event->text, sizeof(event->text), "fork: %s", strerror(fork_error));
    } else if (error) {
        snprintf(event->text, sizeof(event->text), "%s: %s", stage_text(stage), strerror(error));
    } else if (WIFSIGNALED(status)) {
        const char *name = sigabbrev_np(WTERMSIG(status));
        snprintf(event->text, sizeof(event->text), "killed by SIG%s", name ? name : "?");
    } else {
        snprintf(event->text, sizeof(event->text), "ended with code %d", WEXITSTATUS(status));
    }
}

static void count_death(SyPool *pool, uint32_t index)
{
    SyPlace *place = &pool->places[index];
    const int status = atomic_load(&pool->segment->places[index].exit_status);

    pool->deaths++;
    place->killed =
        WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL ? place->incarnation : place->killed;
    place->state = SY_PLACE_EMPTY;
}

static bool is_reaped(const SyPool *pool, uint32_t index)
{
    return atomic_load(&pool->segment->places[index].reaped) == pool->places[index].incarnation;
}

static bool is_fenced(const SyPool *pool, uint32_t index)
{
    return atomic_load(&pool->fenced[index]) == pool->places[index].incarnation;
}

/* The end of a worker shows on its life word at once, and at the zygote a moment later, which alone
 * knows how it ended. */
static bool look_at_ready(SyPool *pool, uint32_t index, SyPoolEvent *event)
{
    if (!is_fenced(pool, index) || !is_reaped(pool, index)) {
        return false;
    }
    event->kind = SY_POOL_DIED;
    describe_end(pool, index, event);
    count_death(pool, index);
    return true;
}

/* Whether a worker that was asked for will not come: its zygote has died, and it has not taken its
 * seat; or it takes far too long. */
static bool is_lost(const SyPool *pool, uint32_t index)
{
    const SyPlace *place = &pool->places[index];
    const uint32_t seat = atomic_load(&pool->segment->workers[index].seat);

    return (place->zygote != atomic_load(&pool->segment->zygotes) && !(seat & SY_SEAT_TAKEN)) ||
           sy_now_ns() - place->asked_ns > LOST_NS;
}

static bool look_at_starting(SyPool *pool, uint32_t index, SyPoolEvent *event)
{
    SyPlace *place = &pool->places[index];
    const SyWorkerShared *worker = &pool->segment->workers[index];

    if (atomic_load(&worker->stage) == SY_STAGE_READY &&
        atomic_load(&pool->segment->places[index].forked) == place->incarnation &&
        !is_reaped(pool, index)) {
        if (!place->wanted) { /* the pool has shrunk since it was asked for */
            retire(pool, index);
            sy_bell_ring(&pool->segment->watchdog_bell);
            return false;
        }
        place->state = SY_PLACE_READY;
        atomic_store_explicit(&pool->audio->alive[index], true, memory_order_release);
        sy_bell_ring(&pool->segment->watchdog_bell);
        event->kind = SY_POOL_READY;
        return true;
    }
    if (is_reaped(pool, index)) {
        if (sy_pool_may_hold_claims(pool, index)) { /* the watchdog has not taken them back yet */
            sy_bell_ring(&pool->segment->watchdog_bell);
            return false;
        }
        event->kind = SY_POOL_FAILED;
        event->own_fault = atomic_load(&worker->error) != 0 ||
                           atomic_load(&pool->segment->places[index].fork_error) != 0;
        describe_end(pool, index, event);
        count_death(pool, index);
        place->not_before = event->own_fault ? sy_now_ns() + RETRY_NS : 0;
        return true;
    }
    if (is_lost(pool, index)) {
        ask_for(pool, index);
    }
    return false;
}

static bool look_at(SyPool *pool, uint32_t index, SyPoolEvent *event)
{
    SyPlace *place = &pool->places[index];

    event->place = index;
    event->spawned = pool->segment->places[index].spawned;
    switch (place->state) {
    case SY_PLACE_EMPTY:
        if (place->wanted && sy_now_ns() >= place->not_before) {
            ask_for(pool, index);
        }
        return false;
    case SY_PLACE_STARTING:
        return look_at_starting(pool, index, event);
    case SY_PLACE_READY:
        return look_at_ready(pool, index, event);
    case SY_PLACE_RETIRING:
        if (is_reaped(pool, index) && is_fenced(pool, index)) {
            place->state = SY_PLACE_EMPTY;
            atomic_store(&pool->segment->workers[index].state, SY_WORKER_ABSENT);
        }
        return false;
    }
    return false;
}

bool sy_pool_look(SyPool *pool, SyPoolEvent *event)
{
    for (uint32_t i = 0; i < SY_WORKERS_MAX; i++) {
        if (look_at(pool, i, event)) {
            return true;
        }
    }
    return false;
}

bool sy_pool_is_ready(const SyPool *pool, uint32_t place)
{
    return place < SY_WORKERS_MAX && pool->places[place].state == SY_PLACE_READY &&
           atomic_load(&pool->audio->alive[place]);
}

uint32_t sy_pool_ready_count(const SyPool *pool)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < SY_WORKERS_MAX; i++) {
        n += sy_pool_is_ready(pool, i);
    }
    return n;
}

uint32_t sy_pool_send(SyPool *pool, uint32_t index, SyWorkerMessage *message)
{
    SyPlace *place = &pool->places[index];

    message->ticket = ++place->next_ticket ? place->next_ticket : ++place->next_ticket;
    if (place->n_unanswered == SY_COMMANDS_PER_WORKER ||
        !sy_ring_write(&place->commands, message)) {
        return 0;
    }
    place->n_unanswered++;
    sy_bell_ring(&pool->segment->workers[index].doorbell);
    return message->ticket;
}

bool sy_pool_receive(SyPool *pool, uint32_t index, SyWorkerMessage *message)
{
    SyPlace *place = &pool->places[index];

    if (!sy_ring_read(&place->replies, message)) {
        return false;
    }
    place->n_unanswered -= place->n_unanswered > 0;
    return true;
}

bool sy_pool_take_fault(SyPool *pool, SyFault *fault)
{
    return sy_ring_read(&pool->faults_out, fault) && fault->slot < SY_MODULES_MAX;
}

bool sy_pool_is_past(const SyPool *pool, uint64_t serial)
{
    for (uint32_t i = 0; i < SY_WORKERS_MAX; i++) {
        const uint64_t reading =
            atomic_load_explicit(&pool->segment->workers[i].reading, memory_order_seq_cst);
        if (reading != 0 && reading < serial) {
            return false;
        }
    }
    return true;
}
