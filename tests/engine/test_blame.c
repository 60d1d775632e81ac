/* Who is to blame for a worker's death, and when it is enough. */
#include <signal.h>
#include <string.h>

#include "engine/blame.h"
#include "tests/rig/check.h"

#define SECOND INT64_C(1000000000)

static void twice_on_a_block_is_enough(void **state)
{
    SyBlame blame = {0};
    (void)state;
    assert_false(sy_blame_strike(&blame, 5, 100, SECOND));
    assert_true(sy_blame_strike(&blame, 5, 100, 2 * SECOND));
}

static void three_times_in_five_seconds_is_enough(void **state)
{
    SyBlame blame = {0};
    (void)state;
    assert_false(sy_blame_strike(&blame, 5, 100, SECOND));
    assert_false(sy_blame_strike(&blame, 5, 200, 3 * SECOND));
    assert_true(sy_blame_strike(&blame, 5, 300, 6 * SECOND));
}

static void three_times_in_longer_is_not(void **state)
{
    SyBlame blame = {0};
    (void)state;
    for (int i = 0; i < 100; i++) {
        assert_false(sy_blame_strike(&blame, 5, 100 + (uint64_t)i, i * 3 * SECOND));
    }
}

static void record_is_clean_after_quarantine(void **state)
{
    SyBlame blame = {0};
    (void)state;
    sy_blame_strike(&blame, 5, 100, SECOND);
    assert_true(sy_blame_strike(&blame, 5, 100, SECOND));
    assert_false(sy_blame_strike(&blame, 5, 101, SECOND));
    assert_true(sy_blame_strike(&blame, 5, 101, SECOND));
}

static void another_module_in_the_slot_is_not_blamed(void **state)
{
    SyBlame blame = {0};
    (void)state;
    assert_false(sy_blame_strike(&blame, 5, 100, SECOND));
    assert_false(sy_blame_strike(&blame, 6, 100, SECOND));
    assert_true(sy_blame_strike(&blame, 6, 100, SECOND));
}

/* As wait() gives them: a signal in the low bits, an exit code above them. */
static void only_what_a_module_can_bring_about_counts(void **state)
{
    (void)state;
    assert_int_equal(sy_fault_of_exit(SIGKILL, false).kind, SY_FAULT_NONE);
    assert_int_equal(sy_fault_of_exit(SIGKILL, true).kind, SY_FAULT_HANG);
    assert_int_equal(sy_fault_of_exit(3 << 8, true).kind, SY_FAULT_EXIT);
    assert_int_equal(sy_fault_of_exit(SIGSEGV, false).kind, SY_FAULT_SIGNAL);
    assert_int_equal(sy_fault_of_exit(SIGSEGV, false).detail, SIGSEGV);
    assert_int_equal(sy_fault_of_exit(3 << 8, false).kind, SY_FAULT_EXIT);
    assert_int_equal(sy_fault_of_exit(3 << 8, false).detail, 3);
}

static void fault_is_told_in_words(void **state)
{
    const SyFault faults[] = {
        {.kind = SY_FAULT_SIGNAL, .detail = SIGSEGV, .epoch = 4711, .worker = 2},
        {.kind = SY_FAULT_EXIT, .detail = 3, .epoch = 1, .worker = 0},
        {.kind = SY_FAULT_HANG, .epoch = 7, .worker = 255},
    };
    char text[64], short_text[8];
    (void)state;
    sy_fault_text(&faults[0], text, sizeof(text));
    assert_string_equal(text, "SIGSEGV in block 4711 on worker 2");
    sy_fault_text(&faults[1], text, sizeof(text));
    assert_string_equal(text, "exit with code 3 in block 1 on worker 0");
    sy_fault_text(&faults[2], text, sizeof(text));
    assert_string_equal(text, "hung in block 7 on worker 255");
    sy_fault_text(&faults[2], short_text, sizeof(short_text));
    assert_string_equal(short_text, "hung in");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(twice_on_a_block_is_enough),
        cmocka_unit_test(three_times_in_five_seconds_is_enough),
        cmocka_unit_test(three_times_in_longer_is_not),
        cmocka_unit_test(record_is_clean_after_quarantine),
        cmocka_unit_test(another_module_in_the_slot_is_not_blamed),
        cmocka_unit_test(only_what_a_module_can_bring_about_counts),
        cmocka_unit_test(fault_is_told_in_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
