/* Parameters and notes: by plain address (/vco/1/freq) or by name (/set "vco/1/freq"), and the
 * expansion of patterns over the modules that there are. */
#include <stdio.h>
#include <string.h>

#include "modules/registry.h"
#include "osc/pattern.h"
#include "osc/router.h"
#include "osc/value.h"

static bool part_is_pattern(SyPart part)
{
    return sy_pattern_is(part.text, part.length);
}

static bool part_matches(SyPart part, const char *name)
{
    return sy_pattern_match(part.text, part.length, name, strlen(name));
}

static SyStatus check_pattern(Router *router, SyPart part)
{
    if (part_is_pattern(part) && !sy_pattern_valid(part.text, part.length)) {
        return sy_problem(router->error, SY_ERR_ADDRESS, "the pattern '%.*s' is not closed",
                          (int)(part.length < 60 ? part.length : 60), part.text);
    }
    return SY_OK;
}

/* The modules of one type whose ids match. */
static SyStatus modules_of_type(Router *router, uint16_t type, SyPart id, SyModuleFunc *each,
                                void *user, size_t *found)
{
    const SyWorld *world = router->world;
    SyStatus status = SY_OK;
    uint16_t at = 0;
    while (status == SY_OK && (at = world->next(world->user, type, at)) != 0) {
        char digits[8];
        snprintf(digits, sizeof digits, "%u", at);
        if (part_matches(id, digits)) {
            *found += 1;
            status = each(router, (SyModuleRef){type, at}, user);
        }
    }
    return status;
}

/* The one type that is named, and the ids that match. */
static SyStatus ids_matching(Router *router, const SyParts *parts, SyModuleFunc *each, void *user,
                             size_t *found)
{
    uint16_t type = 0;
    const SyStatus status = sy_address_type(parts->type, &type, router->error);
    return status == SY_OK ? modules_of_type(router, type, parts->id, each, user, found) : status;
}

static SyStatus types_matching(Router *router, const SyParts *parts, SyModuleFunc *each, void *user,
                               size_t *found)
{
    SyStatus status = SY_OK;
    for (uint32_t t = 0; status == SY_OK && t < sy_registry_count(); t++) {
        if (part_matches(parts->type, sy_registry_at(t)->name)) {
            status = modules_of_type(router, (uint16_t)t, parts->id, each, user, found);
        }
    }
    return status;
}

static SyStatus exact_module(Router *router, const SyParts *parts, SyModuleFunc *each, void *user)
{
    SyModuleRef module = {0, 0};
    SyStatus status = sy_address_type(parts->type, &module.type, router->error);
    if (status == SY_OK) {
        status = sy_address_id(parts->id, &module.id, router->error);
    }
    return status == SY_OK ? each(router, module, user) : status;
}

SyStatus sy_router_modules(Router *router, const SyParts *parts, SyModuleFunc *each, void *user)
{
    SyStatus status = check_pattern(router, parts->type);
    size_t found = 0;
    if (status == SY_OK) {
        status = check_pattern(router, parts->id);
    }
    if (status != SY_OK) {
        return status;
    }
    if (part_is_pattern(parts->type)) {
        status = types_matching(router, parts, each, user, &found);
    } else if (part_is_pattern(parts->id)) {
        status = ids_matching(router, parts, each, user, &found);
    } else {
        return exact_module(router, parts, each, user);
    }
    if (status == SY_OK && found == 0) {
        status = sy_problem(
            router->error, SY_ERR_UNKNOWN_MODULE, "no module in the patch matches %.*s/%.*s",
            (int)(parts->type.length < 40 ? parts->type.length : 40), parts->type.text,
            (int)(parts->id.length < 40 ? parts->id.length : 40), parts->id.text);
    }
    return status;
}

/* A module's file: its path, or NULL to ask for it. */
typedef struct FileWish {
    const char *path;
    bool many; /* patterns: a module that takes no file is passed over */
    size_t found;
} FileWish;

static SyStatus file_of(Router *router, SyModuleRef module, void *user)
{
    FileWish *wish = user;
    SyCommand *command;
    if (!sy_registry_at(module.type)->file) {
        return wish->many ? SY_OK
                          : sy_problem(router->error, SY_ERR_UNKNOWN_PARAM, "%s takes no file",
                                       sy_registry_at(module.type)->name);
    }
    wish->found++;
    const SyCommandKind kind = wish->path ? SY_CMD_SET_FILE : SY_CMD_GET_FILE;
    const SyStatus status = sy_router_command(router, kind, &command);
    if (status != SY_OK) {
        return status;
    }
    if (!wish->path) {
        command->module = module;
        return SY_OK;
    }
    command->file.module = module;
    return sy_command_take_path(command, wish->path) == SY_OK
               ? SY_OK
               : sy_problem(router->error, SY_ERR_MEMORY, "out of memory");
}

