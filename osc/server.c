#include "osc/server.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "engine/thread.h"
#include "osc/log.h"
#include "osc/server_state.h"
#include "osc/socket.h"
#include "osc/tracing.h"

/* A network is opened on purpose only. */
static SyStatus check_network(const SyServer *server, const char *address, SyError *error)
{
    struct sockaddr_storage bound;
    socklen_t length = sizeof bound;
    memset(&bound, 0, sizeof bound);
    getsockname(server->udp_fd, (struct sockaddr *)(void *)&bound, &length);
    if (sy_address_is_loopback((const struct sockaddr *)(const void *)&bound) ||
        server->allow.any || server->allow.n > 0) {
        return SY_OK;
    }
    return sy_problem(error, SY_ERR_USAGE,
                      "--listen %.60s lets the network play this engine; say who may with --allow "
                      "192.168.1.0/24, or --allow any",
                      address);
}

/* The unix socket is a convenience: without a place for it the music goes on. */
static SyStatus open_unix(SyServer *server, SyError *error)
{
    const SyStatus status =
        sy_socket_unix(server->port, &server->unix_fd, server->unix_path, error);
    if (status == SY_OK || status == SY_ERR_IN_USE) {
        return status;
    }
    server->unix_fd = -1;
    server->unix_path[0] = '\0';
    sy_log("no unix socket (%s); synthctl will use UDP", error->text);
    return SY_OK;
}

static SyStatus open_all(SyServer *server, const SyServerOptions *options, SyError *error)
{
    const char *address = options->listen ? options->listen : SY_DEFAULT_HOST;
    SyStatus status = sy_allow_parse(options->allow, options->n_allow, &server->allow, error);
    server->port = options->port;
    if (status == SY_OK && (options->port < 0 || options->port > 65535)) {
        status = sy_problem(error, SY_ERR_USAGE, "--port %d is not in 0 to 65535", options->port);
    }
    if (status == SY_OK) {
        status = sy_socket_udp(address, &server->port, &server->udp_fd, error);
    }
    if (status == SY_OK) {
        status = check_network(server, address, error);
    }
    if (status == SY_OK) {
        status = open_unix(server, error);
    }
    if (status == SY_OK && (sy_world_init(server) != SY_OK || !(server->inbox = sy_inbox_new()))) {
        status = sy_problem(error, SY_ERR_MEMORY, "out of memory");
    }
    if (status == SY_OK && (server->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) < 0) {
        status = sy_problem(error, SY_ERR_FAILED, "eventfd: %s", strerror(errno));
    }
    return status;
}

_Static_assert(sizeof(SySubscriber) * SY_SUBSCRIBERS_MAX <= SY_SERVER_KEPT_BYTES,
               "all subscribers fit into what is kept");

SyStatus sy_server_bind(SyServer **out, const SyServerOptions *options, char *error,
                        size_t error_size)
{
    SyError problem = {""};
    SyStatus status = SY_ERR_MEMORY;
    SyServer *server = calloc(1, sizeof *server);
    *out = NULL;
    if (server) {
        server->udp_fd = server->unix_fd = server->wake_fd = -1;
        atomic_init(&server->log_errors, options->verbose);
        status = open_all(server, options, &problem);
        sy_outbox_init(&server->outbox, server->udp_fd, server->unix_fd, server->wake_fd);
        sy_subscribers_init(&server->subscribers, &server->outbox, options->kept);
        sy_tracing_init(&server->tracing);
    } else {
        sy_problem(&problem, status, "out of memory");
    }
    if (status != SY_OK) {
        sy_problem_copy(&problem, error, error_size);
        sy_server_free(server);
        return status;
    }
    *out = server;
    return SY_OK;
}

SyStatus sy_server_run(SyServer *server, SyControl *control, char *error, size_t error_size)
{
    SyError problem = {""};
    server->control = control;
    sy_control_subscribe(control, sy_server_notice, server);
    SyStatus status = sy_saver_start(&server->saver);
    if (status == SY_OK) {
        server->running = sy_thread_start(&server->thread, "sy-osc", sy_server_thread, server) == 0;
        status = server->running ? SY_OK : SY_ERR_FAILED;
    }
    if (status != SY_OK) {
        sy_problem(&problem, status, "cannot start a thread for OSC");
        sy_problem_copy(&problem, error, error_size);
        sy_saver_stop(&server->saver);
    }
    return status;
}

SyStatus sy_server_start(SyServer **server, SyControl *control, const SyServerOptions *options,
                         char *error, size_t error_size)
{
    SyStatus status = sy_server_bind(server, options, error, error_size);
    if (status != SY_OK) {
        return status;
    }
    status = sy_server_run(*server, control, error, error_size);
    if (status != SY_OK) {
        sy_server_free(*server);
        *server = NULL;
    }
    return status;
}

int sy_server_port(const SyServer *server)
{
    return server->port;
}

const char *sy_server_path(const SyServer *server)
{
    return server->unix_path;
}

static void close_fd(int fd)
{
    if (fd >= 0) {
        close(fd);
    }
}

void sy_server_stop(SyServer *server)
{
    if (!server || server->closed) {
        return;
    }
    if (server->running) {
        const uint64_t one = 1;
        atomic_store(&server->stop, true);
        if (write(server->wake_fd, &one, sizeof one) < 0 && errno != EAGAIN) {
            sy_log("cannot wake the osc thread: %s", strerror(errno));
        }
        pthread_join(server->thread, NULL);
        server->running = false;
    }
    sy_tracing_stop(&server->tracing);
    sy_saver_stop(&server->saver);
    sy_outbox_close(&server->outbox);
    if (server->unix_path[0] != '\0') {
        unlink(server->unix_path);
    }
    close_fd(server->udp_fd);
    close_fd(server->unix_fd);
    close_fd(server->wake_fd);
    server->closed = true;
}

void sy_server_free(SyServer *server)
{
    if (!server) {
        return;
    }
    sy_server_stop(server);
    sy_world_deinit(server);
    free(server->inbox);
    sy_tracing_deinit(&server->tracing);
    pthread_mutex_destroy(&server->subscribers.lock);
    pthread_mutex_destroy(&server->outbox.lock);
    free(server);
}
