/* Four frames of all lanes, from planar to side by side and back: the one place where the width of
 * a vector decides which instructions there are. */
#ifndef SY_DSP_TRANSPOSE_H
#define SY_DSP_TRANSPOSE_H

#include "dsp/vec.h"

#if SY_INTRINSICS && SY_WIDTH == 16
#define SY_UNPACK_LOW(a, b)  (SyF) _mm512_unpacklo_ps((__m512)(a), (__m512)(b))
#define SY_UNPACK_HIGH(a, b) (SyF) _mm512_unpackhi_ps((__m512)(a), (__m512)(b))
#define SY_LOW_PAIRS(a, b)   (SyF) _mm512_shuffle_ps((__m512)(a), (__m512)(b), 0x44)
#define SY_HIGH_PAIRS(a, b)  (SyF) _mm512_shuffle_ps((__m512)(a), (__m512)(b), 0xee)
#elif SY_INTRINSICS && SY_WIDTH == 8
#define SY_UNPACK_LOW(a, b)  (SyF) _mm256_unpacklo_ps((__m256)(a), (__m256)(b))
#define SY_UNPACK_HIGH(a, b) (SyF) _mm256_unpackhi_ps((__m256)(a), (__m256)(b))
#define SY_LOW_PAIRS(a, b)   (SyF) _mm256_shuffle_ps((__m256)(a), (__m256)(b), 0x44)
#define SY_HIGH_PAIRS(a, b)  (SyF) _mm256_shuffle_ps((__m256)(a), (__m256)(b), 0xee)
#elif SY_WIDTH == 4
#if defined(__clang__)
#define SY_SHUFFLE(a, b, i, j, k, l) __builtin_shufflevector(a, b, i, j, k, l)
#else
#define SY_SHUFFLE(a, b, i, j, k, l) __builtin_shuffle(a, b, (SyI){i, j, k, l})
#endif
#define SY_UNPACK_LOW(a, b)  SY_SHUFFLE(a, b, 0, 4, 1, 5)
#define SY_UNPACK_HIGH(a, b) SY_SHUFFLE(a, b, 2, 6, 3, 7)
#define SY_LOW_PAIRS(a, b)   SY_SHUFFLE(a, b, 0, 1, 4, 5)
#define SY_HIGH_PAIRS(a, b)  SY_SHUFFLE(a, b, 2, 3, 6, 7)
#endif

#if SY_WIDTH > 1
/* Rows become columns, in each group of four elements by itself. */
SY_INLINE void sy_transpose(SyF x[4])
{
    const SyF a = SY_UNPACK_LOW(x[0], x[1]), b = SY_UNPACK_LOW(x[2], x[3]);
    const SyF c = SY_UNPACK_HIGH(x[0], x[1]), d = SY_UNPACK_HIGH(x[2], x[3]);
    x[0] = SY_LOW_PAIRS(a, b);
    x[1] = SY_HIGH_PAIRS(a, b);
    x[2] = SY_LOW_PAIRS(c, d);
    x[3] = SY_HIGH_PAIRS(c, d);
}

/* Four frames, from frame i on, of lanes k, k + 4, k + 8, ... one after the other. */
SY_INLINE SyF sy_row_load(const float *const from[SY_WIDTH], int k, uint32_t i)
{
#if SY_INTRINSICS && SY_WIDTH == 16
    __m512 row = _mm512_castps128_ps512(_mm_loadu_ps(from[k] + i));
    row = _mm512_insertf32x4(row, _mm_loadu_ps(from[k + 4] + i), 1);
    row = _mm512_insertf32x4(row, _mm_loadu_ps(from[k + 8] + i), 2);
    return (SyF)_mm512_insertf32x4(row, _mm_loadu_ps(from[k + 12] + i), 3);
#elif SY_INTRINSICS && SY_WIDTH == 8
    const __m256 row = _mm256_castps128_ps256(_mm_loadu_ps(from[k] + i));
    return (SyF)_mm256_insertf128_ps(row, _mm_loadu_ps(from[k + 4] + i), 1);
#else
    return sy_load(from[k] + i);
#endif
}

/* The reverse of sy_row_load(). */
SY_INLINE void sy_row_store(float *const to[SY_WIDTH], int k, uint32_t i, SyF row)
{
#if SY_INTRINSICS && SY_WIDTH == 16
    _mm_storeu_ps(to[k] + i, _mm512_castps512_ps128((__m512)row));
    _mm_storeu_ps(to[k + 4] + i, _mm512_extractf32x4_ps((__m512)row, 1));
    _mm_storeu_ps(to[k + 8] + i, _mm512_extractf32x4_ps((__m512)row, 2));
    _mm_storeu_ps(to[k + 12] + i, _mm512_extractf32x4_ps((__m512)row, 3));
#elif SY_INTRINSICS && SY_WIDTH == 8
    _mm_storeu_ps(to[k] + i, _mm256_castps256_ps128((__m256)row));
    _mm_storeu_ps(to[k + 4] + i, _mm256_extractf128_ps((__m256)row, 1));
#else
    sy_store(to[k] + i, row);
#endif
}

/* x[k] = frame i + k of all lanes, k < 4. */
SY_INLINE void sy_frames_load(const float *const from[SY_WIDTH], uint32_t i, SyF x[4])
{
    for (int k = 0; k < 4; k++)
        x[k] = sy_row_load(from, k, i);
    sy_transpose(x);
}

/* Frame i + k of all lanes = x[k], k < 4; x is used up. */
SY_INLINE void sy_frames_store(float *const to[SY_WIDTH], uint32_t i, SyF x[4])
{
    sy_transpose(x);
    for (int k = 0; k < 4; k++)
        sy_row_store(to, k, i, x[k]);
}

#else

SY_INLINE void sy_frames_load(const float *const from[SY_WIDTH], uint32_t i, SyF x[4])
{
    memcpy(x, from[0] + i, 4 * sizeof(*x));
}

SY_INLINE void sy_frames_store(float *const to[SY_WIDTH], uint32_t i, SyF x[4])
{
    memcpy(to[0] + i, x, 4 * sizeof(*x));
}

#endif

#endif
