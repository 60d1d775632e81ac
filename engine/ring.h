/* A lock-free ring of fixed-size items with one producer and one consumer, which may be two threads
 * or two processes that share memory.
 *
 * The ring proper lies in memory that both ends map: two indexes, then the items.  Each end has a
 * SyRing of its own, in memory of its own, that says where the ring is and how large.  Nothing read
 * from the shared part is ever believed where it could lead outside: a peer that crashed, or went
 * mad and wrote over the indexes, can lose or garble items, and no more than that.
 *
 * ring.c has the ordering argument.
 */
#ifndef SY_ENGINE_RING_H
#define SY_ENGINE_RING_H

#include <stdalign.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* The shared part; `capacity` items follow it.  The indexes count items since the beginning and
 * wrap at 2^32.  Each is alone on its cache line, because each is written by another CPU. */
typedef struct SyRingIndexes {
    alignas(64) _Atomic uint32_t write; /* stored by the producer only */
    alignas(64) _Atomic uint32_t read;  /* stored by the consumer only */
} SyRingIndexes;

/* One end of a ring: either the producer's or the consumer's, never both and never shared. */
typedef struct SyRing {
    SyRingIndexes *indexes;
    unsigned char *items;
    uint32_t mask;      /* capacity - 1 */
    uint32_t item_size; /* bytes */
    uint32_t cached;    /* the other end's index when this end last looked */
} SyRing;

/* Bytes of shared memory for `capacity` items of `item_size` bytes; a multiple of 64, so that rings
 * can be packed.  `capacity` is a power of two from 1 to 2^31, `item_size` at least 1.
 * Thread: any.  RT: yes. */
size_t sy_ring_bytes(uint32_t capacity, uint32_t item_size);

/* Makes an empty ring of `memory` (sy_ring_bytes() bytes, 64-byte aligned, the caller's, to outlive
 * both ends), and of `ring` one end of it.  Nobody else may be using the memory.
 * Thread: setup.  RT: yes. */
void sy_ring_init(SyRing *ring, void *memory, uint32_t capacity, uint32_t item_size);

/* Makes `ring` an end of a formatted ring, and leaves the items in it alone.  Capacity
 * and item size must be what the other end was given; they are not kept in the shared memory.
 * Also right when this end was held by a process that died: see ring.c for what that leaves.
 * Thread: the end's own, or setup before it starts.  RT: yes. */
void sy_ring_attach(SyRing *ring, void *memory, uint32_t capacity, uint32_t item_size);

/* Puts in `n` items with one publication: the consumer sees none or all of them.  False, and
 * nothing done, when there is no room for all.
 * Thread: producer.  RT: yes, wait-free. */
bool sy_ring_write_many(SyRing *ring, const void *items, uint32_t n);

/* Takes out up to `max` of the oldest items and returns how many; 0 when the ring is empty.
 * Thread: consumer.  RT: yes, wait-free. */
uint32_t sy_ring_read_many(SyRing *ring, void *items, uint32_t max);

/* Items that can be read: at least so many for the consumer, at most so many for the producer.
 * 0 when the indexes make no sense.  Thread: producer, consumer.  RT: yes, wait-free. */
uint32_t sy_ring_readable(const SyRing *ring);

/* Items that can be written: at least so many for the producer, at most so many for the consumer.
 * 0 when the indexes make no sense.  Thread: producer, consumer.  RT: yes, wait-free. */
uint32_t sy_ring_writable(const SyRing *ring);

/* One item at a time is inline, for a call would cost more than the work; the labels are ring.c's.
 */

static inline unsigned char *sy_ring_slot(const SyRing *ring, uint32_t index)
{
    return ring->items + (size_t)(index & ring->mask) * ring->item_size; /* R3 */
}

/* Slots the producer may fill, given a value of `read`; 0 too when R1 does not hold. */
static inline uint32_t sy_ring_room_at(const SyRing *ring, uint32_t write, uint32_t read)
{
    const uint32_t used = write - read;
    return used <= ring->mask ? ring->mask + 1 - used : 0; /* R3 */
}

/* Items the consumer may take, given a value of `write`; 0 too when R1 does not hold. */
static inline uint32_t sy_ring_stock_at(const SyRing *ring, uint32_t write, uint32_t read)
{
    const uint32_t used = write - read;
    return used - 1 <= ring->mask ? used : 0; /* R3; 0 - 1 wraps, so used is 1 to capacity */
}

/* Room for the producer, which looks at the consumer's index only when it must for `wanted`. */
static inline uint32_t sy_ring_room(SyRing *ring, uint32_t write, uint32_t wanted)
{
    const uint32_t known = sy_ring_room_at(ring, write, ring->cached); /* R2 */
    if (known >= wanted)
        return known;
    ring->cached = atomic_load_explicit(&ring->indexes->read, memory_order_acquire); /* P2 */
    return sy_ring_room_at(ring, write, ring->cached);
}

/* Items for the consumer, which looks at the producer's index only when it must for `wanted`. */
static inline uint32_t sy_ring_stock(SyRing *ring, uint32_t read, uint32_t wanted)
{
    const uint32_t known = sy_ring_stock_at(ring, ring->cached, read); /* R2 */
    if (known >= wanted)
        return known;
    ring->cached = atomic_load_explicit(&ring->indexes->write, memory_order_acquire); /* C1 */
    return sy_ring_stock_at(ring, ring->cached, read);
}

/* Copies the usual sizes in a few instructions. */
static inline void sy_ring_copy(void *to, const void *from, uint32_t size)
{
#ifndef __clang_analyzer__
    /* Or the compiler, who knows how large the caller's item is, warns of the branches that are
     * not taken. */
    __asm__("" : "+r"(to), "+r"(from));
#endif
    if (size == 8)
        memcpy(to, from, 8);
    else if (size == 16)
        memcpy(to, from, 16);
    else if (size == 32)
        memcpy(to, from, 32);
    else if (size == 64)
        memcpy(to, from, 64);
    else
        memcpy(to, from, size);
}

/* Puts in one item of item_size bytes.  False, and nothing done, when the ring is full.
 * Thread: producer.  RT: yes, wait-free. */
static inline bool sy_ring_write(SyRing *ring, const void *item)
{
    const uint32_t write = atomic_load_explicit(&ring->indexes->write, memory_order_relaxed);
    if (sy_ring_room(ring, write, 1) == 0)
        return false;
    sy_ring_copy(sy_ring_slot(ring, write), item, ring->item_size);
    atomic_store_explicit(&ring->indexes->write, write + 1, memory_order_release); /* P1 */
    return true;
}

/* Takes out the oldest item.  False, and `item` untouched, when the ring is empty.
 * Thread: consumer.  RT: yes, wait-free. */
static inline bool sy_ring_read(SyRing *ring, void *item)
{
    const uint32_t read = atomic_load_explicit(&ring->indexes->read, memory_order_relaxed);
    if (sy_ring_stock(ring, read, 1) == 0)
        return false;
    sy_ring_copy(item, sy_ring_slot(ring, read), ring->item_size);
    atomic_store_explicit(&ring->indexes->read, read + 1, memory_order_release); /* C2 */
    return true;
}

#endif
