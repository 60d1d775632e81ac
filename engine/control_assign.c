/* The second phase of a transaction: the workers initialise what is new. */
#include "engine/control_edit.h"
#include "engine/realtime.h"

#define ASSIGN_WAIT_NS 2000000000
#define TRIES          4 /* workers that a module may cost before it has run */

/* A parked worker that is rung has to wait for a CPU like any other, and on a loaded machine those
 * of its own priority keep theirs for most of a block. It has a few microseconds to work. */
static void hurry(SyControl *control, uint32_t home)
{
    const SyWorkerShared *worker = &control->segment->workers[home];
    const int tid = sy_control_thread_of(control, home);
    if (tid > 0 && atomic_load(&worker->state) == SY_WORKER_PARKED) {
        sy_realtime_change(tid, SY_PRIORITY_ASSIGN);
    }
}

static void calm_down(SyControl *control, uint32_t home)
{
    const int tid = sy_control_thread_of(control, home);
    if (tid > 0) { /* it may have died since */
        sy_realtime_change(tid, SY_PRIORITY_WORKER);
    }
}

static bool send_assign(SyControl *control, uint32_t slot)
{
    SyGraphModule *module = &control->graph->modules[slot];
    SyWorkerMessage message = {.kind = SY_MESSAGE_ASSIGN,
                               .type = module->ref.type,
                               .voices = module->voices,
                               .id = module->ref.id,
                               .slot = slot,
                               .state_at = module->state_at};

    if (!sy_pool_is_ready(&control->pool, module->home)) {
        module->home = sy_control_choose_home(control);
    }
    hurry(control, module->home);
    module->ticket = sy_pool_send(&control->pool, module->home, &message);
    module->ticket_worker = control->pool.places[module->home].incarnation;
    module->tries += module->ticket != 0; /* a ring that is full does not count */
    return module->ticket != 0;
}

static void take_replies(SyControl *control)
{
    SyWorkerMessage reply;

    for (uint32_t place = 0; place < SY_WORKERS_MAX; place++) {
        if (control->pool.places[place].state != SY_PLACE_READY) {
            continue;
        }
        while (sy_pool_receive(&control->pool, place, &reply)) {
            /* The slot came through memory that workers write. */
            if (reply.kind == SY_MESSAGE_ASSIGN && reply.slot < SY_MODULES_MAX) {
                SyGraphModule *module = &control->graph->modules[reply.slot];
                if (module->used && module->home == place && module->ticket == reply.ticket) {
                    module->ticket = 0;
                    module->assigned = true;
                    calm_down(control, place);
                }
            }
        }
    }
}

/* Whether a module still waits for its worker; sends it to another when that one has died, or sends
 * it at last when there was no room in the ring. */
static bool is_waiting(SyControl *control, uint32_t slot)
{
    SyGraphModule *module = &control->graph->modules[slot];
    const SyPlace *place = &control->pool.places[module->home];

    if (!module->used || module->assigned) {
        return false;
    }
    if (module->ticket != 0 && place->killed == module->ticket_worker) {
        module->ticket = 0;
        module->tries--; /* others killed its worker, not the module */
    }
    if (module->tries == TRIES) { /* a module that kills whoever takes it waits to be refused */
        return true;
    }
    if (module->ticket == 0 || place->incarnation != module->ticket_worker ||
        !sy_pool_is_ready(&control->pool, module->home)) {
        send_assign(control, slot);
    }
    return true;
}

static bool all_assigned(SyEdit *edit)
{
    bool all = true;

    take_replies(edit->control);
    for (size_t i = 0; i < edit->transaction->n_commands; i++) {
        SyOutcome *outcome = &edit->outcomes[i];
        if (edit->transaction->commands[i].kind != SY_CMD_CREATE || outcome->status != SY_OK ||
            outcome->existed || outcome->worker >= 0) {
            continue;
        }
        if (is_waiting(edit->control, outcome->slot)) {
            all = false;
        } else {
            outcome->worker = (int)edit->control->graph->modules[outcome->slot].home;
            outcome->assign_us = (float)(sy_now_ns() - edit->began_ns) * 1e-3f;
        }
    }
    return all;
}

static bool has_creates(const SyEdit *edit)
{
    for (size_t i = 0; i < edit->transaction->n_commands; i++) {
        if (edit->transaction->commands[i].kind == SY_CMD_CREATE &&
            edit->outcomes[i].status == SY_OK && !edit->outcomes[i].existed) {
            return true;
        }
    }
    return false;
}

/* Modules that no worker took are taken out again. Returns the number of the first of them if that
 * refuses all, or -1. */
static ptrdiff_t give_up(SyEdit *edit)
{
    for (size_t i = 0; i < edit->transaction->n_commands; i++) {
        SyOutcome *outcome = &edit->outcomes[i];
        if (edit->transaction->commands[i].kind == SY_CMD_CREATE && outcome->status == SY_OK &&
            !outcome->existed && outcome->worker < 0) {
            sy_outcome_refuse(outcome, SY_ERR_WORKER, "no worker took it in time");
            if (edit->transaction->all_or_nothing) {
                return (ptrdiff_t)i;
            }
            sy_control_remove_module(edit->control, outcome->slot);
        }
    }
    return -1;
}

static bool assign_all(SyEdit *edit)
{
    SyControl *control = edit->control;
    const int64_t until = sy_now_ns() + ASSIGN_WAIT_NS;

    while (has_creates(edit)) {
        const uint32_t seen = sy_bell_listen(&control->segment->control_bell);
        if (all_assigned(edit)) {
            return true;
        }
        if (sy_now_ns() > until) {
            return false;
        }
        sy_bell_sleep(&control->segment->control_bell, seen, 1000000);
        sy_control_look_at_pool(control);
    }
    return true;
}

ptrdiff_t sy_edit_assign(SyEdit *edit)
{
    return assign_all(edit) ? -1 : give_up(edit);
}
