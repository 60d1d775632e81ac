#include "osc/socket.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#define RECEIVE_BUFFER (4 << 20) /* the default holds 256 small datagrams, a burst has more */

static void enlarge(int fd)
{
    const int size = RECEIVE_BUFFER;
    if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof size) < 0) {
        setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size,
                   sizeof size); /* up to what the system allows */
    }
}

static SyStatus udp_problem(const char *address, int port, int reason, SyError *error)
{
    switch (reason) {
    case EADDRINUSE:
        return sy_problem(error, SY_ERR_IN_USE,
                          "UDP port %d is in use; is another synthd running? `synthctl quit` ends "
                          "it, --port takes another",
                          port);
    case EACCES:
        return sy_problem(error, SY_ERR_PERMISSION,
                          "UDP port %d is not allowed; --port takes one above 1023", port);
    case EADDRNOTAVAIL:
        return sy_problem(error, SY_ERR_USAGE,
                          "--listen %.60s: this machine has no such address; `ip address` lists "
                          "those it has",
                          address);
    default:
        return sy_problem(error, SY_ERR_FAILED, "UDP port %d on %.60s: %s", port, address,
                          strerror(reason));
    }
}

static int bound_port(int fd)
{
    struct sockaddr_storage bound;
    socklen_t length = sizeof bound;
    memset(&bound, 0, sizeof bound);
    getsockname(fd, (struct sockaddr *)(void *)&bound, &length);
    return ntohs(bound.ss_family == AF_INET6 ? ((struct sockaddr_in6 *)(void *)&bound)->sin6_port
                                             : ((struct sockaddr_in *)(void *)&bound)->sin_port);
}

static SyStatus bind_udp(const struct addrinfo *info, int *fd)
{
    const int on = 1, off = 0;
    *fd = socket(info->ai_family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (*fd < 0) {
        return SY_ERR_FAILED;
    }
    if (info->ai_family == AF_INET6) {
        setsockopt(*fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off); /* :: hears IPv4 too */
        setsockopt(*fd, IPPROTO_IPV6, IPV6_RECVERR, &on, sizeof on);
    }
    setsockopt(*fd, IPPROTO_IP, IP_RECVERR, &on,
               sizeof on); /* to learn which subscribers are gone */
    enlarge(*fd);
    if (bind(*fd, info->ai_addr, info->ai_addrlen) < 0) {
        const int reason = errno;
        close(*fd);
        errno = reason;
        return SY_ERR_FAILED;
    }
    return SY_OK;
}

SyStatus sy_socket_udp(const char *address, int *port, int *fd, SyError *error)
{
    const struct addrinfo hints = {.ai_socktype = SOCK_DGRAM, .ai_flags = AI_PASSIVE};
    struct addrinfo *info = NULL;
    char service[16];
    snprintf(service, sizeof service, "%d", *port);
    const int failure = getaddrinfo(address, service, &hints, &info);
    if (failure != 0) {
        return sy_problem(error, SY_ERR_USAGE, "--listen %.60s: %s", address,
                          gai_strerror(failure));
    }
    const SyStatus status = bind_udp(info, fd);
    const int reason = errno;
    freeaddrinfo(info);
    if (status != SY_OK) {
        return udp_problem(address, *port, reason, error);
    }
    *port = bound_port(*fd);
    return SY_OK;
}

/* Whether somebody receives on a socket's path. */
static bool is_alive(const struct sockaddr_un *name)
{
    const int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    const bool alive =
        fd >= 0 && (connect(fd, (const struct sockaddr *)(const void *)name, sizeof *name) == 0 ||
                    errno != ECONNREFUSED);
    if (fd >= 0) {
        close(fd);
    }
    return alive;
}

/* Binds, in place of a dead engine's socket if there is one. */
static bool bind_name(int fd, const struct sockaddr_un *name)
{
    const struct sockaddr *address = (const struct sockaddr *)(const void *)name;
    if (bind(fd, address, sizeof *name) == 0) {
        return true;
    }
    if (errno != EADDRINUSE || is_alive(name)) {
        return false;
    }
    unlink(name->sun_path);
    return bind(fd, address, sizeof *name) == 0;
}

/* The folder is locked meanwhile, or two engines that start together could each take the other's
 * fresh socket for a dead one. */
static SyStatus bind_unix(int fd, const char *folder, const struct sockaddr_un *name, int port,
                          SyError *error)
{
    const int lock = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (lock >= 0) {
        flock(lock, LOCK_EX);
    }
    const bool bound = bind_name(fd, name);
    const int reason = errno;
    if (lock >= 0) {
        close(lock);
    }
    if (bound) {
        return SY_OK;
    }
    if (reason == EADDRINUSE) {
        return sy_problem(error, SY_ERR_IN_USE,
                          "another synthd listens on %s; `synthctl --port %d quit` ends it, --port "
                          "takes another",
                          name->sun_path, port);
    }
    return sy_problem(error, SY_ERR_FAILED, "%s: %s", name->sun_path, strerror(reason));
}

SyStatus sy_socket_unix(int port, int *fd, char *path, SyError *error)
{
    struct sockaddr_un name = {.sun_family = AF_UNIX};
    char folder[SY_SOCKET_PATH_MAX];
    const int on = 1;
    if (!(sy_place_folder(0, true, folder) || sy_place_folder(1, true, folder)) ||
        !sy_place_socket(folder, port, name.sun_path)) {
        return sy_problem(error, SY_ERR_PERMISSION,
                          "no folder for a unix socket: neither $XDG_RUNTIME_DIR nor "
                          "/tmp/synthd-%u is this user's own",
                          (unsigned)geteuid());
    }
    *fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (*fd < 0) {
        return sy_problem(error, SY_ERR_FAILED, "unix socket: %s", strerror(errno));
    }
    fchmod(*fd, 0600); /* before bind(), so that it is never open to others */
    setsockopt(*fd, SOL_SOCKET, SO_PASSCRED, &on, sizeof on);
    enlarge(*fd);
    const SyStatus status = bind_unix(*fd, folder, &name, port, error);
    if (status != SY_OK) {
        close(*fd);
        return status;
    }
    memcpy(path, name.sun_path, SY_SOCKET_PATH_MAX);
    return SY_OK;
}
