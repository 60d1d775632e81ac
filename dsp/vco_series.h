/* The functions that the tables are made with, from operations that IEEE 754 defines to the last
 * bit: libm's are not the same to the last bit on every CPU. */
#ifndef SY_DSP_VCO_SERIES_H
#define SY_DSP_VCO_SERIES_H

#include <math.h>

#define SY_PI 3.14159265358979323846

/* sin(pi x) by its Taylor series. */
static inline double sy_sin_pi(double x)
{
    x -= 2.0 * floor(x / 2.0 + 0.5); /* +-1 */
    if (x > 0.5)
        x = 1.0 - x;
    if (x < -0.5)
        x = -1.0 - x;
    const double y = x * SY_PI;
    double term = y, sum = y;
    for (int n = 1; n < 12; n++) {
        term *= -y * y / ((2 * n) * (2 * n + 1));
        sum += term;
    }
    return sum;
}

static inline double sy_cos_pi(double x)
{
    return sy_sin_pi(x + 0.5);
}

/* ln x, x > 0: 2 artanh((m - 1) / (m + 1)) of the mantissa m, 0.7 to 1.4, and the exponent. */
static inline double sy_ln(double x)
{
    int exponent;
    double m = frexp(x, &exponent);
    if (m < 0.70710678118654752) {
        m *= 2.0;
        exponent--;
    }
    const double t = (m - 1.0) / (m + 1.0);
    double power = t, sum = t;
    for (int n = 3; n < 26; n += 2) {
        power *= t * t;
        sum += power / n;
    }
    return 2.0 * sum + exponent * 0.69314718055994531;
}

/* e^x by its Taylor series, after whole powers of 2. */
static inline double sy_exp(double x)
{
    const double whole = floor(x / 0.69314718055994531 + 0.5);
    const double y = x - whole * 0.69314718055994531;
    double term = 1.0, sum = 1.0;
    for (int n = 1; n < 18; n++) {
        term *= y / n;
        sum += term;
    }
    return ldexp(sum, (int)whole);
}

#endif
