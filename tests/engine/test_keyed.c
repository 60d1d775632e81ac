/* The sort by key: in order, what is equal as it was, and nothing lost. */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "engine/keyed.h"
#include "tests/rig/check.h"

#define MOST 3000

static SyKeyed items[MOST], spare[MOST];

/* Keys with `mask`ed bits at random; index tells where each was. */
static void fill(uint32_t n, uint64_t mask, unsigned seed)
{
    for (uint32_t i = 0; i < n; i++) {
        const uint64_t random =
            (uint64_t)rand_r(&seed) << 42 ^ (uint64_t)rand_r(&seed) << 21 ^ (uint64_t)rand_r(&seed);
        items[i] = (SyKeyed){.key = random & mask, .index = i};
    }
}

static void check(uint32_t n)
{
    static bool seen[MOST];

    memset(seen, 0, sizeof(seen));
    for (uint32_t i = 0; i < n; i++) {
        assert_in_range(items[i].index, 0, n - 1);
        assert_false(seen[items[i].index]);
        seen[items[i].index] = true;
        if (i > 0) {
            assert_true(items[i - 1].key <= items[i].key);
            if (items[i - 1].key == items[i].key)
                assert_true(items[i - 1].index < items[i].index);
        }
    }
}

static void random_keys_come_in_order_and_equal_ones_as_they_were(void **state)
{
    static const uint64_t masks[] = {
        UINT64_MAX, 0xf, 0xf000, UINT64_C(0xff) << 56, UINT64_C(7) << 41, UINT64_C(0x100000001)};
    static const uint32_t counts[] = {1, 2, 3, 17, 256, MOST};

    (void)state;
    for (size_t m = 0; m < sizeof(masks) / sizeof(*masks); m++) {
        for (size_t c = 0; c < sizeof(counts) / sizeof(*counts); c++) {
            fill(counts[c], masks[m], (unsigned)(7 * m + c));
            sy_keyed_sort(items, spare, counts[c]);
            check(counts[c]);
        }
    }
}

static void keys_keep_the_bits_that_all_of_them_have(void **state)
{
    const uint64_t common = UINT64_C(0xabcdef) << 40;

    (void)state;
    fill(500, 0xffff, 1);
    for (uint32_t i = 0; i < 500; i++)
        items[i].key |= common;
    sy_keyed_sort(items, spare, 500);
    check(500);
    for (uint32_t i = 0; i < 500; i++)
        assert_true((items[i].key & ~UINT64_C(0xffff)) == common);
}

static void nothing_is_sorted_too(void **state)
{
    (void)state;
    sy_keyed_sort(NULL, NULL, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_keys_come_in_order_and_equal_ones_as_they_were),
        cmocka_unit_test(keys_keep_the_bits_that_all_of_them_have),
        cmocka_unit_test(nothing_is_sorted_too),
    };
    return cmocka_run_group_tests_name("keyed", tests, NULL, NULL);
}
