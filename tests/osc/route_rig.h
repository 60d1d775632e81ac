/* What the tests of routing share: a small patch, and a message routed in it with all that came. */
#ifndef SY_TESTS_OSC_ROUTE_RIG_H
#define SY_TESTS_OSC_ROUTE_RIG_H

#include "tests/osc/said.h"
#include "tests/rig/check.h"

/* One message routed, with all that came of it. */
typedef struct Routed {
    Said room;
    SyCommandList list;
    SyRoute route;
    SyError error;
    SyStatus status;
} Routed;

extern Patch small; /* vco/1, vco/2, vco/12, lfo/2 and keys/1 */

/* done() frees what came of it. */
void route_in(Routed *routed, Patch *patch, const SyMessage *message);
void done(Routed *routed);

#define ROUTE(routed, ...) route_in(&(routed), &small, said(&(routed).room, __VA_ARGS__))

/* That there is no command but an error that says so; done, too. */
void assert_refused(Routed *routed, SyStatus status, const char *says);

void assert_sets(const SyCommand *command, const char *type, uint16_t id, const char *param,
                 float value);

/* For a SyWorld in which every id is taken. */
uint16_t every_id(void *user, uint16_t type, uint16_t after);
void claim_nothing(void *user, SyModuleRef module);

#endif
