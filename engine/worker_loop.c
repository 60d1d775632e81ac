/* Parks, takes commands, enters blocks, claims tasks.
 *
 * Numbered as cited below:
 *
 *   L1  what a block's plan is, is read between two looks at the epoch, by both of which the block
 *       may be in hand; see SyBlockInfo
 *
 *   L2  `reading` is stored before the second look, both sequentially consistent, and the control
 *       thread looks at `reading` after it has seen the audio thread move on: one of the two sees
 *       the other, so no plan is reused under a worker that reads it
 *
 *   L3  a task is claimed by CAS from {E, FREE}, or {E-1, DONE}: no other word of another block
 *       matches
 *
 *   L4  DONE is stored, then the last tasks are looked at, all sequentially consistent: of two
 *       workers that finish together at least one sees that all is done
 *
 *   L5  every sleep has a timeout, because a killed worker can take a wake-up with it
 *
 *   L6  offline blocks may be released while one before them is computed, so that workers need not
 *       wait for the audio thread. Nothing of a block is begun before all of the one before it is
 *       done: so a task that is done in that one is as good as free, and what sinks leave is set
 *       aside for as many blocks as may be released */
#include "engine/worker_message.h"
#include "engine/worker_node.h"
#include "engine/worker_trace.h"

#define PARK_NS          500000000
#define WAIT_NS          1000000 /* for another worker's task */
#define ARENA_PIECE      (128 * 1024)
#define ARENA_PAUSE_NS   2000000
#define LIBRARY_PIECE    (512 * 1024) /* whose pages are there, and only have to be found */
#define LIBRARY_PAUSE_NS 200000

static uint64_t load_claim(const SyWorker *worker, uint32_t task)
{
    return atomic_load_explicit(sy_claim_of(worker->segment, task), memory_order_seq_cst);
}

static bool is_done(const SyWorker *worker, const SyWork *work, uint32_t task)
{
    return load_claim(worker, task) == sy_claim_word(work->epoch, 0, SY_CLAIM_DONE);
}

static bool is_ready(const SyWorker *worker, const SyWork *work, uint32_t task)
{
    const SyPlanTask *planned = &sy_plan_tasks(work->plan)[task];
    const uint32_t *preds = sy_plan_preds(work->plan) + planned->first_pred;

    for (uint32_t i = 0; i < planned->n_preds; i++) {
        if (!is_done(worker, work, preds[i])) {
            return false;
        }
    }
    return true;
}

static bool try_claim(const SyWorker *worker, const SyWork *work, uint32_t task)
{
    uint64_t expected = load_claim(worker, task);
    const uint64_t careful = expected & SY_CLAIM_CAREFUL;

    return sy_claim_is_open(expected, work->epoch) && is_ready(worker, work, task) &&
           atomic_compare_exchange_strong_explicit(
               sy_claim_of(worker->segment, task), &expected,
               sy_claim_word(work->epoch, worker->incarnation, SY_CLAIM_CLAIMED) | careful,
               memory_order_acq_rel, memory_order_relaxed); /* L3, L6 */
}

/* A task that is now this worker's, or -1: its own modules' first, then anybody's. `from` is below
 * the first task that is not done, and moves up with it. */
static int64_t claim_one(const SyWorker *worker, const SyWork *work, uint32_t *from)
{
    const SyPlanTask *tasks = sy_plan_tasks(work->plan);
    const uint32_t n_tasks = work->plan->n_tasks;

    while (*from < n_tasks && is_done(worker, work, *from)) {
        ++*from;
    }
    for (uint32_t i = *from; i < n_tasks; i++) {
        if (tasks[i].home == worker->index && try_claim(worker, work, i)) {
            return i;
        }
    }
    for (uint32_t i = *from; i < n_tasks; i++) {
        if (tasks[i].home != worker->index && try_claim(worker, work, i)) {
            return i;
        }
    }
    return -1;
}

