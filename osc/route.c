#include "osc/route.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/tracing.h"
#include "modules/registry.h"
#include "osc/router.h"
#include "osc/value.h"

#define SECONDS_MAX 3600 /* of a recording */

SyCommand *sy_commands_add(SyCommandList *list, SyCommandKind kind)
{
    if (list->n == list->capacity) {
        const size_t capacity = list->capacity ? list->capacity * 2 : 1;
        SyCommand *items =
            capacity <= SY_COMMANDS_MAX ? realloc(list->items, capacity * sizeof *items) : NULL;
        if (!items) {
            return NULL;
        }
        list->items = items;
        list->capacity = capacity;
    }
    SyCommand *command = &list->items[list->n++];
    memset(command, 0, sizeof *command);
    command->kind = kind;
    return command;
}

const char **sy_command_path(SyCommand *command)
{
    switch (command->kind) {
    case SY_CMD_CREATE:
        return &command->create.file;
    case SY_CMD_SET_FILE:
        return &command->file.path;
    default:
        return NULL;
    }
}

SyStatus sy_command_take_path(SyCommand *command, const char *path)
{
    const char **own = sy_command_path(command);
    char *copy = strdup(path);
    if (!copy) {
        return SY_ERR_MEMORY;
    }
    free((void *)(uintptr_t)*own); /* its own too */
    *own = copy;
    return SY_OK;
}

void sy_commands_truncate(SyCommandList *list, size_t n)
{
    for (size_t i = n; i < list->n; i++) {
        const char **path = sy_command_path(&list->items[i]);
        if (path) {
            free((void *)(uintptr_t)*path);
            *path = NULL;
        }
    }
    list->n = n < list->n ? n : list->n;
}

void sy_commands_clear(SyCommandList *list)
{
    sy_commands_truncate(list, 0);
    free(list->items);
    *list = (SyCommandList){NULL, 0, 0};
}

const SyArg *sy_router_next(Router *router)
{
    return router->at < router->message->n_args ? &router->message->args[router->at++] : NULL;
}

SyStatus sy_router_usage(Router *router, const char *reason)
{
    return sy_problem(router->error, SY_ERR_USAGE, "%s; usage: %s", reason, router->usage);
}

SyStatus sy_router_word(Router *router, const char **word)
{
    const SyArg *arg = sy_router_next(router);
    if (!arg) {
        return sy_router_usage(router, "an argument is missing");
    }
    if (arg->type != 's') {
        return sy_router_usage(router, "a number where a word belongs");
    }
    *word = arg->s;
    return SY_OK;
}

SyStatus sy_router_end(Router *router)
{
    const SyArg *arg = sy_router_next(router);
    if (!arg) {
        return SY_OK;
    }
    if (router->at < router->message->n_args) {
        return sy_router_usage(router, "too many arguments");
    }
    const SyStatus status = sy_arg_whole(arg, "the request number", INT32_MIN, INT32_MAX,
                                         &router->route->request, router->error);
    router->route->has_request = status == SY_OK;
    return status;
}

SyStatus sy_router_command(Router *router, SyCommandKind kind, SyCommand **command)
{
    *command = sy_commands_add(router->list, kind);
    if (*command) {
        return SY_OK;
    }
    if (router->list->n >= SY_COMMANDS_MAX) {
        return sy_problem(router->error, SY_ERR_LIMIT, "more than %d changes at once",
                          SY_COMMANDS_MAX);
    }
    return sy_problem(router->error, SY_ERR_MEMORY, "out of memory");
}

void sy_router_what(Router *router, const char *address)
{
    char *what = router->route->what;
    const size_t slash = address[0] != '/';
    const size_t length = strnlen(address, SY_ADDRESS_MAX - 1 - slash);

    /* Not printed, and the table of commands not gone through for a parameter: routing one takes
     * 5.4 us so, and took 8. */
    what[0] = '/';
    memcpy(what + slash, address, length);
    what[slash + length] = '\0';
}

/* A command without arguments that the engine answers. */
static SyStatus engine_command(Router *router, SyCommandKind kind)
{
    SyCommand *command;
    const SyStatus status = sy_router_end(router);
    return status == SY_OK ? sy_router_command(router, kind, &command) : status;
}

static SyStatus route_clear(Router *router)
{
    return engine_command(router, SY_CMD_CLEAR);
}

static SyStatus route_status(Router *router)
{
    return engine_command(router, SY_CMD_STATUS);
}

static SyStatus route_quit(Router *router)
{
    return engine_command(router, SY_CMD_QUIT);
}

