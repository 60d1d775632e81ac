#include <math.h>

#include "engine/control_private.h"
#include "modules/registry.h"

static _Atomic uint32_t *entry_of(const SyControl *control, SyModuleRef ref)
{
    if (ref.type >= sy_registry_count() || ref.id < 1 || ref.id > SY_ID_MAX) {
        return NULL;
    }
    return &control->directory[(size_t)ref.type * (SY_ID_MAX + 1) + ref.id];
}

uint32_t sy_control_slot(const SyControl *control, SyModuleRef ref)
{
    const _Atomic uint32_t *entry = entry_of(control, ref);
    const uint32_t word = entry ? atomic_load_explicit(entry, memory_order_acquire) : 0;
    return word == 0 ? SY_NONE : (word & 0xffff) - 1;
}

uint8_t sy_control_voices(SyControl *control, SyModuleRef module)
{
    const _Atomic uint32_t *entry = entry_of(control, module);
    return entry ? (uint8_t)(atomic_load_explicit(entry, memory_order_acquire) >> 16) : 0;
}

static void refuse(SyAnswer *answer, SyStatus status, const char *text)
{
    answer->status = status;
    answer->text = text;
}

static bool send(SyControl *control, SyEventSource source, SyEvent event, uint64_t serial,
                 SyAnswer *answer)
{
    const SyLive *live = &control->audio->live[event.slot];
    const uint64_t born = atomic_load_explicit(&live->serial, memory_order_acquire);

    event.generation = atomic_load_explicit(&live->generation, memory_order_acquire);
    event.serial = born > serial ? born : serial;
    if (!sy_audio_send(control->audio, source, &event, 1)) {
        refuse(answer, SY_ERR_BUSY, "too many changes at once; this one was not made");
        return false;
    }
    return true;
}

static void set(SyControl *control, SyEventSource source, int64_t when, uint64_t serial,
                uint32_t slot, const SyCommand *command, SyAnswer *answer)
{
    const SyModule *type = sy_registry_at(command->param.module.type);
    const SyParamValue *value = &command->param.value;
    const SyParamInfo *info = &type->params[value->param];

    if (!isfinite(value->written)) {
        refuse(answer, SY_ERR_VALUE, "the value is not a number");
        return;
    }
    const float written = sy_param_clamp(info, value->written);
    const SyEvent event = {.when = when,
                           .slot = slot,
                           .kind = SY_EVENT_PARAM,
                           .param = value->param,
                           .jumps = info->curve == SY_CURVE_STEP,
                           .value = sy_param_internal(info, written)};
    if (send(control, source, event, serial, answer)) {
        atomic_store_explicit(&control->audio->live[slot].written[value->param], written,
                              memory_order_relaxed);
        answer->written = written;
        answer->clamped = written != value->written;
    }
}

static void note(SyControl *control, SyEventSource source, int64_t when, uint64_t serial,
                 uint32_t slot, const SyCommand *command, SyAnswer *answer)
{
    const SyModuleEvent *event = &command->note.event;

    if (!sy_registry_at(command->note.module.type)->event) {
        refuse(answer, SY_ERR_UNKNOWN_PARAM, "this type of module takes no notes; keys does");
    } else if (!isfinite(event->note) || !isfinite(event->velocity) || event->velocity < 0 ||
               event->velocity > 1 || event->note < 0 || event->note > 127) {
        refuse(answer, SY_ERR_VALUE, "a note is 0 to 127, its velocity 0 to 127");
    } else {
        send(control, source,
             (SyEvent){.when = when, .slot = slot, .kind = SY_EVENT_NOTE, .note = *event}, serial,
             answer);
    }
}

