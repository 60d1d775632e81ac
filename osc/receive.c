/* The osc thread: waits for packets, decides whose are heard, and hands them to the intake. */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <linux/errqueue.h> /* wants time.h before it */

#include "osc/log.h"
#include "osc/packet.h"
#include "osc/server_state.h"

#define PACKETS 16 /* received with one system call */

/* Expanding a pattern costs less than a message of its own for every match. */
#define COMMANDS_A_MESSAGE 16

typedef union Control {
    struct cmsghdr align;
    char bytes[CMSG_SPACE(sizeof(struct ucred))];
} Control;

/* Where packets are received to. */
typedef struct SyInbox {
    struct mmsghdr headers[PACKETS];
    struct iovec vectors[PACKETS];
    SyPeer peers[PACKETS];
    Control controls[PACKETS];
    uint8_t data[PACKETS][SY_PACKET_MAX + SY_PACKET_PADDING];
} SyInbox;

SyInbox *sy_inbox_new(void)
{
    return calloc(1, sizeof(SyInbox));
}

static int64_t now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static void prepare(SyInbox *inbox)
{
    for (int i = 0; i < PACKETS; i++) {
        memset(&inbox->peers[i], 0, sizeof inbox->peers[i]);
        inbox->vectors[i] = (struct iovec){inbox->data[i], SY_PACKET_MAX};
        inbox->headers[i].msg_hdr = (struct msghdr){
            .msg_name = &inbox->peers[i].any,
            .msg_namelen = sizeof(struct sockaddr_un),
            .msg_iov = &inbox->vectors[i],
            .msg_iovlen = 1,
            .msg_control = &inbox->controls[i],
            .msg_controllen = sizeof inbox->controls[i],
        };
    }
}

/* Who sent through the unix socket; pid 0 if the system does not say. */
static struct ucred credentials(struct msghdr *header)
{
    struct ucred who = {0, (uid_t)-1, (gid_t)-1};
    for (struct cmsghdr *c = CMSG_FIRSTHDR(header); c; c = CMSG_NXTHDR(header, c)) {
        if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_CREDENTIALS) {
            memcpy(&who, CMSG_DATA(c), sizeof who);
        }
    }
    return who;
}

/* Completes the peer and decides whether it may speak. */
static bool admit(const SyServer *server, bool local, SyPeer *peer, struct msghdr *header)
{
    peer->length = header->msg_namelen;
    if (local) {
        const struct ucred who = credentials(header);
        peer->pid = who.pid;
        peer->any.sa_family = AF_UNIX;
        return who.uid == geteuid() || who.uid == 0;
    }
    return sy_allow_check(&server->allow, &peer->any);
}

/* What a sender's messages are counted under. */
static SySource source_of(const SyPeer *peer)
{
    SySource source = {{0}};
    if (peer->any.sa_family == AF_INET) {
        memcpy(source.bytes, &peer->in.sin_addr, 4);
        memcpy(source.bytes + 16, &peer->in.sin_port, 2);
    } else if (peer->any.sa_family == AF_INET6) {
        memcpy(source.bytes, &peer->in6.sin6_addr, 16);
        memcpy(source.bytes + 16, &peer->in6.sin6_port, 2);
    } else {
        memcpy(source.bytes, &peer->pid, sizeof peer->pid);
    }
    source.bytes[19] = (uint8_t)peer->any.sa_family;
    return source;
}

static void count(_Atomic uint64_t *counter, uint64_t n)
{
    atomic_fetch_add_explicit(counter, n, memory_order_relaxed);
}

/* A well-formed packet from somebody who may speak. */
static void take(SyServer *server, const SyPeer *peer, const uint8_t *packet, size_t size,
                 size_t n_messages)
{
    const SySource source = source_of(peer);
    const int64_t time = now();
    bool tell;
    count(&server->counts.messages, n_messages);
    if (!sy_limiter_take(&server->limiter, &source, (double)n_messages, time, &tell)) {
        count(&server->counts.flooded, n_messages);
        if (tell) {
            SyError error;
            sy_problem(&error, SY_ERR_LIMIT,
                       "more than %d messages a second; those above are dropped", SY_LIMITER_RATE);
            sy_server_refuse(server, peer, SY_ERR_LIMIT, error.text);
        }
        return;
    }
    const size_t n_commands = sy_server_take(server, peer, packet, size);
    if (n_commands > n_messages * COMMANDS_A_MESSAGE) {
        sy_limiter_charge(&server->limiter, &source, (double)n_commands / COMMANDS_A_MESSAGE, time);
    }
}

