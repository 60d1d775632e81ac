/* Who may send, and how much: the allow-list and the token buckets. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <arpa/inet.h>
#include <cmocka.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "osc/allow.h"
#include "osc/limiter.h"

#define SECOND INT64_C(1000000000)

static bool admits(const SyAllow *allow, const char *address)
{
    struct sockaddr_in in = {.sin_family = AF_INET};
    struct sockaddr_in6 in6 = {.sin6_family = AF_INET6};
    if (inet_pton(AF_INET, address, &in.sin_addr) == 1) {
        return sy_allow_check(allow, (const struct sockaddr *)(const void *)&in);
    }
    assert_int_equal(inet_pton(AF_INET6, address, &in6.sin6_addr), 1);
    return sy_allow_check(allow, (const struct sockaddr *)(const void *)&in6);
}

static void only_addresses_in_a_range_are_admitted(void **state)
{
    static const char *const list[] = {"192.168.1.0/24", "10.0.0.7", "172.16.0.0/12", "fd00::/8"};
    SyAllow allow;
    (void)state;
    assert_int_equal(sy_allow_parse(list, 4, &allow, NULL), SY_OK);
    assert_true(admits(&allow, "192.168.1.255"));
    assert_false(admits(&allow, "192.168.2.1"));
    assert_true(admits(&allow, "10.0.0.7"));
    assert_false(admits(&allow, "10.0.0.8"));
    assert_true(admits(&allow, "172.31.255.255"));
    assert_false(admits(&allow, "172.32.0.0"));
    assert_true(admits(&allow, "fd12::1"));
    assert_false(admits(&allow, "fe80::1"));
    assert_true(admits(&allow, "::ffff:192.168.1.9")); /* IPv4 through an IPv6 socket */
    assert_false(admits(&allow, "::ffff:192.168.9.9"));
}

static void this_machine_is_always_admitted(void **state)
{
    SyAllow allow;
    (void)state;
    assert_int_equal(sy_allow_parse(NULL, 0, &allow, NULL), SY_OK);
    assert_true(admits(&allow, "127.0.0.1"));
    assert_true(admits(&allow, "127.9.9.9"));
    assert_true(admits(&allow, "::1"));
    assert_true(admits(&allow, "::ffff:127.0.0.1"));
    assert_false(admits(&allow, "128.0.0.1"));
    assert_false(admits(&allow, "::2"));
}

static void any_admits_all(void **state)
{
    static const char *const list[] = {"any"};
    static const char *const zero[] = {"0.0.0.0/0"};
    SyAllow allow;
    (void)state;
    assert_int_equal(sy_allow_parse(list, 1, &allow, NULL), SY_OK);
    assert_true(admits(&allow, "203.0.113.5"));
    assert_true(admits(&allow, "2001:db8::1"));
    assert_int_equal(sy_allow_parse(zero, 1, &allow, NULL), SY_OK);
    assert_true(admits(&allow, "203.0.113.5"));
    assert_false(admits(&allow, "2001:db8::1"));
}

static void ranges_that_are_none_are_refused(void **state)
{
    static const char *const wrong[] = {"192.168.1", "10.0.0.0/33", "fd00::/129", "10.0.0.0/-1",
                                        "10.0.0.0/", "everyone",    "",           "10.0.0.0/8x"};
    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        SyAllow allow;
        if (sy_allow_parse(&wrong[i], 1, &allow, NULL) != SY_ERR_USAGE) {
            fail_msg("\"%s\" was taken", wrong[i]);
        }
    }
}

static SySource source(uint32_t n)
{
    SySource made = {{0}};
    memcpy(made.bytes, &n, sizeof n);
    return made;
}

static SyLimiter *limiter;

static int make_limiter(void **state)
{
    (void)state;
    limiter = calloc(1, sizeof *limiter);
    return limiter ? 0 : -1;
}

static int free_limiter(void **state)
{
    (void)state;
    free(limiter);
    return 0;
}

static int take_many(uint32_t who, int n, int64_t now_ns, int *told)
{
    const SySource from = source(who);
    int passed = 0;
    for (int i = 0; i < n; i++) {
        bool tell;
        passed += sy_limiter_take(limiter, &from, 1.0, now_ns, &tell);
        *told += tell;
    }
    return passed;
}

