/* Messages for tests, written as their type tags and values, and a patch for them to speak of. */
#ifndef SY_TESTS_OSC_SAID_H
#define SY_TESTS_OSC_SAID_H

#include "osc/route.h"

typedef struct Said {
    SyMessage message;
    SyArg args[SY_ARGS_MAX + 1];
} Said;

/* "/set", "sf", "vco/1/freq", 220.0 and so on; i int, h long long, f and d double, s const char *.
 */
const SyMessage *said(Said *room, const char *address, const char *types, ...);

/* A patch that a test describes as a list of modules, ended by a type of NULL; claims are noted. */
typedef struct Patch {
    struct {
        const char *type;
        uint16_t id;
    } modules[32];
    SyModuleRef claimed[16];
    int n_claimed;
} Patch;

SyWorld world_of(Patch *patch);

/* The numbers of a type, and of its ports and parameters, by name; the test fails if there are
 * none. */
uint16_t type_of(const char *type);
uint8_t param_of(const char *type, const char *name);
uint8_t output_of(const char *type, const char *name);
uint8_t input_of(const char *type, const char *name);

#endif