void sy_control_value(SyControl *control, SyEventSource source, int64_t when, uint64_t serial,
                      const SyCommand *command, SyAnswer *answer)
{
    const SyModuleRef ref =
        command->kind == SY_CMD_NOTE ? command->note.module : command->param.module;
    const uint32_t slot = sy_control_slot(control, ref);

    *answer = (SyAnswer){.status = SY_OK, .text = ""};
    if (slot == SY_NONE) {
        refuse(answer, SY_ERR_UNKNOWN_MODULE, "there is no such module in the patch");
    } else if (command->kind == SY_CMD_NOTE) {
        note(control, source, when, serial, slot, command, answer);
    } else if (command->param.value.param >= sy_registry_at(ref.type)->n_params) {
        refuse(answer, SY_ERR_UNKNOWN_PARAM, "the module has no such parameter");
    } else if (command->kind == SY_CMD_GET) {
        answer->written = atomic_load_explicit(
            &control->audio->live[slot].written[command->param.value.param], memory_order_relaxed);
    } else {
        set(control, source, when, serial, slot, command, answer);
    }
}

void sy_control_notify(SyControl *control, const SyNotice *notice)
{
    sy_tracer_note(control->tracer, notice);
    if (control->notice) {
        control->notice(control->notice_user, notice);
    }
}

void sy_control_notify_set(SyControl *control, const SyTransaction *transaction,
                           const SyCommand *command, const SyAnswer *answer)
{
    if (command->kind == SY_CMD_SET && answer->status == SY_OK) {
        const SyNotice notice = {
            .kind = SY_NOTICE_SET,
            .cause = transaction,
            .module = command->param.module,
            .param = {.param = command->param.value.param, .written = answer->written},
            .text = ""};
        sy_control_notify(control, &notice);
    }
}

static bool only_values(const SyTransaction *transaction)
{
    for (size_t i = 0; i < transaction->n_commands; i++) {
        const SyCommandKind kind = transaction->commands[i].kind;
        if (kind != SY_CMD_SET && kind != SY_CMD_GET && kind != SY_CMD_NOTE) {
            return false;
        }
    }
    return !transaction->all_or_nothing && !transaction->replace;
}

/* Straight to the audio thread. Right only when nothing is waiting in control, or a change could
 * overtake the making of its module. */
static void go_direct(SyControl *control, SyTransaction *transaction)
{
    for (size_t i = 0; i < transaction->n_commands; i++) {
        SyAnswer answer;
        sy_control_value(control, SY_FROM_OSC, transaction->when, 0, &transaction->commands[i],
                         &answer);
        transaction->answer(transaction, i, &answer);
        sy_control_notify_set(control, transaction, &transaction->commands[i], &answer);
    }
    transaction->release(transaction);
}

SyStatus sy_control_submit(SyControl *control, SyTransaction *transaction)
{
    if (only_values(transaction) &&
        atomic_load_explicit(&control->waiting, memory_order_acquire) == 0) {
        go_direct(control, transaction);
        return SY_OK;
    }
    atomic_fetch_add_explicit(&control->waiting, 1, memory_order_acq_rel);
    if (!sy_ring_write(&control->inbox_in, &transaction)) {
        atomic_fetch_sub_explicit(&control->waiting, 1, memory_order_acq_rel);
        return SY_ERR_BUSY;
    }
    sy_bell_ring(&control->segment->control_bell);
    return SY_OK;
}

void sy_control_subscribe(SyControl *control, SyNoticeFunc *notice, void *user)
{
    control->notice = notice;
    control->notice_user = user;
}

int64_t sy_control_frame_at(SyControl *control, double unix_seconds)
{
    return sy_timebase_round(&control->audio->timebase, &control->rounder, unix_seconds);
}

/* A clock whose blocks nobody hears is late with them. */
static int64_t frame_by_time(const SyAudio *audio)
{
    return (int64_t)sy_timebase_frame(&audio->timebase, (double)sy_now_ns() * 1e-9);
}

int64_t sy_control_frame_now(SyControl *control)
{
    const SyAudio *audio = control->audio;
    const int64_t frame = atomic_load_explicit(&audio->frame, memory_order_acquire);
    const bool late = frame > 0 && atomic_load(&control->segment->dormant);
    const int64_t by_time = late ? frame_by_time(audio) : frame;

    return by_time > frame ? by_time : frame;
}