static SyStatus route_list(Router *router)
{
    const SyMessage *message = router->message;
    if (message->n_args > 0 && message->args[0].type == 's') {
        router->route->text = sy_router_next(router)->s;
    }
    return engine_command(router, SY_CMD_GRAPH);
}

static SyStatus route_save(Router *router)
{
    const SyStatus status = sy_router_word(router, &router->route->text);
    return status == SY_OK ? engine_command(router, SY_CMD_GRAPH) : status;
}

static SyStatus route_load(Router *router)
{
    const SyStatus status = sy_router_word(router, &router->route->text);
    return status == SY_OK ? sy_router_end(router) : status;
}

/* The one number of a command, `or` if it is left out. */
static SyStatus number(Router *router, const char *name, int32_t min, int32_t max, int32_t or)
{
    const SyArg *arg = sy_router_next(router);
    router->route->number = or ;
    return arg ? sy_arg_whole(arg, name, min, max, &router->route->number, router->error) : SY_OK;
}

static SyStatus route_workers(Router *router)
{
    SyCommand *command;
    SyStatus status = number(router, "the number of workers", 0, 4096, 0);
    if (status == SY_OK) {
        status = sy_router_end(router);
    }
    if (status == SY_OK) {
        status = sy_router_command(router, SY_CMD_WORKERS, &command);
    }
    if (status == SY_OK) {
        command->n_workers = (uint32_t)router->route->number;
    }
    return status;
}

static SyStatus route_sync(Router *router)
{
    SyCommand *command;
    const SyStatus status = number(router, "the id", INT32_MIN, INT32_MAX, 0);
    return status == SY_OK ? sy_router_command(router, SY_CMD_SYNC, &command) : status;
}

static SyStatus route_notify(Router *router)
{
    SyStatus status = number(router, "the switch", 0, 2, 1);
    if (status == SY_OK) {
        status = sy_router_end(router);
        router->route->client = router->route->request;
    }
    return status;
}

static SyStatus route_dump_osc(Router *router)
{
    const SyStatus status = number(router, "the mode", 0, 3, 1);
    return status == SY_OK ? sy_router_end(router) : status;
}

static SyStatus route_error(Router *router)
{
    const SyStatus status = number(router, "the mode", -2, 1, 1);
    return status == SY_OK ? sy_router_end(router) : status;
}

/* A level, if there is one. */
static SyStatus trace_level(Router *router)
{
    const SyMessage *message = router->message;
    router->route->number = -1;
    if (router->at == message->n_args || message->args[router->at].type != 's') {
        return SY_OK;
    }
    const char *name = sy_router_next(router)->s;
    router->route->number = sy_trace_level_find(name);
    return router->route->number >= 0
               ? SY_OK
               : sy_problem(router->error, SY_ERR_VALUE,
                            "no level %.40s; there are " SY_TRACE_LEVELS_TEXT, name);
}

static SyStatus route_trace(Router *router)
{
    const SyStatus status = trace_level(router);
    return status == SY_OK ? sy_router_end(router) : status;
}

static SyStatus seconds(Router *router)
{
    const SyArg *arg = sy_router_next(router);
    float *value = &router->route->value;
    if (!arg) {
        return sy_router_usage(router, "an argument is missing");
    }
    const SyStatus status = sy_arg_float(arg, "the time", value, router->error);
    if (status == SY_OK && !(*value > 0 && *value <= SECONDS_MAX)) {
        return sy_problem(router->error, SY_ERR_VALUE,
                          "the time must be above 0 and at most %d seconds", SECONDS_MAX);
    }
    return status;
}

static SyStatus route_record(Router *router)
{
    SyStatus status = sy_router_word(router, &router->route->text);
    if (status == SY_OK) {
        status = seconds(router);
    }
    if (status == SY_OK) {
        status = trace_level(router);
    }
    return status == SY_OK ? sy_router_end(router) : status;
}

static SyStatus route_describe(Router *router)
{
    const char *name = "";
    uint16_t type = 0;
    SyStatus status = sy_router_word(router, &name);
    if (status == SY_OK) {
        status = sy_router_end(router);
    }
    if (status == SY_OK) {
        snprintf(router->route->what, SY_ADDRESS_MAX, "%s", name);
        status = sy_address_type((SyPart){name, strlen(name)}, &type, router->error);
    }
    router->route->number = type;
    return status;
}

typedef struct Entry {
    const char *address;
    SyVerb verb;
    SyStatus (*route)(Router *router);
    const char *usage;
} Entry;

