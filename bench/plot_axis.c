#include "bench/plot_axis.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define FAR_APART     20.0 /* times */
#define MANY_DECADES  3.5  /* 1, 2 and 5 of so many would be in each other's way */
#define LINEAR_TICKS  5
#define A_LITTLE_MORE 1.0000001
#define A_HAIR        1e-7

/* The nth of 1, 2, 5, 10, 20, 50 ..., or of 1, 10, 100 ... */
static double round_number(int n, bool only_decades)
{
    static const double steps[] = {1, 2, 5};
    const int decade = only_decades ? n : (int)floor(n / 3.0);
    return pow(10, decade) * (only_decades ? 1 : steps[n - 3 * decade]);
}

SyAxis sy_axis_logarithmic(double least, double most)
{
    const bool only_decades = log10(most / least) > MANY_DECADES;
    SyAxis axis = {.is_log = true};
    int n = (int)floor(log10(least)) * (only_decades ? 1 : 3);

    while (round_number(n + 1, only_decades) <= least * A_LITTLE_MORE) {
        n++;
    }
    axis.low = round_number(n, only_decades);
    do {
        axis.high = round_number(n++, only_decades);
        axis.ticks[axis.n_ticks++] = axis.high;
    } while (axis.n_ticks < SY_AXIS_TICKS &&
             (axis.high * A_LITTLE_MORE < most || axis.n_ticks == 1));
    return axis;
}

static SyAxis linear(double least, double most)
{
    const double from = fmin(least, 0), to = fmax(most, 0);
    const double wanted = to > from ? (to - from) / LINEAR_TICKS : 1;
    int n = (int)floor(log10(wanted)) * 3;
    SyAxis axis = {0};

    while (round_number(n, false) * A_LITTLE_MORE < wanted) {
        n++;
    }
    const double step = round_number(n, false);
    const double first = floor(from / step + A_HAIR), last = ceil(to / step - A_HAIR);
    axis.low = first * step;
    axis.high = fmax(last, first + 1) * step;
    for (double i = first; i <= fmax(last, first + 1) && axis.n_ticks < SY_AXIS_TICKS; i++) {
        axis.ticks[axis.n_ticks++] = i * step;
    }
    return axis;
}

SyAxis sy_axis_of(double least, double most)
{
    return least > 0 && most > FAR_APART * least ? sy_axis_logarithmic(least, most)
                                                 : linear(least, most);
}

void sy_axis_label(char text[SY_AXIS_TEXT], double value, const char *unit)
{
    static const char *const units[] = {"ns", "us", "ms", "s"};
    size_t u = 0;

    if (strcmp(unit, "ns") != 0 || value == 0) {
        snprintf(text, SY_AXIS_TEXT, "%.10g", value);
        return;
    }
    for (; fabs(value) > 999.5 && u < 3; u++) {
        value /= 1000;
    }
    snprintf(text, SY_AXIS_TEXT, "%.10g %s", value, units[u]);
}
