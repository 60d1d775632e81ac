/* The ring, in one thread, between two threads, and between processes that are killed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "engine/ring.h"

#define PAGE 4096u

/* Shared memory whose end touches a page that nobody may touch, so that a step too far is fatal. */
typedef struct Arena {
    unsigned char *map;
    size_t map_size;
    void *memory; /* [size], 64-byte aligned, ends at the guard page */
    size_t size;
} Arena;

static Arena arena_map(size_t size)
{
    const size_t inner = (size + PAGE - 1) / PAGE * PAGE;
    Arena arena = {.map_size = inner + 2 * PAGE, .size = size};
    arena.map =
        mmap(NULL, arena.map_size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    assert_ptr_not_equal(arena.map, MAP_FAILED);
    assert_int_equal(mprotect(arena.map, PAGE, PROT_NONE), 0);
    assert_int_equal(mprotect(arena.map + PAGE + inner, PAGE, PROT_NONE), 0);
    arena.memory = arena.map + PAGE + inner - size;
    return arena;
}

static void arena_unmap(Arena *arena)
{
    munmap(arena->map, arena->map_size);
}

/* Both ends of a fresh ring. */
typedef struct Ends {
    Arena arena;
    SyRing producer, consumer;
} Ends;

static void ends_init(Ends *ends, uint32_t capacity, uint32_t item_size)
{
    ends->arena = arena_map(sy_ring_bytes(capacity, item_size));
    sy_ring_init(&ends->producer, ends->arena.memory, capacity, item_size);
    sy_ring_attach(&ends->consumer, ends->arena.memory, capacity, item_size);
}

static void ends_deinit(Ends *ends)
{
    arena_unmap(&ends->arena);
}

/* Sets both indexes of an empty ring to `start`, as after that many items. */
static void ends_start_at(Ends *ends, uint32_t start)
{
    const uint32_t capacity = ends->producer.mask + 1;
    atomic_store(&ends->producer.indexes->write, start);
    atomic_store(&ends->producer.indexes->read, start);
    sy_ring_attach(&ends->producer, ends->arena.memory, capacity, ends->producer.item_size);
    sy_ring_attach(&ends->consumer, ends->arena.memory, capacity, ends->consumer.item_size);
}

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
        Ends ends;
        ends_init(&ends, 8, size);
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
        ends_deinit(&ends);
    }
}

static void every_slot_is_used_and_a_full_ring_refuses(void **state)
{
    (void)state;
    for (uint32_t capacity = 1; capacity <= 16; capacity *= 2) {
        Ends ends;
        ends_init(&ends, capacity, sizeof(uint64_t));
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
        ends_deinit(&ends);
    }
}

static void empty_ring_refuses_and_leaves_the_item_alone(void **state)
{
    (void)state;
    Ends ends;
    ends_init(&ends, 4, sizeof(uint64_t));
    uint64_t item = 7;
    assert_false(sy_ring_read(&ends.consumer, &item));
    assert_int_equal(sy_ring_read_many(&ends.consumer, &item, 1), 0);
    assert_int_equal(item, 7);
    assert_int_equal(sy_ring_readable(&ends.consumer), 0);
    assert_int_equal(sy_ring_writable(&ends.producer), 4);
    ends_deinit(&ends);
}

static void many_are_written_all_or_none(void **state)
{
    (void)state;
    Ends ends;
    ends_init(&ends, 8, sizeof(uint32_t));
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
    ends_deinit(&ends);
}

static void many_cross_the_end_of_the_slots(void **state)
{
    (void)state;
    Ends ends;
    ends_init(&ends, 8, sizeof(uint32_t));
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
    ends_deinit(&ends);
}

static void indexes_wrap_at_32_bits_unnoticed(void **state)
{
    (void)state;
    for (uint32_t before = 0; before <= 10; before++) {
        Ends ends;
        ends_init(&ends, 8, sizeof(uint64_t));
        ends_start_at(&ends, 0u - before);
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
        ends_deinit(&ends);
    }
}

static void an_end_attached_later_finds_what_is_there(void **state)
{
    (void)state;
    Ends ends;
    ends_init(&ends, 4, sizeof(uint64_t));
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
    ends_deinit(&ends);
}

