/* Hands out pieces of the segment: states, wires, parameters, tapes.
 *
 * The books are in private memory, so that a worker gone wild cannot spoil them. First fit from a
 * sorted list of holes; neighbours are joined when freed. A patch has thousands of pieces at most,
 * and only the control thread allocates, off the real-time path. */
#ifndef SY_ENGINE_ARENA_H
#define SY_ENGINE_ARENA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct SyArena SyArena;

/* An arena over the offsets [first, first + size). Returns NULL when memory is out.
 * Thread: setup.  RT: no. */
SyArena *sy_arena_new(uint64_t first, uint64_t size);
void sy_arena_free(SyArena *arena);

/* An offset of `size` bytes aligned to 64, or 0 when no hole is large enough.
 * Thread: control.  RT: no. */
uint64_t sy_arena_take(SyArena *arena, uint64_t size);

/* Takes a piece out that was handed out by another arena over the same offsets. Returns false, and
 * nothing is changed, if some of it is taken already.  Thread: setup.  RT: no. */
bool sy_arena_claim(SyArena *arena, uint64_t offset, uint64_t size);

/* Gives back what sy_arena_take gave for the same `size`. Offset 0 is ignored.
 * Thread: control.  RT: no. */
void sy_arena_give(SyArena *arena, uint64_t offset, uint64_t size);

/* Bytes handed out, and bytes in all.  Thread: control.  RT: yes. */
uint64_t sy_arena_used(const SyArena *arena);
uint64_t sy_arena_size(const SyArena *arena);

#endif
