#include "bench/osc_client.h"

#include <arpa/inet.h>
#include <lo/lo.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "bench/bench.h"

#define ANSWER_WAIT_S 5
#define START_TRIES   400 /* 25 ms apart */

static struct sockaddr_in loopback(int port)
{
    return (struct sockaddr_in){.sin_family = AF_INET,
                                .sin_port = htons((uint16_t)port),
                                .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
}

/* A port that was free a moment ago. */
static int free_port(void)
{
    struct sockaddr_in address = loopback(0);
    socklen_t size = sizeof(address);
    const int probe = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

    if (probe < 0 || bind(probe, (struct sockaddr *)&address, size) < 0 ||
        getsockname(probe, (struct sockaddr *)&address, &size) < 0) {
        return -1;
    }
    close(probe);
    return ntohs(address.sin_port);
}

static void become_engine(const char *synthd, int port)
{
    char number[16];

    prctl(PR_SET_PDEATHSIG, SIGTERM);
    snprintf(number, sizeof(number), "%d", port);
    if (!freopen("/dev/null", "w", stdout)) {
        _exit(127);
    }
    execl(synthd, synthd, "--audio", "clock", "--port", number, (char *)NULL);
    perror(synthd);
    _exit(127);
}

static bool exchange(SyOscClient *client, const char *path, lo_message message)
{
    size_t size = 0;
    void *bytes = lo_message_serialise(message, path, NULL, &size);
    const bool sent = bytes && send(client->socket, bytes, size, 0) == (ssize_t)size;

    free(bytes);
    lo_message_free(message);
    client->answer_size =
        sent ? recv(client->socket, client->answer, sizeof(client->answer), 0) : -1;
    return client->answer_size > 0;
}

static lo_message parsed(SyOscClient *client, const char *path)
{
    int error = 0;
    if (strcmp(client->answer, path) != 0) {
        fprintf(stderr, "synthbench: synthd answers %s instead of %s\n", client->answer, path);
        return NULL;
    }
    return lo_message_deserialise(client->answer, (size_t)client->answer_size, &error);
}

static bool wait_for_engine(SyOscClient *client)
{
    const struct timespec pause = {.tv_nsec = 25000000};

    for (int i = 0; i < START_TRIES && waitpid(client->engine, NULL, WNOHANG) == 0; i++) {
        if (exchange(client, "/version", lo_message_new())) {
            return true;
        }
        nanosleep(&pause, NULL); /* refused at once while nobody listens */
    }
    fprintf(stderr, "synthbench: synthd does not answer\n");
    return false;
}

bool sy_osc_open(SyOscClient *client, const char *synthd)
{
    const struct timeval patience = {.tv_sec = ANSWER_WAIT_S};
    const int port = free_port();

    memset(client, 0, sizeof(*client));
    const struct sockaddr_in address = loopback(port);
    client->socket = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (port < 0 || client->socket < 0 ||
        connect(client->socket, (const struct sockaddr *)&address, sizeof(address)) < 0) {
        return sy_bench_fail("socket");
    }
    setsockopt(client->socket, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
    fflush(NULL);
    client->engine = fork();
    if (client->engine == 0) {
        become_engine(synthd, port);
    }
    if (client->engine > 0 && wait_for_engine(client)) {
        return true;
    }
    sy_osc_close(client);
    return false;
}

void sy_osc_close(SyOscClient *client)
{
    if (client->engine > 0) {
        kill(client->engine, SIGTERM);
        waitpid(client->engine, NULL, 0);
    }
    close(client->socket);
}

bool sy_osc_create(SyOscClient *client, const char *type, int id, int voices, double *assign_us)
{
    lo_message message = lo_message_new();
    bool ok = false;

    lo_message_add(message, "sisi", type, id, "voices", voices);
    if (!exchange(client, "/create", message)) {
        return sy_bench_fail("/create");
    }
    lo_message answer = parsed(client, "/done");
    if (answer && lo_message_get_argc(answer) >= 4 && lo_message_get_types(answer)[3] == 'f') {
        *assign_us = (double)lo_message_get_argv(answer)[3]->f;
        ok = true;
    }
    if (answer) {
        lo_message_free(answer);
    }
    return ok;
}

static bool command(SyOscClient *client, const char *path, lo_message message)
{
    if (!exchange(client, path, message)) {
        return sy_bench_fail(path);
    }
    lo_message answer = parsed(client, "/done");
    if (answer) {
        lo_message_free(answer);
    }
    return answer != NULL;
}

bool sy_osc_destroy(SyOscClient *client, const char *type, int id)
{
    char name[32];
    lo_message message = lo_message_new();

    snprintf(name, sizeof(name), "%s/%d", type, id);
    lo_message_add(message, "s", name);
    return command(client, "/destroy", message);
}

bool sy_osc_voice(SyOscClient *client, int id)
{
    char from[32], to[32];
    double ignored;
    lo_message message = lo_message_new();

    snprintf(from, sizeof(from), "vco/%d/saw", id);
    snprintf(to, sizeof(to), "vcf/%d/in", id);
    lo_message_add(message, "ss", from, to);
    if (!sy_osc_create(client, "vco", id, 16, &ignored) ||
        !sy_osc_create(client, "vcf", id, 16, &ignored)) {
        lo_message_free(message);
        return false;
    }
    return command(client, "/connect", message);
}

/* The engine's figure is the mean of 512 blocks and is made once a second. */
bool sy_osc_settled_load(SyOscClient *client, double *percent)
{
    const struct timespec window = {.tv_sec = 2};
    bool ok = false;

    nanosleep(&window, NULL);
    if (!exchange(client, "/status", lo_message_new())) {
        return sy_bench_fail("/status");
    }
    lo_message answer = parsed(client, "/status.reply");
    if (answer && lo_message_get_argc(answer) >= 6 && lo_message_get_types(answer)[5] == 'f') {
        *percent = (double)lo_message_get_argv(answer)[5]->f;
        ok = true;
    }
    if (answer) {
        lo_message_free(answer);
    }
    return ok;
}
