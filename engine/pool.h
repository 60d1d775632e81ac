/* The workers as the engine sees them: who is there, who is dead, who runs what.
 *
 * A place is one of SY_WORKERS_MAX positions; the worker in it may change, and has a new
 * incarnation then. The watchdog thread finds deaths and hands a dead worker's claims back at once;
 * the control thread does the rest in its own time: notices, replacement, assignment. */
#ifndef SY_ENGINE_POOL_H
#define SY_ENGINE_POOL_H

#include <pthread.h>

#include "engine/audio.h"
#include "engine/blame.h"
#include "engine/worker_message.h"

typedef enum SyPlaceState {
    SY_PLACE_EMPTY,
    SY_PLACE_STARTING, /* asked of the zygote */
    SY_PLACE_READY,
    SY_PLACE_RETIRING, /* told to end itself */
} SyPlaceState;

typedef struct SyPlace {
    SyPlaceState state;
    bool wanted; /* the pool is to have a worker here */
    uint32_t incarnation;
    uint32_t killed;    /* the last incarnation that was ended by SIGKILL: not by itself */
    int64_t asked_ns;   /* for the worker that is there */
    uint32_t zygote;    /* number of the one that was asked */
    int64_t not_before; /* when it may be tried again, after one that could not start */
    SyRing commands, replies;
    uint32_t next_ticket;
    uint32_t n_unanswered; /* messages sent and not answered: never more than replies have room */
    uint64_t last_busy_ns; /* of the load measurement */
} SyPlace;

typedef struct SyPool SyPool;

/* A watchdog thread and the places it watches. */
typedef struct SyWatch {
    SyPool *pool;
    uint32_t first, end;
    pthread_t thread;
} SyWatch;

/* What a worker was at when it died; watchdog. */
typedef struct SyDeathbed {
    uint64_t doing;
    uint32_t judged; /* incarnation whose death has been judged */
    bool hung;       /* it was killed for that */
} SyDeathbed;

/* A worker that may hang; watchdog. */
typedef struct SySuspect {
    uint64_t doing;
    int64_t cpu_ns; /* of its process, as first seen, or as it was when it had moved */
    int64_t since_ns;
    bool cpu_moved; /* since suspicion began */
    bool killed;
} SySuspect;

#define SY_FAULTS_WAITING 1024 /* quarantines of which control has not heard yet */

struct SyPool {
    SySegment *segment;
    SyAudio *audio;
    uint32_t n_wanted; /* places below this are wanted */
    SyPlace places[SY_WORKERS_MAX];
    _Atomic uint32_t
        fenced[SY_WORKERS_MAX]; /* watchdog: incarnation whose claims were taken back */
    SyDeathbed deathbeds[SY_WORKERS_MAX];
    SySuspect suspects[SY_WORKERS_MAX];
    SyBlame blames[SY_MODULES_MAX]; /* watchdog */
    void *faults_memory;
    SyRing faults_in, faults_out; /* of SyFault: watchdog to control */
    uint64_t deaths;
    SyWatch watches[3];
    int n_watches;
    _Atomic bool stopping;
};

/* What sy_pool_look saw. */
typedef enum SyPoolEventKind {
    SY_POOL_READY,
    SY_POOL_DIED,
    SY_POOL_FAILED, /* it could not start */
} SyPoolEventKind;

typedef struct SyPoolEvent {
    SyPoolEventKind kind;
    uint32_t place;
    uint32_t spawned;
    bool own_fault; /* SY_POOL_FAILED: it said itself why it cannot start */
    char text[96];  /* for a person: signal, exit code, or stage and error */
} SyPoolEvent;

/* Prepares the pool. Starts no worker. Returns SY_OK or SY_ERR_MEMORY; sy_pool_clear gives back
 * what it took.  Thread: setup.  RT: no. */
SyStatus sy_pool_init(SyPool *pool, SySegment *segment, SyAudio *audio);
void sy_pool_clear(SyPool *pool);

/* Takes over the places as an engine that died has left them. To be called once after init, before
 * the watch begins.  Thread: setup.  RT: no. */
void sy_pool_attach(SyPool *pool);

/* Sees to it that there are watchdog threads for the first `n_workers` places. Returns SY_OK or
 * SY_ERR_FAILED (no thread).  Thread: setup, control.  RT: no. */
SyStatus sy_pool_watch(SyPool *pool, uint32_t n_workers);

/* Ends the watchdog threads.  Thread: setup.  RT: no. */
void sy_pool_unwatch(SyPool *pool);

/* Whether a worker is in its loop, and so may have claimed something, and has not been fenced. It
 * is before control has heard of it.  Thread: watchdog, control.  RT: yes. */
static inline bool sy_pool_may_hold_claims(const SyPool *pool, uint32_t place)
{
    const SySegment *segment = pool->segment;
    const uint32_t incarnation =
        atomic_load_explicit(&segment->places[place].incarnation, memory_order_acquire);

    return incarnation != 0 &&
           atomic_load_explicit(&segment->workers[place].stage, memory_order_acquire) ==
               SY_STAGE_READY &&
           atomic_load(&pool->fenced[place]) != incarnation;
}

/* Says how many workers there should be; sy_pool_look brings it about. Whoever calls it has moved
 * the modules of those that are too many first, and knows that no plan names them. Thread: control.
 * RT: no. */
void sy_pool_want(SyPool *pool, uint32_t n_workers);

/* Has one worker that is older than `life_ns` end in good order; another takes its place.
 * Thread: control.  RT: no. */
void sy_pool_recycle(SyPool *pool, int64_t life_ns);

/* Sees to one place: asks for a worker where one is missing, takes note of births and deaths.
 * Returns whether something happened, in `event`. To be called until it returns false. Thread:
 * control.  RT: no. */
bool sy_pool_look(SyPool *pool, SyPoolEvent *event);

/* Whether a worker is there and can be given work.  Thread: control.  RT: yes. */
bool sy_pool_is_ready(const SyPool *pool, uint32_t place);

/* Workers that are ready.  Thread: control.  RT: yes. */
uint32_t sy_pool_ready_count(const SyPool *pool);

/* Sends a message to a worker and rings it. Returns the ticket that the reply will carry, or 0 if
 * as many are unanswered as the reply ring holds.  Thread: control.  RT: no. */
uint32_t sy_pool_send(SyPool *pool, uint32_t place, SyWorkerMessage *message);

/* Takes a reply of a worker, if there is one.  Thread: control.  RT: no. */
bool sy_pool_receive(SyPool *pool, uint32_t place, SyWorkerMessage *message);

/* Takes a quarantine that control has not heard of yet.  Thread: control.  RT: no. */
bool sy_pool_take_fault(SyPool *pool, SyFault *fault);

/* Whether nobody reads a plan older than `serial` any more.  Thread: control.  RT: no. */
bool sy_pool_is_past(const SyPool *pool, uint64_t serial);

#endif
