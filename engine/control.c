#include "engine/control.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/control_files.h"
#include "engine/realtime.h"
#include "engine/thread.h"
#include "modules/registry.h"

#define TURN           32      /* transactions between two looks at everything else */
#define LEAD_S         0.03    /* how long before its time a scheduled edit is taken in hand */
#define BUSY_LOOK_NS   1000000 /* while something is fading or waiting to be given back */
#define IDLE_LOOK_NS   100000000
#define DORMANT_NS     1000000000 /* without a patch: memory, cores and the journal's end */
#define WORKER_WAIT_NS 10000000000
#define BRIEF_COMMANDS                                                                             \
    16 /* a transaction that is allowed to interrupt the workers for its edit                      \
        */
#define KILLED_AT_START                                                                            \
    64 /* workers that may be killed by others before it is taken for a fault                      \
        */

SyControl *sy_control_new(SySegment *segment, SyAudio *audio, SyBooks *books,
                          const SyOptions *options)
{
    const size_t inbox = sy_ring_bytes(SY_INBOX, sizeof(SyTransaction *));
    SyControl *control = aligned_alloc(64, (sizeof(*control) + 63) & ~(size_t)63);

    if (!control) {
        return NULL;
    }
    memset(control, 0, sizeof(*control));
    control->segment = segment;
    control->audio = audio;
    control->books = books;
    control->options = *options;
    control->inbox_memory = aligned_alloc(64, (inbox + 63) & ~(size_t)63);
    control->directory =
        calloc((size_t)sy_registry_count() * (SY_ID_MAX + 1), sizeof(*control->directory));
    control->graph = calloc(1, sizeof(SyGraph));
    control->snapshot = calloc(1, sizeof(SyGraph));
    control->arena = sy_arena_new(segment->used_to, segment->library_at - segment->used_to);
    control->compiler = sy_compiler_new();
    control->files = sy_files_new(segment);
    control->tracer = sy_tracer_new(segment, audio);
    control->placement.placer = sy_placer_new();
    control->placement.group = calloc(SY_MODULES_MAX, sizeof(uint32_t));
    control->placement.dma_latency = -1;
    if (!control->inbox_memory || !control->directory || !control->graph || !control->snapshot ||
        !control->arena || !control->files || !control->compiler || !control->tracer ||
        !control->placement.placer || !control->placement.group ||
        sy_pool_init(&control->pool, segment, audio) != SY_OK) {
        sy_control_free(control);
        return NULL;
    }
    sy_ring_init(&control->inbox_in, control->inbox_memory, SY_INBOX, sizeof(SyTransaction *));
    sy_ring_attach(&control->inbox_out, control->inbox_memory, SY_INBOX, sizeof(SyTransaction *));
    control->adopt_at = SY_WHEN_NOW;
    control->started_ns = sy_now_ns();
    return control;
}

void sy_control_free(SyControl *control)
{
    if (!control) {
        return;
    }
    for (size_t i = 0; i < control->n_scheduled; i++) {
        control->scheduled[i]->release(control->scheduled[i]);
    }
    free(control->scheduled);
    free(control->deferred);
    free(control->inbox_memory);
    free(control->directory);
    free(control->graph);
    free(control->snapshot);
    sy_arena_free(control->arena);
    sy_files_free(control->files);
    sy_compiler_free(control->compiler);
    sy_pool_clear(&control->pool);
    sy_tracer_free(control->tracer);
    sy_placer_free(control->placement.placer);
    sy_control_leave_cores(control);
    free(control->placement.group);
    free(control);
}

SyStatus sy_control_start_workers(SyControl *control, char *error, size_t error_size)
{
    SyFutex *bell = &control->segment->control_bell;
    const int64_t until = sy_now_ns() + WORKER_WAIT_NS;
    uint32_t killed = 0;
    SyPoolEvent event;

    const uint32_t n_workers =
        control->pool.n_wanted > 0 ? control->pool.n_wanted : control->options.n_workers;
    const SyStatus status = sy_pool_watch(&control->pool, n_workers);
    if (status != SY_OK) {
        snprintf(error, error_size, "cannot start the watchdog's thread");
        return status;
    }
    sy_pool_want(&control->pool, n_workers);
    while (sy_pool_ready_count(&control->pool) < n_workers) {
        const uint32_t seen = sy_bell_listen(bell);
        while (sy_pool_look(&control->pool, &event)) {
            killed += event.kind != SY_POOL_READY;
            if ((event.kind == SY_POOL_FAILED && event.own_fault) || killed > KILLED_AT_START) {
                snprintf(error, error_size, "worker %u could not start: %s", event.place,
                         event.text);
                return SY_ERR_WORKER;
            }
        }
        if (sy_now_ns() > until) {
            snprintf(error, error_size, "the workers do not get ready");
            return SY_ERR_WORKER;
        }
        if (sy_pool_ready_count(&control->pool) < n_workers) {
            sy_bell_sleep(bell, seen, IDLE_LOOK_NS);
        }
    }
    return SY_OK;
}

