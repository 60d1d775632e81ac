/* The functions that libm would give, as polynomials on vectors, and waves read off a phase.
 *
 * libm is not used on the audio path: glibc picks builds with fused multiply-add by CPU, so its
 * last bits differ from machine to machine, and it takes one number at a time. The coefficients are
 * minimax fits made for this project (iteratively reweighted least squares on 2001 Chebyshev
 * nodes).
 */
#ifndef SY_DSP_APPROX_H
#define SY_DSP_APPROX_H

#include "dsp/vec.h"

/* 2^x for x in +-126, clamped there. Relative error 1.9e-7 (0.0003 cent as a pitch), exact at
 * whole x. x is split into the nearest whole number, which goes into the exponent, and a rest in
 * +-1/2, for which a polynomial of degree 5 with the constant 1 is fitted to the relative error. */
SY_INLINE SyF sy_exp2(SyF x)
{
    const float magic = 12582912.0f; /* 1.5 * 2^23: adding it rounds to a whole number */
    x = sy_clamp(x, -126.0f, 126.0f);
    const SyF rounded = x + magic;
    const SyI whole = (SyI)rounded - (SyI)sy_f(magic);
    const SyF f = x - (rounded - magic);
    /* In pairs, not as a chain: half as long to wait for. */
    const SyF low = f * 0.693147f + 1.0f, middle = f * 0.055507336f + 0.24022242f;
    const SyF high = f * 0.0013264727f + 0.009671513f;
    const SyF f2 = f * f;
    const SyF y = (low + middle * f2) + high * (f2 * f2);
    return (SyF)((SyI)y + (whole << 23));
}

/* The signed distance, in units of phase, to the nearest of 0 and 1/2 cycle, counted upwards from 0
 * and downwards from 1/2: a triangle of +-1/4 cycle. It is at its highest at 1/4, and falls from
 * there by the distance to it, which is at most 1/2, 2^31, and right modulo 2^32. */
SY_INLINE SyI sy_fold(SyU phase)
{
    const SyU quarter = sy_u(0x40000000u);
    return (SyI)(quarter - sy_distance(phase - quarter));
}

/* sin(2 pi phase / 2^32). The phase is folded onto +-1/4 cycle as a whole number, where an odd
 * polynomial of degree 9 is good to 3e-9; rounding in float makes that 2e-7 at worst, and -143 dB
 * of noise. */
SY_INLINE SyF sy_sine(SyU phase)
{
    const SyF x = sy_to_float(sy_fold(phase)) * 0x1p-30f; /* quarter cycles */
    const SyF x2 = x * x;
    SyF y = x2 * 0.00015082056f + -0.004672228f;
    y = y * x2 + 0.07968848f;
    y = y * x2 + -0.6459634f;
    y = y * x2 + 1.5707963f;
    return y * x;
}

/* +-1, 0 and rising at phase 0. */
SY_INLINE SyF sy_triangle(SyU phase)
{
    return sy_to_float(sy_fold(phase)) * 0x1p-30f;
}

/* Rising from -1 at phase 0 to 1. */
SY_INLINE SyF sy_saw(SyU phase)
{
    return sy_to_float((SyI)(phase ^ 0x80000000u)) * 0x1p-31f;
}

/* Cycles as a phase; limited to 0..0.999999. */
SY_INLINE SyU sy_to_phase(SyF cycles)
{
    return (SyU)sy_to_int(sy_clamp(cycles, 0.0f, 0.999999f) * 0x1p31f) << 1;
}

#endif
