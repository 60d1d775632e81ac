/* Complex numbers: their parts apart, as products want them, and side by side, as FFTW does. */
#ifndef SY_DSP_COMPLEX_H
#define SY_DSP_COMPLEX_H

#include "dsp/vec.h"

#if SY_WIDTH == 4
#define SY_ZIP_LOW  0, 4, 1, 5
#define SY_ZIP_HIGH 2, 6, 3, 7
#define SY_EVEN     0, 2, 4, 6
#define SY_ODD      1, 3, 5, 7
#elif SY_WIDTH == 8
#define SY_ZIP_LOW  0, 8, 1, 9, 2, 10, 3, 11
#define SY_ZIP_HIGH 4, 12, 5, 13, 6, 14, 7, 15
#define SY_EVEN     0, 2, 4, 6, 8, 10, 12, 14
#define SY_ODD      1, 3, 5, 7, 9, 11, 13, 15
#else
#define SY_ZIP_LOW  0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23
#define SY_ZIP_HIGH 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31
#define SY_EVEN     0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30
#define SY_ODD      1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23, 25, 27, 29, 31
#endif

#if defined(__clang__)
#define SY_PICK(a, b, ...) __builtin_shufflevector(a, b, __VA_ARGS__)
#else
#define SY_PICK(a, b, ...) __builtin_shuffle(a, b, (SyI){__VA_ARGS__})
#endif

typedef struct SyComplex {
    SyF re, im;
} SyComplex;

/* z[2 * SY_WIDTH]: real and imaginary parts by turns. */
SY_INLINE SyComplex sy_unzip(const float *z)
{
    const SyF a = sy_load(z), b = sy_load(z + SY_WIDTH);
    return (SyComplex){SY_PICK(a, b, SY_EVEN), SY_PICK(a, b, SY_ODD)};
}

SY_INLINE void sy_zip(float *z, SyComplex x)
{
    sy_store(z, SY_PICK(x.re, x.im, SY_ZIP_LOW));
    sy_store(z + SY_WIDTH, SY_PICK(x.re, x.im, SY_ZIP_HIGH));
}

/* x (cosine + i sine), and x (cosine - i sine). */
SY_INLINE SyComplex sy_turn(SyComplex x, SyF cosine, SyF sine)
{
    return (SyComplex){x.re * cosine - x.im * sine, x.im * cosine + x.re * sine};
}

SY_INLINE SyComplex sy_turn_back(SyComplex x, SyF cosine, SyF sine)
{
    return (SyComplex){x.re * cosine + x.im * sine, x.im * cosine - x.re * sine};
}

#endif
