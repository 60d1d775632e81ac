/* A JACK client that hears when a signal begins to move: what a device would be given, and when. */
#ifndef SY_BENCH_JACK_LISTENER_H
#define SY_BENCH_JACK_LISTENER_H

#include <stdbool.h>
#include <stdint.h>

#include "bench/bench_osc_moves.h"

typedef struct SyJackListener SyJackListener;

/* A move of the signal, once it is over. */
typedef struct SyJackHeard {
    SyMove move;
    int64_t at_ns; /* CLOCK_MONOTONIC: when the cycle it began in was begun, and its place in it */
} SyJackHeard;

/* Connects a client of the server that the environment names to output `source`, "PortAudio:out_0".
 * NULL when it could not, having said why on stderr.  Thread: any, as all below.  RT: no. */
SyJackListener *sy_jack_listener_open(const char *source);

/* Takes NULL. */
void sy_jack_listener_close(SyJackListener *listener);

/* Waits for the next move that has not been told, at most `patience_ns`. False if none comes. */
bool sy_jack_listener_await(SyJackListener *listener, int64_t patience_ns, SyJackHeard *heard);

/* Forgets those that have not been told. */
void sy_jack_listener_forget(SyJackListener *listener);

/* Frames from the beginning of a cycle until what is written in it is played, as the server says of
 * its first loudspeaker. */
uint32_t sy_jack_listener_latency(const SyJackListener *listener);

/* Cycles that the server could not end in time, since it was opened. */
uint32_t sy_jack_listener_xruns(const SyJackListener *listener);

#endif
