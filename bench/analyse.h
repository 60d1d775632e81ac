/* The spectrum of a signal, and what of it is where nothing should be. */
#ifndef SY_BENCH_ANALYSE_H
#define SY_BENCH_ANALYSE_H

#include <stddef.h>

#define SY_ANALYSE_POINTS (1 << 17)
#define SY_ANALYSE_SKIP   2048 /* frames that a signal has to settle */
#define SY_ANALYSE_FRAMES (SY_ANALYSE_SKIP + SY_ANALYSE_POINTS)
#define SY_ANALYSE_GUARD  9 /* bins that a line occupies on either side */

/* Levels in dB against the strongest line. */
typedef struct SyAliases {
    double worst_db;
    double worst_hz;
    double total_db;
    double peak; /* amplitude of the strongest line */
} SyAliases;

/* Everything below `below_hz` that is not a multiple of `f0_hz`. `signal`: [SY_ANALYSE_FRAMES]. */
SyAliases sy_analyse_aliases(const float *signal, double rate, double f0_hz, double below_hz);

/* The amplitude of each bin, rate / SY_ANALYSE_POINTS apart: a sine of 1 on a bin reads 1.
 * `signal`: [SY_ANALYSE_FRAMES]; `levels`: [SY_ANALYSE_POINTS / 2 + 1]. */
void sy_analyse_spectrum(double *levels, const float *signal);

/* The amplitude of the line at `hz`. `signal`: [SY_ANALYSE_FRAMES]. */
double sy_analyse_line(const float *signal, double rate, double hz);

/* The frequency of the line next to `near_hz`, from the turn of its phase between two windowed
 * frames of `points` points `hop` apart. `signal`: [points + hop]. */
double sy_analyse_frequency(const float *signal, size_t points, size_t hop, double rate,
                            double near_hz);

#define SY_DENSITY_POINTS 8192

/* How the power of a noise is spread over frequencies, averaged over a long signal. */
typedef struct SyDensity {
    double power[SY_DENSITY_POINTS / 2 + 1]; /* 1: as white noise of variance 1 */
} SyDensity;

/* `signal`: [n], n at least SY_DENSITY_POINTS. */
void sy_analyse_density(SyDensity *density, const float *signal, size_t n);

/* Averaged over a third of an octave around `hz`, in dB against white noise of variance 1. */
double sy_density_db(const SyDensity *density, double rate, double hz);

/* The n-th number of a fixed sequence of noise in +-1: a hostile input that is the same each time.
 */
float sy_analyse_noise(unsigned n);

/* sqrt(sum(signal^2) / n) */
double sy_analyse_rms(const float *signal, size_t n);

#endif
