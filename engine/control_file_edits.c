#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/control_files.h"
#include "modules/registry.h"

/* Edits that the engine makes itself. */

static void note_refusal(SyTransaction *transaction, size_t index, const SyAnswer *answer)
{
    SyFileResult *result = transaction->user;
    (void)index;
    if (answer->status != SY_OK && result->status == SY_OK) {
        result->status = answer->status;
        snprintf(result->text, sizeof(result->text), "%s", answer->text);
    }
}

static void release_nothing(SyTransaction *transaction)
{
    (void)transaction;
}

static SyFileResult make_edit(SyControl *control, SyCommand *commands, size_t n,
                              const uint32_t *files, bool quiet)
{
    SyFileResult result = {.status = SY_OK};
    SyTransaction transaction = {.when = SY_WHEN_NOW,
                                 .all_or_nothing = true,
                                 .answer = note_refusal,
                                 .release = release_nothing,
                                 .user = &result,
                                 .commands = commands,
                                 .n_commands = n};
    SyEdit edit = {.control = control, .transaction = &transaction, .files = files, .quiet = quiet};

    sy_edit_carry_out(&edit);
    return result;
}

static SyCommand create_again(const SyControl *control, uint32_t slot)
{
    const SyGraphModule *module = &control->graph->modules[slot];
    const uint8_t n_params = sy_registry_at(module->ref.type)->n_params;
    SyCommand command = {
        .kind = SY_CMD_CREATE,
        .create = {.module = module->ref, .voices = module->voices, .n_params = n_params}};

    for (uint8_t i = 0; i < n_params; i++) {
        command.create.params[i] =
            (SyParamValue){i, atomic_load(&control->audio->live[slot].written[i])};
    }
    return command;
}

static SyCommand connect_again(const SyGraph *graph, const SyGraphCable *cable)
{
    return (SyCommand){.kind = SY_CMD_CONNECT,
                       .cable = {.from = {graph->modules[cable->from].ref, cable->from_port},
                                 .to = {graph->modules[cable->to].ref, cable->to_port},
                                 .gain = cable->gain}};
}

static int by_order(const void *a, const void *b)
{
    const SyGraphCable *x = *(const SyGraphCable *const *)a, *y = *(const SyGraphCable *const *)b;
    return x->order < y->order ? -1 : x->order > y->order;
}

/* The cables of a module by age, which says which of them closes a loop. */
static size_t list_cables(const SyGraph *graph, uint32_t slot, const SyGraphCable **cables)
{
    size_t n = 0;

    for (uint32_t i = 0; i < graph->cable_top; i++) {
        const SyGraphCable *cable = &graph->cables[i];
        if (cable->used && !cable->dying && !cable->sink &&
            (cable->from == slot || cable->to == slot)) {
            cables[n++] = cable;
        }
    }
    qsort(cables, n, sizeof(cables[0]), by_order);
    return n;
}

/* A knob that was turned in the meantime was one of the old module's. */
static void pass_values_on(SyControl *control, uint32_t slot, const SyCommand *made)
{
    for (uint8_t i = 0; i < made->create.n_params; i++) {
        const float written = atomic_load(&control->audio->live[slot].written[i]);
        if (written != made->create.params[i].written) {
            const SyCommand set = {.kind = SY_CMD_SET,
                                   .param = {.module = made->create.module, .value = {i, written}}};
            SyAnswer answer;
            sy_control_value(control, SY_FROM_CONTROL, SY_WHEN_NOW, sy_control_next_serial(control),
                             &set, &answer);
        }
    }
}

/* Replaces a module by itself with another file. */
static SyFileResult replace(SyControl *control, uint32_t slot, uint32_t file)
{
    SyGraph *graph = control->graph;
    const size_t most = graph->n_cables + 2;
    const SyGraphCable **cables = calloc(most, sizeof(*cables));
    SyCommand *commands = calloc(most, sizeof(*commands));
    uint32_t *files = malloc(most * sizeof(*files));
    SyFileResult result = {.status = SY_ERR_MEMORY, .text = "no memory for the edit"};

    if (cables && commands && files) {
        const size_t n = list_cables(graph, slot, cables);
        commands[0] = (SyCommand){.kind = SY_CMD_DESTROY, .module = graph->modules[slot].ref};
        commands[1] = create_again(control, slot);
        for (size_t i = 0; i < n; i++) {
            commands[2 + i] = connect_again(graph, cables[i]);
        }
        memset(files, 0xff, most * sizeof(*files)); /* SY_NONE */
        files[1] = file;
        result = make_edit(control, commands, n + 2, files, true);
        if (result.status == SY_OK) {
            pass_values_on(control, slot, &commands[1]);
        }
    }
    free(cables);
    free(commands);
    free(files);
    return result;
}

/* Answers that were put off. */

