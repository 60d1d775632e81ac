/* The polynomials that take the aliasing out of a corner.
 *
 * A waveform that jumps by A at time 0 differs from the same waveform behind a brickwall filter by
 * A r0(x), where x is the time from the jump in frames, h the filter's impulse response and
 *
 *     r0(x) = integral of h from -inf to x  -  (x >= 0)
 *
 * A change of slope by A leaves A r1(x), of curvature A r2(x), where r1 and r2 are the integrals of
 * r0 and r1. h is a sinc that cuts at 0.485 of the rate under a Kaiser window of 32 frames, beta
 * 9.5: below 0.415 of the rate (20 kHz at 48) nothing is lost and nothing folds back.
 *
 * A jump that happened d frames before a frame, 0 <= d < 1, needs r at d - 16, d - 15, ... d + 15:
 * one polynomial in d a tap. h is expanded in Chebyshev polynomials on each frame's interval, which
 * are integrated exactly and cut off at the degree wanted: within a hair of the best polynomial,
 * and without a table to interpolate in.
 *
 * There is a second set, from the minimum-phase filter with the same amplitudes (vco_minimum.c). It
 * begins to answer in the frame that follows an edge instead of 16 frames before it, and is 2.44
 * frames late at low frequencies; shifted to make that 3, what is left of a ramp, a slope's
 * residue, ends at 0 without being bent, so that triangles are not made brighter.
 *
 * Source: band-limited steps: E. Brandt, Hard sync without aliasing, ICMC 2001; polynomial
 * residuals: V. Valimaki, J. Pekonen, J. Nam, Perceptually informed synthesis of bandlimited
 * classical waveforms using integrated polynomial interpolation, JASA 131, 2012.
 */
#include "dsp/tables.h"

#include <string.h>

#include "dsp/vco_minimum.h"
#include "dsp/vco_series.h"

#define CUTOFF          0.485 /* of the rate */
#define BETA            9.5
#define BROWN_CORNER_HZ 10.0
#define BROWN_RMS       0.22
#define LN_2            0.69314718055994530942
#define HALF            (SY_BLEP_TAPS / 2)
#define NODES           24 /* Chebyshev terms of h on one frame: beyond double's precision */
#define DEGREE          (NODES + SY_BLEP_ORDERS)

/* The modified Bessel function I0 by its power series. */
static double bessel_i0(double x)
{
    double term = 1.0, sum = 1.0;
    for (int n = 1; n < 40; n++) {
        term *= (x / (2 * n)) * (x / (2 * n));
        sum += term;
    }
    return sum;
}

/* The brickwall filter's impulse response, x in +-HALF. */
static double impulse(double x)
{
    const double edge = x / HALF;
    const double inside = 1.0 - edge * edge;
    const double window =
        inside > 0.0 ? bessel_i0(BETA * sqrt(inside)) / bessel_i0(BETA) : 1.0 / bessel_i0(BETA);
    const double u = 2.0 * CUTOFF * x;
    const double sinc = u > -1e-9 && u < 1e-9 ? 1.0 : sy_sin_pi(u) / (SY_PI * u);
    return 2.0 * CUTOFF * sinc * window;
}

/* The filter's response `x` frames after it can be known of, in either kind of phase. `minimum` is
 * NULL for linear phase, else what sy_minimum_phase() made, which is let come a little later, so
 * that low frequencies are a whole number of frames late. */
static double response(const double *minimum, double x)
{
    if (!minimum)
        return impulse(x - HALF);
    return sy_minimum_at(minimum, x - (SY_BLEP_EARLY - sy_minimum_delay(minimum)));
}

/* The Chebyshev series of h(x0 + d) on d = 0..1, u = 2 d - 1. */
static void expand(const double *minimum, double x0, double series[DEGREE])
{
    double value[NODES];
    memset(series, 0, DEGREE * sizeof(*series));
    for (int j = 0; j < NODES; j++)
        value[j] = response(minimum, x0 + 0.5 + 0.5 * sy_cos_pi((j + 0.5) / NODES));
    for (int n = 0; n < NODES; n++) {
        double sum = 0.0;
        for (int j = 0; j < NODES; j++)
            sum += value[j] * sy_cos_pi(n * (j + 0.5) / NODES);
        series[n] = sum * (n == 0 ? 1.0 : 2.0) / NODES;
    }
}

/* Replaces a series by its integral over d (half of that over u), 0 at d = 0; returns the integral
 * over the whole frame. */
static double integrate(double series[DEGREE])
{
    double out[DEGREE] = {0};
    out[1] = series[0] - 0.5 * series[2];
    for (int n = 2; n < DEGREE; n++)
        out[n] = (series[n - 1] - (n + 1 < DEGREE ? series[n + 1] : 0.0)) / (2 * n);
    double at_start = 0.0, at_end = 0.0;
    for (int n = 1; n < DEGREE; n++) {
        out[n] *= 0.5;
        at_start += n % 2 ? -out[n] : out[n];
        at_end += out[n];
    }
    out[0] = -at_start;
    memcpy(series, out, sizeof(out));
    return at_end - at_start;
}

