/* The axis of a plot: from where to where, and which places on it have a number.
 * Thread: any.  RT: no. */
#ifndef SY_BENCH_PLOT_AXIS_H
#define SY_BENCH_PLOT_AXIS_H

#include <stdbool.h>
#include <stddef.h>

#define SY_AXIS_TICKS 32
#define SY_AXIS_TEXT  24

typedef struct SyAxis {
    bool is_log;
    double low, high;
    size_t n_ticks;
    double ticks[SY_AXIS_TICKS]; /* from low to high */
} SyAxis;

/* An axis for values from `least` to `most`: logarithmic when they are far apart, and all above 0;
 * else from 0, or from below if there is something. Begins and ends at a round number. */
SyAxis sy_axis_of(double least, double most);

/* The same, logarithmic in any case; `least` is above 0. */
SyAxis sy_axis_logarithmic(double least, double most);

/* What stands at a place: "20 us" for 20000 where the unit is "ns", else "20000". */
void sy_axis_label(char text[SY_AXIS_TEXT], double value, const char *unit);

#endif
