/* Cycles become tables: a level for each half octave, and each without what would alias.
 *
 * A cycle is taken apart into harmonics by a Fourier transform, and each level put together again
 * from those that it may have, at 16 or more points to the shortest of them. The points are not the
 * wave's own values but the weights of cubic B-splines that add up to it: a spline lets harmonic h
 * through a table of N points as sinc(h / N)^4, by which each is divided here. See wavetable.c.
 *
 * A cycle's mean is taken out: it would be a thump at every note. What a file holds of harmonic
 * 1024 goes too, as its phase is not known.
 */
#include <math.h>
#include <stddef.h>
#include <string.h>

#include "dsp/fft.h"
#include "dsp/wavetable.h"

#define PI             3.14159265358979323846
#define HARMONICS      (SY_WAVETABLE_CYCLE / 2) /* one more than there are: 0 is the mean */
#define BITS_MAX       14
#define BITS_MIN       8
#define GUARD          16 /* floats of a cycle beyond its points; keeps cycles aligned */
#define BUILTIN_CYCLES 4
#define LOUDEST        1000.0f

/* A cycle is the real part of the sum of coefficient[h] exp(2 pi i h phase). */
typedef struct Harmonics {
    double coefficient[HARMONICS][2];
} Harmonics;

typedef struct Source {
    const float *frames; /* NULL: built in */
    uint32_t length;     /* frames of a cycle */
    SyFftExact *there;   /* its plan */
    double (*z)[2];
} Source;

static uint32_t harmonics_of(int level)
{
    const uint32_t n = (uint32_t)(HARMONICS * exp2(-0.5 * level));
    return n < HARMONICS ? n : HARMONICS - 1;
}

/* Bytes. The upper octaves are few and small: they get twice as many points to a harmonic. */
static uint64_t lay_out(SyWavetable *table, uint32_t n_cycles)
{
    uint64_t at = (sizeof(*table) + 63) / 64 * 16;
    table->n_cycles = n_cycles;
    for (int level = 0; level < SY_WAVETABLE_LEVELS; level++) {
        const uint32_t points = (level < 4 ? 16 : 32) * harmonics_of(level);
        table->bits[level] = BITS_MIN;
        while (table->bits[level] < BITS_MAX && 1u << table->bits[level] < points)
            table->bits[level]++;
        table->at[level] = (uint32_t)at;
        table->stride[level] = (1u << table->bits[level]) + GUARD;
        at += (uint64_t)table->stride[level] * n_cycles;
    }
    return at * sizeof(float);
}

/* What level `level` may have of the harmonics, as a table. `z`: [points], planned by `back`. */
static void fill_cycle(float *to, const Harmonics *harmonics, int level, uint32_t n_points,
                       SyFftExact *back, double (*z)[2])
{
    memset(z, 0, n_points * sizeof(*z));
    for (uint32_t h = 1; h <= harmonics_of(level); h++) {
        const double x = PI * h / n_points, sinc = sin(x) / x, spline = sinc * sinc * sinc * sinc;
        z[h][0] = harmonics->coefficient[h][0] / spline;
        z[h][1] = harmonics->coefficient[h][1] / spline;
    }
    sy_fft_exact_run(back);
    for (uint32_t i = 0; i < n_points + GUARD; i++)
        to[i] = (float)z[(i + n_points - 1) % n_points][0];
}

static void analyse(Harmonics *harmonics, const Source *source, uint32_t cycle)
{
    const float *frames = source->frames + (size_t)cycle * source->length;
    memset(harmonics, 0, sizeof(*harmonics));
    for (uint32_t i = 0; i < source->length; i++) {
        source->z[i][0] = frames[i];
        source->z[i][1] = 0.0;
    }
    sy_fft_exact_run(source->there);
    for (uint32_t h = 1; 2 * h < source->length; h++) {
        harmonics->coefficient[h][0] = 2.0 * source->z[h][0] / source->length;
        harmonics->coefficient[h][1] = 2.0 * source->z[h][1] / source->length;
    }
}

/* Sine, triangle, square, saw, which begin as the oscillator's do. */
static void synthesise(Harmonics *harmonics, uint32_t cycle)
{
    memset(harmonics, 0, sizeof(*harmonics));
    for (int h = 1; h < HARMONICS; h++) {
        const double odd = h % 2 ? 1.0 : 0.0, sign = h % 4 == 1 ? 1.0 : -1.0;
        const double sines[BUILTIN_CYCLES] = {
            h == 1 ? 1.0 : 0.0,
            odd * sign * 8.0 / (PI * PI * h * h),
            odd * 4.0 / (PI * h),
            -2.0 / (PI * h),
        };
        harmonics->coefficient[h][1] = -sines[cycle];
    }
}

static void fill_level(SyWavetable *to, int level, const Source *source)
{
    double z[1 << BITS_MAX][2];
    Harmonics harmonics;
    const uint32_t n_points = 1u << to->bits[level];
    SyFftExact *back = sy_fft_exact_new(z, n_points, SY_FFT_BACKWARD);
    if (!back)
        return;
    for (uint32_t cycle = 0; cycle < to->n_cycles; cycle++) {
        float *floats = (float *)to + to->at[level] + (size_t)cycle * to->stride[level];
        if (source->frames)
            analyse(&harmonics, source, cycle);
        else
            synthesise(&harmonics, cycle);
        fill_cycle(floats, &harmonics, level, n_points, back, z);
    }
    sy_fft_exact_free(back);
}

static void fill(SyWavetable *to, uint32_t n_cycles, const Source *source)
{
    const uint64_t size = lay_out(to, n_cycles);
    memset((float *)to + to->at[0], 0, size - to->at[0] * sizeof(float));
    for (int level = 0; level < SY_WAVETABLE_LEVELS; level++)
        fill_level(to, level, source);
}

static uint32_t count_cycles(uint32_t n_frames)
{
    const uint32_t n = n_frames / SY_WAVETABLE_CYCLE;
    if (n == 0)
        return n_frames > 0;
    return n < SY_WAVETABLE_CYCLES_MAX ? n : SY_WAVETABLE_CYCLES_MAX;
}

uint64_t sy_wavetable_size(const float *frames, uint32_t n_frames)
{
    SyWavetable table;
    for (uint32_t i = 0; i < n_frames; i++) {
        if (!(fabsf(frames[i]) <= LOUDEST))
            return 0;
    }
    return n_frames ? lay_out(&table, count_cycles(n_frames)) : 0;
}

void sy_wavetable_prepare(const float *frames, uint32_t n_frames, SyWavetable *to)
{
    double z[SY_WAVETABLE_CYCLE][2];
    const uint32_t length = n_frames < SY_WAVETABLE_CYCLE ? n_frames : SY_WAVETABLE_CYCLE;
    const Source source = {frames, length, sy_fft_exact_new(z, length, SY_FFT_FORWARD), z};
    if (source.there)
        fill(to, count_cycles(n_frames), &source);
    else
        lay_out(to, count_cycles(n_frames));
    sy_fft_exact_free(source.there);
}

uint64_t sy_wavetable_builtin_size(void)
{
    SyWavetable table;
    return lay_out(&table, BUILTIN_CYCLES);
}

void sy_wavetable_builtin_prepare(SyWavetable *to)
{
    fill(to, BUILTIN_CYCLES, &(Source){0});
}
