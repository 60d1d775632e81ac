/* Sends datagrams without ever waiting. What a slow receiver cannot take yet is kept for it and
 * sent later by the osc thread; a receiver that takes nothing for too long loses what was kept. */
#ifndef SY_OSC_OUTBOX_H
#define SY_OSC_OUTBOX_H

#include <pthread.h>
#include <stdint.h>

#include "osc/peer.h"

#define SY_OUTBOX_SOCKETS 128         /* unix receivers with a socket of their own; the last used */
#define SY_OUTBOX_PEERS   32          /* slow receivers at a time */
#define SY_OUTBOX_BYTES   (16u << 20) /* kept for one of them */
#define SY_OUTBOX_WAIT_NS INT64_C(2000000000) /* without progress, then it is given up */

typedef enum SySent {
    SY_SENT,      /* the system has it */
    SY_SENT_KEPT, /* it waits here */
    SY_SENT_LOST, /* no room for it, or the receiver cannot be answered */
    SY_SENT_GONE, /* the receiver does not exist any more */
} SySent;

typedef struct SyParcel SyParcel; /* a datagram that waits */

typedef struct SyBacklog {
    SyPeer peer;
    SyParcel *first, **last; /* first NULL: the place is free */
    size_t bytes;
    int64_t progress_ns; /* when the receiver last took something */
} SyBacklog;

/* The socket that a unix receiver is answered from. */
typedef struct SyReplySocket {
    SyPeer peer;   /* length 0: the place is free */
    int fd;        /* -1: the engine's own socket, for a receiver that has connected to it */
    uint64_t used; /* count of sends when it was last used */
} SyReplySocket;

typedef struct SyOutbox {
    pthread_mutex_t lock;
    int udp_fd, unix_fd, wake_fd; /* -1: not there; wake_fd: an eventfd that the osc thread polls */
    bool closed;
    uint64_t lost;      /* datagrams */
    int64_t drained_ns; /* when the last round was */
    uint64_t sends;     /* to unix receivers */
    SyBacklog backlogs[SY_OUTBOX_PEERS];
    SyReplySocket sockets[SY_OUTBOX_SOCKETS];
} SyOutbox;

/* The descriptors stay the caller's.  Thread: setup. */
void sy_outbox_init(SyOutbox *outbox, int udp_fd, int unix_fd, int wake_fd);

/* Sends at once, or behind what waits for the same receiver already, or, if `later`, not before the
 * osc thread comes round: the many datagrams of one long answer would overrun a UDP receiver.
 * Thread: any.  RT: no, but it never waits for the network. */
SySent sy_outbox_send(SyOutbox *outbox, const SyPeer *peer, const void *data, size_t size,
                      bool later);

/* Sends some of what waits. Returns the milliseconds until there may be more to do, or -1: nothing.
 * Thread: osc.  RT: no. */
int sy_outbox_drain(SyOutbox *outbox, int64_t now_ns);

/* From now on nothing is sent; what waits is dropped. The descriptors may be closed after this.
 * Thread: setup. */
void sy_outbox_close(SyOutbox *outbox);

/* Datagrams lost so far.  Thread: any. */
uint64_t sy_outbox_lost(SyOutbox *outbox);

#endif
