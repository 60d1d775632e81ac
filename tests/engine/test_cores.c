/* How many cores a control group's limit is good for. */
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

static void there_is_a_core(void **state)
{
    (void)state;
    assert_true(sy_cores_usable() >= 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(quota_is_rounded_up_to_whole_cores),
        cmocka_unit_test(no_limit_and_nonsense_are_no_quota),
        cmocka_unit_test(there_is_a_core),
    };
    return cmocka_run_group_tests_name("cores", tests, NULL, NULL);
}
