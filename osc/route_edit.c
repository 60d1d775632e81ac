/* The commands that change the patch: create, destroy, revive, connect, disconnect. */
#include <string.h>

#include "modules/registry.h"
#include "osc/pattern.h"
#include "osc/router.h"
#include "osc/value.h"

/* The lowest id that no module of the type has, or 0. */
static uint16_t free_id(const SyWorld *world, uint16_t type)
{
    uint16_t last = 0;
    while (last < SY_ID_MAX && world->next(world->user, type, last) == last + 1) {
        last++;
    }
    return last < SY_ID_MAX ? last + 1 : 0;
}

/* An id, or -1 (or none at all) for any that is free. */
static SyStatus take_id(Router *router, SyModuleRef *module)
{
    const SyMessage *message = router->message;
    const SyArg *arg = router->at < message->n_args ? &message->args[router->at] : NULL;
    int32_t id = -1;
    if (arg && sy_arg_is_number(arg)) {
        const SyStatus status = sy_arg_whole(sy_router_next(router), "the id", INT32_MIN, INT32_MAX,
                                             &id, router->error);
        if (status != SY_OK) {
            return status;
        }
    }
    if (id == -1) {
        id = free_id(router->world, module->type);
        if (id == 0) {
            return sy_problem(router->error, SY_ERR_LIMIT, "all %d ids of %s are taken", SY_ID_MAX,
                              sy_registry_at(module->type)->name);
        }
    }
    if (id < 1 || id > SY_ID_MAX) {
        return sy_problem(router->error, SY_ERR_ID_RANGE,
                          "id %d is not in 1 to %d (-1 takes the lowest free one)", id, SY_ID_MAX);
    }
    module->id = (uint16_t)id;
    return SY_OK;
}

static SyStatus take_voices(Router *router, const SyArg *arg, SyCommand *command)
{
    int32_t voices = 0;
    const SyStatus status = sy_arg_whole(arg, "voices", 1, SY_VOICES_MAX, &voices, router->error);
    command->create.voices = (uint8_t)voices;
    return status;
}

/* Puts a value in place of an earlier one for the same parameter, or behind the others. */
static void put_param(SyCommand *command, SyParamValue value)
{
    uint8_t i = 0;
    while (i < command->create.n_params && command->create.params[i].param != value.param) {
        i++;
    }
    command->create.params[i] = value;
    command->create.n_params += i == command->create.n_params;
}

/* The file that a module is made from. */
static SyStatus take_file(Router *router, const SyArg *arg, SyCommand *command)
{
    const SyModule *info = sy_registry_at(command->create.module.type);
    if (!info->file) {
        return sy_problem(router->error, SY_ERR_UNKNOWN_PARAM, "%s takes no file", info->name);
    }
    if (arg->type != 's') {
        return sy_problem(router->error, SY_ERR_VALUE, "a file is named by its path");
    }
    return sy_command_take_path(command, arg->s) == SY_OK
               ? SY_OK
               : sy_problem(router->error, SY_ERR_MEMORY, "out of memory");
}

/* One pair of name and value. */
static SyStatus take_pair(Router *router, SyCommand *command)
{
    const char *name;
    SyParamValue value = {0, 0.0f};
    SyStatus status = sy_router_word(router, &name);
    const SyArg *arg = sy_router_next(router);
    if (status != SY_OK) {
        return status;
    }
    if (!arg) {
        return sy_router_usage(router, "a parameter without a value");
    }
    if (strcmp(name, "voices") == 0) {
        return take_voices(router, arg, command);
    }
    if (strcmp(name, "file") == 0) {
        return take_file(router, arg, command);
    }
    const uint16_t type = command->create.module.type;
    const SyPart part = {name, strlen(name)};
    status = sy_address_param(type, part, &value.param, router->error);
    if (status == SY_OK) {
        const SyParamInfo *info = &sy_registry_at(type)->params[value.param];
        status = sy_arg_param(arg, info, &value.written, router->error);
    }
    if (status == SY_OK) {
        put_param(command, value);
    }
    return status;
}

/* Pairs as long as two arguments are left; a single last one is the request number. */
static SyStatus take_pairs(Router *router, SyCommand *command)
{
    SyStatus status = SY_OK;
    while (status == SY_OK && router->at < router->message->n_args) {
        const SyArg *arg = &router->message->args[router->at];
        if (sy_arg_is_number(arg) && router->at + 1 == router->message->n_args) {
            return sy_router_end(router);
        }
        status = take_pair(router, command);
    }
    return status;
}

