/* The first phase of a transaction: the graph. */
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "engine/control_files.h"
#include "modules/registry.h"

void sy_outcome_refuse(SyOutcome *outcome, SyStatus status, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(outcome->text, sizeof(outcome->text), format, arguments);
    va_end(arguments);
    outcome->status = status;
}

static const char *type_name(SyModuleRef ref)
{
    const SyModule *type = sy_registry_at(ref.type);
    return type ? type->name : "?";
}

SyStatus sy_edit_initial_values(const SyCommand *command, const SyModule *type, float *written,
                                SyOutcome *outcome)
{
    for (uint32_t i = 0; i < type->n_params; i++) {
        written[i] = type->params[i].def;
    }
    for (uint32_t i = 0; i < command->create.n_params; i++) {
        const SyParamValue *value = &command->create.params[i];
        if (value->param >= type->n_params) {
            sy_outcome_refuse(outcome, SY_ERR_UNKNOWN_PARAM, "%s has no such parameter",
                              type->name);
            return outcome->status;
        }
        if (!isfinite(value->written)) {
            sy_outcome_refuse(outcome, SY_ERR_VALUE, "the value of %s is not a number",
                              type->params[value->param].name);
            return outcome->status;
        }
        written[value->param] = sy_param_clamp(&type->params[value->param], value->written);
        outcome->clamped |= written[value->param] != value->written;
    }
    return SY_OK;
}

static void refuse_create(SyOutcome *outcome, SyStatus status, const SyCommand *command)
{
    const SyModuleRef ref = command->create.module;

    switch (status) {
    case SY_ERR_ID_IN_USE:
        sy_outcome_refuse(outcome, status, "%s/%u is there already", type_name(ref), ref.id);
        break;
    case SY_ERR_ID_RANGE:
        sy_outcome_refuse(outcome, status, "an id is 1 to %d", SY_ID_MAX);
        break;
    case SY_ERR_VOICES:
        sy_outcome_refuse(outcome, status, "a module has 1 to %d voices", SY_VOICES_MAX);
        break;
    case SY_ERR_LIMIT:
        sy_outcome_refuse(outcome, status, "there are %d modules, and no more can be",
                          SY_MODULES_MAX);
        break;
    case SY_ERR_MEMORY:
        sy_outcome_refuse(outcome, status,
                          "no memory left for it; start synthd with a larger --memory");
        break;
    default:
        sy_outcome_refuse(outcome, status, "%s", sy_status_text(status));
        break;
    }
}

/* While a patch is being replaced: a module that the new one has too stays as it is. */
static bool keep_module(SyEdit *edit, const SyCommand *command, uint32_t file, SyOutcome *outcome)
{
    SyGraph *graph = edit->control->graph;
    const uint32_t slot = sy_graph_find(graph, command->create.module);

    if (!edit->transaction->replace || slot == SY_NONE || graph->modules[slot].kept) {
        return false;
    }
    if (graph->modules[slot].voices != command->create.voices ||
        graph->modules[slot].file != file + 1) {
        sy_graph_destroy(graph, slot);
        return false;
    }
    graph->modules[slot].kept = true;
    outcome->slot = slot;
    outcome->existed = true;
    return true;
}

/* The file of a command: loaded already, or now asked for; SY_NONE for none. Returns false if that
 * cannot be. */
static bool find_file(const SyEdit *edit, const SyCommand *command, const SyModule *type,
                      const char *path, uint32_t *file, SyOutcome *outcome)
{
    const size_t index = (size_t)(command - edit->transaction->commands);
    const uint16_t number =
        command->kind == SY_CMD_CREATE ? command->create.module.type : command->file.module.type;
    const char *wrong = path ? sy_files_wrong_with(type, path) : NULL;

    *file = edit->files ? edit->files[index] : SY_NONE;
    if (wrong) {
        sy_outcome_refuse(outcome, SY_ERR_VALUE, "%s %s", type->name, wrong);
        return false;
    }
    if (!path || edit->files) {
        return true;
    }
    *file = sy_files_want(edit->control, number, path);
    if (*file == SY_NONE) {
        sy_outcome_refuse(outcome, SY_ERR_LIMIT, "there are %d files, and no more can be",
                          SY_FILES_MAX);
    }
    outcome->waits = *file != SY_NONE;
    return outcome->waits;
}

