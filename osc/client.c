#include "osc/client.h"

#include <errno.h>
#include <math.h>
#include <netdb.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "osc/packet.h"
#include "osc/parse.h"
#include "osc/place.h"
#include "osc/value.h"
#include "osc/writer.h"

#define BUSY_S         1.0       /* a queue that is full has room again within milliseconds */
#define RECEIVE_BUFFER (4 << 20) /* long lists come in one go */

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static SyStatus no_engine(const SyClient *client, SyError *error)
{
    return sy_problem(error, SY_ERR_NO_ENGINE,
                      "no synthd answers at %s; start one with ./play or synthd", client->where);
}

static bool open_socket(SyClient *client, int family)
{
    const int size = RECEIVE_BUFFER;
    client->fd = socket(family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (client->fd >= 0) {
        setsockopt(client->fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
    }
    return client->fd >= 0;
}

static bool give_up(SyClient *client)
{
    close(client->fd);
    client->fd = -1;
    return false;
}

/* Finds out whether somebody receives there by connecting, and lets go again: the engine answers
 * from another socket. That it was the engine, the system tells (SO_PASSCRED). */
static bool open_unix(SyClient *client, const char *path)
{
    const struct sockaddr_un unnamed = {.sun_family = AF_UNIX};
    const struct sockaddr nobody = {.sa_family = AF_UNSPEC};
    const struct sockaddr *address = (const struct sockaddr *)(const void *)&client->name;
    const int on = 1;
    snprintf(client->where, sizeof client->where, "%s", path);
    if (strlen(path) >= sizeof client->name.sun_path || !open_socket(client, AF_UNIX)) {
        return false;
    }
    client->local = true;
    client->name = (struct sockaddr_un){.sun_family = AF_UNIX};
    memcpy(client->name.sun_path, path, strlen(path) + 1);
    setsockopt(client->fd, SOL_SOCKET, SO_PASSCRED, &on, sizeof on);
    /* Binding to no name makes the system choose one, or the engine could not answer. */
    if (bind(client->fd, (const struct sockaddr *)(const void *)&unnamed, sizeof(sa_family_t)) <
            0 ||
        connect(client->fd, address, sizeof client->name) < 0 ||
        connect(client->fd, &nobody, sizeof nobody) < 0) {
        return give_up(client);
    }
    return true;
}

/* The engine of this user on a port. */
static bool open_place(SyClient *client, int port)
{
    char folder[SY_SOCKET_PATH_MAX], path[SY_SOCKET_PATH_MAX];
    for (int i = 0; i < SY_PLACES; i++) {
        if (sy_place_folder(i, false, folder) && sy_place_socket(folder, port, path) &&
            open_unix(client, path)) {
            return true;
        }
    }
    return false;
}

static SyStatus open_udp(SyClient *client, const char *host, int port, SyError *error)
{
    const struct addrinfo hints = {.ai_socktype = SOCK_DGRAM};
    struct addrinfo *info = NULL;
    char service[16];
    snprintf(service, sizeof service, "%d", port);
    snprintf(client->where, sizeof client->where, "%.100s, UDP port %d", host, port);
    client->local = false;
    const int failure = getaddrinfo(host, service, &hints, &info);
    if (failure != 0) {
        return sy_problem(error, SY_ERR_USAGE, "--host %.100s: %s", host, gai_strerror(failure));
    }
    /* Connected, so that nobody but the engine can answer. */
    const bool connected =
        open_socket(client, info->ai_family) &&
        (connect(client->fd, info->ai_addr, info->ai_addrlen) == 0 || give_up(client));
    freeaddrinfo(info);
    return connected ? SY_OK : no_engine(client, error);
}

SyStatus sy_client_open(SyClient *client, const SyClientOptions *options, SyError *error)
{
    SyStatus status = SY_OK;
    *client = (SyClient){.fd = -1,
                         .timeout_s = options->timeout_s,
                         .interrupt_fd = options->interrupt ? *options->interrupt : -1};
    client->buffer = malloc(SY_PACKET_MAX + SY_PACKET_PADDING);
    if (!client->buffer) {
        return sy_problem(error, SY_ERR_MEMORY, "out of memory");
    }
    if (options->socket) {
        status = open_unix(client, options->socket) ? SY_OK : no_engine(client, error);
    } else if (options->host || !open_place(client, options->port)) {
        const char *host = options->host ? options->host : SY_DEFAULT_HOST;
        status = open_udp(client, host, options->port, error);
    }
    if (status != SY_OK) {
        sy_client_close(client);
    }
    return status;
}

void sy_client_close(SyClient *client)
{
    if (client->fd >= 0) {
        close(client->fd);
    }
    free(client->buffer);
    client->buffer = NULL;
    client->fd = -1;
}

/* One request and how far its answer is. */
typedef struct Asking {
    SyClient *client;
    SyItemFunc *item;
    void *user;
    bool over;
    SyStatus status;
    SyError *error;
} Asking;

static bool is_ours(const Asking *asking, const SyMessage *message)
{
    const SyArg *last = message->n_args ? &message->args[message->n_args - 1] : NULL;
    return last && last->type == 'i' && last->i == asking->client->request;
}

/* "/fail" what text code [request]; without a number it is about the whole packet, which was ours.
 */
static void take_fail(Asking *asking, const SyMessage *message)
{
    const SyArg *args = message->args;
    if (message->n_args < 3 || args[1].type != 's' || args[2].type != 'i' ||
        (message->n_args > 3 && !is_ours(asking, message))) {
        return;
    }
    asking->over = true;
    asking->status =
        args[2].i > 0 && args[2].i < SY_STATUS_COUNT ? (SyStatus)args[2].i : SY_ERR_FAILED;
    sy_problem(asking->error, asking->status, "%s", args[1].s);
}

static void on_message(void *user, uint64_t timetag, const void *data, size_t size)
{
    Asking *asking = user;
    SyParsed parsed;
    (void)timetag;
    if (asking->over || sy_parsed_init(&parsed, data, size, NULL) != SY_OK) {
        return;
    }
    const SyMessage *message = &parsed.message;
    if (strcmp(message->address, "/fail") == 0) {
        take_fail(asking, message);
    } else if (strcmp(message->address, "/done") != 0 || is_ours(asking, message)) {
        asking->over = strcmp(message->address, "/done") == 0;
        if (asking->item) {
            asking->item(asking->user, message);
        }
    }
    sy_parsed_deinit(&parsed);
}

static void send_datagram(void *user, const void *data, size_t size, unsigned nth)
{
    Asking *asking = user;
    const SyClient *client = asking->client;
    const struct sockaddr *name = (const struct sockaddr *)(const void *)&client->name;
    (void)nth;
    /* A UDP socket first reports what became of an earlier datagram. */
    for (int attempt = 0; attempt < 2; attempt++) {
        if (sendto(client->fd, data, size, MSG_NOSIGNAL, client->local ? name : NULL,
                   client->local ? sizeof client->name : 0) >= 0) {
            return;
        }
    }
    asking->over = true;
    asking->status =
        errno == ECONNREFUSED || errno == ENOENT || errno == ENOTCONN
            ? no_engine(client, asking->error)
            : sy_problem(asking->error, SY_ERR_FAILED, "%s: %s", client->where, strerror(errno));
}

/* Whether a datagram came from this user or root, as the system says; a connected UDP socket hears
 * nobody but the engine. */
static bool is_trusted(const SyClient *client, struct msghdr *header)
{
    struct ucred who = {0, (uid_t)-1, (gid_t)-1};
    for (struct cmsghdr *c = CMSG_FIRSTHDR(header); c; c = CMSG_NXTHDR(header, c)) {
        if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_CREDENTIALS) {
            memcpy(&who, CMSG_DATA(c), sizeof who);
        }
    }
    return !client->local || who.uid == geteuid() || who.uid == 0;
}

/* Takes one datagram from the socket. Returns its size, or -1. */
static ssize_t take_datagram(const SyClient *client)
{
    union {
        struct cmsghdr align;
        char bytes[CMSG_SPACE(sizeof(struct ucred))];
    } control;
    struct iovec vector = {client->buffer, SY_PACKET_MAX};
    struct msghdr header = {.msg_iov = &vector,
                            .msg_iovlen = 1,
                            .msg_control = &control,
                            .msg_controllen = sizeof control};
    const ssize_t n = recvmsg(client->fd, &header, MSG_DONTWAIT);
    return n < 0 || is_trusted(client, &header) ? n : 0;
}

/* Receives one datagram, or finds that there is none. */
static void receive(Asking *asking, double deadline)
{
    SyClient *client = asking->client;
    struct pollfd in[] = {{.fd = client->fd, .events = POLLIN},
                          {.fd = client->interrupt_fd, .events = POLLIN}};
    const double left = deadline - now();
    const int n_ready = poll(in, 2, left > 0.0 ? (int)ceil(left * 1e3) : 0);
    if (n_ready > 0 && in[1].revents != 0) {
        asking->over = true;
        asking->status = sy_problem(asking->error, SY_ERR_FAILED, "interrupted");
        return;
    }
    if (n_ready == 0) {
        asking->over = true;
        asking->status = sy_problem(asking->error, SY_ERR_TIMEOUT,
                                    "no answer from %s within %g s; is synthd there, and may it be "
                                    "asked from here?",
                                    client->where, client->timeout_s);
        return;
    }
    const ssize_t n = take_datagram(client);
    if (n < 0 && errno == ECONNREFUSED) {
        asking->over = true;
        asking->status = no_engine(client, asking->error);
    } else if (n > 0) {
        memset(client->buffer + n, 0, SY_PACKET_PADDING);
        if (sy_packet_check(client->buffer, (size_t)n, NULL, NULL) == SY_OK) {
            sy_packet_walk(client->buffer, (size_t)n, on_message, asking);
        }
    }
}

static SyStatus ask_once(SyClient *client, const SyMessage *message, SyItemFunc *item, void *user,
                         SyError *error)
{
    Asking asking = {.client = client, .item = item, .user = user, .error = error};
    SyWriter writer = {.func = send_datagram, .user = &asking};
    const double deadline = now() + client->timeout_s;
    client->request++;
    sy_writer_add_message(&writer, message, &client->request);
    sy_writer_flush(&writer);
    sy_writer_deinit(&writer);
    while (!asking.over) {
        receive(&asking, deadline);
    }
    return asking.status;
}

SyStatus sy_client_ask(SyClient *client, const SyMessage *message, SyItemFunc *item, void *user,
                       SyError *error)
{
    const struct timespec pause = {.tv_nsec = 20000000};
    const double until = now() + fmin(client->timeout_s, BUSY_S);
    SyStatus status = ask_once(client, message, item, user, error);

    while (status == SY_ERR_BUSY && now() < until) {
        nanosleep(&pause, NULL);
        status = ask_once(client, message, item, user, error);
    }
    return status;
}