static void rings_can_be_packed_one_after_the_other(void **state)
{
    (void)state;
    assert_int_equal(sy_ring_bytes(1, 1), 128 + 64);
    assert_int_equal(sy_ring_bytes(64, 1), 128 + 64);
    assert_int_equal(sy_ring_bytes(16, 5), 128 + 128);
    assert_true(sy_ring_bytes(1u << 31, 4) > (size_t)1 << 32);
}

/* Runs everything an end can do; the guard pages see to it that nothing leaves the ring. */
static void use_both_ends(SyRing *producer, SyRing *consumer)
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

static void corrupt_indexes_never_lead_outside(void **state)
{
    (void)state;
    static const uint32_t odd[] = {0,          1,          15,         16,         17,
                                   0x7fffffff, 0x80000000, 0x80000001, 0xfffffff0, 0xffffffff};
    const size_t n = sizeof odd / sizeof *odd;
    Ends ends;
    ends_init(&ends, 16, 12);
    for (size_t w = 0; w < n; w++) {
        for (size_t r = 0; r < n; r++) {
            atomic_store(&ends.producer.indexes->write, odd[w]);
            atomic_store(&ends.producer.indexes->read, odd[r]);
            use_both_ends(&ends.producer, &ends.consumer);
        }
    }
    srand(1);
    for (int i = 0; i < 20000; i++) {
        const uint32_t any = (uint32_t)rand() * 2u + (uint32_t)rand();
        atomic_store(i & 1 ? &ends.producer.indexes->write : &ends.producer.indexes->read, any);
        use_both_ends(&ends.producer, &ends.consumer);
    }
    ends_deinit(&ends);
}

static void index_out_of_range_reads_as_full_and_as_empty(void **state)
{
    (void)state;
    Ends ends;
    uint32_t item = 7, items[8] = {0};
    ends_init(&ends, 8, sizeof item);

    atomic_store(&ends.consumer.indexes->write, 9);
    assert_false(sy_ring_read(&ends.consumer, &item));
    assert_int_equal(sy_ring_read_many(&ends.consumer, items, 8), 0);
    assert_int_equal(sy_ring_readable(&ends.consumer), 0);
    assert_int_equal(item, 7);

    ends_start_at(&ends, 0);
    for (uint32_t i = 0; i < 8; i++)
        assert_true(sy_ring_write(&ends.producer, &i));
    atomic_store(&ends.producer.indexes->read, 9); /* more than was ever written */
    assert_false(sy_ring_write(&ends.producer, &item));
    assert_false(sy_ring_write_many(&ends.producer, items, 1));
    assert_int_equal(sy_ring_writable(&ends.producer), 0);
    ends_deinit(&ends);
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
    Ends ends;
    ends_init(&ends, 64, 2 * sizeof(uint64_t));
    ends_start_at(&ends, 0u - MOVED / 2);
    Mover writer = {.ring = &ends.producer}, reader = {.ring = &ends.consumer};
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, write_a_million, &writer), 0);
    read_a_million(&reader);
    pthread_join(thread, NULL);
    assert_int_equal(reader.wrong, 0);
    assert_int_equal(sy_ring_readable(&ends.consumer), 0);
    ends_deinit(&ends);
}

/* An item that takes long enough to copy that kills fall in the middle of it, and that an index
 * published too early shows torn items. */
#define BIG 2048
typedef struct Big {
    uint64_t number[BIG]; /* all the same */
} Big;

static Big big(uint64_t number)
{
    Big item;
    for (size_t i = 0; i < BIG; i++)
        item.number[i] = number;
    return item;
}

/* A child that goes when the test goes, should an assertion end it early. */
static pid_t fork_child(void)
{
    const pid_t parent = getpid(), child = fork();
    assert_true(child >= 0);
    if (child == 0 && (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || getppid() != parent))
        _exit(1);
    return child;
}

static _Noreturn void write_until_killed(void *memory, uint64_t number)
{
    SyRing ring;
    sy_ring_attach(&ring, memory, 16, sizeof(Big));
    for (;; number++) {
        const Big item = big(number);
        while (!sy_ring_write(&ring, &item))
            sched_yield();
    }
}

