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

/* Ends it. */
void sy_osc_close(SyOscClient *client);

/* Creates a module and waits for the answer, which says how long its assignment took. */
bool sy_osc_create(SyOscClient *client, const char *type, int id, int voices, double *assign_us);
bool sy_osc_destroy(SyOscClient *client, const char *type, int id);

/* A chain of vco and vcf with 16 voices. */
bool sy_osc_voice(SyOscClient *client, int id);

/* How much of their period the blocks take, in per cent, once the figure is about the patch as it
 * is. */
bool sy_osc_settled_load(SyOscClient *client, double *percent);

#endif