bool sy_files_wait(SyEdit *edit, size_t index)
{
    SyFiles *files = edit->control->files;
    const SyOutcome *outcome = &edit->outcomes[index];
    const SyGraphModule *module = &edit->control->graph->modules[outcome->slot];

    if (files->n_waits == files->waits_room) {
        const size_t room = files->waits_room ? 2 * files->waits_room : 16;
        SyFileWait *more = realloc(files->waits, room * sizeof(*more));
        if (!more) {
            return false;
        }
        files->waits = more;
        files->waits_room = room;
    }
    files->waits[files->n_waits++] = (SyFileWait){.transaction = edit->transaction,
                                                  .index = index,
                                                  .file = module->wanted_file - 1,
                                                  .module = module->ref,
                                                  .outcome = *outcome};
    return true;
}

static bool has_waits(const SyFiles *files, const SyTransaction *transaction)
{
    for (size_t i = 0; i < files->n_waits; i++) {
        if (files->waits[i].transaction == transaction) {
            return true;
        }
    }
    return false;
}

/* Answers whoever waits for this file: for this module, or, if `module` is NULL, at all. */
static void answer_waits(SyFiles *files, uint32_t file, const SyModuleRef *module,
                         const SyFileResult *result)
{
    for (size_t i = 0; i < files->n_waits;) {
        const SyFileWait wait = files->waits[i];
        if (wait.file != file ||
            (module && (wait.module.type != module->type || wait.module.id != module->id))) {
            i++;
            continue;
        }
        const SyAnswer answer = {.status = result->status,
                                 .text = result->text,
                                 .worker = wait.outcome.worker,
                                 .assign_us = wait.outcome.assign_us,
                                 .clamped = wait.outcome.clamped};
        files->n_waits--;
        memmove(&files->waits[i], &files->waits[i + 1],
                (files->n_waits - i) * sizeof(files->waits[0]));
        wait.transaction->answer(wait.transaction, wait.index, &answer);
        if (!has_waits(files, wait.transaction)) {
            wait.transaction->release(wait.transaction);
        }
    }
}

/* Modules that waited. */

static void announce(SyControl *control, SyModuleRef ref, const char *path)
{
    const SyNotice notice = {.kind = SY_NOTICE_FILE, .module = ref, .text = path};
    sy_control_notify(control, &notice);
}

static SyFileResult give_file(SyControl *control, uint32_t slot, uint32_t found)
{
    SyGraphModule *module = &control->graph->modules[slot];
    const SyModuleRef ref = module->ref;
    const bool was_made_for_it = module->needs_file;

    module->wanted_file = 0;
    const SyFileResult result = replace(control, slot, found);
    if (result.status != SY_OK) {
        return result;
    }
    if (!was_made_for_it) { /* or its creation is written down already */
        sy_control_write_file(control, ref, control->graph->files[found].path);
    }
    announce(control, ref, control->graph->files[found].path);
    return result;
}

/* A module that was made for its file goes with it. */
static void give_up(SyControl *control, uint32_t slot)
{
    SyGraphModule *module = &control->graph->modules[slot];
    SyCommand destroy = {.kind = SY_CMD_DESTROY, .module = module->ref};

    module->wanted_file = 0;
    if (module->needs_file) {
        make_edit(control, &destroy, 1, NULL, false);
    } else {
        sy_control_write_books(control);
    }
}

static void settle_modules(SyControl *control, uint32_t file, uint32_t found,
                           const SyFileResult *loaded)
{
    SyGraph *graph = control->graph;

    for (uint32_t i = 0; i < graph->module_top; i++) {
        const SyGraphModule *module = &graph->modules[i];
        if (!module->used || module->dying || module->wanted_file != file + 1) {
            continue;
        }
        const SyModuleRef ref = module->ref;
        const SyFileResult given = loaded->status == SY_OK ? give_file(control, i, found) : *loaded;
        /* If it was, what should be known of it. */
        const SyFileResult result = given.status == SY_OK ? *loaded : given;
        if (result.status != SY_OK && graph->modules[i].used) {
            give_up(control, i);
        }
        answer_waits(control->files, file, &ref, &result);
    }
}

void sy_files_settle(SyControl *control, uint32_t file, SyStatus status, uint32_t found,
                     const char *text)
{
    static const SyFileResult late = {
        .status = SY_ERR_UNKNOWN_MODULE,
        .text = "the module was taken away, or given another file, before "
                "this one was read"};
    SyFileResult loaded = {.status = status};

    snprintf(loaded.text, sizeof(loaded.text), "%s", text);
    if (status == SY_OK && text[0]) {
        fprintf(stderr, "synthd: %s\n", text);
    }
    sy_files_settle_held(control, file, found, &loaded);
    settle_modules(control, file, found, &loaded);
    answer_waits(control->files, file, NULL, &late);
    if (status != SY_OK || found != file) {
        sy_graph_remove_file(control->graph, file);
    }
    sy_control_write_books(control);
    sy_files_let_go(control);
}
