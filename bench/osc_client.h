/* A client of a synthd that the bench starts for itself. */
#ifndef SY_BENCH_OSC_CLIENT_H
#define SY_BENCH_OSC_CLIENT_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

typedef struct SyOscClient {
    pid_t engine;
    int socket; /* UDP, connected to it */
    char answer[8192];
    long answer_size;
} SyOscClient;

/* Starts `synthd --audio clock` on a free port and waits until it answers. False when it could not,
 * having said why on stderr. All below return false on anything but the answer that is hoped for.
 */
bool sy_osc_open(SyOscClient *client, const char *synthd);

/* The same with another driver, as --audio takes it, and blocks of so many frames. */
bool sy_osc_open_on(SyOscClient *client, const char *synthd, const char *audio, uint32_t block);

/* Ends it. */
void sy_osc_close(SyOscClient *client);

/* Creates a module and waits for the answer, which says how long its assignment took. */
bool sy_osc_create(SyOscClient *client, const char *type, int id, int voices, double *assign_us);
bool sy_osc_destroy(SyOscClient *client, const char *type, int id);

/* Changes a parameter, "vca/1/gain", and waits for the answer. */
bool sy_osc_set(SyOscClient *client, const char *param, float value);

/* Patches an output into an input; plays a note. */
bool sy_osc_connect(SyOscClient *client, const char *from, const char *to);
bool sy_osc_note(SyOscClient *client, const char *module, float note, float velocity);

/* Asks for a recording of blocks and tasks, which is in the file when its answer has come: that is
 * waited for by sy_osc_await_trace(), `seconds` later. */
bool sy_osc_record_trace(SyOscClient *client, const char *path, double seconds);
bool sy_osc_await_trace(SyOscClient *client);

/* A chain of vco and vcf with 16 voices. */
bool sy_osc_voice(SyOscClient *client, int id);

/* How much of their period the blocks take, in per cent, once the figure is about the patch as it
 * is. */
bool sy_osc_settled_load(SyOscClient *client, double *percent);

/* A UDP socket that is connected to a port of the loopback, and one that is bound to a free port of
 * it; what is received there is waited for 5 s at the most. -1 with errno. */
int sy_osc_socket(int port);
int sy_osc_bound_socket(int *port);

#endif