/* Malformed packets cost their sender as much as good ones. */
static void refuse(SyServer *server, const SyPeer *peer, const char *why)
{
    const SySource source = source_of(peer);
    bool tell;
    count(&server->counts.malformed, 1);
    if (sy_limiter_take(&server->limiter, &source, 1.0, now(), &tell)) {
        sy_server_refuse(server, peer, SY_ERR_PACKET, why);
    }
}

static void receive_one(SyServer *server, bool local, SyInbox *inbox, int i)
{
    struct mmsghdr *header = &inbox->headers[i];
    SyPeer *peer = &inbox->peers[i];
    uint8_t *packet = inbox->data[i];
    size_t n_messages = 0;
    SyError error;
    count(&server->counts.packets, 1);
    if (!admit(server, local, peer, &header->msg_hdr)) {
        count(&server->counts.refused, 1);
        return;
    }
    sy_subscribers_heard(&server->subscribers, peer);
    if (header->msg_hdr.msg_flags & MSG_TRUNC) {
        refuse(server, peer, "packet too large");
        return;
    }
    memset(packet + header->msg_len, 0, SY_PACKET_PADDING);
    if (sy_packet_check(packet, header->msg_len, &n_messages, &error) != SY_OK) {
        refuse(server, peer, error.text);
        return;
    }
    take(server, peer, packet, header->msg_len, n_messages);
}

static void receive(SyServer *server, int fd, bool local, SyInbox *inbox)
{
    prepare(inbox);
    const int n = recvmmsg(fd, inbox->headers, PACKETS, MSG_DONTWAIT, NULL);
    for (int i = 0; i < n; i++) {
        receive_one(server, local, inbox, i);
    }
}

/* The network's complaints: each names the address that a datagram could not be delivered to. */
static void read_errors(SyServer *server)
{
    for (int i = 0; i < PACKETS; i++) {
        char bytes[64];
        union {
            struct cmsghdr align;
            char bytes[512];
        } control;
        SyPeer peer = {0};
        struct iovec vector = {bytes, sizeof bytes};
        struct msghdr header = {.msg_name = &peer.any,
                                .msg_namelen = sizeof(struct sockaddr_in6),
                                .msg_iov = &vector,
                                .msg_iovlen = 1,
                                .msg_control = &control,
                                .msg_controllen = sizeof control};
        if (recvmsg(server->udp_fd, &header, MSG_ERRQUEUE | MSG_DONTWAIT) < 0) {
            return;
        }
        peer.length = header.msg_namelen;
        for (struct cmsghdr *c = CMSG_FIRSTHDR(&header); c; c = CMSG_NXTHDR(&header, c)) {
            struct sock_extended_err reason;
            memcpy(&reason, CMSG_DATA(c), sizeof reason);
            if (((c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_RECVERR) ||
                 (c->cmsg_level == IPPROTO_IPV6 && c->cmsg_type == IPV6_RECVERR)) &&
                reason.ee_errno == ECONNREFUSED) {
                sy_subscribers_refused(&server->subscribers, &peer);
            }
        }
    }
}

static void clear_wake(int fd)
{
    uint64_t n;
    if (read(fd, &n, sizeof n) < 0) {
        return; /* it was clear */
    }
}

static void loop(SyServer *server, SyInbox *inbox)
{
    struct pollfd fds[3] = {
        {.fd = server->udp_fd, .events = POLLIN},
        {.fd = server->unix_fd, .events = POLLIN},
        {.fd = server->wake_fd, .events = POLLIN},
    };
    while (!atomic_load(&server->stop)) {
        const int wait_ms = sy_outbox_drain(&server->outbox, now());
        if (poll(fds, 3, wait_ms) < 0 && errno != EINTR) {
            sy_log("osc: poll: %s", strerror(errno));
            return;
        }
        if (fds[2].revents) {
            clear_wake(server->wake_fd);
        }
        if (fds[0].revents & POLLERR) {
            read_errors(server);
        }
        if (fds[0].revents & (POLLIN | POLLERR)) { /* receiving clears an error that is left */
            receive(server, server->udp_fd, false, inbox);
        }
        if (fds[1].revents & POLLIN) {
            receive(server, server->unix_fd, true, inbox);
        }
    }
}

void *sy_server_thread(void *user)
{
    SyServer *server = user;
    sy_control_enter_osc(server->control);
    sy_world_scan(server);
    loop(server, server->inbox);
    sy_outbox_drain(&server->outbox, now());
    return NULL;
}
