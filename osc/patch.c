#include "osc/patch.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "modules/registry.h"
#include "osc/line.h"

/* The modules that the lines so far have made: one bit for each id of each type. */
typedef struct Patch {
    uint8_t *made; /* [types][SY_ID_MAX / 8 + 1] */
    SyCommandList *list;
    SyError *error;
} Patch;

#define BYTES_A_TYPE ((size_t)SY_ID_MAX / 8 + 1)

static bool is_made(const Patch *patch, SyModuleRef module)
{
    const uint8_t byte = patch->made[module.type * BYTES_A_TYPE + module.id / 8];
    return byte >> module.id % 8 & 1;
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
    Patch *patch = user;
    patch->made[module.type * BYTES_A_TYPE + module.id / 8] |= (uint8_t)(1u << module.id % 8);
}

static SyStatus must_be_made(const Patch *patch, SyModuleRef module)
{
    if (is_made(patch, module)) {
        return SY_OK;
    }
    return sy_problem(patch->error, SY_ERR_UNKNOWN_MODULE, "no line before this one creates %s/%u",
                      sy_registry_at(module.type)->name, module.id);
}

static SyStatus check_command(const Patch *patch, const SyCommand *command)
{
    switch (command->kind) {
    case SY_CMD_CONNECT: {
        const SyStatus status = must_be_made(patch, command->cable.from.module);
        return status == SY_OK ? must_be_made(patch, command->cable.to.module) : status;
    }
    case SY_CMD_SET:
        return must_be_made(patch, command->param.module);
    case SY_CMD_NOTE:
        return must_be_made(patch, command->note.module);
    default:
        return SY_OK;
    }
}

/* A create line with an id that is there already must be found before it is routed. */
static SyStatus check_new(const Patch *patch, const SyMessage *message)
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
    if (is_made(patch, module)) {
        return sy_problem(patch->error, SY_ERR_ID_IN_USE, "%s/%u is created twice", args[0].s,
                          module.id);
    }
    return SY_OK;
}

static bool belongs_in_patch(const char *verb)
{
    return strcmp(verb, "create") == 0 || strcmp(verb, "connect") == 0 ||
           strcmp(verb, "set") == 0 || strcmp(verb, "note") == 0;
}

static SyStatus parse_words(Patch *patch, char *const *words, size_t n_words, uint32_t number)
{
    SyLine line;
    SyRoute route;
    const SyWorld world = {next_made, claim, patch};
    if (!belongs_in_patch(words[0])) {
        return sy_problem(
            patch->error, SY_ERR_SYNTAX,
            "'%.40s' does not belong in a patch; it has create, connect, set and note", words[0]);
    }
    SyStatus status = sy_line_message(words, n_words, &line, patch->error);
    if (status == SY_OK) {
        status = check_new(patch, &line.message);
    }
    if (status == SY_OK) {
        status = sy_route(&line.message, &world, patch->list, &route, patch->error);
    }
    for (size_t i = 0; status == SY_OK && i < route.n_commands; i++) {
        SyCommand *command = &patch->list->items[route.first + i];
        command->line = number;
        status = check_command(patch, command);
    }
    return status;
}

/* Parses the text, cutting it up. */
static SyStatus parse_lines(Patch *patch, char *text)
{
    SyStatus status = SY_OK;
    uint32_t number = 0;
    while (status == SY_OK && text) {
        char *words[SY_WORDS_MAX];
        size_t n_words = 0;
        char *end = strchr(text, '\n');
        if (end) {
            *end++ = '\0';
        }
        number++;
        status = sy_line_split(text, words, &n_words, patch->error);
        if (status == SY_OK && n_words > 0) {
            status = parse_words(patch, words, n_words, number);
        }
        text = end;
    }
    if (status != SY_OK) {
        sy_problem_prefix(patch->error, "line %u: ", number);
    }
    return status;
}

SyStatus sy_patch_parse(const char *text, size_t size, SyCommandList *list, SyError *error)
{
    SyStatus status = SY_ERR_MEMORY;
    Patch patch = {.list = list, .error = error};
    char *copy = malloc(size + 1);
    patch.made = calloc(sy_registry_count(), BYTES_A_TYPE);
    *list = (SyCommandList){NULL, 0, 0};
    if (memchr(text, 0, size)) {
        status = sy_problem(error, SY_ERR_SYNTAX, "not a text: it has a zero byte");
    } else if (copy && patch.made) {
        memcpy(copy, text, size);
        copy[size] = '\0';
        status = parse_lines(&patch, copy);
    } else {
        sy_problem(error, status, "out of memory");
    }
    if (status != SY_OK) {
        sy_commands_clear(list);
    }
    free(patch.made);
    free(copy);
    return status;
}

/* A transaction whose commands are its own. */
static void release(SyTransaction *transaction)
{
    free(transaction->commands);
    free(transaction);
}

static void ignore(SyTransaction *transaction, size_t index, const SyAnswer *answer)
{
    (void)transaction;
    (void)index;
    (void)answer;
}

SyStatus sy_patch_read(const char *path, SyTransaction **out, char *error, size_t error_size)
{
    SyError problem;
    SyCommandList list;
    SyStatus status = sy_patch_read_commands(path, &list, &problem);
    SyTransaction *transaction = status == SY_OK ? calloc(1, sizeof *transaction) : NULL;
    if (transaction) {
        *transaction = (SyTransaction){.when = SY_WHEN_NOW,
                                       .all_or_nothing = true,
                                       .replace = true,
                                       .answer = ignore,
                                       .release = release,
                                       .n_commands = list.n,
                                       .commands = list.items};
        *out = transaction;
        return SY_OK;
    }
    if (status == SY_OK) {
        sy_commands_clear(&list);
        status = sy_problem(&problem, SY_ERR_MEMORY, "out of memory");
    }
    sy_problem_copy(&problem, error, error_size);
    return status;
}
