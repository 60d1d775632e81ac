/* A patch as a list of commands, written as one would speak it. */
#ifndef SY_BENCH_SCRIPT_H
#define SY_BENCH_SCRIPT_H

#include "bench/stage.h"

typedef struct SyScript {
    SyCommand *commands; /* [n_commands] */
    size_t n_commands, room;
    bool failed; /* there was no memory for a line: nothing after it is in the list */
} SyScript;

/* Gives the memory back. */
void sy_script_free(SyScript *script);

/* vco/1 and the like; the type must be one of the registry's. */
SyModuleRef sy_script_module(const char *type, uint32_t id);

/* Adds a module. `param` may be NULL: all are at their defaults. */
void sy_script_create(SyScript *script, SyModuleRef module, uint32_t voices, const char *param,
                      float value);

/* Adds a cable, heard as it is; ports by their names. */
void sy_script_connect(SyScript *script, SyModuleRef from, const char *output, SyModuleRef to,
                       const char *input);

/* Has the stage carry it out. False when a line was refused or is missing, having said why.
 * Thread: the stage's.  RT: no. */
bool sy_script_run(const SyScript *script, SyStage *stage);

#endif
