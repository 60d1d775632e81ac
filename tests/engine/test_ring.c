/* The ring, in one thread and between two. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>

#include "tests/engine/ring_rig.h"

static void fill_item(unsigned char *item, uint32_t size, uint32_t number)
{
    for (uint32_t i = 0; i < size; i++)
        item[i] = (unsigned char)(number * 31 + i * 7 + 1);
}

static void items_come_out_whole_and_in_order_at_every_size(void **state)
{
    (void)state;
    static const uint32_t sizes[] = {1, 3, 4, 8, 12, 16, 24, 32, 40, 63, 64, 65, 256};
    for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++) {
        const uint32_t size = sizes[s];
        SyRingEnds ends;
        sy_ring_ends_init(&ends, 8, size);
        unsigned char in[256], out[256];
        for (uint32_t number = 0; number < 100; number += 3) {
            for (uint32_t k = 0; k < 3; k++) {
                fill_item(in, size, number + k);
                assert_true(sy_ring_write(&ends.producer, in));
            }
            for (uint32_t k = 0; k < 3; k++) {
                fill_item(in, size, number + k);
                assert_true(sy_ring_read(&ends.consumer, out));
                assert_memory_equal(in, out, size);
            }
        }
        sy_ring_ends_deinit(&ends);
    }
}

static void every_slot_is_used_and_a_full_ring_refuses(void **state)
{
    (void)state;
    for (uint32_t capacity = 1; capacity <= 16; capacity *= 2) {
        SyRingEnds ends;
        sy_ring_ends_init(&ends, capacity, sizeof(uint64_t));
        for (uint64_t i = 0; i < capacity; i++) {
            assert_int_equal(sy_ring_writable(&ends.producer), capacity - i);
            assert_true(sy_ring_write(&ends.producer, &i));
        }
        const uint64_t extra = 99;
        uint64_t item;
        assert_false(sy_ring_write(&ends.producer, &extra));
        assert_int_equal(sy_ring_readable(&ends.consumer), capacity);
        assert_true(sy_ring_read(&ends.consumer, &item));
        assert_int_equal(item, 0);
        assert_true(sy_ring_write(&ends.producer, &extra));
        assert_false(sy_ring_write(&ends.producer, &extra));
        sy_ring_ends_deinit(&ends);
    }
}

static void empty_ring_refuses_and_leaves_the_item_alone(void **state)
{
    (void)state;
    SyRingEnds ends;
    sy_ring_ends_init(&ends, 4, sizeof(uint64_t));
    uint64_t item = 7;
    assert_false(sy_ring_read(&ends.consumer, &item));
    assert_int_equal(sy_ring_read_many(&ends.consumer, &item, 1), 0);
    assert_int_equal(item, 7);
    assert_int_equal(sy_ring_readable(&ends.consumer), 0);
    assert_int_equal(sy_ring_writable(&ends.producer), 4);
    sy_ring_ends_deinit(&ends);
}

static void many_are_written_all_or_none(void **state)
{
    (void)state;
    SyRingEnds ends;
    sy_ring_ends_init(&ends, 8, sizeof(uint32_t));
    const uint32_t items[9] = {10, 11, 12, 13, 14, 15, 16, 17, 18};
    uint32_t out[9] = {0};
    assert_false(sy_ring_write_many(&ends.producer, items, 9));
    assert_int_equal(sy_ring_readable(&ends.consumer), 0);
    assert_true(sy_ring_write_many(&ends.producer, items, 0));
    assert_true(sy_ring_write_many(&ends.producer, items, 5));
    assert_false(sy_ring_write_many(&ends.producer, items, 4));
    assert_int_equal(sy_ring_readable(&ends.consumer), 5);
    assert_true(sy_ring_write_many(&ends.producer, items + 5, 3));
    assert_int_equal(sy_ring_read_many(&ends.consumer, out, 9), 8);
    assert_memory_equal(out, items, 8 * sizeof *items);
    sy_ring_ends_deinit(&ends);
}

static void many_cross_the_end_of_the_slots(void **state)
{
    (void)state;
    SyRingEnds ends;
    sy_ring_ends_init(&ends, 8, sizeof(uint32_t));
    uint32_t next_in = 0, next_out = 0;
    for (int round = 0; round < 200; round++) {
        const uint32_t n = (uint32_t)round % 9;
        uint32_t in[8], out[8];
        for (uint32_t i = 0; i < n; i++)
            in[i] = next_in++;
        assert_true(sy_ring_write_many(&ends.producer, in, n));
        const uint32_t half = sy_ring_read_many(&ends.consumer, out, n / 2);
        assert_int_equal(half, n / 2);
        assert_int_equal(sy_ring_read_many(&ends.consumer, out + half, 8 - half), n - half);
        for (uint32_t i = 0; i < n; i++)
            assert_int_equal(out[i], next_out++);
    }
    sy_ring_ends_deinit(&ends);
}

static void indexes_wrap_at_32_bits_unnoticed(void **state)
{
    (void)state;
    for (uint32_t before = 0; before <= 10; before++) {
        SyRingEnds ends;
        sy_ring_ends_init(&ends, 8, sizeof(uint64_t));
        sy_ring_ends_start_at(&ends, 0u - before);
        uint64_t item, next_out = 0;
        for (uint64_t i = 0; i < 40; i++) {
            assert_true(sy_ring_write(&ends.producer, &i));
            if (i < 7)
                continue;
            assert_int_equal(sy_ring_readable(&ends.consumer), 8);
            assert_false(sy_ring_write(&ends.producer, &i));
            assert_true(sy_ring_read(&ends.consumer, &item));
            assert_int_equal(item, next_out++);
        }
        uint64_t rest[8];
        assert_int_equal(sy_ring_read_many(&ends.consumer, rest, 8), 7);
        assert_int_equal(rest[6], 39);
        assert_false(sy_ring_read(&ends.consumer, &item));
        sy_ring_ends_deinit(&ends);
    }
}

static void an_end_attached_later_finds_what_is_there(void **state)
{
    (void)state;
    SyRingEnds ends;
    sy_ring_ends_init(&ends, 4, sizeof(uint64_t));
    uint64_t item;
    for (uint64_t i = 0; i < 3; i++)
        assert_true(sy_ring_write(&ends.producer, &i));
    SyRing consumer, producer;
    sy_ring_attach(&consumer, ends.arena.memory, 4, sizeof(uint64_t));
    sy_ring_attach(&producer, ends.arena.memory, 4, sizeof(uint64_t));
    assert_true(sy_ring_read(&consumer, &item));
    assert_int_equal(item, 0);
    item = 3;
    assert_true(sy_ring_write(&producer, &item));
    item = 4;
    assert_true(sy_ring_write(&producer, &item));
    assert_false(sy_ring_write(&producer, &item));
    for (uint64_t i = 1; i <= 4; i++) {
        assert_true(sy_ring_read(&consumer, &item));
        assert_int_equal(item, i);
    }
    assert_false(sy_ring_read(&consumer, &item));
    sy_ring_ends_deinit(&ends);
}

static void rings_can_be_packed_one_after_the_other(void **state)
{
    (void)state;
    assert_int_equal(sy_ring_bytes(1, 1), 128 + 64);
    assert_int_equal(sy_ring_bytes(64, 1), 128 + 64);
    assert_int_equal(sy_ring_bytes(16, 5), 128 + 128);
    assert_true(sy_ring_bytes(1u << 31, 4) > (size_t)1 << 32);
}

static void corrupt_indexes_never_lead_outside(void **state)
{
    (void)state;
    static const uint32_t odd[] = {0,          1,          15,         16,         17,
                                   0x7fffffff, 0x80000000, 0x80000001, 0xfffffff0, 0xffffffff};
    const size_t n = sizeof odd / sizeof *odd;
    SyRingEnds ends;
    sy_ring_ends_init(&ends, 16, 12);
    for (size_t w = 0; w < n; w++) {
        for (size_t r = 0; r < n; r++) {
            atomic_store(&ends.producer.indexes->write, odd[w]);
            atomic_store(&ends.producer.indexes->read, odd[r]);
            sy_ring_use_both_ends(&ends.producer, &ends.consumer);
        }
    }
    srand(1);
    for (int i = 0; i < 20000; i++) {
        const uint32_t any = (uint32_t)rand() * 2u + (uint32_t)rand();
        atomic_store(i & 1 ? &ends.producer.indexes->write : &ends.producer.indexes->read, any);
        sy_ring_use_both_ends(&ends.producer, &ends.consumer);
    }
    sy_ring_ends_deinit(&ends);
}

static void index_out_of_range_reads_as_full_and_as_empty(void **state)
{
    (void)state;
    SyRingEnds ends;
    uint32_t item = 7, items[8] = {0};
    sy_ring_ends_init(&ends, 8, sizeof item);

    atomic_store(&ends.consumer.indexes->write, 9);
    assert_false(sy_ring_read(&ends.consumer, &item));
    assert_int_equal(sy_ring_read_many(&ends.consumer, items, 8), 0);
    assert_int_equal(sy_ring_readable(&ends.consumer), 0);
    assert_int_equal(item, 7);

    sy_ring_ends_start_at(&ends, 0);
    for (uint32_t i = 0; i < 8; i++)
        assert_true(sy_ring_write(&ends.producer, &i));
    atomic_store(&ends.producer.indexes->read, 9); /* more than was ever written */
    assert_false(sy_ring_write(&ends.producer, &item));
    assert_false(sy_ring_write_many(&ends.producer, items, 1));
    assert_int_equal(sy_ring_writable(&ends.producer), 0);
    sy_ring_ends_deinit(&ends);
}

