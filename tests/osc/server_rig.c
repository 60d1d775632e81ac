#include "tests/osc/server_rig.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "osc/packet.h"

char folder[] = "/tmp/synthd-test-XXXXXX";
SyControl *control;
SyServer *server;
Talk *talk;

int make_folder(void **state)
{
    (void)state;
    return mkdtemp(folder) && setenv("XDG_RUNTIME_DIR", folder, 1) == 0 ? 0 : -1;
}

int remove_folder(void **state)
{
    char command[64];
    (void)state;
    snprintf(command, sizeof command, "rm -r %s", folder);
    return system(command);
}

int start(void **state)
{
    const SyServerOptions options = {.port = 0};
    char error[200] = "";
    (void)state;
    control = double_new();
    if (sy_server_start(&server, control, &options, error, sizeof error) != SY_OK) {
        print_error("%s\n", error);
        return -1;
    }
    talk = talk_unix(sy_server_path(server));
    return 0;
}

int stop(void **state)
{
    (void)state;
    talk_free(talk);
    sy_server_stop(server);
    double_free(control);
    sy_server_free(server);
    return 0;
}

void create_vcos(int n)
{
    for (int i = 1; i <= n; i++) {
        talk_say(talk, "/create", "si", "vco", i);
        talk_expect(talk, "/done", "s*", "/create");
    }
}

void create_many(int n)
{
    const int at_once = 100;
    for (int i = 0; i < n; i += at_once) {
        for (int j = 0; j < at_once; j++) {
            talk_add(talk, "/create", "si", "vco", 1 + i + j);
        }
        talk_send_bundle(talk, SY_TIMETAG_NOW);
        for (int j = 0; j < at_once; j++) {
            talk_expect(talk, "/done", "s*", "/create");
        }
    }
}

int64_t count_of(const char *name)
{
    int64_t value = -1;
    bool end = false;
    talk_say(talk, "/engine", "");
    while (!end) {
        const SyMessage *message = talk_hear(talk);
        end = strcmp(message->address, "/done") == 0;
        for (size_t i = 0; i + 1 < message->n_args && !end; i += 2) {
            if (strcmp(message->args[i].s, name) == 0) {
                const SyArg *arg = &message->args[i + 1];
                value = arg->type == 'h' ? arg->h : arg->i;
            }
        }
    }
    return value;
}
