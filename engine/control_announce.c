/* The third phase of a transaction: what others see of it. */
#include "engine/control_edit.h"
#include "modules/registry.h"

static _Atomic uint32_t *directory_entry(SyControl *control, SyModuleRef ref)
{
    return &control->directory[(size_t)ref.type * (SY_ID_MAX + 1) + ref.id];
}

static void notify_module(SyEdit *edit, SyNoticeKind kind, SyModuleRef ref, int worker)
{
    const SyNotice notice = {
        .kind = kind, .cause = edit->transaction, .module = ref, .worker = worker, .text = ""};
    if (edit->quiet) {
        return;
    }
    sy_control_notify(edit->control, &notice);
}

void sy_control_enter_directory(SyControl *control, uint32_t slot)
{
    const SyGraphModule *module = &control->graph->modules[slot];

    atomic_store_explicit(directory_entry(control, module->ref),
                          (slot + 1) | (uint32_t)module->voices << 16, memory_order_release);
    control->n_modules_alive++;
}

static void announce_module(SyEdit *edit, const SyOutcome *outcome)
{
    SyControl *control = edit->control;
    const SyGraphModule *module = &control->graph->modules[outcome->slot];
    SyLive *live = &control->audio->live[outcome->slot];

    atomic_store(&live->params_at, module->params_at);
    atomic_store(&live->serial, sy_control_next_serial(control));
    sy_control_enter_directory(control, outcome->slot);
    notify_module(edit, SY_NOTICE_CREATED, module->ref, outcome->worker);
}

/* Dying modules lose their name; those that were never heard are removed at once. */
static void bury(SyEdit *edit)
{
    SyControl *control = edit->control;
    SyGraph *graph = control->graph;

    for (uint32_t i = sy_graph_next_dying_module(graph, 0); i != SY_NONE;
         i = sy_graph_next_dying_module(graph, i + 1)) {
        SyGraphModule *module = &graph->modules[i];
        if (module->buried) {
            continue;
        }
        module->buried = true;
        if (sy_control_slot(control, module->ref) == i) {
            if (!edit->quiet) { /* else it is another under the same name in a moment */
                atomic_store(directory_entry(control, module->ref), 0);
            }
            control->n_modules_alive--;
            notify_module(edit, SY_NOTICE_DESTROYED, module->ref, (int)module->home);
        }
        atomic_fetch_add(&control->audio->live[i].generation, 1);
        if (module->fresh) {
            sy_control_remove_module(control, i);
        }
    }
}

/* A module that was kept while its patch was replaced gets the new patch's values. */
static void set_kept(SyEdit *edit, const SyCommand *command)
{
    const SyModule *type = sy_registry_at(command->create.module.type);
    SyOutcome ignored = {.status = SY_OK};
    float written[SY_PARAMS_MAX];
    SyAnswer answer;

    sy_edit_initial_values(command, type, written, &ignored);
    for (uint8_t i = 0; i < type->n_params; i++) {
        const SyCommand change = {.kind = SY_CMD_SET,
                                  .param = {.module = command->create.module,
                                            .value = {.param = i, .written = written[i]}}};
        const uint32_t slot = sy_control_slot(edit->control, command->create.module);
        if (slot != SY_NONE &&
            atomic_load(&edit->control->audio->live[slot].written[i]) != written[i]) {
            sy_control_value(edit->control, SY_FROM_CONTROL, edit->transaction->when,
                             sy_control_next_serial(edit->control), &change, &answer);
            sy_control_notify_set(edit->control, edit->transaction, &change, &answer);
        }
    }
}

void sy_edit_announce(SyEdit *edit)
{
    SyControl *control = edit->control;

    bury(edit);
    for (size_t i = 0; i < edit->transaction->n_commands; i++) {
        const SyCommand *command = &edit->transaction->commands[i];
        const SyOutcome *outcome = &edit->outcomes[i];
        if (command->kind != SY_CMD_CREATE || outcome->status != SY_OK) {
            continue;
        }
        if (outcome->existed) {
            set_kept(edit, command);
        } else if (control->graph->modules[outcome->slot].used) {
            announce_module(edit, outcome);
        }
    }
    if (edit->structural) {
        control->dirty = true;
        control->adopt_at = edit->transaction->when;
    }
}
