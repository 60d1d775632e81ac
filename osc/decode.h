/* The engine's answers as JSON: what synthctl prints with --json, and what its tables and drawings
 * are made of. What an older engine does not tell is not there, and reads as "" or 0.
 *
 * Thread: any.  RT: no. */
#ifndef SY_OSC_DECODE_H
#define SY_OSC_DECODE_H

#include <json-c/json.h>
#include <stdbool.h>

#include "osc/client.h"

/* The patch as /list tells it. */
typedef struct SyListing {
    struct json_object *modules; /* [{module, voices, worker, cost_us, quarantined, fault,
                                    wild_blocks, file}], in the order of their creation */
    struct json_object *cables;  /* [{from, to, gain}], in the order of their creation */
    int n_modules, n_cables;     /* as the end of the answer counts them */
} SyListing;

/* Frees it with sy_listing_deinit(). */
void sy_listing_init(SyListing *listing);
void sy_listing_deinit(SyListing *listing);

/* Whether all of it has arrived: a datagram can be lost on the way. */
bool sy_listing_is_whole(const SyListing *listing);

/* For sy_client_ask(): each adds what one message tells. `user` is for
 *   sy_decode_engine   an object: /engine, with timing, health and osc as objects in it
 *   sy_decode_worker   an array: {worker, pid, state, incarnation, modules, load}
 *   sy_decode_listed   a SyListing */
SyItemFunc sy_decode_engine, sy_decode_worker, sy_decode_listed;

/* An address as synthctl prints it: vco/1, in `address`. */
const char *sy_without_slash(const char *address);

/* A field of an object, "" or 0 when it is not there. The text is the object's. */
const char *sy_field_text(struct json_object *object, const char *key);
double sy_field_number(struct json_object *object, const char *key);

#endif