SyStatus sy_route_create(Router *router)
{
    const char *name;
    SyCommand *command;
    SyModuleRef module = {0, 0};
    SyStatus status = sy_router_word(router, &name);
    if (status == SY_OK) {
        sy_router_what(router, name);
        status = sy_address_type((SyPart){name, strlen(name)}, &module.type, router->error);
    }
    if (status == SY_OK) {
        status = take_id(router, &module);
    }
    if (status == SY_OK) {
        sy_address_of_module(router->route->what, module);
        status = sy_router_command(router, SY_CMD_CREATE, &command);
    }
    if (status == SY_OK) {
        command->create.module = module;
        command->create.voices = 1;
        status = take_pairs(router, command);
    }
    if (status == SY_OK) {
        router->world->claim(router->world->user, module);
    }
    return status;
}

/* `user`: the kind of command. */
static SyStatus command_one(Router *router, SyModuleRef module, void *user)
{
    const SyCommandKind *kind = user;
    SyCommand *command;
    const SyStatus status = sy_router_command(router, *kind, &command);
    if (status == SY_OK) {
        command->module = module;
    }
    return status;
}

/* One command for each module that the one argument names. */
static SyStatus command_modules(Router *router, SyCommandKind kind)
{
    const char *address;
    SyStatus status = sy_router_word(router, &address);
    if (status != SY_OK) {
        return status;
    }
    sy_router_what(router, address);
    const SyParts parts = sy_address_split(address);
    if (parts.n != 2) {
        return sy_problem(router->error, SY_ERR_ADDRESS,
                          "'%.60s' does not name a module, as vco/1 does", address);
    }
    status = sy_router_end(router);
    return status == SY_OK ? sy_router_modules(router, &parts, command_one, &kind) : status;
}

SyStatus sy_route_destroy(Router *router)
{
    return command_modules(router, SY_CMD_DESTROY);
}

SyStatus sy_route_revive(Router *router)
{
    return command_modules(router, SY_CMD_REVIVE);
}

/* The two ends of a cable. */
static SyStatus take_ends(Router *router, SyPortRef *from, SyPortRef *to)
{
    const char *output, *input;
    SyStatus status = sy_router_word(router, &output);
    if (status == SY_OK) {
        sy_router_what(router, output);
        status = sy_router_word(router, &input);
    }
    if (status == SY_OK &&
        (sy_pattern_is(output, strlen(output)) || sy_pattern_is(input, strlen(input)))) {
        return sy_router_usage(router, "a cable's ends cannot be patterns");
    }
    if (status == SY_OK) {
        status = sy_address_output(output, from, router->error);
    }
    if (status == SY_OK) {
        status = sy_address_input(input, to, router->error);
    }
    if (status == SY_OK) {
        sy_address_of_output(router->route->what, *from);
        sy_address_of_input(router->route->other, *to);
    }
    return status;
}

static SyStatus cable(Router *router, SyCommandKind kind, SyPortRef from, SyPortRef to)
{
    SyCommand *command;
    const SyStatus status = sy_router_command(router, kind, &command);
    if (status == SY_OK) {
        command->cable.from = from;
        command->cable.to = to;
        command->cable.gain = router->route->value;
    }
    return status;
}

SyStatus sy_route_connect(Router *router)
{
    SyPortRef from = {{0, 0}, 0}, to = {{0, 0}, 0};
    SyStatus status = take_ends(router, &from, &to);
    router->route->value = 1.0f;
    if (status == SY_OK && router->at < router->message->n_args) {
        status =
            sy_arg_float(sy_router_next(router), "the gain", &router->route->value, router->error);
    }
    if (status == SY_OK) {
        status = sy_router_end(router);
    }
    return status == SY_OK ? cable(router, SY_CMD_CONNECT, from, to) : status;
}

SyStatus sy_route_disconnect(Router *router)
{
    SyPortRef from = {{0, 0}, 0}, to = {{0, 0}, 0};
    SyStatus status = take_ends(router, &from, &to);
    if (status == SY_OK) {
        status = sy_router_end(router);
    }
    return status == SY_OK ? cable(router, SY_CMD_DISCONNECT, from, to) : status;
}
