/* From a message to what it asks: commands for the engine, or something the server itself answers.
 *
 * Pure: no sockets, no engine, no files. What it must know of the patch it asks through SyWorld. */
#ifndef SY_OSC_ROUTE_H
#define SY_OSC_ROUTE_H

#include <stdbool.h>

#include "engine/command.h"
#include "osc/address.h"
#include "osc/message.h"
#include "osc/text.h"

#define SY_COMMANDS_MAX                                                                            \
    65536 /* commands of one transaction: a whole patch, or a pattern's matches */

/* A growing list of commands, which owns the paths in them. Zeroed is empty. */
typedef struct SyCommandList {
    SyCommand *items;
    size_t n, capacity;
} SyCommandList;

/* Appends a zeroed command, or returns NULL when memory or SY_COMMANDS_MAX is reached.
 * Thread: any.  RT: no. */
SyCommand *sy_commands_add(SyCommandList *list, SyCommandKind kind);

/* Forgets the commands from number `n` on.  Thread: any.  RT: no. */
void sy_commands_truncate(SyCommandList *list, size_t n);

/* Gives a command of the list a path of its own: create, set file. Returns SY_OK or SY_ERR_MEMORY.
 * Thread: any.  RT: no. */
SyStatus sy_command_take_path(SyCommand *command, const char *path);

/* Where a command has its path, or NULL if it is of another kind.  Thread: any.  RT: yes. */
const char **sy_command_path(SyCommand *command);

/* Frees the items and empties the list.  Thread: any.  RT: no. */
void sy_commands_clear(SyCommandList *list);

/* What a message can see of the patch. */
typedef struct SyWorld {
    /* The lowest id above `after` that a module of that type has, or 0. */
    uint16_t (*next)(void *user, uint16_t type, uint16_t after);
    /* A module of that name is about to be created; from now on next() finds it. */
    void (*claim)(void *user, SyModuleRef module);
    void *user;
} SyWorld;

typedef enum SyVerb {
    SY_VERB_PLAIN_SET,  /* /vco/1/freq f */
    SY_VERB_PLAIN_GET,  /* /vco/1/freq */
    SY_VERB_PLAIN_NOTE, /* /keys/1/note ff */
    SY_VERB_CREATE,
    SY_VERB_DESTROY,
    SY_VERB_REVIVE,
    SY_VERB_CONNECT,
    SY_VERB_DISCONNECT,
    SY_VERB_SET,
    SY_VERB_GET,
    SY_VERB_NOTE,
    SY_VERB_CLEAR,
    SY_VERB_LIST,
    SY_VERB_WORKERS,
    SY_VERB_STATUS,
    SY_VERB_ENGINE,
    SY_VERB_SYNC,
    SY_VERB_QUIT,
    SY_VERB_SAVE,     /* SY_CMD_GRAPH; `text` is the path */
    SY_VERB_LOAD,     /* no command yet; `text` is the path */
    SY_VERB_TYPES,    /* this and what follows: no command, the server answers alone */
    SY_VERB_DESCRIBE, /* `number` is the type */
    SY_VERB_VERSION,
    SY_VERB_NOTIFY,   /* `number` is 0, 1 or 2, `client` the client's own number */
    SY_VERB_DUMP_OSC, /* `number` is 0 to 3 */
    SY_VERB_ERROR,    /* `number` is -2 to 1 */
    SY_VERB_TRACE,    /* `number` is a SyTraceLevel, or -1: only asks */
    SY_VERB_RECORD,   /* the same; `text` is the path, `value` the seconds */
} SyVerb;

typedef struct SyRoute {
    SyVerb verb;
    const char *command;        /* the address of a command ("/create"), or NULL: a plain address */
    char what[SY_ADDRESS_MAX];  /* what it is about: "/vco/1", the pattern as asked, or empty */
    char other[SY_ADDRESS_MAX]; /* the other end of a cable */
    const char *text;           /* a path or a pattern; the message's */
    bool is_file;               /* set, get: of a module's file; `text` is its path */
    bool has_request;           /* the asker numbered this request */
    int32_t request;
    int32_t number; /* see SyVerb; sync: its id */
    int32_t client;
    float value; /* set: what was asked for; note: the note; connect: the gain; record: seconds */
    size_t first, n_commands; /* its commands are list->items[first .. first + n_commands - 1] */
} SyRoute;

/* Works out what `message` asks, appends its commands to `list` and fills `route`.
 * On an error the list is as it was, `route` tells the command and, if it could be read, the
 * request number, and `error` (not NULL) has a text that names what there is instead. Errors:
 *   SY_ERR_ADDRESS    an address that names nothing
 *   SY_ERR_USAGE      wrong number or kind of arguments
 *   SY_ERR_VALUE      a number that is not finite, or no number at all
 *   SY_ERR_LIMIT      a pattern with too many matches
 *   SY_ERR_MEMORY     out of memory
 *   and those of address.h.
 * Thread: any.  RT: no; bounded by the number of modules in the patch. */
SyStatus sy_route(const SyMessage *message, const SyWorld *world, SyCommandList *list,
                  SyRoute *route, SyError *error);

#endif