static const Entry entries[] = {
    {"/create", SY_VERB_CREATE, sy_route_create,
     "/create type [id] [param value]... [\"file\" path] [request]"},
    {"/destroy", SY_VERB_DESTROY, sy_route_destroy, "/destroy module [request]"},
    {"/revive", SY_VERB_REVIVE, sy_route_revive, "/revive module [request]"},
    {"/connect", SY_VERB_CONNECT, sy_route_connect, "/connect output input [gain [request]]"},
    {"/disconnect", SY_VERB_DISCONNECT, sy_route_disconnect, "/disconnect output input [request]"},
    {"/set", SY_VERB_SET, sy_route_set, "/set parameter value [request]"},
    {"/get", SY_VERB_GET, sy_route_get, "/get parameter [request]"},
    {"/note", SY_VERB_NOTE, sy_route_note, "/note module note [velocity [request]]"},
    {"/clear", SY_VERB_CLEAR, route_clear, "/clear [request]"},
    {"/list", SY_VERB_LIST, route_list, "/list [pattern] [request]"},
    {"/types", SY_VERB_TYPES, sy_router_end, "/types [request]"},
    {"/describe", SY_VERB_DESCRIBE, route_describe, "/describe type [request]"},
    {"/workers", SY_VERB_WORKERS, route_workers, "/workers [number [request]]"},
    {"/save", SY_VERB_SAVE, route_save, "/save path [request]"},
    {"/load", SY_VERB_LOAD, route_load, "/load path [request]"},
    {"/status", SY_VERB_STATUS, route_status, "/status [request]"},
    {"/engine", SY_VERB_ENGINE, route_status, "/engine [request]"},
    {"/notify", SY_VERB_NOTIFY, route_notify, "/notify [0|1|2 [client]]"},
    {"/sync", SY_VERB_SYNC, route_sync, "/sync [id]"},
    {"/version", SY_VERB_VERSION, sy_router_end, "/version [request]"},
    {"/dumpOSC", SY_VERB_DUMP_OSC, route_dump_osc, "/dumpOSC [0|1|2|3 [request]]"},
    {"/error", SY_VERB_ERROR, route_error, "/error [mode [request]]"},
    {"/trace", SY_VERB_TRACE, route_trace, "/trace [level] [request]"},
    {"/trace.record", SY_VERB_RECORD, route_record, "/trace.record path seconds [level] [request]"},
    {"/quit", SY_VERB_QUIT, route_quit, "/quit [request]"},
};

static const Entry *find_entry(const char *address)
{
    for (size_t i = 0; i < sizeof entries / sizeof entries[0]; i++) {
        if (strcmp(entries[i].address, address) == 0) {
            return &entries[i];
        }
    }
    return NULL;
}

/* An address of one part that is no command. */
static SyStatus unknown_command(Router *router)
{
    SyNames names = {.n = 0};
    char hint[360];
    const SyMessage *message = router->message;
    SyError *error = router->error;
    const char *name = message->address + 1;
    sy_router_what(router, message->address);
    if (sy_registry_find(name) >= 0) {
        return sy_problem(error, SY_ERR_ADDRESS, "/%.40s is a module type; a module is /%.40s/1",
                          name, name);
    }
    for (size_t i = 0; i < sizeof entries / sizeof entries[0]; i++) {
        sy_names_add(&names, entries[i].address + 1);
    }
    sy_names_hint(&names, name, strlen(name), hint, sizeof hint);
    return sy_problem(error, SY_ERR_ADDRESS, "no command %.40s; %s", message->address, hint);
}

SyStatus sy_route(const SyMessage *message, const SyWorld *world, SyCommandList *list,
                  SyRoute *route, SyError *error)
{
    const bool has_parts = strchr(message->address + 1, '/') != NULL; /* no command has */
    const Entry *entry = has_parts ? NULL : find_entry(message->address);
    Router router = {.message = message, .world = world, .list = list, .route = route};
    router.error = error;
    memset(route, 0, sizeof *route);
    error->text[0] = '\0';
    route->first = list->n;
    SyStatus status;
    if (entry) {
        route->verb = entry->verb;
        route->command = entry->address;
        router.usage = entry->usage;
        status = entry->route(&router);
    } else if (has_parts) {
        status = sy_route_plain(&router);
    } else {
        status = unknown_command(&router);
    }
    if (status != SY_OK) {
        sy_commands_truncate(list, route->first);
        /* A last argument that could be the request's number is: its asker waits for it. */
        const SyArg *last = message->n_args ? &message->args[message->n_args - 1] : NULL;
        if (entry && !route->has_request && last && last->type == 'i') {
            route->has_request = true;
            route->request = last->i;
        }
    }
    route->n_commands = list->n - route->first;
    return status;
}