/* What a parameter's address is asked for. */
typedef struct ParamWish {
    SyPart leaf;        /* .text NULL: every parameter */
    const SyArg *value; /* NULL: get */
    bool many;          /* patterns: a module without that parameter is passed over */
    size_t found;
} ParamWish;

static SyStatus one_param(Router *router, SyModuleRef module, uint8_t param, ParamWish *wish)
{
    SyCommand *command;
    float written = 0.0f;
    SyStatus status = SY_OK;
    if (wish->value) {
        const SyParamInfo *info = &sy_registry_at(module.type)->params[param];
        status = sy_arg_param(wish->value, info, &written, router->error);
    }
    if (status == SY_OK) {
        status = sy_router_command(router, wish->value ? SY_CMD_SET : SY_CMD_GET, &command);
    }
    if (status == SY_OK) {
        command->param.module = module;
        command->param.value = (SyParamValue){param, written};
        router->route->value = written;
        wish->found++;
    }
    return status;
}

static SyStatus params_of(Router *router, SyModuleRef module, void *user)
{
    ParamWish *wish = user;
    const SyModule *info = sy_registry_at(module.type);
    if (!wish->many) {
        uint8_t param = 0;
        const SyStatus status = sy_address_param(module.type, wish->leaf, &param, router->error);
        return status == SY_OK ? one_param(router, module, param, wish) : status;
    }
    SyStatus status = SY_OK;
    for (uint8_t i = 0; status == SY_OK && i < info->n_params; i++) {
        if (!wish->leaf.text || part_matches(wish->leaf, info->params[i].name)) {
            status = one_param(router, module, i, wish);
        }
    }
    if (status == SY_OK && !wish->leaf.text && info->file) {
        status = file_of(router, module, &(FileWish){.path = NULL});
    }
    return status;
}

/* Whether a named module is in the patch; asked only where a pattern follows the module's name. */
static SyStatus must_exist(Router *router, const SyParts *parts)
{
    SyModuleRef module = {0, 0};
    SyStatus status = sy_address_type(parts->type, &module.type, router->error);
    if (status == SY_OK) {
        status = sy_address_id(parts->id, &module.id, router->error);
    }
    if (status == SY_OK &&
        router->world->next(router->world->user, module.type, module.id - 1) != module.id) {
        status = sy_problem(router->error, SY_ERR_UNKNOWN_MODULE, "there is no %s/%u in the patch",
                            sy_registry_at(module.type)->name, module.id);
    }
    return status;
}

/* Sets or gets all parameters that the address names. */
static SyStatus params_at(Router *router, const char *address, const SyArg *value)
{
    const SyParts parts = sy_address_split(address);
    const bool whole = parts.n == 2 && !value; /* /get vco/1: all its parameters */
    if (parts.n != 3 && !whole) {
        return sy_problem(router->error, SY_ERR_ADDRESS,
                          "'%.60s' does not name a parameter, as vco/1/freq does", address);
    }
    const bool pattern = part_is_pattern(parts.type) || part_is_pattern(parts.id);
    ParamWish wish = {.leaf = parts.leaf, .value = value};
    wish.many = whole || pattern || part_is_pattern(parts.leaf);
    SyStatus status = check_pattern(router, parts.leaf);
    if (status == SY_OK && wish.many && !pattern) {
        status = must_exist(router, &parts);
    }
    if (status == SY_OK) {
        status = sy_router_modules(router, &parts, params_of, &wish);
    }
    if (status == SY_OK && wish.found == 0 && !whole) {
        status = sy_problem(
            router->error, SY_ERR_UNKNOWN_PARAM, "no module that matches has a parameter '%.*s'",
            (int)(parts.leaf.length < 60 ? parts.leaf.length : 60), parts.leaf.text);
    }
    return status;
}

static SyStatus files_at(Router *router, SyParts parts, const SyArg *value)
{
    FileWish wish = {.path = value ? value->s : NULL};
    if (value && value->type != 's') {
        return sy_problem(router->error, SY_ERR_VALUE, "a file is named by its path");
    }
    parts.n = 2;
    wish.many = part_is_pattern(parts.type) || part_is_pattern(parts.id);
    router->route->is_file = true;
    router->route->text = wish.path;
    const SyStatus status = sy_router_modules(router, &parts, file_of, &wish);
    if (status == SY_OK && wish.found == 0) {
        return sy_problem(router->error, SY_ERR_UNKNOWN_PARAM,
                          "no module that matches takes a file");
    }
    return status;
}

static bool part_is(SyPart part, const char *word)
{
    return part.length == strlen(word) && memcmp(part.text, word, part.length) == 0;
}

/* Parameters, or the file, which is addressed as they are. */
static SyStatus values_at(Router *router, const char *address, const SyArg *value)
{
    const SyParts parts = sy_address_split(address);
    return parts.n == 3 && part_is(parts.leaf, "file") ? files_at(router, parts, value)
                                                       : params_at(router, address, value);
}

