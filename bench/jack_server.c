#include "bench/jack_server.h"

#include <fcntl.h>
#include <jack/jack.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define TRIES  400
#define TRY_NS 25000000

#define NAME_VARIABLE "JACK_DEFAULT_SERVER"

static void be_silent(const char *text)
{
    (void)text;
}

static void become_server(uint32_t period)
{
    char frames[16];
    const int nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);

    prctl(PR_SET_PDEATHSIG, SIGTERM);
    snprintf(frames, sizeof(frames), "%u", period);
    dup2(nowhere, STDOUT_FILENO);
    dup2(nowhere, STDERR_FILENO);
    execlp("jackd", "jackd", "-R", "-P", "70", "-d", "dummy", "-r", "48000", "-p", frames,
           (char *)NULL);
    _exit(127);
}

/* Whether it takes clients yet. */
static bool answers(void)
{
    jack_client_t *client = jack_client_open("synthbench-look", JackNoStartServer, NULL);

    if (client) {
        jack_client_close(client);
    }
    return client != NULL;
}

static bool await(SyJackServer *server, const char **why)
{
    const struct timespec pause = {.tv_nsec = TRY_NS};
    int status;

    for (int i = 0; i < TRIES; i++) {
        if (waitpid(server->pid, &status, WNOHANG) == server->pid) {
            server->pid = 0;
            *why = WIFEXITED(status) && WEXITSTATUS(status) == 127 ? "jackd is not installed"
                                                                   : "jackd does not start";
            return false;
        }
        if (answers()) {
            return true;
        }
        nanosleep(&pause, NULL);
    }
    *why = "jackd takes no clients";
    return false;
}

bool sy_jack_server_open(SyJackServer *server, uint32_t period, const char **why)
{
    const char *before = getenv(NAME_VARIABLE);
    char name[32];

    server->name_before = before ? strdup(before) : NULL;
    snprintf(name, sizeof(name), "synthbench-%d", (int)getpid());
    setenv(NAME_VARIABLE, name, 1);
    setenv("JACK_NO_START_SERVER", "1", 1);
    jack_set_error_function(be_silent); /* it talks of every try */
    jack_set_info_function(be_silent);
    fflush(NULL);
    server->pid = fork();
    if (server->pid == 0) {
        become_server(period);
    }
    *why = "jackd cannot be started";
    if (server->pid > 0 && await(server, why)) {
        return true;
    }
    sy_jack_server_close(server);
    return false;
}

void sy_jack_server_close(SyJackServer *server)
{
    if (server->pid > 0) {
        kill(server->pid, SIGTERM);
        waitpid(server->pid, NULL, 0);
    }
    if (server->name_before) {
        setenv(NAME_VARIABLE, server->name_before, 1);
    } else {
        unsetenv(NAME_VARIABLE);
    }
    free(server->name_before);
}
