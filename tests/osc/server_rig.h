/* What the tests of the server share: a server in front of a double of the engine, with a client,
 * and a folder of its own for its sockets and files. */
#ifndef SY_TESTS_OSC_SERVER_RIG_H
#define SY_TESTS_OSC_SERVER_RIG_H

#include "osc/server.h"
#include "tests/osc/double.h"
#include "tests/osc/said.h"
#include "tests/osc/talk.h"
#include "tests/rig/check.h"

extern char folder[];
extern SyControl *control;
extern SyServer *server;
extern Talk *talk; /* by the unix socket */

/* Once for all tests of a file. */
int make_folder(void **state);
int remove_folder(void **state);

int start(void **state);
int stop(void **state);

/* vco/1 to vco/n, one by one */
void create_vcos(int n);

/* The same in bundles of 100; `n` is a multiple of it. */
void create_many(int n);

/* One of the numbers that the engine tells of itself; -1 if there is none of that name. */
int64_t count_of(const char *name);

#define SERVER_TEST(name) cmocka_unit_test_setup_teardown(name, start, stop)

#endif