/* A file that is not there yet: the module is silent until it is. */
static void attach_file(const SyEdit *edit, uint32_t slot, uint32_t file)
{
    SyGraphModule *module = &edit->control->graph->modules[slot];

    if (edit->files) {
        module->file = file + 1;
    } else if (file != SY_NONE) {
        module->wanted_file = file + 1;
        module->needs_file = true;
    }
}

static void create(SyEdit *edit, const SyCommand *command, SyOutcome *outcome)
{
    SyControl *control = edit->control;
    const SyModule *type = sy_registry_at(command->create.module.type);
    float written[SY_PARAMS_MAX];
    uint32_t slot = SY_NONE, file = SY_NONE;

    if (!type) {
        sy_outcome_refuse(outcome, SY_ERR_UNKNOWN_TYPE, "there is no such type of module");
        return;
    }
    if (sy_edit_initial_values(command, type, written, outcome) != SY_OK ||
        !find_file(edit, command, type, command->create.file, &file, outcome) ||
        keep_module(edit, command, file, outcome)) {
        return;
    }
    if (!sy_control_has_memory(control)) {
        sy_outcome_refuse(outcome, SY_ERR_MEMORY,
                          "this computer has hardly any memory left; what plays comes first");
        return;
    }
    const uint32_t home = sy_control_choose_home(control);
    const SyStatus status =
        sy_graph_create(control->graph, control->segment, control->arena, command->create.module,
                        command->create.voices, written, &slot);
    if (status != SY_OK) {
        refuse_create(outcome, status, command);
        return;
    }
    for (uint32_t i = 0; i < type->n_params; i++) {
        atomic_store(&control->audio->live[slot].written[i], written[i]);
    }
    control->graph->modules[slot].home = home;
    control->graph->modules[slot].kept = true;
    attach_file(edit, slot, file);
    outcome->slot = slot;
}

static uint32_t find_module(const SyEdit *edit, SyModuleRef ref, SyOutcome *outcome)
{
    const uint32_t slot = sy_graph_find(edit->control->graph, ref);
    if (slot == SY_NONE) {
        sy_outcome_refuse(outcome, SY_ERR_UNKNOWN_MODULE, "there is no %s/%u", type_name(ref),
                          ref.id);
    }
    return slot;
}

static void destroy(SyEdit *edit, const SyCommand *command, SyOutcome *outcome)
{
    outcome->slot = find_module(edit, command->module, outcome);
    if (outcome->slot != SY_NONE) {
        sy_graph_destroy(edit->control->graph, outcome->slot);
    }
}

/* While a patch is replaced its file is loaded already, and a module that is as new has it at once.
 */
static void set_file(SyEdit *edit, const SyCommand *command, SyOutcome *outcome)
{
    SyGraph *graph = edit->control->graph;
    const SyModule *type = sy_registry_at(command->file.module.type);
    uint32_t file = SY_NONE;

    outcome->slot = find_module(edit, command->file.module, outcome);
    if (outcome->slot == SY_NONE ||
        !find_file(edit, command, type, command->file.path, &file, outcome)) {
        return;
    }
    SyGraphModule *module = &graph->modules[outcome->slot];
    if (!edit->files) {
        module->wanted_file = file + 1;
    } else if (module->fresh) {
        module->file = file + 1;
    } else {
        sy_outcome_refuse(outcome, SY_ERR_USAGE,
                          "in a patch a file belongs in the line that creates its module");
    }
}

static void revive(SyEdit *edit, const SyCommand *command, SyOutcome *outcome)
{
    outcome->slot = find_module(edit, command->module, outcome);
    if (outcome->slot != SY_NONE && !sy_control_is_quarantined(edit->control, outcome->slot)) {
        sy_outcome_refuse(outcome, SY_ERR_NOT_QUARANTINED, "%s/%u is not in quarantine",
                          type_name(command->module), command->module.id);
    }
}

