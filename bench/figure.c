#include "bench/figure.h"

#include <math.h>
#include <stddef.h>
#include <stdio.h>

void sy_figure_duration(char text[SY_FIGURE_TEXT], double ns)
{
    static const char *const units[] = {"ns", "us", "ms", "s"};
    size_t unit = 0;

    if (isnan(ns)) {
        snprintf(text, SY_FIGURE_TEXT, "-");
        return;
    }
    for (; ns >= 999.5 && unit < 3; unit++) {
        ns /= 1000;
    }
    const int decimals = ns < 9.995 ? 2 : ns < 99.95 ? 1 : 0;
    snprintf(text, SY_FIGURE_TEXT, "%.*f %s", decimals, ns, units[unit]);
}

void sy_figure_number(char text[SY_FIGURE_TEXT], double value)
{
    if (isnan(value)) {
        snprintf(text, SY_FIGURE_TEXT, "-");
    } else if (fabs(value) >= 999.5) {
        snprintf(text, SY_FIGURE_TEXT, "%.0f", value);
    } else {
        snprintf(text, SY_FIGURE_TEXT, "%.3g", value);
    }
}
