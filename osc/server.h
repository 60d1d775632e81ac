/* The engine's ear and mouth: an osc thread on a UDP and a unix socket.
 *
 * What a message means is worked out by route.c; here it becomes a transaction for the engine, and
 * the engine's answers become messages again. One bundle is one transaction. docs/osc.md describes
 * what clients see. */
#ifndef SY_OSC_SERVER_H
#define SY_OSC_SERVER_H

#include <stdbool.h>
#include <stddef.h>

#include "engine/control.h"

#define SY_SERVER_KEPT_BYTES 8192

typedef struct SyServer SyServer;

typedef struct SyServerOptions {
    const char *listen; /* address for UDP; NULL: 127.0.0.1 */
    int port;           /* 0: any that is free, sy_server_port() tells which */
    const char *const
        *allow; /* [n_allow] "192.168.1.0/24", "any"; needed unless `listen` is loopback */
    size_t n_allow;
    bool verbose; /* log refused messages from the start; /error switches it later */
    void *kept;   /* SY_SERVER_KEPT_BYTES, all zero at first, that outlive the server: who has
                     subscribed, for the one that comes after it; or NULL */
} SyServerOptions;

/* Opens the sockets, so that a port that is in use is known before anything else is started. What
 * arrives from now on waits in them. Without a folder for the unix socket it does without.
 * Returns SY_OK and the server; or SY_ERR_IN_USE (another engine has the port or the socket),
 * SY_ERR_USAGE (an address that is none, a network address without `allow`), SY_ERR_PERMISSION,
 * SY_ERR_MEMORY, SY_ERR_FAILED, with a text that says what to do in error[error_size].
 * Thread: setup. */
SyStatus sy_server_bind(SyServer **server, const SyServerOptions *options, char *error,
                        size_t error_size);

/* Subscribes to the engine's notices and starts the osc thread, named sy-osc. From now on the
 * control queue's producer is that thread. Returns SY_OK, or SY_ERR_FAILED if there is no thread to
 * be had. Thread: setup. */
SyStatus sy_server_run(SyServer *server, SyControl *control, char *error, size_t error_size);

/* sy_server_bind() and sy_server_run() in one; on an error there is nothing to stop.
 * Thread: setup. */
SyStatus sy_server_start(SyServer **server, SyControl *control, const SyServerOptions *options,
                         char *error, size_t error_size);

/* The UDP port, and the unix socket's path ("" if there is none).  Thread: any. */
int sy_server_port(const SyServer *server);
const char *sy_server_path(const SyServer *server);

/* Ends the osc thread, writes what is still to be saved, closes the sockets and removes the unix
 * socket's name. Answers and notices that the engine still has are dropped in silence, so the
 * memory stays until sy_server_free(). NULL is fine, and so is a second time. Thread: setup. */
void sy_server_stop(SyServer *server);

/* Stops it if need be and frees it. Only after the engine's control thread has ended. NULL is fine.
 * Thread: setup. */
void sy_server_free(SyServer *server);

#endif
