/* Vectors as wide as the instruction set's registers, for the kernels' own use.
 *
 * SY_WIDTH floats a vector, given by the build. Wider than native would compile and be five times
 * slower. Everything here is exact or rounds once an element, so it gives the same bits at any
 * width.
 */
#ifndef SY_DSP_VEC_H
#define SY_DSP_VEC_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "dsp/ramp.h"

#if SY_INTRINSICS
#include <immintrin.h>
#endif

typedef float SyF __attribute__((vector_size(SY_WIDTH * 4)));
typedef int32_t SyI __attribute__((vector_size(SY_WIDTH * 4)));
typedef uint32_t SyU __attribute__((vector_size(SY_WIDTH * 4)));

#define SY_INLINE static inline __attribute__((always_inline, unused))

SY_INLINE uint32_t sy_less(uint32_t a, uint32_t b)
{
    return a < b ? a : b;
}

/* One value in all elements. */
SY_INLINE SyF sy_f(float x)
{
    return x - (SyF){0}; /* not 0 + x, which would lose the sign of -0 */
}

SY_INLINE SyI sy_i(int32_t x)
{
    return x - (SyI){0};
}

SY_INLINE SyU sy_u(uint32_t x)
{
    return x - (SyU){0};
}

SY_INLINE SyF sy_load(const float *from)
{
    SyF x;
    memcpy(&x, from, sizeof(x));
    return x;
}

SY_INLINE void sy_store(float *to, SyF x)
{
    memcpy(to, &x, sizeof(x));
}

/* A vector of frames where fewer may be left: the rest reads as 0. */
SY_INLINE SyF sy_load_some(const float *from, uint32_t n)
{
    float some[SY_WIDTH] = {0};
    if (n >= SY_WIDTH)
        return sy_load(from);
    memcpy(some, from, n * sizeof(float));
    return sy_load(some);
}

SY_INLINE void sy_store_some(float *to, SyF x, uint32_t n)
{
    if (n >= SY_WIDTH)
        sy_store(to, x);
    else
        memcpy(to, &x, n * sizeof(float));
}

SY_INLINE SyU sy_load_u(const uint32_t *from)
{
    SyU x;
    memcpy(&x, from, sizeof(x));
    return x;
}

SY_INLINE void sy_store_u(uint32_t *to, SyU x)
{
    memcpy(to, &x, sizeof(x));
}

SY_INLINE SyF sy_to_float(SyI x)
{
    return __builtin_convertvector(x, SyF);
}

/* Towards zero; |x| must be below 2^31. */
SY_INLINE SyI sy_to_int(SyF x)
{
    return __builtin_convertvector(x, SyI);
}

/* a where mask is all ones, b where it is 0. */
SY_INLINE SyF sy_select(SyI mask, SyF a, SyF b)
{
    return (SyF)((mask & (SyI)a) | (~mask & (SyI)b));
}

SY_INLINE SyI sy_select_i(SyI mask, SyI a, SyI b)
{
    return (mask & a) | (~mask & b);
}

/* a < b ? a : b, so that a NaN in a gives b. */
SY_INLINE SyF sy_min(SyF a, SyF b)
{
#if SY_INTRINSICS && SY_WIDTH == 16
    return (SyF)_mm512_min_ps((__m512)a, (__m512)b);
#elif SY_INTRINSICS && SY_WIDTH == 8
    return (SyF)_mm256_min_ps((__m256)a, (__m256)b);
#elif SY_INTRINSICS && SY_WIDTH == 4
    return (SyF)_mm_min_ps((__m128)a, (__m128)b);
#else
    return sy_select(a < b, a, b);
#endif
}

/* a > b ? a : b, so that a NaN in a gives b. */
SY_INLINE SyF sy_max(SyF a, SyF b)
{
#if SY_INTRINSICS && SY_WIDTH == 16
    return (SyF)_mm512_max_ps((__m512)a, (__m512)b);
#elif SY_INTRINSICS && SY_WIDTH == 8
    return (SyF)_mm256_max_ps((__m256)a, (__m256)b);
#elif SY_INTRINSICS && SY_WIDTH == 4
    return (SyF)_mm_max_ps((__m128)a, (__m128)b);
#else
    return sy_select(a > b, a, b);
#endif
}

