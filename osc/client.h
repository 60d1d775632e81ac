/* synthctl's side of the conversation: finds an engine, asks it something, collects the answer. */
#ifndef SY_OSC_CLIENT_H
#define SY_OSC_CLIENT_H

#include <stdbool.h>
#include <sys/un.h>

#include "osc/message.h"
#include "osc/text.h"

typedef struct SyClientOptions {
    const char *host;   /* NULL: this machine, unix socket first */
    const char *socket; /* NULL: where engines on this machine put it */
    int port;
    double timeout_s;     /* for each answer */
    const int *interrupt; /* a descriptor: when there is something to read, answers are not waited
                             for; or NULL */
} SyClientOptions;

typedef struct SyClient {
    int fd;                  /* -1: closed */
    bool local;              /* a unix socket, not connected: the engine answers from another */
    struct sockaddr_un name; /* of the engine's unix socket */
    double timeout_s;
    int interrupt_fd;      /* -1: none */
    int32_t request;       /* number of the latest request */
    char where[200];       /* for a person */
    unsigned char *buffer; /* SY_PACKET_MAX and its padding */
} SyClient;

/* Called for every message that comes before the end of an answer; valid during the call. */
typedef void SyItemFunc(void *user, const SyMessage *item);

/* Finds the engine. A UDP address is not asked yet whether anybody is there.
 * Returns SY_OK, or SY_ERR_NO_ENGINE, SY_ERR_USAGE (an address that is none), SY_ERR_FAILED.
 * Thread: any. */
SyStatus sy_client_open(SyClient *client, const SyClientOptions *options, SyError *error);

/* Closes it; a closed or zeroed one with fd -1 is fine. */
void sy_client_close(SyClient *client);

/* Sends a message with a request number behind its arguments and waits for "/done" or "/fail" with
 * that number. `item` (or NULL) gets what comes before, and the /done itself. An engine that is
 * busy, and has done nothing, is asked again for up to a second. Returns SY_OK; the status in
 * "/fail" with its text; SY_ERR_NO_ENGINE if nobody is there; SY_ERR_TIMEOUT;
 * SY_ERR_FAILED if it was interrupted. Thread: any. */
SyStatus sy_client_ask(SyClient *client, const SyMessage *message, SyItemFunc *item, void *user,
                       SyError *error);

#endif