#define MOVED 1000000u

typedef struct Mover {
    SyRing *ring;
    uint64_t wrong;
} Mover;

static void *write_a_million(void *user)
{
    Mover *mover = user;
    for (uint64_t i = 0; i < MOVED;) {
        uint64_t items[5][2];
        const uint32_t n = i % 3 == 0 && i + 5 <= MOVED ? 5 : 1;
        for (uint32_t k = 0; k < n; k++) {
            items[k][0] = i + k;
            items[k][1] = ~(i + k);
        }
        if (n == 1 ? sy_ring_write(mover->ring, items) : sy_ring_write_many(mover->ring, items, n))
            i += n;
        else
            sched_yield();
    }
    return NULL;
}

static void *read_a_million(void *user)
{
    Mover *mover = user;
    for (uint64_t i = 0; i < MOVED;) {
        uint64_t items[7][2];
        const uint32_t n =
            i % 2 ? sy_ring_read(mover->ring, items) : sy_ring_read_many(mover->ring, items, 7);
        for (uint32_t k = 0; k < n; k++)
            mover->wrong += items[k][0] != i + k || items[k][1] != ~(i + k);
        i += n;
        if (n == 0)
            sched_yield();
    }
    return NULL;
}

static void two_threads_move_a_million_items(void **state)
{
    (void)state;
    SyRingEnds ends;
    sy_ring_ends_init(&ends, 64, 2 * sizeof(uint64_t));
    sy_ring_ends_start_at(&ends, 0u - MOVED / 2);
    Mover writer = {.ring = &ends.producer}, reader = {.ring = &ends.consumer};
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, write_a_million, &writer), 0);
    read_a_million(&reader);
    pthread_join(thread, NULL);
    assert_int_equal(reader.wrong, 0);
    assert_int_equal(sy_ring_readable(&ends.consumer), 0);
    sy_ring_ends_deinit(&ends);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(items_come_out_whole_and_in_order_at_every_size),
        cmocka_unit_test(every_slot_is_used_and_a_full_ring_refuses),
        cmocka_unit_test(empty_ring_refuses_and_leaves_the_item_alone),
        cmocka_unit_test(many_are_written_all_or_none),
        cmocka_unit_test(many_cross_the_end_of_the_slots),
        cmocka_unit_test(indexes_wrap_at_32_bits_unnoticed),
        cmocka_unit_test(an_end_attached_later_finds_what_is_there),
        cmocka_unit_test(rings_can_be_packed_one_after_the_other),
        cmocka_unit_test(corrupt_indexes_never_lead_outside),
        cmocka_unit_test(index_out_of_range_reads_as_full_and_as_empty),
        cmocka_unit_test(two_threads_move_a_million_items),
    };
    return cmocka_run_group_tests_name("ring", tests, NULL, NULL);
}
