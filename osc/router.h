/* What the parts of the router share (route.c, route_edit.c, route_param.c). */
#ifndef SY_OSC_ROUTER_H
#define SY_OSC_ROUTER_H

#include "osc/route.h"

typedef struct Router {
    const SyMessage *message;
    const SyWorld *world;
    SyCommandList *list;
    SyRoute *route;
    SyError *error;
    const char *usage; /* of the command, for errors */
    size_t at;         /* the next argument */
} Router;

/* The next argument, or NULL at the end. Steps on. */
const SyArg *sy_router_next(Router *router);

/* The next argument as a word; SY_ERR_USAGE if there is none or it is something else. */
SyStatus sy_router_word(Router *router, const char **word);

/* SY_ERR_USAGE with the command's form. */
SyStatus sy_router_usage(Router *router, const char *reason);

/* Takes the request number if one argument is left; anything more is SY_ERR_USAGE. */
SyStatus sy_router_end(Router *router);

/* Appends a command, or says why not. */
SyStatus sy_router_command(Router *router, SyCommandKind kind, SyCommand **command);

/* Sets route->what to an address as it was asked, with a slash. */
void sy_router_what(Router *router, const char *address);

/* route_edit.c */
SyStatus sy_route_create(Router *router);
SyStatus sy_route_destroy(Router *router);
SyStatus sy_route_revive(Router *router);
SyStatus sy_route_connect(Router *router);
SyStatus sy_route_disconnect(Router *router);

/* route_param.c */
SyStatus sy_route_plain(Router *router);
SyStatus sy_route_set(Router *router);
SyStatus sy_route_get(Router *router);
SyStatus sy_route_note(Router *router);

/* Calls `each` for every module of the patch that the first two parts name, in the order of types
 * and ids. A module without patterns is not looked for in the patch: the engine knows better, for
 * it sees what is still on its way.  Stores how many there were. Errors: those of address.h, that
 * of `each`, SY_ERR_UNKNOWN_MODULE if a pattern matches nothing. */
typedef SyStatus SyModuleFunc(Router *router, SyModuleRef module, void *user);
SyStatus sy_router_modules(Router *router, const SyParts *parts, SyModuleFunc *each, void *user);

#endif
