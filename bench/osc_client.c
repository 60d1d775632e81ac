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
#define BLOCK         64
#define START_TRIES   400 /* 25 ms apart */

static struct sockaddr_in loopback(int port)
{
    return (struct sockaddr_in){.sin_family = AF_INET,
                                .sin_port = htons((uint16_t)port),
                                .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
}

int sy_osc_bound_socket(int *port)
{
    struct sockaddr_in address = loopback(0);
    socklen_t size = sizeof(address);
    const int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

    if (fd < 0 || bind(fd, (struct sockaddr *)&address, size) < 0 ||
        getsockname(fd, (struct sockaddr *)&address, &size) < 0) {
        return -1;
    }
    *port = ntohs(address.sin_port);
    return fd;
}

int sy_osc_socket(int port)
{
    const struct timeval patience = {.tv_sec = ANSWER_WAIT_S};
    const struct sockaddr_in address = loopback(port);
    const int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

    if (fd < 0 || connect(fd, (const struct sockaddr *)&address, sizeof(address)) < 0) {
        return -1;
    }
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
    return fd;
}

/* A port that was free a moment ago. */
static int free_port(void)
{
    int port = -1;
    const int probe = sy_osc_bound_socket(&port);

    if (probe >= 0) {
        close(probe);
    }
    return port;
}

static void become_engine(const char *synthd, const char *audio, uint32_t block, int port)
{
    char number[16], frames[16];

    prctl(PR_SET_PDEATHSIG, SIGTERM);
    snprintf(number, sizeof(number), "%d", port);
    snprintf(frames, sizeof(frames), "%u", block);
    if (!freopen("/dev/null", "w", stdout)) {
        _exit(127);
    }
    execl(synthd, synthd, "--audio", audio, "--port", number, "--block", frames, (char *)NULL);
    perror(synthd);
    _exit(127);
}

static bool post(const SyOscClient *client, const char *path, lo_message message)
{
    size_t size = 0;
    void *bytes = lo_message_serialise(message, path, NULL, &size);
    const bool sent = bytes && send(client->socket, bytes, size, 0) == (ssize_t)size;

    free(bytes);
    lo_message_free(message);
    return sent;
}

static bool receive(SyOscClient *client)
{
    client->answer_size = recv(client->socket, client->answer, sizeof(client->answer), 0);
    return client->answer_size > 0;
}

static bool exchange(SyOscClient *client, const char *path, lo_message message)
{
    return post(client, path, message) && receive(client);
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

/* A float of an answer. It lies at a multiple of 4, which is not enough for a lo_arg. */
static bool float_of(lo_message answer, int index, double *value)
{
    float number;

    if (!answer || lo_message_get_argc(answer) <= index ||
        lo_message_get_types(answer)[index] != 'f') {
        return false;
    }
    memcpy(&number, (const void *)lo_message_get_argv(answer)[index], sizeof(number));
    *value = (double)number;
    return true;
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

bool sy_osc_open_on(SyOscClient *client, const char *synthd, const char *audio, uint32_t block)
{
    const int port = free_port();

    memset(client, 0, sizeof(*client));
    client->socket = port < 0 ? -1 : sy_osc_socket(port);
    if (client->socket < 0) {
        return sy_bench_fail("socket");
    }
    fflush(NULL);
    client->engine = fork();
    if (client->engine == 0) {
        become_engine(synthd, audio, block, port);
    }
    if (client->engine > 0 && wait_for_engine(client)) {
        return true;
    }
    sy_osc_close(client);
    return false;
}

bool sy_osc_open(SyOscClient *client, const char *synthd)
{
    return sy_osc_open_on(client, synthd, "clock", BLOCK);
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

    lo_message_add(message, "sisi", type, id, "voices", voices);
    if (!exchange(client, "/create", message)) {
        return sy_bench_fail("/create");
    }
    lo_message answer = parsed(client, "/done");
    const bool ok = float_of(answer, 3, assign_us);
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

bool sy_osc_set(SyOscClient *client, const char *param, float value)
{
    lo_message message = lo_message_new();

    lo_message_add(message, "sf", param, (double)value);
    return command(client, "/set", message);
}

bool sy_osc_connect(SyOscClient *client, const char *from, const char *to)
{
    lo_message message = lo_message_new();

    lo_message_add(message, "ss", from, to);
    return command(client, "/connect", message);
}

bool sy_osc_note(SyOscClient *client, const char *module, float note, float velocity)
{
    lo_message message = lo_message_new();

    lo_message_add(message, "sff", module, (double)note, (double)velocity);
    return command(client, "/note", message);
}

bool sy_osc_record_trace(SyOscClient *client, const char *path, double seconds)
{
    lo_message message = lo_message_new();

    lo_message_add(message, "sfs", path, seconds, "detailed");
    return post(client, "/trace.record", message);
}

bool sy_osc_await_trace(SyOscClient *client)
{
    lo_message answer = receive(client) ? parsed(client, "/done") : NULL;

    if (answer) {
        lo_message_free(answer);
    }
    return answer != NULL;
}

bool sy_osc_voice(SyOscClient *client, int id)
{
    char from[32], to[32];
    double ignored;

    snprintf(from, sizeof(from), "vco/%d/saw", id);
    snprintf(to, sizeof(to), "vcf/%d/in", id);
    return sy_osc_create(client, "vco", id, 16, &ignored) &&
           sy_osc_create(client, "vcf", id, 16, &ignored) && sy_osc_connect(client, from, to);
}

/* The engine's figure is the mean of 512 blocks and is made once a second. */
bool sy_osc_settled_load(SyOscClient *client, double *percent)
{
    const struct timespec window = {.tv_sec = 2};

    nanosleep(&window, NULL);
    if (!exchange(client, "/status", lo_message_new())) {
        return sy_bench_fail("/status");
    }
    lo_message answer = parsed(client, "/status.reply");
    const bool ok = float_of(answer, 5, percent);
    if (answer) {
        lo_message_free(answer);
    }
    return ok;
}
