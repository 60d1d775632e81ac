/* What a new engine must know of the patch when the old one has died: kept in memory that keeper
 * and engine share, and nobody else.
 *
 * Two copies, used in turn: the one that is current is whole whenever the engine is killed.
 * Workers, states, wires, the plan that plays and the block cycle lie in memory that outlives the
 * engine anyway. */
#ifndef SY_ENGINE_BOOKS_H
#define SY_ENGINE_BOOKS_H

#include "engine/blame.h"
#include "engine/graph.h"

typedef struct SyBook {
    uint64_t serial; /* of the last plan that was about to be published */
    SyGraph graph;
} SyBook;

#define SY_BOOKS_KEPT_BYTES 8192

typedef struct SyBooks {
    _Atomic uint32_t current;       /* 1 + number of the copy that holds, 0 none */
    SyFault faults[SY_MODULES_MAX]; /* why a module is in quarantine, by slot */
    alignas(64) unsigned char kept[SY_BOOKS_KEPT_BYTES]; /* the OSC server's: see its options */
    SyBook copies[2];
} SyBooks;

/* Maps the memory, empty, shared with children that are forked later. Returns it, or NULL with
 * errno. sy_books_unmap takes NULL.  Thread: setup of the keeper.  RT: no. */
SyBooks *sy_books_map(void);
void sy_books_unmap(SyBooks *books);

/* Writes a new copy and makes it the current one. It takes as long as the patch is large.
 * Thread: control.  RT: no. */
void sy_books_write(SyBooks *books, const SyGraph *graph, uint64_t serial);

/* Reads the current copy. Returns false if there is none.  Thread: setup.  RT: no. */
bool sy_books_read(const SyBooks *books, SyGraph *graph, uint64_t *serial);

#endif
