/* The ring between processes that are killed, or write nonsense. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/engine/ring_rig.h"

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
    SyRingEnds ends;
    sy_ring_ends_init(&ends, 16, sizeof(Big));
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
    sy_ring_ends_deinit(&ends);
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
    SyRingEnds ends;
    sy_ring_ends_init(&ends, 16, sizeof(Big));
    SyRingArena words = sy_ring_arena_map(64);
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
    sy_ring_arena_unmap(&words);
    sy_ring_ends_deinit(&ends);
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
    SyRingEnds ends;
    sy_ring_ends_init(&ends, 16, 12);
    const pid_t child = fork_child();
    if (child == 0)
        scribble_until_killed(ends.producer.indexes);
    for (int i = 0; i < 100000; i++)
        sy_ring_use_both_ends(&ends.producer, &ends.consumer);
    kill_and_reap(child);
    sy_ring_ends_deinit(&ends);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(killed_producer_leaves_whole_items_and_its_successor_goes_on),
        cmocka_unit_test(killed_consumer_loses_no_more_than_the_item_in_its_hands),
        cmocka_unit_test(peer_that_scribbles_all_the_time_never_leads_outside),
    };
    return cmocka_run_group_tests_name("ring_kills", tests, NULL, NULL);
}
