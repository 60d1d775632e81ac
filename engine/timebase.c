#include "engine/timebase.h"

#include <math.h>
#include <time.h>

#define BANDWIDTH_HZ 0.5
#define SETTLING     200    /* blocks during which the anchor follows the loop closely */
#define TOLERANCE_S  0.0005 /* between loop and anchor, after that */
#define LOST_S       0.25   /* further off than this, the loop starts again */

void sy_timebase_init(SyTimebase *timebase, double rate, uint32_t block)
{
    const double period = block / rate;
    const double omega = 2 * M_PI * BANDWIDTH_HZ * period;

    *timebase = (SyTimebase){.rate = rate, .period_s = period};
    timebase->b = M_SQRT2 * omega;
    timebase->c = omega * omega;
}

/* The sequence is stored before the pair and loaded after it: the pair's own release and acquire
 * keep them in that order. */
static void set_anchor(SyTimebase *timebase, int64_t frame, double seconds)
{
    const uint32_t sequence = atomic_load_explicit(&timebase->sequence, memory_order_relaxed);

    atomic_store_explicit(&timebase->sequence, sequence + 1, memory_order_relaxed);
    atomic_store_explicit(&timebase->anchor_frame, frame, memory_order_release);
    atomic_store_explicit(&timebase->anchor_s, seconds, memory_order_release);
    atomic_store_explicit(&timebase->sequence, sequence + 2, memory_order_release);
}

void sy_timebase_repair(SyTimebase *timebase)
{
    const uint32_t sequence = atomic_load_explicit(&timebase->sequence, memory_order_relaxed);
    if (sequence & 1) { /* half a pair: the next tick sets a whole one */
        timebase->n_blocks = 0;
        set_anchor(timebase, atomic_load(&timebase->anchor_frame),
                   atomic_load(&timebase->anchor_s));
        atomic_store_explicit(&timebase->sequence, sequence + 1, memory_order_release);
    }
}

static double anchored(const SyTimebase *timebase, int64_t frame)
{
    return atomic_load_explicit(&timebase->anchor_s, memory_order_relaxed) +
           (double)(frame - atomic_load_explicit(&timebase->anchor_frame, memory_order_relaxed)) /
               timebase->rate;
}

void sy_timebase_tick(SyTimebase *timebase, int64_t frame, double now_s)
{
    double filtered = timebase->next_s;

    if (timebase->n_blocks == 0 || fabs(now_s - filtered) > LOST_S) {
        filtered = now_s;
        timebase->next_s = now_s + timebase->period_s;
        timebase->n_blocks = 0;
    } else {
        const double error = now_s - filtered;
        timebase->next_s += timebase->b * error + timebase->period_s;
        timebase->period_s += timebase->c * error;
    }
    const double tolerance = timebase->n_blocks < SETTLING ? 0 : TOLERANCE_S;
    timebase->n_blocks++;
    if (fabs(filtered - anchored(timebase, frame)) > tolerance) {
        set_anchor(timebase, frame, filtered);
    }
}

uint32_t sy_timebase_moves(const SyTimebase *timebase)
{
    return atomic_load_explicit(&timebase->sequence, memory_order_relaxed) / 2;
}

double sy_timebase_frame(const SyTimebase *timebase, double monotonic_s)
{
    int64_t frame;
    double seconds;
    uint32_t before, after;

    do {
        before = atomic_load_explicit(&timebase->sequence, memory_order_acquire);
        frame = atomic_load_explicit(&timebase->anchor_frame, memory_order_acquire);
        seconds = atomic_load_explicit(&timebase->anchor_s, memory_order_acquire);
        after = atomic_load_explicit(&timebase->sequence, memory_order_relaxed);
    } while (before != after || before & 1);
    return (double)frame + (monotonic_s - seconds) * timebase->rate;
}

static double clock_s(clockid_t clock)
{
    struct timespec now;
    clock_gettime(clock, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

/* Two clocks can only be read one after the other, and this thread may be held up between the two:
 * the closest pair of a few counts. What was found before stands until it is surely off by more
 * than the anchor may be. */
static void follow_wall(SyRounder *rounder)
{
    double closest = 1, ahead = 0;

    for (int i = 0; i < 3; i++) {
        const double before = clock_s(CLOCK_MONOTONIC);
        const double wall = clock_s(CLOCK_REALTIME);
        const double after = clock_s(CLOCK_MONOTONIC);
        if (i == 0 || after - before < closest) {
            closest = after - before;
            ahead = wall - (before + after) / 2;
        }
    }
    if (fabs(ahead - rounder->wall_ahead_s) > TOLERANCE_S + closest / 2) {
        rounder->wall_ahead_s = ahead;
    }
}

int64_t sy_timebase_round(const SyTimebase *timebase, SyRounder *rounder, double unix_s)
{
    follow_wall(rounder);
    const double exact = sy_timebase_frame(timebase, unix_s - rounder->wall_ahead_s);
    const double apart = exact - rounder->last;
    int64_t frame = llround(exact);

    if (fabs(apart - round(apart)) < 0.05) {
        const int64_t aligned = rounder->last_frame + llround(apart);
        if (fabs((double)aligned - exact) < 0.75) {
            frame = aligned;
        }
    }
    rounder->last = exact;
    rounder->last_frame = frame;
    return frame;
}