static bool begin_edit(SyEdit *edit)
{
    edit->began_ns = sy_now_ns();
    edit->outcomes = calloc(edit->transaction->n_commands + 1, sizeof(*edit->outcomes));
    if (!edit->outcomes) {
        edit->transaction->release(edit->transaction);
    }
    return edit->outcomes != NULL;
}

/* Whoever still waits for a file releases the transaction. */
static void end_edit(SyEdit *edit)
{
    free(edit->outcomes);
    if (edit->n_waiting == 0) {
        edit->transaction->release(edit->transaction);
    }
}

void sy_edit_refuse(SyEdit *edit, size_t culprit, SyStatus status, const char *text)
{
    if (begin_edit(edit)) {
        sy_outcome_refuse(&edit->outcomes[culprit], status, "%s", text);
        sy_edit_answer_refused(edit, culprit);
        end_edit(edit);
    }
}

void sy_edit_carry_out(SyEdit *edit)
{
    SyControl *control = edit->control;
    SyTransaction *transaction = edit->transaction;

    if (!begin_edit(edit)) {
        return;
    }
    const bool brief = transaction->n_commands <= BRIEF_COMMANDS;
    if (brief) {
        sy_realtime_change(0, SY_PRIORITY_ASSIGN);
    }
    ptrdiff_t culprit = sy_edit_graph(edit);
    if (culprit < 0) {
        culprit = sy_edit_assign(edit);
    }
    if (brief) {
        sy_realtime_change(0, SY_PRIORITY_CONTROL);
    }
    if (culprit >= 0) {
        sy_edit_roll_back(edit);
        sy_edit_answer_refused(edit, (size_t)culprit);
    } else {
        sy_edit_announce(edit);
        if (edit->structural) { /* before anybody is told that it is done */
            sy_control_write_books(control);
            sy_edit_write_journal(edit);
        }
        sy_edit_answer(edit);
        sy_control_publish(control);
    }
    end_edit(edit);
}

/* A transaction from end to end, unless it has to wait for files. */
void sy_control_carry_out(SyControl *control, SyTransaction *transaction)
{
    SyEdit edit = {.control = control, .transaction = transaction};

    if (!sy_files_hold(control, transaction)) {
        sy_edit_carry_out(&edit);
    }
}

/* Scheduled transactions, by time. */

static bool schedule(SyControl *control, SyTransaction *transaction)
{
    if (control->n_scheduled == control->scheduled_room) {
        const size_t room = control->scheduled_room ? 2 * control->scheduled_room : 64;
        SyTransaction **more = realloc(control->scheduled, room * sizeof(SyTransaction *));
        if (!more) {
            return false;
        }
        control->scheduled = more;
        control->scheduled_room = room;
    }
    size_t i = control->n_scheduled++;
    while (i > 0 && control->scheduled[i - 1]->when > transaction->when) {
        control->scheduled[i] = control->scheduled[i - 1];
        i--;
    }
    control->scheduled[i] = transaction;
    return true;
}

static bool is_for_later(const SyControl *control, const SyTransaction *transaction)
{
    const int64_t lead = (int64_t)(LEAD_S * control->segment->rate);
    return transaction->when != SY_WHEN_NOW &&
           transaction->when > sy_control_frame_now((SyControl *)(uintptr_t)control) + lead;
}

static void run_scheduled(SyControl *control)
{
    while (control->n_scheduled > 0 && !is_for_later(control, control->scheduled[0])) {
        SyTransaction *transaction = control->scheduled[0];
        control->n_scheduled--;
        memmove(control->scheduled, control->scheduled + 1,
                control->n_scheduled * sizeof(*control->scheduled));
        sy_control_carry_out(control, transaction);
    }
}

