/* When a signal begins to move, and where it comes to rest: what synthbench osc reads off the
 * sound.
 */
#include "bench/bench_osc_moves.h"
#include "tests/rig/check.h"

#define REST    4
#define MOVES   8
#define ALL     300
#define RAMP_AT 50
#define RAMP    20

/* Feeds a signal and keeps the moves that end in it. Returns how many. */
static int feed(SyMoves *moves, const float *signal, int n, SyMove *found)
{
    int n_found = 0;

    for (int i = 0; i < n; i++) {
        if (sy_moves_feed(moves, signal[i])) {
            assert_true(n_found < MOVES);
            found[n_found++] = moves->move;
        }
    }
    return n_found;
}

static void level(float *signal, int from, int to, float value)
{
    for (int i = from; i < to; i++) {
        signal[i] = value;
    }
}

static void signal_that_rests_does_not_move(void **state)
{
    SyMoves moves;
    SyMove found[MOVES];
    float signal[ALL];

    (void)state;
    level(signal, 0, ALL, 0.3f);
    sy_moves_init(&moves, REST);
    assert_int_equal(feed(&moves, signal, ALL, found), 0);
    assert_false(moves.moving);
    assert_int_equal(moves.n_frames, ALL);
}

static void edges_are_found_at_their_frames(void **state)
{
    SyMoves moves;
    SyMove found[MOVES];
    float signal[ALL];

    (void)state;
    level(signal, 0, 100, 0);
    level(signal, 100, 107, 1);
    level(signal, 107, ALL, 0);
    sy_moves_init(&moves, REST);
    assert_int_equal(feed(&moves, signal, ALL, found), 2);
    assert_int_equal(found[0].at, 100);
    assert_true(found[0].from == 0.0f && found[0].to == 1.0f);
    assert_int_equal(found[1].at, 107);
    assert_true(found[1].from == 1.0f && found[1].to == 0.0f);
    assert_true(sy_move_leads_on(&found[0]));
}

/* Blocks are how the signal comes, not what it is. */
static void blocks_make_no_difference(void **state)
{
    float signal[ALL];

    (void)state;
    level(signal, 0, 63, 0);
    level(signal, 63, 127, 0.5f);
    level(signal, 127, ALL, 0.25f);
    for (int block = 1; block <= 128; block *= 2) {
        SyMoves moves;
        SyMove found[MOVES];
        int n = 0;
        sy_moves_init(&moves, REST);
        for (int at = 0; at < ALL; at += block) {
            n += feed(&moves, signal + at, at + block < ALL ? block : ALL - at, found + n);
        }
        assert_int_equal(n, 2);
        assert_int_equal(found[0].at, 63);
        assert_int_equal(found[1].at, 127);
    }
}

static void ramp_is_one_move_from_its_first_frame_on(void **state)
{
    SyMoves moves;
    SyMove found[MOVES];
    float signal[ALL];

    (void)state;
    level(signal, 0, RAMP_AT, 1);
    for (int i = 0; i < RAMP; i++) {
        signal[RAMP_AT + i] = 1.0f - 0.5f * (float)(i + 1) / RAMP;
    }
    level(signal, RAMP_AT + RAMP, ALL, 0.5f);
    sy_moves_init(&moves, REST);
    assert_int_equal(feed(&moves, signal, RAMP_AT + 1, found), 0);
    assert_true(moves.moving); /* known with its first frame */
    assert_int_equal(moves.move.at, RAMP_AT);
    assert_int_equal(feed(&moves, signal + RAMP_AT + 1, ALL - RAMP_AT - 1, found), 1);
    assert_int_equal(found[0].at, RAMP_AT);
    assert_true(found[0].from == 1.0f && found[0].to == 0.5f);
}

static void move_ends_with_its_rest_and_not_before(void **state)
{
    SyMoves moves;
    float signal[ALL];

    (void)state;
    level(signal, 0, 10, 0);
    level(signal, 10, ALL, 1);
    sy_moves_init(&moves, REST);
    for (int i = 0; i < ALL; i++) {
        assert_int_equal(sy_moves_feed(&moves, signal[i]), i == 10 + REST);
        assert_int_equal(moves.moving, i >= 10 && i < 10 + REST);
    }
}

/* A late block: down to silence, and back to where it was. */
static void dip_leads_nowhere(void **state)
{
    SyMoves moves;
    SyMove found[MOVES];
    float signal[ALL];

    (void)state;
    level(signal, 0, ALL, 0.8f);
    for (int i = 0; i < RAMP; i++) {
        signal[RAMP_AT + i] = 0.8f - 0.8f * (float)(i + 1) / RAMP;
        signal[RAMP_AT + 2 * RAMP - 1 - i] = signal[RAMP_AT + i];
    }
    sy_moves_init(&moves, REST);
    assert_int_equal(feed(&moves, signal, ALL, found), 1);
    assert_int_equal(found[0].at, RAMP_AT);
    assert_false(sy_move_leads_on(&found[0]));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(signal_that_rests_does_not_move),
        cmocka_unit_test(edges_are_found_at_their_frames),
        cmocka_unit_test(blocks_make_no_difference),
        cmocka_unit_test(ramp_is_one_move_from_its_first_frame_on),
        cmocka_unit_test(move_ends_with_its_rest_and_not_before),
        cmocka_unit_test(dip_leads_nowhere),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
