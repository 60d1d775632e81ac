/* A new engine takes up what the one before it left: see engine/books.h.
 *
 * The workers and the block cycle may have gone on all the while. What the books say is in the
 * graph; whether the last plan of it was still published follows from what the audio side has:
 *
 *     real   serial of the last plan that audio has been given
 *     since  of a module or cable: serial of the first plan with it; above `real` it is as if it
 *            had never been published
 *
 * Memory and slots of what the books do not name are free, but a worker may still read the plan
 * before: nothing is made until the first plan of this engine plays and the ones before are past.
 */
#include "engine/control_files.h"
#include "modules/registry.h"

static uint64_t larger(uint64_t a, uint64_t b)
{
    return a > b ? a : b;
}

static uint64_t real_serial(const SyControl *control)
{
    const SyAudio *audio = control->audio;
    const uint32_t next = atomic_load(&audio->next_plan);
    uint64_t real = atomic_load(&audio->adopted);

    if (next != 0) {
        const SyPlan *plan =
            sy_at(control->segment, control->segment->plan_at[(next - 1) % SY_PLANS]);
        real = larger(real, plan->serial);
    }
    real = audio->waiting_plan ? larger(real, audio->waiting_plan->serial) : real;
    return audio->plan ? larger(real, audio->plan->serial) : real;
}

static void settle_module(SyControl *control, uint32_t slot)
{
    SyGraphModule *module = &control->graph->modules[slot];

    module->fresh = module->since == 0 || module->since > control->serial;
    module->ticket = 0;
    sy_arena_claim(control->arena, module->memory_at, module->memory_size);
    if (!module->dying) {
        sy_control_enter_directory(control, slot);
    }
}

static void settle_cable(SyControl *control, uint32_t slot)
{
    SyGraphCable *cable = &control->graph->cables[slot];

    cable->fresh = cable->since == 0 || cable->since > control->serial;
    cable->gain_changed = cable->gain_changed || cable->gain_since > control->serial;
    if (cable->fades_since > control->serial) {
        cable->fades_since = 0;
    }
    control->n_cables_alive += !cable->dying && !cable->sink;
}

/* A value that was answered for and then lost on its way is sent again. */
static void send_value(SyControl *control, uint32_t slot, uint8_t param)
{
    const SyGraphModule *module = &control->graph->modules[slot];
    const SyParamInfo *info = &sy_registry_at(module->ref.type)->params[param];
    const SyParamsShared *params = sy_at(control->segment, module->params_at);
    const float written = atomic_load(&control->audio->live[slot].written[param]);
    const SyEvent event = {.when = SY_WHEN_NOW,
                           .slot = slot,
                           .generation = atomic_load(&control->audio->live[slot].generation),
                           .kind = SY_EVENT_PARAM,
                           .param = param,
                           .jumps = info->curve == SY_CURVE_STEP,
                           .value = sy_param_internal(info, written)};

    if (params->to[param] != event.value &&
        !sy_schedule_holds(&control->audio->schedule, slot, param)) {
        sy_audio_send(control->audio, SY_FROM_CONTROL, &event, 1);
    }
}

void sy_control_send_lost_values(SyControl *control)
{
    const SyGraph *graph = control->graph;

    for (uint32_t i = 0; i < graph->module_top; i++) {
        const SyGraphModule *module = &graph->modules[i];
        for (uint32_t p = 0;
             module->used && !module->dying && p < sy_registry_at(module->ref.type)->n_params;
             p++) {
            send_value(control, i, (uint8_t)p);
        }
    }
}

bool sy_control_resume(SyControl *control)
{
    SyGraph *graph = control->graph;
    uint64_t serial;

    if (control->segment->last_incarnation == 0) {
        return false;
    }
    control->has_books = control->books && sy_books_read(control->books, graph, &serial);
    control->serial = real_serial(control);
    for (uint32_t i = 0; i < graph->module_top; i++) {
        if (graph->modules[i].used) {
            settle_module(control, i);
        }
    }
    for (uint32_t i = 0; i < graph->cable_top; i++) {
        if (graph->cables[i].used) {
            settle_cable(control, i);
        }
    }
    sy_files_resume(control);
    sy_pool_attach(&control->pool);
    sy_audio_recover(control->audio, SY_DRIVER_ENGINE);
    control->device_state = atomic_load(&control->audio->device.state);
    control->dirty = true;
    control->resuming = true;
    control->resumed_serial = sy_control_next_serial(control);
    return true;
}

bool sy_control_is_resuming(SyControl *control)
{
    if (control->resuming &&
        atomic_load_explicit(&control->audio->adopted, memory_order_seq_cst) >=
            control->resumed_serial &&
        sy_pool_is_past(&control->pool, control->resumed_serial)) {
        control->resuming = false;
        sy_control_send_lost_values(control);
    }
    return control->resuming;
}