/* Not all there are: a client that never pauses must not keep this thread from looking after the
 * workers. Returns whether there may be more. */
static bool take_inbox(SyControl *control)
{
    SyTransaction *transaction;
    int n = 0;

    while (n < TURN && sy_ring_read(&control->inbox_out, &transaction)) {
        n++;
        if (!is_for_later(control, transaction) || !schedule(control, transaction)) {
            sy_control_carry_out(control, transaction);
        }
        atomic_fetch_sub_explicit(&control->waiting, 1, memory_order_acq_rel);
    }
    return n == TURN;
}

/* Workers. */

void sy_control_look_at_pool(SyControl *control)
{
    SyPoolEvent event;

    while (sy_pool_look(&control->pool, &event)) {
        SyNotice notice = {.worker = (int)event.place, .text = event.text};
        if (event.kind == SY_POOL_READY) {
            notice.kind = SY_NOTICE_WORKER_BACK;
        } else {
            notice.kind = SY_NOTICE_WORKER_DIED;
            fprintf(stderr, "synthd: worker %u: %s\n", event.place, event.text);
        }
        sy_control_notify(control, &notice);
    }
}

/* One worker at a time, when all are there, gives its place to a new one. What it has in hand it
 * finishes, and whoever is awake takes the rest. */
void sy_control_recycle(SyControl *control)
{
    const int64_t life_ns = (int64_t)(control->options.recycle_h * 3600e9);

    if (life_ns > 0 && sy_pool_ready_count(&control->pool) == control->pool.n_wanted &&
        control->pool.n_wanted > 1) {
        sy_pool_recycle(&control->pool, life_ns);
    }
}

/* The thread. */

void sy_control_enter_osc(SyControl *control)
{
    (void)control;
    sy_realtime_enter(SY_PRIORITY_OSC);
}

static bool is_busy(const SyControl *control)
{
    return control->dirty || control->resuming || control->n_deferred > 0 ||
           control->n_scheduled > 0 || sy_files_are_busy(control) ||
           sy_control_is_placing(control) ||
           sy_graph_next_dying_cable(control->graph, 0) != SY_NONE;
}

/* Returns whether there is more to do at once. */
static bool work(SyControl *control)
{
    bool more = false;

    if (!sy_control_is_resuming(control)) {
        more = take_inbox(control);
        run_scheduled(control);
        sy_files_load(control);
    }
    sy_control_look_at_pool(control);
    sy_control_look_at_faults(control);
    sy_control_remove_faded(control);
    sy_control_publish(control);
    sy_control_give_back(control);
    sy_files_give_back(control);
    sy_control_look_at_memory(control);
    sy_control_recycle(control);
    sy_control_look_at_journal(control);
    sy_control_look_at_device(control);
    sy_control_measure_load(control);
    sy_control_look_at_cores(control);
    sy_control_look_at_placement(control);
    sy_control_pin(control);
    return more;
}

static void *run(void *argument)
{
    SyControl *control = argument;
    SyFutex *bell = &control->segment->control_bell;

    sy_realtime_enter(SY_PRIORITY_CONTROL);
    sy_control_prepare_cores(control);
    while (!atomic_load(&control->stopping)) {
        const uint32_t seen = sy_bell_listen(bell);
        const bool more = work(control);
        const bool busy = is_busy(control);
        const bool dormant = sy_control_look_whether_dormant(control, busy || more);
        if (!more && !atomic_load(&control->stopping)) {
            sy_bell_sleep(bell, seen, busy ? BUSY_LOOK_NS : dormant ? DORMANT_NS : IDLE_LOOK_NS);
        }
    }
    return NULL;
}

SyStatus sy_control_start(SyControl *control)
{
    control->running = sy_thread_start(&control->thread, "sy-control", run, control) == 0;
    return control->running ? sy_tracer_start(control->tracer) : SY_ERR_FAILED;
}

void sy_control_stop(SyControl *control)
{
    SyTransaction *transaction;

    atomic_store(&control->stopping, true);
    sy_bell_ring(&control->segment->control_bell);
    if (control->running) {
        pthread_join(control->thread, NULL);
        control->running = false;
    }
    while (sy_ring_read(&control->inbox_out, &transaction)) {
        transaction->release(transaction);
    }
    sy_files_release(control->files);
    sy_pool_unwatch(&control->pool);
    sy_tracer_stop(control->tracer);
}
