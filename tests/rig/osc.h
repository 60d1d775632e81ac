/* An OSC client as others write it: liblo's messages over a UDP socket of its own. */
#ifndef SY_TESTS_RIG_OSC_H
#define SY_TESTS_RIG_OSC_H

#include <lo/lo.h>

#include "tests/rig/synth.h"

typedef struct SyOsc {
    SyStage *stage;
    int fd;
} SyOsc;

/* Opens a socket that is connected to a synthd. */
SyOsc sy_osc_open(const SySynth *synth);
void sy_osc_close(SyOsc *osc);

/* Sends a message; `types` and what follows as for liblo: "sif", text, int, double. Returns at
 * once. */
void sy_osc_send(const SyOsc *osc, const char *address, const char *types, ...);

/* Sends one message in a bundle for a wall-clock time, in seconds since 1970. */
void sy_osc_send_at(const SyOsc *osc, double unix_seconds, const char *address, const char *types,
                    ...);

/* The same as bytes, for who wants to send them often. Returns their number. */
size_t sy_osc_bytes(void *bytes, size_t size, const char *address, const char *types, ...);

/* The wall clock. */
double sy_osc_now(void);

/* Receives messages until one comes to `address`, and returns its arguments as text, separated by
 * spaces. The test fails if none comes. */
const char *sy_osc_await(const SyOsc *osc, const char *address);

/* Waits until all that was sent has been carried out. */
void sy_osc_sync(const SyOsc *osc);

#endif