static bool find_ends(const SyEdit *edit, const SyCommand *command, SyOutcome *outcome,
                      uint32_t *from, uint32_t *to)
{
    const SyPortRef *source = &command->cable.from, *target = &command->cable.to;

    *from = find_module(edit, source->module, outcome);
    *to = outcome->status == SY_OK ? find_module(edit, target->module, outcome) : SY_NONE;
    if (outcome->status != SY_OK) {
        return false;
    }
    if (source->port >= sy_registry_at(source->module.type)->n_outputs) {
        sy_outcome_refuse(outcome, SY_ERR_UNKNOWN_PORT, "%s has no such output",
                          type_name(source->module));
    } else if (target->port >= sy_registry_at(target->module.type)->n_inputs) {
        sy_outcome_refuse(outcome, SY_ERR_UNKNOWN_PORT, "%s has no such input",
                          type_name(target->module));
    }
    return outcome->status == SY_OK;
}

static void change_gain(SyEdit *edit, uint32_t slot, float gain, SyOutcome *outcome)
{
    SyGraphCable *cable = &edit->control->graph->cables[slot];

    if (edit->transaction->replace) {
        cable->kept = true;
        outcome->existed = true;
    } else if (cable->gain == gain) {
        sy_outcome_refuse(outcome, SY_ERR_CONNECTED, "that cable is there already");
        return;
    }
    if (cable->gain != gain) {
        cable->gain = gain;
        cable->gain_changed = true;
    }
}

static void connect(SyEdit *edit, const SyCommand *command, SyOutcome *outcome)
{
    SyGraph *graph = edit->control->graph;
    const float gain = command->cable.gain;
    uint32_t from, to, slot = SY_NONE;

    if (!isfinite(gain) || fabsf(gain) > 1000) {
        sy_outcome_refuse(outcome, SY_ERR_VALUE,
                          "the gain of a cable is a number from -1000 to 1000");
        return;
    }
    if (!find_ends(edit, command, outcome, &from, &to)) {
        return;
    }
    slot = sy_graph_find_cable(graph, from, command->cable.from.port, to, command->cable.to.port);
    if (slot != SY_NONE) {
        change_gain(edit, slot, gain, outcome);
        return;
    }
    const SyStatus status = sy_graph_connect(graph, from, command->cable.from.port, to,
                                             command->cable.to.port, gain, &slot);
    if (status == SY_ERR_VOICES) {
        sy_outcome_refuse(outcome, status,
                          "%s/%u has %u voices and %s/%u has %u; they must be equal, or 1",
                          type_name(command->cable.from.module), command->cable.from.module.id,
                          graph->modules[from].voices, type_name(command->cable.to.module),
                          command->cable.to.module.id, graph->modules[to].voices);
    } else if (status != SY_OK) {
        sy_outcome_refuse(outcome, status, "there are %d cables, and no more can be",
                          SY_CABLES_MAX);
    } else {
        graph->cables[slot].kept = true;
    }
}

static void disconnect(SyEdit *edit, const SyCommand *command, SyOutcome *outcome)
{
    SyGraph *graph = edit->control->graph;
    uint32_t from, to;

    if (!find_ends(edit, command, outcome, &from, &to)) {
        return;
    }
    const uint32_t slot =
        sy_graph_find_cable(graph, from, command->cable.from.port, to, command->cable.to.port);
    if (slot == SY_NONE) {
        sy_outcome_refuse(outcome, SY_ERR_NOT_CONNECTED, "there is no such cable");
        return;
    }
    sy_graph_disconnect(graph, slot);
}

static void clear(SyEdit *edit)
{
    SyGraph *graph = edit->control->graph;
    for (uint32_t i = 0; i < graph->module_top; i++) {
        if (graph->modules[i].used && !graph->modules[i].dying) {
            sy_graph_destroy(graph, i);
        }
    }
}

