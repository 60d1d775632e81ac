/* A server in front of the double, as a program: prints its port and its socket's path, and ends
 * when it is told to quit or its standard input does. For tests in other languages. */
#include <poll.h>
#include <stdio.h>
#include <unistd.h>

#include "osc/server.h"
#include "tests/osc/double.h"

int main(int argc, char **argv)
{
    const SyServerOptions options = {.port = 0,
                                     .listen = argc > 1 ? argv[1] : NULL,
                                     .allow = (const char *const *)argv + 2,
                                     .n_allow = argc > 2 ? (size_t)argc - 2 : 0,
                                     .verbose = true};
    SyControl *control = double_new();
    SyServer *server;
    char error[300];
    const SyStatus status = sy_server_start(&server, control, &options, error, sizeof error);
    if (status != SY_OK) {
        fprintf(stderr, "%s\n", error);
        return (int)status;
    }
    printf("%d %s\n", sy_server_port(server), sy_server_path(server));
    fflush(stdout);
    struct pollfd in = {.fd = STDIN_FILENO, .events = POLLIN};
    while (!double_has_quit(control) && poll(&in, 1, 10) == 0) {
    }
    sy_server_stop(server);
    double_free(control);
    sy_server_free(server);
    return 0;
}
