#include "tests/osc/double_state.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "modules/registry.h"

#define RATE 48000.0

/* The double's one reason to refuse a whole patch: a set to 666. */
static ptrdiff_t find_culprit(const SyTransaction *transaction)
{
    for (size_t i = 0; i < transaction->n_commands; i++) {
        const SyCommand *command = &transaction->commands[i];
        if (command->kind == SY_CMD_SET && command->param.value.written == 666.0f) {
            return (ptrdiff_t)i;
        }
    }
    return -1;
}

static void refuse_all(SyTransaction *transaction, ptrdiff_t culprit)
{
    for (size_t i = 0; i < transaction->n_commands; i++) {
        const SyAnswer answer = {.status = SY_ERR_VALUE,
                                 .text = (ptrdiff_t)i == culprit
                                             ? "not that number"
                                             : "not done: another line was refused"};
        transaction->answer(transaction, i, &answer);
    }
}

static void carry_out(SyControl *control, SyTransaction *transaction)
{
    const ptrdiff_t culprit = transaction->all_or_nothing ? find_culprit(transaction) : -1;
    if (culprit >= 0) {
        refuse_all(transaction, culprit);
        transaction->release(transaction);
        return;
    }
    if (transaction->replace) {
        double_clear(control, transaction);
    }
    for (size_t i = 0; i < transaction->n_commands; i++) {
        const SyCommand *command = &transaction->commands[i];
        const SyAnswer answer = double_apply(control, transaction, command);
        transaction->answer(transaction, i, &answer);
        if (command->kind == SY_CMD_SET && answer.status == SY_OK) {
            SyNotice notice = {.kind = SY_NOTICE_SET, .module = command->param.module};
            notice.param = (SyParamValue){command->param.value.param, answer.written};
            double_tell(control, transaction, notice);
        }
    }
    transaction->release(transaction);
}

static void *run(void *user)
{
    SyControl *control = user;
    pthread_mutex_lock(&control->lock);
    while (!control->stop) {
        if (control->held || control->n_queued == 0) {
            pthread_cond_wait(&control->changed, &control->lock);
            continue;
        }
        SyTransaction *transaction = control->queue[0];
        control->working = true;
        pthread_mutex_unlock(&control->lock);
        carry_out(control, transaction);
        pthread_mutex_lock(&control->lock);
        control->n_queued--; /* only now: sets must not overtake it */
        memmove(control->queue, control->queue + 1,
                (size_t)control->n_queued * sizeof control->queue[0]);
        control->working = false;
        pthread_cond_broadcast(&control->changed);
    }
    pthread_mutex_unlock(&control->lock);
    return NULL;
}

static bool only_values(const SyTransaction *transaction)
{
    for (size_t i = 0; i < transaction->n_commands; i++) {
        const SyCommandKind kind = transaction->commands[i].kind;
        if (kind != SY_CMD_SET && kind != SY_CMD_GET && kind != SY_CMD_NOTE) {
            return false;
        }
    }
    return !transaction->all_or_nothing;
}

static void note_down(SyControl *control, const SyTransaction *transaction, bool direct)
{
    if (control->n_log < DOUBLE_LOG) {
        control->log[control->n_log] =
            (DoubleSeen){transaction->when, transaction->n_commands, transaction->all_or_nothing,
                         transaction->replace, direct};
    }
    control->n_log++;
}

SyStatus sy_control_submit(SyControl *control, SyTransaction *transaction)
{
    pthread_mutex_lock(&control->lock);
    const bool direct = only_values(transaction) && control->n_queued == 0;
    const bool room = control->n_queued < control->room;
    if (direct || room) {
        note_down(control, transaction, direct);
    }
    if (!direct && room) {
        control->queue[control->n_queued++] = transaction;
        pthread_cond_broadcast(&control->changed);
    }
    pthread_mutex_unlock(&control->lock);
    if (direct) {
        carry_out(control, transaction);
    }
    return direct || room ? SY_OK : SY_ERR_BUSY;
}

void sy_control_subscribe(SyControl *control, SyNoticeFunc *notice, void *user)
{
    control->notice = notice;
    control->notice_user = user;
}

uint8_t sy_control_voices(SyControl *control, SyModuleRef module)
{
    return double_module(control, module)->voices;
}

int64_t sy_control_frame_at(SyControl *control, double unix_seconds)
{
    return llround((unix_seconds - control->unix_at_zero) * RATE);
}

void sy_control_enter_osc(SyControl *control)
{
    (void)control;
}

int64_t sy_control_frame_now(SyControl *control)
{
    return atomic_load(&control->now);
}

SyControl *double_new(void)
{
    SyControl *control = calloc(1, sizeof *control);
    if (!control) {
        abort();
    }
    control->modules = calloc(sy_registry_count() * (SY_ID_MAX + 1u), sizeof *control->modules);
    control->room = DOUBLE_QUEUE;
    pthread_mutex_init(&control->lock, NULL);
    pthread_cond_init(&control->changed, NULL);
    if (!control->modules || pthread_create(&control->thread, NULL, run, control) != 0) {
        abort();
    }
    return control;
}

void double_free(SyControl *control)
{
    pthread_mutex_lock(&control->lock);
    control->stop = true;
    pthread_cond_broadcast(&control->changed);
    pthread_mutex_unlock(&control->lock);
    pthread_join(control->thread, NULL);
    for (int i = 0; i < control->n_queued; i++) {
        control->queue[i]->release(control->queue[i]);
    }
    pthread_mutex_destroy(&control->lock);
    pthread_cond_destroy(&control->changed);
    free(control->modules);
    free(control);
}

void double_hold(SyControl *control, bool held)
{
    pthread_mutex_lock(&control->lock);
    control->held = held;
    pthread_cond_broadcast(&control->changed);
    while (held && control->working) {
        pthread_cond_wait(&control->changed, &control->lock);
    }
    pthread_mutex_unlock(&control->lock);
}

void double_set_room(SyControl *control, int room)
{
    pthread_mutex_lock(&control->lock);
    control->room = room;
    pthread_mutex_unlock(&control->lock);
}

void double_set_clock(SyControl *control, double unix_at_zero, int64_t now)
{
    control->unix_at_zero = unix_at_zero;
    atomic_store(&control->now, now);
}

int double_count(SyControl *control)
{
    pthread_mutex_lock(&control->lock);
    const int n = control->n_log;
    pthread_mutex_unlock(&control->lock);
    return n;
}

DoubleSeen double_seen(SyControl *control, int index)
{
    pthread_mutex_lock(&control->lock);
    const DoubleSeen seen = control->log[index < DOUBLE_LOG ? index : DOUBLE_LOG - 1];
    pthread_mutex_unlock(&control->lock);
    return seen;
}

bool double_has_quit(SyControl *control)
{
    return atomic_load(&control->quit);
}

void double_notify(SyControl *control, const SyNotice *notice)
{
    double_tell(control, NULL, *notice);
}

void double_quarantine(SyControl *control, SyModuleRef module, const char *fault)
{
    pthread_mutex_lock(&control->lock);
    double_fault(control, module, fault);
    pthread_mutex_unlock(&control->lock);
}