static bool all_done(const SyWorker *worker, const SyWork *work)
{
    const uint32_t *lasts = sy_plan_lasts(work->plan);
    for (uint32_t i = 0; i < work->plan->n_lasts; i++) {
        if (!is_done(worker, work, lasts[i])) {
            return false;
        }
    }
    return true;
}

/* The time precedes the word. Live the audio thread is awake by then, or as good as. */
static void note_when_done(SySegment *segment, uint64_t epoch)
{
    if (segment->offline) {
        atomic_store_explicit(&segment->block_shared.done_ns[epoch % SY_AHEAD], sy_now_ns(),
                              memory_order_relaxed);
    }
}

/* Tells the audio thread, unless it has said that it sleeps through this block, and those who wait
 * for a task that will not come any more. The audio thread says so and then looks at `done`: of the
 * two one sees the other. */
static void announce_done(SyWorker *worker, const SyWork *work)
{
    SySegment *segment = worker->segment;
    SyBlockShared *shared = &segment->block_shared;
    uint64_t done = atomic_load_explicit(&shared->done, memory_order_relaxed);

    if (done < work->epoch) {
        note_when_done(segment, work->epoch);
    }
    /* One that was held up since it looked is not to take back a later block's word. */
    while (done < work->epoch &&
           !atomic_compare_exchange_weak_explicit(&shared->done, &done, work->epoch,
                                                  memory_order_seq_cst, memory_order_relaxed)) {
    }
    sy_bell_ring(&shared->progress); /* first: they may have the next block in reach */
    if (work->epoch >= atomic_load_explicit(&segment->release.awaited, memory_order_seq_cst)) {
        sy_bell_ring(&shared->done_bell);
    }
}

static void finish_task(SyWorker *worker, const SyWork *work, uint32_t task)
{
    atomic_store_explicit(sy_claim_of(worker->segment, task),
                          sy_claim_word(work->epoch, 0, SY_CLAIM_DONE),
                          memory_order_seq_cst); /* L4 */
    if (all_done(worker, work)) {
        announce_done(worker, work);
    } else {
        sy_bell_ring(&worker->segment->block_shared.progress);
    }
}

/* Told to end, or nobody is left who could tell it. */
static bool is_to_end(const SyWorker *worker)
{
    return atomic_load_explicit(&worker->place->retire, memory_order_acquire) ==
               worker->incarnation ||
           sy_life_is_over(&worker->segment->keeper_life);
}

/* Whether the block is one of those that may be released and not done. */
static bool is_current(const SySegment *segment, uint64_t epoch)
{
    return atomic_load_explicit(&segment->release.epoch, memory_order_seq_cst) - epoch <
           sy_ahead(segment);
}

static bool is_over(const SyWorker *worker, const SyWork *work)
{
    const SySegment *segment = worker->segment;
    return atomic_load_explicit(&segment->block_shared.done, memory_order_acquire) >= work->epoch ||
           !is_current(segment, work->epoch);
}

static void run_claimed(SyWorker *worker, const SyWork *work, uint32_t task)
{
    SyWorkerShared *self = worker->self;
    const int64_t before = sy_now_ns();

    sy_worker_run_task(worker, work, task);
    const int64_t after = sy_now_ns();
    sy_trace_task(worker, work, task, before, after);
    atomic_store_explicit(&self->busy_ns,
                          atomic_load_explicit(&self->busy_ns, memory_order_relaxed) +
                              (uint64_t)(after - before),
                          memory_order_relaxed);
    atomic_store_explicit(&self->tasks_run,
                          atomic_load_explicit(&self->tasks_run, memory_order_relaxed) + 1,
                          memory_order_relaxed);
    finish_task(worker, work, task);
}

