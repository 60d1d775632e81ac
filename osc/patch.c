#include "osc/patch.h"

#include <stdlib.h>
#include <string.h>

#include "modules/registry.h"
#include "osc/edits.h"
#include "osc/lines.h"

/* The modules that the lines so far have made: one bit for each id of each type,
 * [types][SY_ID_MAX / 8 + 1]. It is the world's user. */
#define BYTES_A_TYPE ((size_t)SY_ID_MAX / 8 + 1)

static bool is_made(const uint8_t *made, SyModuleRef module)
{
    return made[module.type * BYTES_A_TYPE + module.id / 8] >> module.id % 8 & 1;
}

static uint16_t next_made(void *user, uint16_t type, uint16_t after)
{
    for (uint32_t id = after + 1u; id <= SY_ID_MAX; id++) {
        if (is_made(user, (SyModuleRef){type, (uint16_t)id})) {
            return (uint16_t)id;
        }
    }
    return 0;
}

static void claim(void *user, SyModuleRef module)
{
    uint8_t *made = user;
    made[module.type * BYTES_A_TYPE + module.id / 8] |= (uint8_t)(1u << module.id % 8);
}

static SyStatus must_be_made(const uint8_t *made, SyModuleRef module, SyError *error)
{
    if (is_made(made, module)) {
        return SY_OK;
    }
    return sy_problem(error, SY_ERR_UNKNOWN_MODULE, "no line before this one creates %s/%u",
                      sy_registry_at(module.type)->name, module.id);
}

static SyStatus check_command(const SyWorld *world, const SyCommand *command, SyError *error)
{
    switch (command->kind) {
    case SY_CMD_CONNECT: {
        const SyStatus status = must_be_made(world->user, command->cable.from.module, error);
        return status == SY_OK ? must_be_made(world->user, command->cable.to.module, error)
                               : status;
    }
    case SY_CMD_SET:
        return must_be_made(world->user, command->param.module, error);
    case SY_CMD_NOTE:
        return must_be_made(world->user, command->note.module, error);
    default:
        return SY_OK;
    }
}

/* A create line with an id that is there already must be found before it is routed. */
static SyStatus check_new(const SyWorld *world, const SyMessage *message, SyError *error)
{
    SyModuleRef module = {0, 0};
    const SyArg *args = message->args;
    if (strcmp(message->address, "/create") != 0 || args[1].type != 'f') {
        return SY_OK;
    }
    const int type = sy_registry_find(args[0].s);
    if (type < 0 || !(args[1].f >= 1.0f && args[1].f <= (float)SY_ID_MAX)) {
        return SY_OK;
    }
    module = (SyModuleRef){(uint16_t)type, (uint16_t)args[1].f};
    if (is_made(world->user, module)) {
        return sy_problem(error, SY_ERR_ID_IN_USE, "%s/%u is created twice", args[0].s, module.id);
    }
    return SY_OK;
}

SyStatus sy_patch_parse(const char *text, size_t size, SyCommandList *list, SyError *error)
{
    static const char *const verbs[] = {"create", "connect", "set", "note", NULL};
    uint8_t *made = calloc(sy_registry_count(), BYTES_A_TYPE);
    const SyLines lines = {.verbs = verbs,
                           .has = "a patch; it has create, connect, set and note",
                           .world = {next_made, claim, made},
                           .before = check_new,
                           .after = check_command};
    *list = (SyCommandList){NULL, 0, 0};
    if (!made) {
        return sy_problem(error, SY_ERR_MEMORY, "out of memory");
    }
    const SyStatus status = sy_lines_parse(&lines, text, size, list, error);
    free(made);
    return status;
}

/* A transaction whose commands are its own. */
static void release(SyTransaction *transaction)
{
    SyCommandList list = {transaction->commands, transaction->n_commands, 0};
    sy_commands_clear(&list);
    free(transaction);
}

static void ignore(SyTransaction *transaction, size_t index, const SyAnswer *answer)
{
    (void)transaction;
    (void)index;
    (void)answer;
}

/* Makes a transaction of the commands, which it takes over. */
static SyStatus transaction_of(SyCommandList *list, bool whole, SyTransaction **out, SyError *error)
{
    SyTransaction *transaction = calloc(1, sizeof *transaction);
    if (!transaction) {
        sy_commands_clear(list);
        return sy_problem(error, SY_ERR_MEMORY, "out of memory");
    }
    *transaction = (SyTransaction){.when = SY_WHEN_NOW,
                                   .all_or_nothing = whole,
                                   .replace = whole,
                                   .answer = ignore,
                                   .release = release,
                                   .n_commands = list->n,
                                   .commands = list->items};
    *out = transaction;
    return SY_OK;
}

SyStatus sy_patch_transaction(const char *text, size_t size, bool whole, SyTransaction **out,
                              char *error, size_t error_size)
{
    SyError problem;
    SyCommandList list;
    SyStatus status = whole ? sy_patch_parse(text, size, &list, &problem)
                            : sy_edits_parse(text, size, &list, &problem);
    if (status == SY_OK) {
        status = transaction_of(&list, whole, out, &problem);
    }
    if (status != SY_OK) {
        sy_problem_copy(&problem, error, error_size);
    }
    return status;
}

SyStatus sy_patch_read(const char *path, SyTransaction **out, char *error, size_t error_size)
{
    SyError problem;
    SyCommandList list;
    SyStatus status = sy_patch_read_commands(path, &list, &problem);
    if (status == SY_OK) {
        status = transaction_of(&list, true, out, &problem);
    }
    if (status != SY_OK) {
        sy_problem_copy(&problem, error, error_size);
    }
    return status;
}
