/* Rings in memory that ends where it must. */
#ifndef SY_TESTS_ENGINE_RING_RIG_H
#define SY_TESTS_ENGINE_RING_RIG_H

#include "engine/ring.h"

/* Shared memory whose end touches a page that nobody may touch, so that a step too far is fatal. */
typedef struct SyRingArena {
    unsigned char *map;
    size_t map_size;
    void *memory; /* [size], 64-byte aligned, ends at the guard page */
    size_t size;
} SyRingArena;

/* Both ends of a fresh ring. */
typedef struct SyRingEnds {
    SyRingArena arena;
    SyRing producer, consumer;
} SyRingEnds;

/* `size` bytes of it. */
SyRingArena sy_ring_arena_map(size_t size);
void sy_ring_arena_unmap(SyRingArena *arena);

void sy_ring_ends_init(SyRingEnds *ends, uint32_t capacity, uint32_t item_size);
void sy_ring_ends_deinit(SyRingEnds *ends);

/* Sets both indexes of an empty ring to `start`, as after that many items. */
void sy_ring_ends_start_at(SyRingEnds *ends, uint32_t start);

/* Runs everything an end can do; the guard pages see to it that nothing leaves the ring. */
void sy_ring_use_both_ends(SyRing *producer, SyRing *consumer);

#endif
