/* When a signal that rests begins to move, and where it comes to rest again: a knob that was turned
 * is heard as a ramp, a gate as an edge, a block that was late as a dip that ends where it began.
 */
#ifndef SY_BENCH_BENCH_OSC_MOVES_H
#define SY_BENCH_BENCH_OSC_MOVES_H

#include <stdbool.h>
#include <stdint.h>

typedef struct SyMove {
    int64_t at;     /* first frame that differs from the one before it */
    float from, to; /* what it was before, and where it came to rest */
} SyMove;

typedef struct SyMoves {
    uint32_t rest;     /* frames without a change after which a move is over; at least 1 */
    int64_t n_frames;  /* fed so far */
    uint32_t n_rested; /* frames without a change */
    bool moving;
    SyMove move; /* the one that goes on */
} SyMoves;

/* Makes an empty one: the first frame fed is no move, wherever it is.  Thread: any.  RT: yes. */
void sy_moves_init(SyMoves *moves, uint32_t rest);

/* Takes the next frame. Returns whether a move is over with it, which is then in moves->move.
 * Whether one has begun is in moves->moving.  Thread: any, one at a time.  RT: yes. */
bool sy_moves_feed(SyMoves *moves, float sample);

/* Whether the signal is elsewhere after the move: what a late block leaves is not.
 * Thread: any.  RT: yes. */
bool sy_move_leads_on(const SyMove *move);

#endif
