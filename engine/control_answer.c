/* The third phase of a transaction: every command is answered. */
#include "engine/control_files.h"
#include "modules/registry.h"

#define WAIT_NS  1000000000 /* for the audio thread, at most: a device may have gone */
#define PAUSE_NS 1000000

/* A parameter of a module that no plan names yet needs no event and does not ramp. */
static bool set_unheard(SyEdit *edit, const SyCommand *command, const SyOutcome *outcome,
                        SyAnswer *answer)
{
    SyControl *control = edit->control;
    const SyGraphModule *module = &control->graph->modules[outcome->slot];

    if (command->kind != SY_CMD_SET || !module->used || !module->fresh) {
        return false;
    }
    const SyParamValue *value = &command->param.value;
    const SyParamInfo *info = &sy_registry_at(module->ref.type)->params[value->param];
    const float written = sy_param_clamp(info, value->written);
    const float seen = sy_param_internal(info, written);

    sy_params_set(sy_at(control->segment, module->params_at), value->param,
                  &(SyRampShared){.from = seen, .to = seen});
    atomic_store(&control->audio->live[outcome->slot].written[value->param], written);
    *answer = (SyAnswer){.status = SY_OK,
                         .text = "",
                         .worker = -1,
                         .written = written,
                         .clamped = written != value->written};
    return true;
}

static void give_value(SyEdit *edit, size_t index)
{
    const SyCommand *command = &edit->transaction->commands[index];
    const uint64_t serial = edit->structural ? sy_control_next_serial(edit->control) : 0;
    SyAnswer answer;

    if (!set_unheard(edit, command, &edit->outcomes[index], &answer)) {
        sy_control_value(edit->control, SY_FROM_CONTROL, edit->transaction->when, serial, command,
                         &answer);
    }
    edit->transaction->answer(edit->transaction, index, &answer);
    sy_control_notify_set(edit->control, edit->transaction, command, &answer);
}

static void notify_cable(SyEdit *edit, SyNoticeKind kind, const SyCommand *command)
{
    if (edit->quiet) {
        return;
    }
    const SyNotice notice = {.kind = kind,
                             .cause = edit->transaction,
                             .cable = {command->cable.from, command->cable.to, command->cable.gain},
                             .text = ""};
    sy_control_notify(edit->control, &notice);
}

static void wait_until_playing(SyControl *control)
{
    const int64_t until = sy_now_ns() + WAIT_NS;

    while ((control->dirty || atomic_load(&control->audio->adopted) != control->serial) &&
           atomic_load(&control->audio->driver) != SY_DRIVER_NONE && sy_now_ns() < until) {
        const uint32_t seen = sy_bell_listen(&control->segment->control_bell);
        sy_control_publish(control);
        if (atomic_load(&control->audio->adopted) != control->serial) {
            sy_bell_sleep(&control->segment->control_bell, seen, PAUSE_NS);
        }
    }
}

/* Values go past this thread, from osc to the audio thread, which takes them when a block begins.
 * So what was sent before is in the block after the one in hand at the latest. */
static void wait_until_heard(const SyControl *control)
{
    const int64_t until = sy_now_ns() + WAIT_NS;
    const uint64_t block = atomic_load(&control->audio->blocks) + 2;

    while (atomic_load(&control->audio->blocks) < block &&
           atomic_load(&control->audio->driver) != SY_DRIVER_NONE && sy_now_ns() < until) {
        const uint32_t seen = sy_bell_listen(&control->segment->control_bell);
        sy_bell_sleep(&control->segment->control_bell, seen, PAUSE_NS);
    }
}

static void answer_plain(SyEdit *edit, size_t index)
{
    const SyOutcome *outcome = &edit->outcomes[index];
    const SyAnswer answer = {.status = outcome->status,
                             .text = outcome->text,
                             .worker = outcome->worker,
                             .assign_us = outcome->assign_us,
                             .clamped = outcome->clamped};
    edit->transaction->answer(edit->transaction, index, &answer);
}

static void answer_file(SyEdit *edit, size_t index)
{
    const SyAnswer answer = {.status = SY_OK,
                             .text = "",
                             .worker = -1,
                             .file = sy_control_file_of(edit->control, edit->outcomes[index].slot)};
    edit->transaction->answer(edit->transaction, index, &answer);
}

static void resize_pool(SyEdit *edit, size_t index)
{
    SyControl *control = edit->control;
    const uint32_t n = edit->transaction->commands[index].n_workers;

    if (n > SY_WORKERS_MAX) {
        sy_outcome_refuse(&edit->outcomes[index], SY_ERR_LIMIT, "there can be 1 to %d workers",
                          SY_WORKERS_MAX);
        answer_plain(edit, index);
        return;
    }
    if (n > 0) {
        control->options.workers_by_cores = false;
        sy_pool_watch(&control->pool, n);
        sy_control_move_home(control, n);
        control->dirty = true;
        wait_until_playing(control);
        sy_pool_want(&control->pool, n);
        sy_control_wait_for_pool(control);
    }
    sy_control_answer_workers(control, edit->transaction, index);
}

static void answer_one(SyEdit *edit, size_t index)
{
    SyControl *control = edit->control;
    const SyCommand *command = &edit->transaction->commands[index];

    if (edit->outcomes[index].status == SY_OK && edit->outcomes[index].waits) {
        if (sy_files_wait(edit, index)) {
            edit->n_waiting++;
            return;
        }
        sy_outcome_refuse(&edit->outcomes[index], SY_ERR_MEMORY, "no memory to wait for the file");
    }
    if (edit->outcomes[index].status != SY_OK) {
        answer_plain(edit, index);
        return;
    }
    switch (command->kind) {
    case SY_CMD_SET:
    case SY_CMD_GET:
    case SY_CMD_NOTE:
        give_value(edit, index);
        break;
    case SY_CMD_GET_FILE:
        answer_file(edit, index);
        break;
    case SY_CMD_GRAPH:
        sy_control_answer_graph(control, edit->transaction, index);
        break;
    case SY_CMD_WORKERS:
        resize_pool(edit, index);
        break;
    case SY_CMD_STATUS:
        sy_control_answer_status(control, edit->transaction, index);
        break;
    case SY_CMD_SYNC:
        wait_until_playing(control);
        wait_until_heard(control);
        answer_plain(edit, index);
        break;
    case SY_CMD_QUIT:
        answer_plain(edit, index);
        atomic_store(&control->quit, true);
        sy_bell_ring(&control->segment->closing_bell);
        break;
    case SY_CMD_REVIVE:
        sy_control_revive(control, edit->outcomes[index].slot, edit->transaction);
        answer_plain(edit, index);
        break;
    case SY_CMD_CONNECT:
    case SY_CMD_DISCONNECT:
        answer_plain(edit, index);
        notify_cable(edit,
                     command->kind == SY_CMD_CONNECT ? SY_NOTICE_CONNECTED : SY_NOTICE_DISCONNECTED,
                     command);
        break;
    default:
        answer_plain(edit, index);
        break;
    }
}

void sy_edit_answer_refused(SyEdit *edit, size_t culprit)
{
    for (size_t i = 0; i < edit->transaction->n_commands; i++) {
        SyOutcome *outcome = &edit->outcomes[i];
        if (i != culprit) {
            sy_outcome_refuse(outcome, edit->outcomes[culprit].status,
                              "not done: another line was refused");
        }
        outcome->worker = -1;
        answer_plain(edit, i);
    }
}

void sy_edit_answer(SyEdit *edit)
{
    for (size_t i = 0; i < edit->transaction->n_commands; i++) {
        answer_one(edit, i);
    }
}
