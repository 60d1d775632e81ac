/* Who owns what
 *
 *   indexes->write   stored by the producer, loaded by both
 *   indexes->read    stored by the consumer, loaded by both
 *   items            slot i & mask is the producer's while read + capacity > i >= write, and the
 *                    consumer's while write > i >= read (differences modulo 2^32)
 *   SyRing           private to its end
 *
 * Pairs
 *
 *   P1  The producer stores `write` with release after copying the items in; C1 the consumer loads
 *       `write` with acquire before copying them out.  So the bytes precede the index.
 *   C2  The consumer stores `read` with release after copying the items out; P2 the producer loads
 *       `read` with acquire before copying others over them.  So a slot is free only once its bytes
 *       have been taken.
 *
 * An end loads its own index relaxed: it is the only one that stores it.
 *
 * Invariants
 *
 *   R1  0 <= write - read <= capacity, while both ends are sane.
 *   R2  The producer's `cached` is a past value of `read`; the consumer's is one of `write`, or
 *       equal to `read`.  Both indexes only grow, so an end that trusts its `cached` sees too
 *       little room or too few items, never too much.  It looks at the other's index, which
 *       costs a cache miss, only when that is not enough.
 *   R3  Every slot number is masked with the private mask, and every count is compared with the
 *       private capacity, after the one load that produced it.  So no value of either index
 *       leads outside the items: one that breaks R1 reads as full to the producer and as empty
 *       to the consumer.
 *
 * What a crash leaves
 *
 *   Producer, before P1: its bytes are in slots that are not the consumer's; nothing happened.
 *   Producer, after P1: all items of the call are in.  There is nothing between.
 *   Consumer, before C2: the items it was taking out are still in, and whoever attaches in its
 *       place gets them again.  Who must act once has to tell a repeated item by its contents.
 *   Consumer, after C2: they are out.
 */
#include "engine/ring.h"

#include <assert.h>

static_assert(ATOMIC_INT_LOCK_FREE == 2, "a lock in shared memory would not survive its holder");
static_assert(offsetof(SyRingIndexes, write) == 0, "layout of the shared memory");
static_assert(offsetof(SyRingIndexes, read) == 64, "layout of the shared memory");
static_assert(sizeof(SyRingIndexes) == 128, "layout of the shared memory");

size_t sy_ring_bytes(uint32_t capacity, uint32_t item_size)
{
    const size_t items = (size_t)capacity * item_size;
    return sizeof(SyRingIndexes) + ((items + 63) & ~(size_t)63);
}

void sy_ring_init(SyRing *ring, void *memory, uint32_t capacity, uint32_t item_size)
{
    SyRingIndexes *indexes = memory;
    atomic_init(&indexes->write, 0);
    atomic_init(&indexes->read, 0);
    sy_ring_attach(ring, memory, capacity, item_size);
}

void sy_ring_attach(SyRing *ring, void *memory, uint32_t capacity, uint32_t item_size)
{
    assert(capacity > 0 && (capacity & (capacity - 1)) == 0 && item_size > 0);
    assert((uintptr_t)memory % alignof(SyRingIndexes) == 0);

    ring->indexes = memory;
    ring->items = (unsigned char *)memory + sizeof(SyRingIndexes);
    ring->mask = capacity - 1;
    ring->item_size = item_size;
    /* Which end this will be is not known here, and one value suits both: a producer gets what it
     * would have loaded, a consumer a ring that looks empty, so that it looks again. */
    ring->cached = atomic_load_explicit(&ring->indexes->read, memory_order_acquire);
}

/* How many of n items from `index` on lie before the end of the slots; the rest begin again at 0.
 */
static uint32_t until_end(const SyRing *ring, uint32_t index, uint32_t n)
{
    const uint32_t left = ring->mask + 1 - (index & ring->mask);
    return n < left ? n : left;
}

bool sy_ring_write_many(SyRing *ring, const void *items, uint32_t n)
{
    if (n == 0)
        return true;
    const uint32_t write = atomic_load_explicit(&ring->indexes->write, memory_order_relaxed);
    if (sy_ring_room(ring, write, n) < n)
        return false;

    const size_t size = ring->item_size;
    const uint32_t first = until_end(ring, write, n);
    memcpy(sy_ring_slot(ring, write), items, first * size);
    memcpy(ring->items, (const unsigned char *)items + first * size, (n - first) * size);
    atomic_store_explicit(&ring->indexes->write, write + n, memory_order_release); /* P1 */
    return true;
}

uint32_t sy_ring_read_many(SyRing *ring, void *items, uint32_t max)
{
    const uint32_t read = atomic_load_explicit(&ring->indexes->read, memory_order_relaxed);
    const uint32_t there = sy_ring_stock(ring, read, max);
    const uint32_t n = there < max ? there : max;
    if (n == 0)
        return 0;

    const size_t size = ring->item_size;
    const uint32_t first = until_end(ring, read, n);
    memcpy(items, sy_ring_slot(ring, read), first * size);
    memcpy((unsigned char *)items + first * size, ring->items, (n - first) * size);
    atomic_store_explicit(&ring->indexes->read, read + n, memory_order_release); /* C2 */
    return n;
}

uint32_t sy_ring_readable(const SyRing *ring)
{
    const uint32_t read = atomic_load_explicit(&ring->indexes->read, memory_order_acquire);
    const uint32_t write = atomic_load_explicit(&ring->indexes->write, memory_order_acquire);
    return sy_ring_stock_at(ring, write, read);
}

uint32_t sy_ring_writable(const SyRing *ring)
{
    const uint32_t write = atomic_load_explicit(&ring->indexes->write, memory_order_acquire);
    const uint32_t read = atomic_load_explicit(&ring->indexes->read, memory_order_acquire);
    return sy_ring_room_at(ring, write, read);
}
