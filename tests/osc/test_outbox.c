/* What is sent arrives in order, waits for who is slow, and is given up for who is deaf. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "osc/outbox.h"

#define MS INT64_C(1000000)

static SyOutbox outbox;
static int own, receiver; /* unix sockets */
static SyPeer peer;       /* the receiver's address */

static int64_t now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

/* A unix socket with a name that the system chooses. */
static int named_socket(SyPeer *name)
{
    const int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    assert_true(fd >= 0);
    memset(name, 0, sizeof *name);
    name->un.sun_family = AF_UNIX;
    assert_int_equal(bind(fd, &name->any, sizeof(sa_family_t)), 0);
    name->length = sizeof name->un;
    assert_int_equal(getsockname(fd, &name->any, &name->length), 0);
    return fd;
}

static int make(void **state)
{
    SyPeer ignored;
    (void)state;
    own = named_socket(&ignored);
    receiver = named_socket(&peer);
    sy_outbox_init(&outbox, -1, own, eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
    return 0;
}

static int unmake(void **state)
{
    (void)state;
    sy_outbox_close(&outbox);
    close(outbox.wake_fd);
    close(own);
    close(receiver);
    return 0;
}

static SySent send_number(uint32_t number, bool later)
{
    return sy_outbox_send(&outbox, &peer, &number, sizeof number, later);
}

/* Sends numbers until one has to wait. Returns how many went. */
static uint32_t fill(void)
{
    uint32_t n = 0;
    while (send_number(n, false) == SY_SENT) {
        n++;
        assert_true(n < 100000);
    }
    return n;
}

static void expect_number(uint32_t number)
{
    uint32_t heard = UINT32_MAX;
    assert_int_equal(recv(receiver, &heard, sizeof heard, 0), sizeof heard);
    assert_int_equal(heard, number);
}

static void what_a_slow_receiver_cannot_take_waits_in_order(void **state)
{
    (void)state;
    const uint32_t n = fill(); /* number n waits */
    assert_int_equal(send_number(n + 1, false), SY_SENT_KEPT);
    for (uint32_t i = 0; i < n; i++) {
        expect_number(i);
    }
    /* There is room again, but nothing overtakes what waits. */
    assert_int_equal(send_number(n + 2, false), SY_SENT_KEPT);
    assert_int_equal(sy_outbox_drain(&outbox, now()), -1);
    for (uint32_t i = n; i < n + 3; i++) {
        expect_number(i);
    }
    assert_int_equal(send_number(n + 3, false), SY_SENT);
    assert_int_equal(sy_outbox_lost(&outbox), 0);
}

static void the_osc_thread_is_woken_when_something_waits(void **state)
{
    uint64_t woken = 0;
    (void)state;
    assert_int_equal(send_number(0, false), SY_SENT);
    assert_int_equal(read(outbox.wake_fd, &woken, sizeof woken), -1);
    assert_int_equal(send_number(1, true), SY_SENT_KEPT);
    assert_int_equal(read(outbox.wake_fd, &woken, sizeof woken), sizeof woken);
}

static void what_may_come_later_comes_a_few_at_a_time(void **state)
{
    (void)state;
    const int64_t start = now();
    for (uint32_t i = 0; i < 12; i++) {
        assert_int_equal(send_number(i, true), SY_SENT_KEPT);
    }
    assert_int_equal(sy_outbox_drain(&outbox, start), 1); /* there is more to do */
    for (uint32_t i = 0; i < 8; i++) {
        expect_number(i);
    }
    assert_int_equal(recv(receiver, &(uint32_t){0}, 4, 0), -1);
    assert_int_equal(sy_outbox_drain(&outbox, start + MS / 2), 1); /* too soon for the next */
    assert_int_equal(recv(receiver, &(uint32_t){0}, 4, 0), -1);
    assert_int_equal(sy_outbox_drain(&outbox, start + MS), -1);
    for (uint32_t i = 8; i < 12; i++) {
        expect_number(i);
    }
}

static void a_deaf_receiver_is_given_up(void **state)
{
    (void)state;
    const uint32_t n = fill();
    assert_int_equal(send_number(n + 1, false), SY_SENT_KEPT);
    const int64_t start = now();
    assert_int_equal(sy_outbox_drain(&outbox, start + SY_OUTBOX_WAIT_NS / 2), 1);
    assert_int_equal(sy_outbox_drain(&outbox, start + SY_OUTBOX_WAIT_NS + MS), -1);
    assert_int_equal(sy_outbox_lost(&outbox), 2);
    for (uint32_t i = 0; i < n; i++) { /* when it listens again, it is answered again */
        expect_number(i);
    }
    assert_int_equal(send_number(7, false), SY_SENT);
    expect_number(7);
}

static void a_receiver_that_is_gone_is_told_of_at_once(void **state)
{
    (void)state;
    assert_int_equal(send_number(0, false), SY_SENT);
    close(receiver);
    assert_int_equal(send_number(1, false), SY_SENT_GONE);
    receiver = named_socket(&peer);
}

static void what_waits_for_a_receiver_that_goes_is_dropped(void **state)
{
    (void)state;
    fill();
    close(receiver);
    assert_int_equal(sy_outbox_drain(&outbox, now()), -1);
    assert_int_equal(sy_outbox_lost(&outbox), 1);
    receiver = named_socket(&peer);
}

static void so_much_waits_and_no_more(void **state)
{
    static uint8_t large[1 << 20];
    uint32_t kept = 0;
    (void)state;
    while (sy_outbox_send(&outbox, &peer, large, sizeof large, true) == SY_SENT_KEPT) {
        kept++;
    }
    assert_int_equal(kept, SY_OUTBOX_BYTES / sizeof large);
    assert_int_equal(sy_outbox_lost(&outbox), 1);
}

static void a_closed_outbox_sends_nothing(void **state)
{
    (void)state;
    assert_int_equal(send_number(0, true), SY_SENT_KEPT);
    sy_outbox_close(&outbox);
    assert_int_equal(send_number(1, false), SY_SENT_LOST);
    assert_int_equal(sy_outbox_drain(&outbox, now()), -1);
    assert_int_equal(recv(receiver, &(uint32_t){0}, 4, 0), -1);
}

#define OUTBOX_TEST(name) cmocka_unit_test_setup_teardown(name, make, unmake)

int main(void)
{
    const struct CMUnitTest tests[] = {
        OUTBOX_TEST(what_a_slow_receiver_cannot_take_waits_in_order),
        OUTBOX_TEST(the_osc_thread_is_woken_when_something_waits),
        OUTBOX_TEST(what_may_come_later_comes_a_few_at_a_time),
        OUTBOX_TEST(a_deaf_receiver_is_given_up),
        OUTBOX_TEST(a_receiver_that_is_gone_is_told_of_at_once),
        OUTBOX_TEST(what_waits_for_a_receiver_that_goes_is_dropped),
        OUTBOX_TEST(so_much_waits_and_no_more),
        OUTBOX_TEST(a_closed_outbox_sends_nothing),
    };
    return cmocka_run_group_tests_name("osc outbox", tests, NULL, NULL);
}