/* Nothing can be claimed: spins a little, then sleeps until some task is done. */
static void wait_for_progress(SyWorker *worker, const SyWork *work, uint32_t *from)
{
    SyFutex *progress = &worker->segment->block_shared.progress;
    const uint32_t before = atomic_load_explicit(progress, memory_order_acquire) & ~1u;
    const int64_t until =
        sy_now_ns() + atomic_load_explicit(&worker->segment->wait_ns, memory_order_relaxed);

    while (sy_now_ns() < until) {
        if ((atomic_load_explicit(progress, memory_order_acquire) & ~1u) != before) {
            return;
        }
        sy_spin_pause();
    }
    const uint32_t seen = sy_bell_listen(progress);
    const int64_t task = claim_one(worker, work, from);
    if (task >= 0) {
        run_claimed(worker, work, (uint32_t)task);
    } else if (!is_over(worker, work)) {
        sy_bell_sleep(progress, seen, WAIT_NS); /* L5 */
    }
}

static void run_block(SyWorker *worker, const SyWork *work)
{
    uint32_t from = 0;

    while (!is_over(worker, work)) {
        const int64_t task = claim_one(worker, work, &from);
        if (task >= 0) {
            run_claimed(worker, work, (uint32_t)task);
        } else if (all_done(worker, work)) {
            /* Whoever finished the last task may have died before saying so. */
            announce_done(worker, work);
        } else if (sy_life_is_over(&worker->segment->keeper_life)) {
            return;
        } else {
            wait_for_progress(worker, work, &from);
        }
    }
}

/* The first block that is released and not done, or 0. */
static uint64_t next_block(const SySegment *segment)
{
    const uint64_t released = atomic_load_explicit(&segment->release.epoch, memory_order_seq_cst);
    const uint64_t done = atomic_load_explicit(&segment->block_shared.done, memory_order_acquire);

    if (done >= released) {
        return 0;
    }
    const uint64_t first = released - sy_ahead(segment) + 1; /* whatever `done` says */
    return (int64_t)(done + 1 - first) > 0 ? done + 1 : first;
}

/* Takes hold of the block that is next. */
static bool enter_block(SyWorker *worker, SyWork *work)
{
    const SySegment *segment = worker->segment;
    const uint64_t epoch = next_block(segment);
    const SyBlockInfo *info = sy_block_info(worker->segment, epoch);

    if (epoch == 0) {
        return false;
    }
    work->epoch = epoch;
    work->start = atomic_load_explicit(&info->start, memory_order_relaxed);
    work->plan = sy_at(worker->segment, atomic_load_explicit(&info->plan_at, memory_order_relaxed));
    work->at_rest = atomic_load_explicit(&info->at_rest, memory_order_relaxed);
    work->quiet = atomic_load_explicit(&info->quiet, memory_order_relaxed) &&
                  !atomic_load_explicit(&segment->guarded, memory_order_acquire);
    work->trace = atomic_load_explicit(&info->trace, memory_order_relaxed);
    work->trace_at = atomic_load_explicit(&info->trace_at, memory_order_relaxed);
    atomic_store_explicit(&worker->self->reading,
                          atomic_load_explicit(&info->plan_serial, memory_order_relaxed),
                          memory_order_seq_cst); /* L2 */
    if (is_current(segment, epoch)) {            /* L1 */
        return true;
    }
    atomic_store_explicit(&worker->self->reading, 0, memory_order_release);
    return false;
}

static void leave_block(SyWorker *worker)
{
    atomic_store_explicit(&worker->self->reading, 0, memory_order_release);
}

/* A module's first state slot; its tails are silent, its memory is fresh. */
static void assign(SyWorker *worker, const SyWorkerMessage *message)
{
    const SyModule *type = sy_registry_at(message->type);

    sy_node_init_lanes(worker, message->type, message->id, type->per_instance ? 1 : message->voices,
                       sy_at(worker->segment, message->state_at));
    atomic_store_explicit(&worker->segment->work[message->slot].cost_ns, 0, memory_order_relaxed);
    atomic_store_explicit(&worker->segment->work[message->slot].n_wild, 0, memory_order_relaxed);
    atomic_store_explicit(&worker->segment->work[message->slot].commit, 0, memory_order_release);
}

