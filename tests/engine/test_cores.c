/* How many cores there are to be used, and being kept to some of them. */
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "engine/cores.h"

static int first_of(const cpu_set_t *cpus)
{
    int cpu = 0;
    while (!CPU_ISSET(cpu, cpus)) {
        cpu++;
    }
    return cpu;
}

static void quota_is_rounded_up_to_whole_cores(void **state)
{
    (void)state;
    assert_int_equal(sy_cores_of_quota("200000 100000"), 2);
    assert_int_equal(sy_cores_of_quota("250000 100000"), 3);
    assert_int_equal(sy_cores_of_quota("1000 100000"), 1);
}

static void no_limit_and_nonsense_are_no_quota(void **state)
{
    (void)state;
    assert_int_equal(sy_cores_of_quota("max 100000"), 0);
    assert_int_equal(sy_cores_of_quota(""), 0);
    assert_int_equal(sy_cores_of_quota("100000"), 0);
    assert_int_equal(sy_cores_of_quota("0 0"), 0);
}

static void cores_are_those_that_one_may_run_on(void **state)
{
    const uint32_t before = sy_cores_usable();
    cpu_set_t allowed, one;

    (void)state;
    assert_int_equal(sched_getaffinity(0, sizeof(allowed), &allowed), 0);
    assert_in_range(before, 1, CPU_COUNT(&allowed));
    CPU_ZERO(&one);
    CPU_SET(first_of(&allowed), &one);
    assert_int_equal(sched_setaffinity(0, sizeof(one), &one), 0);
    assert_int_equal(sy_cores_usable(), 1);
    assert_int_equal(sched_setaffinity(0, sizeof(allowed), &allowed), 0);
    assert_int_equal(sy_cores_usable(), before);
}

static void who_is_kept_to_a_list_stays_on_it(void **state)
{
    cpu_set_t before, now;
    char list[64];

    (void)state;
    assert_int_equal(sched_getaffinity(0, sizeof(before), &before), 0);
    const int cpu = first_of(&before);
    snprintf(list, sizeof(list), "%d,%d-%d", cpu, cpu, cpu);
    assert_true(sy_cores_keep_to(list));
    assert_int_equal(sched_getaffinity(0, sizeof(now), &now), 0);
    assert_int_equal(CPU_COUNT(&now), 1);
    assert_int_equal(first_of(&now), cpu);
    assert_int_equal(sched_setaffinity(0, sizeof(before), &before), 0);
}

static void what_is_no_list_of_cpus_changes_nothing(void **state)
{
    static const char *const lists[] = {
        "",   "all", "-1",    "1-",  "3-2",  "0,",     ",0",
        " 0", "0 1", "0-1-2", "0x1", "1023", "0-1023", "99999999999999999999"};
    cpu_set_t before, now;

    (void)state;
    assert_int_equal(sched_getaffinity(0, sizeof(before), &before), 0);
    for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
        if (sy_cores_keep_to(lists[i])) {
            fail_msg("\"%s\" was taken", lists[i]);
        }
        assert_int_equal(sched_getaffinity(0, sizeof(now), &now), 0);
        assert_true(CPU_EQUAL(&before, &now));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(quota_is_rounded_up_to_whole_cores),
        cmocka_unit_test(no_limit_and_nonsense_are_no_quota),
        cmocka_unit_test(cores_are_those_that_one_may_run_on),
        cmocka_unit_test(who_is_kept_to_a_list_stays_on_it),
        cmocka_unit_test(what_is_no_list_of_cpus_changes_nothing),
    };
    return cmocka_run_group_tests_name("cores", tests, NULL, NULL);
}
