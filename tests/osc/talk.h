/* A client for tests: says messages and bundles to a server and hears what comes back. */
#ifndef SY_TESTS_OSC_TALK_H
#define SY_TESTS_OSC_TALK_H

#include <stdbool.h>
#include <sys/un.h>

#include "osc/message.h"
#include "osc/writer.h"

typedef struct Talk {
    int fd;
    struct sockaddr_un name; /* where to send to; unused if the socket is connected */
    bool connected;
    size_t largest;              /* datagram heard, bytes */
    int datagrams;               /* heard */
    struct Heard *first, **last; /* messages that wait to be taken */
    SyWriter bundle;
} Talk;

/* Connects to a server. The test fails if it cannot. */
Talk *talk_udp(int port);
Talk *talk_unix(const char *path);
Talk *talk_unix_connected(const char *path); /* hears nothing but the engine's own socket */
void talk_free(Talk *talk);

/* Sends one message.  Types and values as in sy_writer_add(). */
void talk_say(Talk *talk, const char *address, const char *types, ...);

/* Sends bytes as they are. */
void talk_send(Talk *talk, const void *bytes, size_t size);

/* Adds a message to a bundle, and sends the bundle with a timetag. */
void talk_add(Talk *talk, const char *address, const char *types, ...);
void talk_send_bundle(Talk *talk, uint64_t timetag);

/* The next message that comes; the test fails if none comes for 10 s. Valid until the next call. */
const SyMessage *talk_hear(Talk *talk);

/* Hears the next message and compares address, types and values: i int, h long long, f double
 * within a millionth, s const char *; a star in `types` ends the comparison, an s of NULL is any
 * string. */
void talk_expect(Talk *talk, const char *address, const char *types, ...);

/* Expects "/fail" what, a text with `says` in it, and the status. */
void talk_expect_fail(Talk *talk, const char *what, const char *says, int status);

/* All that the server had to say so far has been heard: the next is the answer to a /sync. */
void talk_expect_nothing(Talk *talk);

#endif
