/* How many cores a control group's limit is good for. */
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "engine/cores.h"

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
    int cpu = 0;

    (void)state;
    assert_int_equal(sched_getaffinity(0, sizeof(allowed), &allowed), 0);
    assert_in_range(before, 1, CPU_COUNT(&allowed));
    while (!CPU_ISSET(cpu, &allowed)) {
        cpu++;
    }
    CPU_ZERO(&one);
    CPU_SET(cpu, &one);
    assert_int_equal(sched_setaffinity(0, sizeof(one), &one), 0);
    assert_int_equal(sy_cores_usable(), 1);
    assert_int_equal(sched_setaffinity(0, sizeof(allowed), &allowed), 0);
    assert_int_equal(sy_cores_usable(), before);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(quota_is_rounded_up_to_whole_cores),
        cmocka_unit_test(no_limit_and_nonsense_are_no_quota),
        cmocka_unit_test(cores_are_those_that_one_may_run_on),
    };
    return cmocka_run_group_tests_name("cores", tests, NULL, NULL);
}
