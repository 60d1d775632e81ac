/* A JACK server of the bench's own: no sound card, a name that nobody else uses. */
#ifndef SY_BENCH_JACK_SERVER_H
#define SY_BENCH_JACK_SERVER_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* What jackd is started with besides the period, for reports. */
#define SY_JACK_SERVER_HOW "jackd -R -P 70 -d dummy -r 48000"

typedef struct SyJackServer {
    pid_t pid;
    char *name_before; /* of the server that the environment named, or NULL */
} SyJackServer;

/* Starts jackd with periods of `period` frames at 48 kHz, real-time where that is permitted, and
 * waits until it takes clients. Until it is closed, this process and its children find this server
 * and no other. False if there is none to be had: `why` then says the reason in static storage, and
 * there is nothing to close. That is no failure: not every machine has a jackd.
 * Thread: any, in a process that has no other that reads the environment.  RT: no. */
bool sy_jack_server_open(SyJackServer *server, uint32_t period, const char **why);

/* Ends it in good order. */
void sy_jack_server_close(SyJackServer *server);

#endif
