/* Finds in a graph without going through all of it: modules by name, cables by their ends, what is
 * free, what is dying. Kept by graph.c and nobody else.
 *
 * All zero is the index of an empty graph: slots are written as slot + 1, 0 is none.
 *
 * Thread: control.  RT: no. */
#ifndef SY_ENGINE_GRAPH_INDEX_H
#define SY_ENGINE_GRAPH_INDEX_H

#include <stdbool.h>
#include <stdint.h>

#include "engine/command.h"
#include "engine/segment.h"

#define SY_NAMES 4096 /* buckets */

/* A cable's neighbours in the lists of what leaves one module and what arrives at another. */
typedef struct SyCableLinks {
    uint32_t next_out, last_out, next_in, last_in;
} SyCableLinks;

typedef struct SyGraphIndex {
    uint32_t named[SY_NAMES]; /* first of the modules in a bucket; dying ones are not in it */
    uint32_t next_named[SY_MODULES_MAX];
    uint32_t first_out[SY_MODULES_MAX]; /* cables by the module that they come from */
    uint32_t first_in[SY_MODULES_MAX];  /* and that they lead to; a sink's leads to none */
    SyCableLinks links[SY_CABLES_MAX];
    uint64_t modules_used[SY_MODULES_MAX / 64], cables_used[SY_CABLES_MAX / 64]; /* bits */
    uint64_t modules_dying[SY_MODULES_MAX / 64], cables_dying[SY_CABLES_MAX / 64];
    bool may_open; /* a cable has gone since loops were settled: only that can open one */
} SyGraphIndex;

struct SyGraph;

/* Makes the index anew from modules and cables, as after they have been copied. */
void sy_graph_index_make(struct SyGraph *graph);

/* A module or cable has come; is dying from now on; is about to go. A name goes when its module is
 * dying. */
void sy_graph_index_add_module(struct SyGraph *graph, uint32_t slot);
void sy_graph_index_remove_module(struct SyGraph *graph, uint32_t slot);
void sy_graph_index_let_module_die(struct SyGraph *graph, uint32_t slot);
void sy_graph_index_let_cable_die(struct SyGraph *graph, uint32_t slot);
void sy_graph_index_add_cable(struct SyGraph *graph, uint32_t slot);
void sy_graph_index_remove_cable(struct SyGraph *graph, uint32_t slot);

/* Modules of the bucket that `ref` is in. */
uint32_t sy_graph_index_bucket(SyModuleRef ref);

/* The lowest number from `from` on whose bit is set, of bits[n / 64]; n if none is. */
uint32_t sy_graph_index_next(const uint64_t *bits, uint32_t from, uint32_t n);

/* The lowest slot that is neither used nor held, of n; SY_NONE if all are. `n` is a multiple of
 * 64. */
uint32_t sy_graph_index_free(const uint64_t *used, const uint8_t *held, uint32_t n);

#endif