/* The note, and the velocity as a share of 127. */
typedef struct NoteWish {
    float note, velocity;
    bool many; /* patterns: a module that takes no notes is passed over */
    size_t found;
} NoteWish;

static SyStatus note_to(Router *router, SyModuleRef module, void *user)
{
    NoteWish *wish = user;
    SyCommand *command;
    if (!sy_registry_at(module.type)->event) {
        return wish->many ? SY_OK
                          : sy_problem(router->error, SY_ERR_UNKNOWN_PORT, "%s takes no notes",
                                       sy_registry_at(module.type)->name);
    }
    const SyStatus status = sy_router_command(router, SY_CMD_NOTE, &command);
    if (status == SY_OK) {
        command->note.module = module;
        command->note.event = (SyModuleEvent){wish->note, wish->velocity};
        wish->found++;
    }
    return status;
}

/* Reads note and velocity from the next arguments. A velocity is limited as a knob would be, but a
 * note that is not there is an error rather than another note. */
static SyStatus take_note(Router *router, NoteWish *wish)
{
    const SyArg *note = sy_router_next(router);
    const SyArg *velocity = sy_router_next(router);
    float steps = 100.0f;
    if (!note) {
        return sy_router_usage(router, "the note is missing");
    }
    SyStatus status = sy_arg_float(note, "the note", &wish->note, router->error);
    if (status == SY_OK && velocity) {
        status = sy_arg_float(velocity, "the velocity", &steps, router->error);
    }
    if (status == SY_OK && !(wish->note >= 0.0f && wish->note <= 127.0f)) {
        status = sy_problem(router->error, SY_ERR_VALUE, "the note must be in 0 to 127, not %g",
                            (double)wish->note);
    }
    steps = steps < 0.0f ? 0.0f : steps > 127.0f ? 127.0f : steps;
    wish->velocity = steps / 127.0f;
    router->route->value = wish->note;
    return status;
}

static SyStatus notes_to(Router *router, SyParts parts, NoteWish *wish)
{
    parts.n = 2;
    wish->many = part_is_pattern(parts.type) || part_is_pattern(parts.id);
    const SyStatus status = sy_router_modules(router, &parts, note_to, wish);
    if (status == SY_OK && wish->found == 0) {
        return sy_problem(router->error, SY_ERR_UNKNOWN_PORT, "no module that matches takes notes");
    }
    return status;
}

static SyStatus plain_note(Router *router, const SyParts *parts)
{
    NoteWish wish = {0};
    router->usage = "/keys/1/note note [velocity]";
    router->route->verb = SY_VERB_PLAIN_NOTE;
    if (router->message->n_args > 2) {
        return sy_router_usage(router, "too many arguments");
    }
    const SyStatus status = take_note(router, &wish);
    return status == SY_OK ? notes_to(router, *parts, &wish) : status;
}

SyStatus sy_route_plain(Router *router)
{
    const SyMessage *message = router->message;
    const SyParts parts = sy_address_split(message->address);
    router->usage = "/vco/1/freq [value]";
    sy_router_what(router, message->address);
    if (parts.n == 3 && part_is(parts.leaf, "note")) {
        return plain_note(router, &parts);
    }
    if (message->n_args > 1) {
        return sy_router_usage(router, "a parameter takes one value");
    }
    router->route->verb = message->n_args ? SY_VERB_PLAIN_SET : SY_VERB_PLAIN_GET;
    return values_at(router, message->address, sy_router_next(router));
}

SyStatus sy_route_set(Router *router)
{
    const char *address;
    SyStatus status = sy_router_word(router, &address);
    if (status != SY_OK) {
        return status;
    }
    sy_router_what(router, address);
    const SyArg *value = sy_router_next(router);
    if (!value) {
        return sy_router_usage(router, "the value is missing");
    }
    status = sy_router_end(router);
    return status == SY_OK ? values_at(router, address, value) : status;
}

SyStatus sy_route_get(Router *router)
{
    const char *address;
    SyStatus status = sy_router_word(router, &address);
    if (status == SY_OK) {
        sy_router_what(router, address);
        status = sy_router_end(router);
    }
    return status == SY_OK ? values_at(router, address, NULL) : status;
}

SyStatus sy_route_note(Router *router)
{
    const char *address;
    NoteWish wish = {0};
    SyStatus status = sy_router_word(router, &address);
    if (status != SY_OK) {
        return status;
    }
    sy_router_what(router, address);
    const SyParts parts = sy_address_split(address);
    if (parts.n != 2) {
        return sy_problem(router->error, SY_ERR_ADDRESS,
                          "'%.60s' does not name a module, as keys/1 does", address);
    }
    status = take_note(router, &wish);
    if (status == SY_OK) {
        status = sy_router_end(router);
    }
    return status == SY_OK ? notes_to(router, parts, &wish) : status;
}
