/* The engine's clock, in frames, beside the system's.
 *
 * The audio thread feeds a delay-locked loop with the time at which each block began; the loop
 * smooths the jitter of the wake-ups away (F. Adriaensen, "Using a DLL to filter time", LAC 2005).
 * What the others see of it is an anchor, one frame and its time, from which they count at the
 * nominal rate. It stays where it is until the loop has moved half a millisecond away from it. So
 * two timetags N samples apart become frames exactly N apart, which a mapping that follows the loop
 * could not promise. */
#ifndef SY_ENGINE_TIMEBASE_H
#define SY_ENGINE_TIMEBASE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

typedef struct SyTimebase {
    double rate;
    /* audio's */
    double period_s, next_s; /* filtered: length of a block, time of the next one */
    double b, c;             /* loop coefficients */
    uint32_t n_blocks;       /* since the loop was started */
    /* The anchor, guarded by a sequence number that is odd while it is being written. */
    _Atomic uint32_t sequence;
    _Atomic int64_t anchor_frame;
    _Atomic double anchor_s; /* CLOCK_MONOTONIC */
} SyTimebase;

/* Thread: setup.  RT: yes. */
void sy_timebase_init(SyTimebase *timebase, double rate, uint32_t block);

/* Makes the anchor readable again after whoever set it was killed in the middle.
 * Thread: setup, control, with no driver at work.  RT: yes. */
void sy_timebase_repair(SyTimebase *timebase);

/* Says that the block which begins at `frame` was asked for at `now_s` (CLOCK_MONOTONIC).
 * Thread: audio.  RT: yes. */
void sy_timebase_tick(SyTimebase *timebase, int64_t frame, double now_s);

/* How often the anchor has been set: with each block while the loop settles, and from then on when
 * the driver's time has moved away, after an xrun say. Timetags sent before and after such a move
 * do not lie as far apart as they say.  Thread: any.  RT: yes. */
uint32_t sy_timebase_moves(const SyTimebase *timebase);

/* The frame, with its fraction, at a time of CLOCK_MONOTONIC.  Thread: any.  RT: yes. */
double sy_timebase_frame(const SyTimebase *timebase, double monotonic_s);

/* Turns the times of one sender's clock into whole frames. */
typedef struct SyRounder {
    double wall_ahead_s; /* of CLOCK_REALTIME before CLOCK_MONOTONIC, held still */
    double last;         /* exact position of the last time asked for */
    int64_t last_frame;  /* what it was rounded to */
} SyRounder;

/* The whole frame at a wall-clock time. Senders compute in doubles and OSC in 1/2^32 s, so times
 * meant to be N frames apart come a little more or less apart; those within 1/20 frame of N after
 * the time asked for before become N frames exactly, where plain rounding would now and then make N
 * - 1 or N + 1. Thread: osc.  RT: yes. */
int64_t sy_timebase_round(const SyTimebase *timebase, SyRounder *rounder, double unix_s);

#endif