static void a_second_s_worth_passes_at_once_and_no_more(void **state)
{
    int told = 0;
    (void)state;
    assert_int_equal(take_many(1, SY_LIMITER_RATE + 500, SECOND, &told), SY_LIMITER_RATE);
    assert_int_equal(told, 1);
}

static void tokens_come_back_with_time(void **state)
{
    int told = 0;
    (void)state;
    take_many(1, SY_LIMITER_RATE, SECOND, &told);
    assert_int_equal(take_many(1, 500, SECOND + SECOND / 100, &told), SY_LIMITER_RATE / 100);
    assert_int_equal(take_many(1, 2 * SY_LIMITER_RATE, 9 * SECOND, &told), SY_LIMITER_RATE);
}

static void a_flooder_is_told_once_a_second(void **state)
{
    int told = 0;
    (void)state;
    take_many(1, SY_LIMITER_RATE, SECOND, &told);
    for (int tenth = 0; tenth < 30; tenth++) { /* 3 s of ten times too much */
        take_many(1, SY_LIMITER_RATE, SECOND + tenth * SECOND / 10, &told);
    }
    assert_int_equal(told, 3);
}

static void one_source_s_flood_costs_no_other(void **state)
{
    int told = 0;
    (void)state;
    take_many(1, 3 * SY_LIMITER_RATE, SECOND, &told);
    assert_int_equal(take_many(2, 100, SECOND, &told), 100);
}

static void a_bundle_passes_whole_or_not_at_all(void **state)
{
    const SySource from = source(1);
    bool tell;
    (void)state;
    assert_true(sy_limiter_take(limiter, &from, SY_LIMITER_RATE - 10, SECOND, &tell));
    assert_false(sy_limiter_take(limiter, &from, 11, SECOND, &tell));
    assert_true(sy_limiter_take(limiter, &from, 10, SECOND, &tell));
}

static void costly_messages_are_charged_afterwards(void **state)
{
    const SySource from = source(1);
    bool tell;
    (void)state;
    assert_true(sy_limiter_take(limiter, &from, 1, SECOND, &tell));
    sy_limiter_charge(limiter, &from, 1.5 * SY_LIMITER_RATE, SECOND);
    assert_false(sy_limiter_take(limiter, &from, 1, SECOND + SECOND / 4, &tell));
    assert_true(sy_limiter_take(limiter, &from, 1, SECOND + SECOND, &tell));
}

/* Whoever invents a new source for every packet gets more than one source's share, but only as much
 * as the table has places; then they all share one bucket. */
static void invented_sources_do_not_get_a_share_each(void **state)
{
    const uint32_t n = 100000;
    const int each = 100;
    int told = 0, passed = 0;
    (void)state;
    for (uint32_t who = 0; who < n; who++) {
        passed += take_many(who, each, SECOND, &told);
    }
    assert_in_range(passed, 1, SY_LIMITER_SETS * SY_LIMITER_WAYS * each + SY_LIMITER_RATE);
    assert_int_equal(take_many(n + 1, 1, SECOND, &told), 0);
    assert_int_equal(take_many(n + 2, 1, 3 * SECOND, &told), 1); /* idle places are free again */
}

#define LIMITER_TEST(name) cmocka_unit_test_setup_teardown(name, make_limiter, free_limiter)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_addresses_in_a_range_are_admitted),
        cmocka_unit_test(this_machine_is_always_admitted),
        cmocka_unit_test(any_admits_all),
        cmocka_unit_test(ranges_that_are_none_are_refused),
        LIMITER_TEST(a_second_s_worth_passes_at_once_and_no_more),
        LIMITER_TEST(tokens_come_back_with_time),
        LIMITER_TEST(a_flooder_is_told_once_a_second),
        LIMITER_TEST(one_source_s_flood_costs_no_other),
        LIMITER_TEST(a_bundle_passes_whole_or_not_at_all),
        LIMITER_TEST(costly_messages_are_charged_afterwards),
        LIMITER_TEST(invented_sources_do_not_get_a_share_each),
    };
    return cmocka_run_group_tests_name("osc gate", tests, NULL, NULL);
}