static void check_value(const SyEdit *edit, const SyCommand *command, SyOutcome *outcome)
{
    const bool note = command->kind == SY_CMD_NOTE;
    const SyModuleRef ref = note ? command->note.module : command->param.module;
    const SyModule *type = sy_registry_at(ref.type);

    outcome->slot = find_module(edit, ref, outcome);
    if (outcome->slot == SY_NONE) {
        return;
    }
    if (note && !type->event) {
        sy_outcome_refuse(outcome, SY_ERR_UNKNOWN_PARAM, "%s takes no notes; keys does",
                          type->name);
    } else if (!note && command->param.value.param >= type->n_params) {
        sy_outcome_refuse(outcome, SY_ERR_UNKNOWN_PARAM, "%s has no such parameter", type->name);
    } else if (command->kind == SY_CMD_SET && !isfinite(command->param.value.written)) {
        sy_outcome_refuse(outcome, SY_ERR_VALUE, "the value is not a number");
    }
}

static void apply(SyEdit *edit, const SyCommand *command, SyOutcome *outcome)
{
    outcome->slot = SY_NONE;
    outcome->worker = -1;
    switch (command->kind) {
    case SY_CMD_CREATE:
        create(edit, command, outcome);
        break;
    case SY_CMD_DESTROY:
        destroy(edit, command, outcome);
        break;
    case SY_CMD_CONNECT:
        connect(edit, command, outcome);
        break;
    case SY_CMD_DISCONNECT:
        disconnect(edit, command, outcome);
        break;
    case SY_CMD_CLEAR:
        clear(edit);
        break;
    case SY_CMD_REVIVE:
        revive(edit, command, outcome);
        break;
    case SY_CMD_SET_FILE:
        set_file(edit, command, outcome);
        break;
    case SY_CMD_GET_FILE:
        outcome->slot = find_module(edit, command->module, outcome);
        break;
    case SY_CMD_SET:
    case SY_CMD_GET:
    case SY_CMD_NOTE:
        check_value(edit, command, outcome);
        break;
    default:
        return;
    }
    edit->structural |= outcome->status == SY_OK && command->kind <= SY_CMD_DISCONNECT;
    edit->structural |= command->kind == SY_CMD_CLEAR;
}

static void begin_replace(SyGraph *graph)
{
    for (uint32_t i = 0; i < graph->module_top; i++) {
        graph->modules[i].kept = false;
    }
    for (uint32_t i = 0; i < graph->cable_top; i++) {
        graph->cables[i].kept = false;
    }
}

/* What the new patch does not name goes. */
static void end_replace(SyGraph *graph)
{
    for (uint32_t i = 0; i < graph->cable_top; i++) {
        const SyGraphCable *cable = &graph->cables[i];
        if (cable->used && !cable->sink && !cable->kept && !cable->dying) {
            sy_graph_disconnect(graph, i);
        }
    }
    for (uint32_t i = 0; i < graph->module_top; i++) {
        const SyGraphModule *module = &graph->modules[i];
        if (module->used && !module->kept && !module->dying) {
            sy_graph_destroy(graph, i);
        }
    }
}

/* Takes back what the transaction took from the arena, and the graph as it was. */
void sy_edit_roll_back(SyEdit *edit)
{
    SyControl *control = edit->control;
    const SyGraph *before = control->snapshot;

    for (uint32_t i = 0; i < control->graph->module_top; i++) {
        const SyGraphModule *module = &control->graph->modules[i];
        if (module->used && !before->modules[i].used) {
            sy_arena_give(control->arena, module->memory_at, module->memory_size);
        }
    }
    memcpy(control->graph, before, sizeof(*before));
    edit->structural = false;
}

ptrdiff_t sy_edit_graph(SyEdit *edit)
{
    SyControl *control = edit->control;
    const SyTransaction *transaction = edit->transaction;

    if (transaction->all_or_nothing) {
        memcpy(control->snapshot, control->graph, sizeof(*control->graph));
    }
    if (transaction->replace) {
        begin_replace(control->graph);
        edit->structural = true;
    }
    for (size_t i = 0; i < transaction->n_commands; i++) {
        apply(edit, &transaction->commands[i], &edit->outcomes[i]);
        if (edit->outcomes[i].status != SY_OK && transaction->all_or_nothing) {
            return (ptrdiff_t)i;
        }
    }
    if (transaction->replace) {
        end_replace(control->graph);
    }
    return -1;
}
