#include "osc/outbox.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define ROUND    8                /* datagrams to one receiver in one round */
#define ROUND_NS INT64_C(1000000) /* from one round to the next */

struct SyParcel {
    SyParcel *next;
    size_t size;
    uint8_t data[];
};

static int64_t now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

void sy_outbox_init(SyOutbox *outbox, int udp_fd, int unix_fd, int wake_fd)
{
    memset(outbox, 0, sizeof *outbox);
    pthread_mutex_init(&outbox->lock, NULL);
    outbox->udp_fd = udp_fd;
    outbox->unix_fd = unix_fd;
    outbox->wake_fd = wake_fd;
}

static void close_socket(SyReplySocket *reply)
{
    if (reply->peer.length > 0 && reply->fd >= 0) {
        close(reply->fd);
    }
    reply->peer.length = 0;
}

/* The socket to answer a unix receiver from, made if need be in the place of the one that was not
 * used for longest. What that one sent stays where it is. */
static SyReplySocket *reply_socket(SyOutbox *outbox, const SyPeer *peer)
{
    SyReplySocket *oldest = &outbox->sockets[0];
    outbox->sends++;
    for (int i = 0; i < SY_OUTBOX_SOCKETS; i++) {
        SyReplySocket *reply = &outbox->sockets[i];
        if (reply->peer.length > 0 && sy_peer_equal(&reply->peer, peer)) {
            reply->used = outbox->sends;
            return reply;
        }
        if (reply->peer.length == 0 || (oldest->peer.length > 0 && reply->used < oldest->used)) {
            oldest = reply;
        }
    }
    close_socket(oldest);
    *oldest = (SyReplySocket){*peer, socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0), outbox->sends};
    return oldest;
}

static int send_once(int fd, const SyPeer *peer, const void *data, size_t size)
{
    return sendto(fd, data, size, MSG_DONTWAIT | MSG_NOSIGNAL, &peer->any, peer->length) >= 0
               ? 0
               : errno;
}

static SySent try_unix(SyOutbox *outbox, const SyPeer *peer, const void *data, size_t size)
{
    SyReplySocket *reply = reply_socket(outbox, peer);
    int reason = reply->fd >= 0 ? send_once(reply->fd, peer, data, size) : EPERM;
    if (reason == EPERM) {
        close_socket(reply);
        reply->peer = *peer;
        reply->fd = -1;
        reason = send_once(outbox->unix_fd, peer, data, size);
    }
    switch (reason) {
    case 0:
        return SY_SENT;
    case EAGAIN:
    case ENOBUFS:
    case EINTR:
        return SY_SENT_KEPT;
    case ECONNREFUSED:
    case ENOENT:
        close_socket(reply);
        return SY_SENT_GONE;
    default:
        return SY_SENT_LOST;
    }
}

static SySent try_udp(const SyOutbox *outbox, const SyPeer *peer, const void *data, size_t size)
{
    /* A UDP socket first reports what became of earlier datagrams, and does not send this one. */
    for (int attempt = 0; attempt < 8; attempt++) {
        const int reason = send_once(outbox->udp_fd, peer, data, size);
        if (reason == 0) {
            return SY_SENT;
        }
        if (reason == EAGAIN || reason == ENOBUFS) {
            return SY_SENT_KEPT;
        }
    }
    return SY_SENT_LOST;
}

static SySent try_send(SyOutbox *outbox, const SyPeer *peer, const void *data, size_t size)
{
    return peer->any.sa_family == AF_UNIX ? try_unix(outbox, peer, data, size)
                                          : try_udp(outbox, peer, data, size);
}

/* The backlog of a receiver or, with `make`, a free one; NULL if there is none. */
static SyBacklog *find(SyOutbox *outbox, const SyPeer *peer, bool make)
{
    SyBacklog *free_one = NULL;
    for (int i = 0; i < SY_OUTBOX_PEERS; i++) {
        SyBacklog *backlog = &outbox->backlogs[i];
        if (!backlog->first) {
            free_one = backlog;
        } else if (sy_peer_equal(&backlog->peer, peer)) {
            return backlog;
        }
    }
    if (make && free_one) {
        *free_one = (SyBacklog){.peer = *peer, .progress_ns = now()};
        free_one->last = &free_one->first;
        return free_one;
    }
    return NULL;
}

