/* Method: a double FFT of 2^17 points under a 7-term Blackman-Harris window, whose side lobes lie
 * at -180 dB, below all that float can do, and whose main lobe fits in 9 bins on either side of a
 * line. What is within 9 bins of a multiple of f0, or of 0, counts as wanted; the rest is alias. */
#include "bench/analyse.h"

#include <complex.h>
#include <fftw3.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

static double window(double x)
{
    static const double a[] = {0.27105140069342, 0.43329793923448, 0.21812299954311,
                               0.06592544638803, 0.01081174209837, 0.00077658482522,
                               0.00001388721735};
    double w = 0.0;
    for (int k = 0; k < 7; k++)
        w += (k % 2 ? -a[k] : a[k]) * cos(2.0 * M_PI * k * x);
    return w;
}

/* window(i / points) for i < points, made anew when the size changes. */
static const double *window_table(size_t points)
{
    static double table[SY_ANALYSE_POINTS];
    static size_t made;
    for (size_t i = 0; made != points && i < points; i++)
        table[i] = window((double)i / (double)points);
    made = points;
    return table;
}

static double window_sum(size_t points, double power)
{
    const double *w = window_table(points);
    double sum = 0.0;
    for (size_t i = 0; i < points; i++)
        sum += pow(w[i], power);
    return sum;
}

/* Amplitude of each bin, a sine of amplitude 1 on a bin reading 1. Returns [points / 2 + 1], the
 * caller's to free with fftw_free(). */
static complex double *spectrum(const float *signal, size_t points)
{
    double *in = fftw_malloc(points * sizeof(*in));
    complex double *out = fftw_malloc((points / 2 + 1) * sizeof(*out));
    fftw_plan plan = fftw_plan_dft_r2c_1d((int)points, in, out, FFTW_ESTIMATE);
    const double *w = window_table(points);
    double sum = 0.0;
    for (size_t i = 0; i < points; i++) {
        sum += w[i];
        in[i] = signal[i] * w[i];
    }
    fftw_execute(plan);
    for (size_t i = 0; i <= points / 2; i++)
        out[i] *= 2.0 / sum;
    fftw_destroy_plan(plan);
    fftw_free(in);
    return out;
}

/* The windowed sum of signal[i] exp(-2 pi i k hz / rate), k counted from `from`. */
static complex double correlate(const float *signal, size_t points, size_t from, double rate,
                                double hz)
{
    const double *w = window_table(points);
    const complex double turn = cexp(-2.0 * M_PI * I * hz / rate);
    complex double phasor = cexp(-2.0 * M_PI * I * hz / rate * (double)from), sum = 0.0;
    for (size_t i = 0; i < points; i++) {
        sum += w[i] * signal[i] * phasor;
        phasor *= turn;
    }
    return sum;
}

SyAliases sy_analyse_aliases(const float *signal, double rate, double f0_hz, double below_hz)
{
    const double bin_hz = rate / SY_ANALYSE_POINTS;
    complex double *line = spectrum(signal + SY_ANALYSE_SKIP, SY_ANALYSE_POINTS);
    double peak = 0.0, worst = 0.0, total = 0.0;
    size_t worst_bin = 0;
    for (size_t i = SY_ANALYSE_GUARD + 1; (double)i * bin_hz < below_hz; i++) {
        const double hz = (double)i * bin_hz, level = cabs(line[i]);
        const bool wanted =
            fabs(hz - f0_hz * round(hz / f0_hz)) <= (SY_ANALYSE_GUARD + 0.5) * bin_hz;
        peak = level > peak ? level : peak;
        if (wanted)
            continue;
        total += level * level;
        if (level > worst) {
            worst = level;
            worst_bin = i;
        }
    }
    fftw_free(line);
    return (SyAliases){
        .worst_db = 20.0 * log10(worst / peak + 1e-30),
        .worst_hz = (double)worst_bin * bin_hz,
        .total_db = 10.0 * log10(total / (peak * peak) + 1e-30),
        .peak = peak,
    };
}

void sy_analyse_spectrum(double *levels, const float *signal)
{
    complex double *line = spectrum(signal + SY_ANALYSE_SKIP, SY_ANALYSE_POINTS);
    for (size_t i = 0; i <= SY_ANALYSE_POINTS / 2; i++)
        levels[i] = cabs(line[i]);
    fftw_free(line);
}

double sy_analyse_line(const float *signal, double rate, double hz)
{
    const complex double sum = correlate(signal + SY_ANALYSE_SKIP, SY_ANALYSE_POINTS, 0, rate, hz);
    return 2.0 * cabs(sum) / window_sum(SY_ANALYSE_POINTS, 1.0);
}

double sy_analyse_frequency(const float *signal, size_t points, size_t hop, double rate,
                            double near_hz)
{
    const complex double first = correlate(signal, points, 0, rate, near_hz);
    const complex double second = correlate(signal + hop, points, hop, rate, near_hz);
    return near_hz + carg(second / first) / (2.0 * M_PI) * rate / (double)hop;
}

void sy_analyse_density(SyDensity *density, const float *signal, size_t n)
{
    const size_t points = SY_DENSITY_POINTS;
    const double sum = window_sum(points, 1.0);
    const double white = 4.0 * window_sum(points, 2.0) / (sum * sum);
    double frames = 0.0;
    *density = (SyDensity){0};
    for (size_t at = 0; at + points <= n; at += points / 2, frames++) {
        complex double *line = spectrum(signal + at, points);
        for (size_t i = 0; i <= points / 2; i++)
            density->power[i] += pow(cabs(line[i]), 2.0) / white;
        fftw_free(line);
    }
    for (size_t i = 0; i <= points / 2; i++)
        density->power[i] /= frames;
}

double sy_density_db(const SyDensity *density, double rate, double hz)
{
    const double bin_hz = rate / SY_DENSITY_POINTS;
    const size_t first = (size_t)(hz * 0.891 / bin_hz), last = (size_t)(hz * 1.122 / bin_hz) + 1;
    double power = 0.0;
    for (size_t i = first; i <= last; i++)
        power += density->power[i];
    return 10.0 * log10(power / (double)(last - first + 1) + 1e-30);
}

float sy_analyse_noise(unsigned n)
{
    n = (n ^ 61u ^ (n >> 16)) * 9u;
    n = (n ^ (n >> 4)) * 0x27d4eb2du;
    n ^= n >> 15;
    return (float)((double)n / 2147483648.0 - 1.0);
}

double sy_analyse_rms(const float *signal, size_t n)
{
    double sum = 0.0;
    for (size_t i = 0; i < n; i++)
        sum += (double)signal[i] * signal[i];
    return sqrt(sum / (double)n);
}
