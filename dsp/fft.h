/* Fourier transforms by FFTW3: made ready before the fork, executed by workers. */
#ifndef SY_DSP_FFT_H
#define SY_DSP_FFT_H

#include <stdbool.h>
#include <stdint.h>

/* A transform of 8192 points is 512 columns of 16, some at a time, then 16 rows of 512. */
#define SY_FFT_COLUMN 16
#define SY_FFT_ROW    512
#define SY_FFT_ACROSS 32 /* columns at a time */
#define SY_FFT_LARGE  (SY_FFT_COLUMN * SY_FFT_ROW)

/* What there is a plan for. Numbers are complex, real and imaginary part side by side; what goes in
 * is not changed; results are not scaled. */
typedef enum SyFftKind {
    SY_FFT_64,      /* 64 points */
    SY_FFT_512,     /* 512 points */
    SY_FFT_COLUMNS, /* 32 of 16 points, interleaved: point n of transform c is at [n][c] */
    SY_FFT_KINDS
} SyFftKind;

typedef enum SyFftSign { SY_FFT_FORWARD, SY_FFT_BACKWARD, SY_FFT_SIGNS } SyFftSign;

/* Read-only once it is made. */
typedef struct SyFft {
    void *plans[SY_FFT_KINDS][SY_FFT_SIGNS];

    /* Turns by exp(i pi n / 128), exp(i pi n / 1024) and, in row k, exp(-2 pi i n (k - 1/4) /
     * 8192), see convolve_stages.c: [0] cosines, [1] sines. */
    _Alignas(64) float turn_64[2][64];
    _Alignas(64) float turn_512[2][512];
    _Alignas(64) float turn_8192[SY_FFT_COLUMN][2][SY_FFT_ROW];

    struct SyWavetable *waves; /* what a wavetable oscillator plays that was given no file */
} SyFft;

/* Makes the plans: measured ones if the wisdom for them has been read, which runs up to a fifth
 * faster, else FFTW's estimates. Other plans may give other last bits. `fft`: the caller's, 64-byte
 * aligned. Returns false if FFTW has no memory.  Thread: setup.  RT: no (some 20 ms). */
bool sy_fft_init(SyFft *fft);

/* Gives the plans back; what was never made, all zeros, is fine.  Thread: setup.  RT: no. */
void sy_fft_deinit(SyFft *fft);

/* Reads wisdom for sy_fft_init(). Returns false if the file cannot be read or is none, or if it
 * lacks a plan, as another version's may: what it has is used all the same.
 * Thread: setup.  RT: no. */
bool sy_fft_read_wisdom(const char *path);

/* Measures what is fastest on this machine, for all plans, and writes it to `path`. Returns false
 * if the file cannot be written.  Thread: setup.  RT: no (a second). */
bool sy_fft_learn_wisdom(const char *path);

/* One transform (or the 32 columns): `in`, `out` 64-byte aligned and apart, as long as the kind
 * says. Bits depend on plan and machine, not on the build of the kernels.
 * Thread: any; a plan may be executed by several, and by processes forked since it was made.
 * RT: yes: no lock, no allocation. */
void sy_fft_execute(const SyFft *fft, SyFftKind kind, SyFftSign sign, const float *in, float *out);

/* Transforms in double, of any length, in place, for what is made from files. */
typedef struct SyFftExact SyFftExact;

/* A plan for z[n_points]; z stays the caller's. Returns NULL if FFTW has no memory.
 * Thread: loader, setup.  RT: no. */
SyFftExact *sy_fft_exact_new(double (*z)[2], uint32_t n_points, SyFftSign sign);

/* z[k] = sum over n of z[n] exp(-+2 pi i k n / n_points).  Thread: loader, setup.  RT: no. */
void sy_fft_exact_run(SyFftExact *exact);

/* NULL is fine.  Thread: loader, setup.  RT: no. */
void sy_fft_exact_free(SyFftExact *exact);

#endif