/* Reads `n` items; counts those that are torn or not the next one. */
static uint64_t read_in_order(SyRing *ring, uint64_t *next, uint64_t n)
{
    uint64_t wrong = 0;
    while (n > 0) {
        Big item;
        if (!sy_ring_read(ring, &item)) {
            sched_yield();
            continue;
        }
        const Big right = big(*next);
        wrong += memcmp(&item, &right, sizeof item) != 0;
        ++*next;
        n--;
    }
    return wrong;
}

static void kill_and_reap(pid_t child)
{
    int status;
    kill(child, SIGKILL);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status));
}

static void killed_producer_leaves_whole_items_and_its_successor_goes_on(void **state)
{
    (void)state;
    Ends ends;
    ends_init(&ends, 16, sizeof(Big));
    uint64_t next = 0;
    for (int round = 0; round < 100; round++) {
        const pid_t child = fork_child();
        if (child == 0)
            write_until_killed(ends.arena.memory, next);
        assert_int_equal(read_in_order(&ends.consumer, &next, 50 + (uint64_t)round), 0);
        kill_and_reap(child);
        const uint64_t left = sy_ring_readable(&ends.consumer);
        assert_true(left <= 16);
        assert_int_equal(read_in_order(&ends.consumer, &next, left), 0);
        assert_int_equal(sy_ring_readable(&ends.consumer), 0);
    }
    ends_deinit(&ends);
}

static _Noreturn void read_until_killed(void *memory, _Atomic uint64_t *taken)
{
    SyRing ring;
    sy_ring_attach(&ring, memory, 16, sizeof(Big));
    for (;;) {
        Big item;
        if (sy_ring_read(&ring, &item))
            atomic_store(taken, item.number[0]);
        else
            sched_yield();
    }
}

static void killed_consumer_loses_no_more_than_the_item_in_its_hands(void **state)
{
    (void)state;
    Ends ends;
    ends_init(&ends, 16, sizeof(Big));
    Arena words = arena_map(64);
    _Atomic uint64_t *taken = words.memory;
    uint64_t number = 1;
    for (int round = 0; round < 100; round++) {
        const pid_t child = fork_child();
        if (child == 0)
            read_until_killed(ends.arena.memory, taken);
        for (const uint64_t until = number + 50 + (uint64_t)round; number < until;) {
            const Big item = big(number);
            if (sy_ring_write(&ends.producer, &item))
                number++;
            else
                sched_yield();
        }
        kill_and_reap(child);

        SyRing successor;
        Big item;
        sy_ring_attach(&successor, ends.arena.memory, 16, sizeof(Big));
        uint64_t last = atomic_load(taken);
        for (bool first = true; sy_ring_read(&successor, &item); first = false) {
            const Big right = big(item.number[0]);
            assert_memory_equal(&item, &right, sizeof item);
            assert_true(item.number[0] == last + 1 || (first && item.number[0] == last + 2));
            last = item.number[0];
        }
        assert_true(last == number - 1 || last == number - 2);
        atomic_store(taken, number - 1);
    }
    arena_unmap(&words);
    ends_deinit(&ends);
}

static _Noreturn void scribble_until_killed(SyRingIndexes *indexes)
{
    for (uint32_t x = 1;; x = x * 1664525u + 1013904223u)
        atomic_store_explicit(x & 0x10000 ? &indexes->write : &indexes->read, x >> (x >> 27),
                              memory_order_relaxed);
}

static void peer_that_scribbles_all_the_time_never_leads_outside(void **state)
{
    (void)state;
    Ends ends;
    ends_init(&ends, 16, 12);
    const pid_t child = fork_child();
    if (child == 0)
        scribble_until_killed(ends.producer.indexes);
    for (int i = 0; i < 100000; i++)
        use_both_ends(&ends.producer, &ends.consumer);
    kill_and_reap(child);
    ends_deinit(&ends);
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
        cmocka_unit_test(killed_producer_leaves_whole_items_and_its_successor_goes_on),
        cmocka_unit_test(killed_consumer_loses_no_more_than_the_item_in_its_hands),
        cmocka_unit_test(peer_that_scribbles_all_the_time_never_leads_outside),
    };
    return cmocka_run_group_tests_name("ring", tests, NULL, NULL);
}