SY_INLINE SyF sy_clamp(SyF x, float low, float high)
{
    return sy_min(sy_max(x, sy_f(low)), sy_f(high));
}

SY_INLINE SyF sy_abs(SyF x)
{
    return (SyF)((SyI)x & sy_i(0x7fffffff));
}

/* |x| where x is a signed number, 2^31 for -2^31. */
SY_INLINE SyU sy_distance(SyU x)
{
#if SY_INTRINSICS && SY_WIDTH == 16
    return (SyU)_mm512_abs_epi32((__m512i)x);
#elif SY_INTRINSICS && SY_WIDTH == 8
    return (SyU)_mm256_abs_epi32((__m256i)x);
#else
    const SyU sign = (SyU)((SyI)x >> 31);
    return (x ^ sign) - sign;
#endif
}

/* Bit i is set where element i of the mask is all ones. */
SY_INLINE uint32_t sy_bits(SyI mask)
{
#if SY_INTRINSICS && SY_WIDTH == 16
    return _mm512_movepi32_mask((__m512i)mask);
#elif SY_INTRINSICS && SY_WIDTH == 8
    return (uint32_t)_mm256_movemask_ps((__m256)mask);
#elif SY_INTRINSICS && SY_WIDTH == 4
    return (uint32_t)_mm_movemask_ps((__m128)mask);
#else
    uint32_t bits = 0;
    for (int i = 0; i < SY_WIDTH; i++)
        bits |= (uint32_t)(mask[i] < 0) << i;
    return bits;
#endif
}

/* 0, 1, 2, ... */
SY_INLINE SyI sy_iota(void)
{
    SyI x;
    for (int i = 0; i < SY_WIDTH; i++)
        x[i] = i;
    return x;
}

#if SY_WIDTH > 1
/* SY_LATER(x, k): x moved k elements up, zeros coming in from below.
 * SY_LAST(x): the last element of x in all. */
#if defined(__clang__)
#if SY_WIDTH == 4
#define SY_INDICES(k) 4 - k, 5 - k, 6 - k, 7 - k
#elif SY_WIDTH == 8
#define SY_INDICES(k) 8 - k, 9 - k, 10 - k, 11 - k, 12 - k, 13 - k, 14 - k, 15 - k
#else
#define SY_INDICES(k)                                                                              \
    16 - k, 17 - k, 18 - k, 19 - k, 20 - k, 21 - k, 22 - k, 23 - k, 24 - k, 25 - k, 26 - k,        \
        27 - k, 28 - k, 29 - k, 30 - k, 31 - k
#endif
#define SY_LATER(x, k) __builtin_shufflevector((SyU){0}, x, SY_INDICES(k))
#define SY_LAST(x)     ((SyU){0} + (x)[SY_WIDTH - 1])
#else
#define SY_LATER(x, k) __builtin_shuffle((SyU){0}, x, sy_iota() + (SY_WIDTH - k))
#define SY_LAST(x)     __builtin_shuffle(x, (SyI){0} + (SY_WIDTH - 1))
#endif

/* Element i of the result is the sum of elements 0 to i, modulo 2^32. */
SY_INLINE SyU sy_prefix_sum(SyU x)
{
    x += SY_LATER(x, 1);
    x += SY_LATER(x, 2);
#if SY_WIDTH > 4
    x += SY_LATER(x, 4);
#endif
#if SY_WIDTH > 8
    x += SY_LATER(x, 8);
#endif
    return x;
}
#endif

/* sy_ramp_at() for frames i, i + 1, ... : the same operations in the same order. */
SY_INLINE SyF sy_ramp_v(const SyRamp *ramp, uint32_t i)
{
    if (ramp->frame >= ramp->length)
        return sy_f(ramp->to);
    const SyI at = sy_i(ramp->frame + (int32_t)i) + sy_iota();
    const SyF line = sy_f(ramp->from) + sy_f(ramp->slope) * sy_to_float(at);
    return sy_select(at < sy_i(ramp->length), line, sy_f(ramp->to));
}

#endif