void sy_worker_take_commands(SyWorker *worker)
{
    SyWorkerMessage message;
    bool answered = false;

    while (sy_ring_read(&worker->commands, &message)) {
        if (message.kind == SY_MESSAGE_ASSIGN) {
            assign(worker, &message);
        }
        answered |= sy_ring_write(&worker->replies, &message);
    }
    if (answered) {
        sy_bell_ring(&worker->segment->control_bell);
    }
}

static void set_state(SyWorker *worker, SyWorkerState state)
{
    atomic_store_explicit(&worker->self->state, state, memory_order_relaxed);
}

static uint64_t piece_of(uint64_t from, uint64_t to, uint64_t most)
{
    return to - from < most ? to - from : most;
}

/* The arena is large, and making all of it present takes longer than a start may. So a parked
 * worker goes through it in small pieces, and has it all a second later. What is new in the library
 * comes first: somebody waits for it, as control does before it names it in a plan. Returns how
 * long to sleep before the next piece. */
static int64_t prefault_some(SyWorker *worker)
{
    const SySegment *segment = worker->segment;
    const uint64_t top = atomic_load_explicit(&segment->library_top, memory_order_acquire);

    if (worker->library_to < top) {
        const uint64_t piece = piece_of(worker->library_to, top, LIBRARY_PIECE);
        sy_memory_prefault_read(sy_at(segment, worker->library_to), piece);
        worker->library_to += piece;
        atomic_store_explicit(&worker->self->library_to, worker->library_to, memory_order_release);
        return LIBRARY_PAUSE_NS;
    }
    if (worker->arena_to < segment->library_at) {
        const uint64_t piece = piece_of(worker->arena_to, segment->library_at, ARENA_PIECE);
        sy_memory_prefault_shared(sy_at(segment, worker->arena_to), piece);
        worker->arena_to += piece;
        atomic_store_explicit(&worker->self->arena_to, worker->arena_to, memory_order_release);
        return ARENA_PAUSE_NS;
    }
    return sy_look_ns(segment, PARK_NS);
}

/* Sleeps until the doorbell has rung since it read `bell`, which was before the worker looked for
 * work. A worker that has just had some looks out for more first. */
static void park(SyWorker *worker, uint32_t bell, bool had_work)
{
    SyFutex *doorbell = &worker->self->doorbell;
    const int64_t spin_ns = atomic_load_explicit(&worker->segment->spin_ns, memory_order_relaxed);
    const int64_t until = had_work && spin_ns > 0 ? sy_now_ns() + spin_ns : 0;

    while (until > 0 && sy_now_ns() < until) {
        if ((atomic_load_explicit(doorbell, memory_order_acquire) & ~1u) != bell) {
            return;
        }
        sy_spin_pause();
    }
    const uint32_t seen = sy_bell_listen(doorbell);
    if ((seen & ~1u) == bell) {
        set_state(worker, SY_WORKER_PARKED);
        sy_bell_sleep(doorbell, seen, prefault_some(worker)); /* L5 */
        set_state(worker, SY_WORKER_RUNNING);
    }
}

void sy_worker_loop(SyWorker *worker)
{
    set_state(worker, SY_WORKER_RUNNING);
    sy_bell_ring(&worker->segment->control_bell);
    sy_bell_ring(&worker->segment->watchdog_bell);
    while (!is_to_end(worker)) {
        SyWork work;
        const uint32_t bell =
            atomic_load_explicit(&worker->self->doorbell, memory_order_acquire) & ~1u;
        sy_worker_take_commands(worker);
        const bool entered = enter_block(worker, &work);
        if (entered) {
            run_block(worker, &work);
            leave_block(worker);
        }
        if (next_block(worker->segment) == 0) { /* its ring may have come before `bell` was read */
            park(worker, bell, entered);
        }
    }
}