static void wake(const SyOutbox *outbox)
{
    const uint64_t one = 1;
    /* It can only fail when the counter is full, and then the osc thread is awake anyway. */
    if (write(outbox->wake_fd, &one, sizeof one) < 0) {
        return;
    }
}

static SySent keep(SyOutbox *outbox, const SyPeer *peer, const void *data, size_t size)
{
    SyBacklog *backlog = find(outbox, peer, true);
    SyParcel *parcel =
        backlog && backlog->bytes + size <= SY_OUTBOX_BYTES ? malloc(sizeof *parcel + size) : NULL;
    if (!parcel) {
        outbox->lost++;
        return SY_SENT_LOST;
    }
    parcel->next = NULL;
    parcel->size = size;
    memcpy(parcel->data, data, size);
    *backlog->last = parcel;
    backlog->last = &parcel->next;
    backlog->bytes += size;
    wake(outbox);
    return SY_SENT_KEPT;
}

SySent sy_outbox_send(SyOutbox *outbox, const SyPeer *peer, const void *data, size_t size,
                      bool later)
{
    SySent sent = SY_SENT_LOST;
    if (!sy_peer_has_address(peer)) {
        return sent;
    }
    pthread_mutex_lock(&outbox->lock);
    if (!outbox->closed) {
        sent =
            later || find(outbox, peer, false) ? SY_SENT_KEPT : try_send(outbox, peer, data, size);
        if (sent == SY_SENT_KEPT) {
            sent = keep(outbox, peer, data, size);
        } else if (sent != SY_SENT) {
            outbox->lost++;
        }
    }
    pthread_mutex_unlock(&outbox->lock);
    return sent;
}

static void drop_first(SyBacklog *backlog)
{
    SyParcel *parcel = backlog->first;
    backlog->first = parcel->next;
    backlog->bytes -= parcel->size;
    if (!backlog->first) {
        backlog->last = &backlog->first;
    }
    free(parcel);
}

static void drop_all(SyOutbox *outbox, SyBacklog *backlog)
{
    while (backlog->first) {
        drop_first(backlog);
        outbox->lost++;
    }
}

static void drain_one(SyOutbox *outbox, SyBacklog *backlog, int64_t now_ns)
{
    for (int i = 0; i < ROUND && backlog->first; i++) {
        const SyParcel *parcel = backlog->first;
        const SySent sent = try_send(outbox, &backlog->peer, parcel->data, parcel->size);
        if (sent == SY_SENT_KEPT) {
            break;
        }
        if (sent == SY_SENT_GONE) {
            drop_all(outbox, backlog);
            return;
        }
        outbox->lost += sent == SY_SENT_LOST;
        backlog->progress_ns = now_ns;
        drop_first(backlog);
    }
    if (now_ns - backlog->progress_ns > SY_OUTBOX_WAIT_NS) {
        drop_all(outbox, backlog);
    }
}

int sy_outbox_drain(SyOutbox *outbox, int64_t now_ns)
{
    int wait_ms = -1;
    pthread_mutex_lock(&outbox->lock);
    const bool due = now_ns - outbox->drained_ns >= ROUND_NS;
    outbox->drained_ns = due ? now_ns : outbox->drained_ns;
    for (int i = 0; i < SY_OUTBOX_PEERS; i++) {
        if (outbox->backlogs[i].first) {
            if (due) {
                drain_one(outbox, &outbox->backlogs[i], now_ns);
            }
            wait_ms = outbox->backlogs[i].first ? 1 : wait_ms;
        }
    }
    pthread_mutex_unlock(&outbox->lock);
    return wait_ms;
}

void sy_outbox_close(SyOutbox *outbox)
{
    pthread_mutex_lock(&outbox->lock);
    outbox->closed = true;
    for (int i = 0; i < SY_OUTBOX_PEERS; i++) {
        drop_all(outbox, &outbox->backlogs[i]);
    }
    for (int i = 0; i < SY_OUTBOX_SOCKETS; i++) {
        close_socket(&outbox->sockets[i]);
    }
    pthread_mutex_unlock(&outbox->lock);
}

uint64_t sy_outbox_lost(SyOutbox *outbox)
{
    pthread_mutex_lock(&outbox->lock);
    const uint64_t lost = outbox->lost;
    pthread_mutex_unlock(&outbox->lock);
    return lost;
}