/* The first SY_BLEP_TERMS of a Chebyshev series as coefficients of powers of d. */
static void to_powers(const double series[DEGREE], double power[SY_BLEP_TERMS])
{
    double before[SY_BLEP_TERMS] = {1.0}, t[SY_BLEP_TERMS] = {-1.0, 2.0};
    memset(power, 0, SY_BLEP_TERMS * sizeof(*power));
    power[0] = series[0];
    for (int n = 1; n < SY_BLEP_TERMS; n++) {
        double next[SY_BLEP_TERMS];
        for (int k = 0; k < SY_BLEP_TERMS; k++) {
            power[k] += series[n] * t[k];
            next[k] = -2.0 * t[k] - before[k] + (k > 0 ? 4.0 * t[k - 1] : 0.0);
        }
        memcpy(before, t, sizeof(t));
        memcpy(t, next, sizeof(t));
    }
}

/* h itself, of area 1. */
static void expand_response(const double *minimum, double series[SY_BLEP_TAPS][DEGREE])
{
    double area = 0.0;
    for (int tap = 0; tap < SY_BLEP_TAPS; tap++) {
        double whole[DEGREE];
        expand(minimum, tap, series[tap]);
        memcpy(whole, series[tap], sizeof(whole));
        area += integrate(whole);
    }
    for (int tap = 0; tap < SY_BLEP_TAPS; tap++) {
        for (int n = 0; n < DEGREE; n++)
            series[tap][n] /= area;
    }
}

/* Replaces the series of all frames by their integral from the first frame's beginning; returns the
 * integral over all. */
static double integrate_all(double series[SY_BLEP_TAPS][DEGREE])
{
    double so_far = 0.0;
    for (int tap = 0; tap < SY_BLEP_TAPS; tap++) {
        const double here = integrate(series[tap]);
        series[tap][0] += so_far;
        so_far += here;
    }
    return so_far;
}

/* to -= amount * what, in all frames. */
static void subtract(double to[SY_BLEP_TAPS][DEGREE], double amount,
                     double what[SY_BLEP_TAPS][DEGREE])
{
    for (int tap = 0; tap < SY_BLEP_TAPS; tap++) {
        for (int n = 0; n < DEGREE; n++)
            to[tap][n] -= amount * what[tap][n];
    }
}

static void store(double series[SY_BLEP_TAPS][DEGREE], float to[SY_BLEP_TERMS][SY_BLEP_TAPS])
{
    for (int tap = 0; tap < SY_BLEP_TAPS; tap++) {
        double power[SY_BLEP_TERMS];
        to_powers(series[tap], power);
        for (int k = 0; k < SY_BLEP_TERMS; k++)
            to[k][tap] = (float)power[k];
    }
}

/* The residues of a filter that lets low frequencies come `late` frames late. */
static void make_blep(float blep[SY_BLEP_ORDERS][SY_BLEP_TERMS][SY_BLEP_TAPS],
                      const double *minimum, int late)
{
    double series[SY_BLEP_TAPS][DEGREE], step[SY_BLEP_TAPS][DEGREE];
    expand_response(minimum, series);
    integrate_all(series);
    memcpy(step, series, sizeof(step));
    for (int tap = late; tap < SY_BLEP_TAPS; tap++)
        series[tap][0] -= 1.0;
    store(series, blep[0]);
    for (int order = 1; order < SY_BLEP_ORDERS; order++) {
        /* What is left at the end (h's second moment, 7e-4, in r2) would stay for ever: it goes
         * with the filtered step, in which there is nothing to alias. */
        subtract(series, integrate_all(series), step);
        store(series, blep[order]);
    }
}

static void make_bleps(SyTables *tables)
{
    double minimum[SY_MINIMUM_FRAMES * SY_MINIMUM_GRID];
    _Static_assert(SY_MINIMUM_FRAMES == SY_BLEP_TAPS, "the same filter");
    for (int i = 0; i < SY_MINIMUM_FRAMES * SY_MINIMUM_GRID; i++)
        minimum[i] = impulse((double)i / SY_MINIMUM_GRID - HALF);
    sy_minimum_phase(minimum);
    make_blep(tables->blep, NULL, HALF);
    make_blep(tables->early, minimum, SY_BLEP_EARLY);
    for (int k = 0; k < SY_BLEP_TERMS; k++) {
        for (int tap = 0; tap < SY_BLEP_TAPS; tap++) {
            tables->fall[0][k][tap] = -2.0f * tables->blep[0][k][tap];
            tables->fall[1][k][tap] = -2.0f * tables->early[0][k][tap];
        }
    }
}

/* The binary logarithm: whole octaves, and 2 artanh((x - 1) / (x + 1)) of what is left of x. */
static double log_2(double x)
{
    double octaves = 0.0, sum = 0.0;
    while (x < 0.75) {
        x *= 2.0;
        octaves -= 1.0;
    }
    while (x > 1.5) {
        x *= 0.5;
        octaves += 1.0;
    }
    const double y = (x - 1.0) / (x + 1.0);
    double power = y;
    for (int n = 1; n < 40; n += 2, power *= y * y)
        sum += power / n;
    return octaves + 2.0 * sum / LN_2;
}

void sy_tables_init(SyTables *tables, double rate)
{
    memset(tables, 0, sizeof(*tables));
    tables->rate = (float)rate;
    tables->c4_cycles = (float)(SY_C4_HZ / rate);
    tables->c4_octaves = (float)log_2(SY_C4_HZ / rate);
    tables->c4_increment = (float)(SY_C4_HZ / rate * 4294967296.0);
    const double pull = 2.0 * SY_PI * BROWN_CORNER_HZ / rate;
    tables->brown_kept = (float)(1.0 - pull);
    tables->brown_gain = (float)(BROWN_RMS * sqrt(3.0 * pull * (2.0 - pull)));
    make_bleps(tables);
}
