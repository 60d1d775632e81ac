#include "osc/edits.h"

#include <stdlib.h>
#include <string.h>

#include "osc/line_write.h"
#include "osc/lines.h"

static void write_create(FILE *file, const SyCommand *command)
{
    const SyModuleRef module = command->create.module;
    sy_line_write_create(file, module, command->create.voices);
    for (uint8_t i = 0; i < command->create.n_params; i++) {
        sy_line_write_option(file, module.type, command->create.params[i]);
    }
    if (command->create.file) {
        sy_line_write_file(file, command->create.file);
    }
    fputc('\n', file);
}

static void write_command(FILE *file, const SyCommand *command)
{
    switch (command->kind) {
    case SY_CMD_CREATE:
        write_create(file, command);
        break;
    case SY_CMD_DESTROY:
        sy_line_write_destroy(file, command->module);
        break;
    case SY_CMD_CONNECT:
        sy_line_write_connect(file, command->cable.from, command->cable.to, command->cable.gain);
        break;
    case SY_CMD_DISCONNECT:
        sy_line_write_disconnect(file, command->cable.from, command->cable.to);
        break;
    case SY_CMD_SET:
        sy_line_write_set(file, command->param.module, command->param.value);
        break;
    case SY_CMD_SET_FILE:
        sy_line_write_set_file(file, command->file.module, command->file.path);
        break;
    case SY_CMD_CLEAR:
        fputs("clear\n", file);
        break;
    default: /* changes no patch */
        break;
    }
}

char *sy_edits_format(const SyCommand *commands, size_t n, size_t *size)
{
    char *text = NULL;
    FILE *file = open_memstream(&text, size);
    if (!file) {
        return NULL;
    }
    for (size_t i = 0; i < n; i++) {
        write_command(file, &commands[i]);
    }
    if (ferror(file) | fclose(file)) {
        free(text);
        return NULL;
    }
    return text;
}

/* The patch is not known here: no pattern matches, and no id can be called free. */
static uint16_t next_unknown(void *user, uint16_t type, uint16_t after)
{
    (void)user;
    (void)type;
    (void)after;
    return 0;
}

static void claim_nothing(void *user, SyModuleRef module)
{
    (void)user;
    (void)module;
}

static SyStatus check_id(const SyWorld *world, const SyMessage *message, SyError *error)
{
    (void)world;
    const SyArg *args = message->args;
    if (strcmp(message->address, "/create") == 0 && args[1].type == 'f' && args[1].f == -1.0f) {
        return sy_problem(error, SY_ERR_USAGE, "an edit that creates must have --id");
    }
    return SY_OK;
}

static SyStatus take_any(const SyWorld *world, const SyCommand *command, SyError *error)
{
    (void)world;
    (void)command;
    (void)error;
    return SY_OK;
}

SyStatus sy_edits_parse(const char *text, size_t size, SyCommandList *list, SyError *error)
{
    static const char *const verbs[] = {"create", "destroy", "connect", "disconnect",
                                        "set",    "note",    "clear",   NULL};
    static const SyLines lines = {
        .verbs = verbs,
        .has = "edits; they have create, destroy, connect, disconnect, set, note and clear",
        .world = {next_unknown, claim_nothing, NULL},
        .before = check_id,
        .after = take_any};
    return sy_lines_parse(&lines, text, size, list, error);
}
