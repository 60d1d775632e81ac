#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "engine/arena.h"

#define FIRST 4096u
#define SIZE  65536u

static void pieces_are_aligned_and_apart(void **state)
{
    SyArena *arena = sy_arena_new(FIRST, SIZE);
    uint64_t before = 0;

    (void)state;
    for (int i = 0; i < 100; i++) {
        const uint64_t at = sy_arena_take(arena, 65);
        assert_true(at >= FIRST && at + 128 <= FIRST + SIZE);
        assert_int_equal(at % 64, 0);
        assert_true(i == 0 || at >= before + 128);
        before = at;
    }
    sy_arena_free(arena);
}

static void full_arena_refuses_and_keeps_what_it_has(void **state)
{
    SyArena *arena = sy_arena_new(FIRST, SIZE);

    (void)state;
    assert_int_not_equal(sy_arena_take(arena, SIZE / 2), 0);
    assert_int_equal(sy_arena_take(arena, SIZE / 2 + 64), 0);
    assert_int_equal(sy_arena_used(arena), SIZE / 2);
    assert_int_not_equal(sy_arena_take(arena, SIZE / 2), 0);
    assert_int_equal(sy_arena_take(arena, 1), 0);
    sy_arena_free(arena);
}

static void giving_nothing_back_changes_nothing(void **state)
{
    SyArena *arena = sy_arena_new(FIRST, SIZE);

    (void)state;
    sy_arena_give(arena, 0, 128);
    assert_int_equal(sy_arena_used(arena), 0);
    sy_arena_free(arena);
}

/* Takes and gives at random; at the end the arena must be one hole again. */
static void holes_join_in_any_order(void **state)
{
    SyArena *arena = sy_arena_new(FIRST, SIZE);
    uint64_t at[64] = {0}, size[64] = {0};
    unsigned seed = 1;

    (void)state;
    for (int i = 0; i < 20000; i++) {
        const int k = rand_r(&seed) % 64;
        if (at[k]) {
            sy_arena_give(arena, at[k], size[k]);
            at[k] = 0;
        } else {
            size[k] = (uint64_t)(rand_r(&seed) % 3000) + 1;
            at[k] = sy_arena_take(arena, size[k]);
        }
        for (int j = 0; j < 64 && at[k]; j++) {
            assert_true(j == k || !at[j] || at[j] + size[j] <= at[k] || at[k] + size[k] <= at[j]);
        }
    }
    for (int k = 0; k < 64; k++) {
        sy_arena_give(arena, at[k], size[k]);
    }
    assert_int_equal(sy_arena_used(arena), 0);
    assert_int_equal(sy_arena_take(arena, SIZE), FIRST);
    sy_arena_free(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pieces_are_aligned_and_apart),
        cmocka_unit_test(full_arena_refuses_and_keeps_what_it_has),
        cmocka_unit_test(giving_nothing_back_changes_nothing),
        cmocka_unit_test(holes_join_in_any_order),
    };
    return cmocka_run_group_tests_name("arena", tests, NULL, NULL);
}
