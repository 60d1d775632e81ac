#include "tests/engine/ring_rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>
#include <sys/mman.h>

#define PAGE 4096u

SyRingArena sy_ring_arena_map(size_t size)
{
    const size_t inner = (size + PAGE - 1) / PAGE * PAGE;
    SyRingArena arena = {.map_size = inner + 2 * PAGE, .size = size};
    arena.map =
        mmap(NULL, arena.map_size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    assert_ptr_not_equal(arena.map, MAP_FAILED);
    assert_int_equal(mprotect(arena.map, PAGE, PROT_NONE), 0);
    assert_int_equal(mprotect(arena.map + PAGE + inner, PAGE, PROT_NONE), 0);
    arena.memory = arena.map + PAGE + inner - size;
    return arena;
}

void sy_ring_arena_unmap(SyRingArena *arena)
{
    munmap(arena->map, arena->map_size);
}

void sy_ring_ends_init(SyRingEnds *ends, uint32_t capacity, uint32_t item_size)
{
    ends->arena = sy_ring_arena_map(sy_ring_bytes(capacity, item_size));
    sy_ring_init(&ends->producer, ends->arena.memory, capacity, item_size);
    sy_ring_attach(&ends->consumer, ends->arena.memory, capacity, item_size);
}

void sy_ring_ends_deinit(SyRingEnds *ends)
{
    sy_ring_arena_unmap(&ends->arena);
}

void sy_ring_ends_start_at(SyRingEnds *ends, uint32_t start)
{
    const uint32_t capacity = ends->producer.mask + 1;
    atomic_store(&ends->producer.indexes->write, start);
    atomic_store(&ends->producer.indexes->read, start);
    sy_ring_attach(&ends->producer, ends->arena.memory, capacity, ends->producer.item_size);
    sy_ring_attach(&ends->consumer, ends->arena.memory, capacity, ends->consumer.item_size);
}

void sy_ring_use_both_ends(SyRing *producer, SyRing *consumer)
{
    unsigned char item[12], items[12 * 16];
    memset(items, 0x55, sizeof items);
    sy_ring_write(producer, items);
    sy_ring_write_many(producer, items, 16);
    sy_ring_write_many(producer, items, 3);
    sy_ring_read(consumer, item);
    assert_true(sy_ring_read_many(consumer, items, 16) <= 16);
    assert_true(sy_ring_read_many(consumer, items, 5) <= 5);
    assert_true(sy_ring_readable(consumer) <= 16);
    assert_true(sy_ring_writable(producer) <= 16);
}
