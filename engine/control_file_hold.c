/* Transactions that wait as a whole until their files are there. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/control_files.h"
#include "modules/registry.h"

static bool names_file(const SyCommand *command)
{
    return (command->kind == SY_CMD_CREATE && command->create.file) ||
           command->kind == SY_CMD_SET_FILE;
}

static const char *file_of(const SyCommand *command, uint16_t *type)
{
    const bool create = command->kind == SY_CMD_CREATE;
    *type = create ? command->create.module.type : command->file.module.type;
    return create ? command->create.file : command->file.path;
}

static void refuse(SyFileHeld *held, size_t index, SyStatus status, const char *text)
{
    if (held->culprit < 0) {
        held->culprit = (ptrdiff_t)index;
        held->status = status;
        snprintf(held->text, sizeof(held->text), "%s", text);
    }
}

/* What cannot be asked for is refused here only if nothing would be said of it later. */
static void want_file(SyControl *control, SyFileHeld *held, size_t index)
{
    uint16_t number;
    const char *path = file_of(&held->transaction->commands[index], &number);
    const SyModule *type = sy_registry_at(number);

    if (!type || sy_files_wrong_with(type, path)) {
        return;
    }
    const uint32_t file = sy_files_want(control, number, path);
    if (file == SY_NONE) {
        refuse(held, index, SY_ERR_LIMIT, "there are too many files");
        return;
    }
    held->files[index] = file;
    control->files->held_by[file]++;
    held->n_missing++;
}

static SyFileHeld *new_held(SyTransaction *transaction)
{
    SyFileHeld *held = calloc(1, sizeof(*held));

    if (held) {
        *held = (SyFileHeld){.transaction = transaction, .culprit = -1};
        held->files = malloc((transaction->n_commands + 1) * sizeof(*held->files));
    }
    if (!held || !held->files) {
        free(held);
        return NULL;
    }
    memset(held->files, 0xff, (transaction->n_commands + 1) * sizeof(*held->files));
    return held;
}

static bool put_aside(SyFiles *files, SyFileHeld *held)
{
    if (files->n_held == files->held_room) {
        const size_t room = files->held_room ? 2 * files->held_room : 16;
        SyFileHeld **more = realloc(files->held, room * sizeof(*more));
        if (!more) {
            return false;
        }
        files->held = more;
        files->held_room = room;
    }
    files->held[files->n_held++] = held;
    return true;
}

/* Carries out, or refuses, what waits for nothing any more. */
static void let_go(SyControl *control, SyFileHeld *held)
{
    const size_t n_commands = held->transaction->n_commands;
    SyEdit edit = {.control = control, .transaction = held->transaction, .files = held->files};

    if (held->culprit >= 0) {
        sy_edit_refuse(&edit, (size_t)held->culprit, held->status, held->text);
    } else {
        sy_edit_carry_out(&edit);
    }
    for (size_t i = 0; i < n_commands; i++) {
        if (held->files[i] != SY_NONE) {
            control->files->held_by[held->files[i]]--;
        }
    }
    free(held->files);
    free(held);
}

static bool has_files(const SyTransaction *transaction)
{
    for (size_t i = 0; i < transaction->n_commands; i++) {
        if (names_file(&transaction->commands[i])) {
            return true;
        }
    }
    return false;
}

bool sy_files_hold(SyControl *control, SyTransaction *transaction)
{
    if (!(transaction->all_or_nothing || transaction->files_may_fail) || !has_files(transaction)) {
        return false;
    }
    SyFileHeld *held = new_held(transaction);
    if (!held || !put_aside(control->files, held)) {
        if (held) {
            free(held->files);
            free(held);
        }
        SyEdit edit = {.control = control, .transaction = transaction};
        sy_edit_refuse(&edit, 0, SY_ERR_MEMORY, "no memory for the edit");
        return true;
    }
    for (size_t i = 0; i < transaction->n_commands; i++) {
        if (names_file(&transaction->commands[i])) {
            want_file(control, held, i);
        }
    }
    if (held->n_missing == 0) {
        control->files->n_held--;
        let_go(control, held);
    }
    return true;
}

/* One command of a held transaction has, or will not have, its file. */
static void settle_one(SyControl *control, SyFileHeld *held, size_t index, uint32_t found,
                       const SyFileResult *loaded)
{
    SyFiles *files = control->files;

    files->held_by[held->files[index]]--;
    held->files[index] = loaded->status == SY_OK ? found : SY_NONE;
    held->n_missing--;
    if (loaded->status == SY_OK) {
        files->held_by[found]++;
    } else if (held->transaction->files_may_fail) {
        fprintf(stderr, "synthd: %s; its module is silent\n", loaded->text);
    } else {
        refuse(held, index, loaded->status, loaded->text);
    }
}

void sy_files_settle_held(SyControl *control, uint32_t file, uint32_t found,
                          const SyFileResult *loaded)
{
    SyFiles *files = control->files;

    for (size_t i = 0; i < files->n_held; i++) {
        SyFileHeld *held = files->held[i];
        for (size_t k = 0; k < held->transaction->n_commands; k++) {
            if (held->files[k] == file) {
                settle_one(control, held, k, found, loaded);
            }
        }
    }
}

void sy_files_let_go(SyControl *control)
{
    SyFiles *files = control->files;

    for (size_t i = 0; i < files->n_held;) {
        SyFileHeld *held = files->held[i];
        if (held->n_missing > 0) {
            i++;
            continue;
        }
        files->n_held--;
        memmove(&files->held[i], &files->held[i + 1], (files->n_held - i) * sizeof(held));
        let_go(control, held);
    }
}
