/* Finding what is not a number.
 *
 *     x * 0 = 0 for every finite x, and NaN for NaN and the infinities
 *
 * A plain sum of all frames is quicker still, and there an infinity or a NaN stays what it is or
 * becomes the other; but so can a sum of huge numbers. So only where that sum is not finite are the
 * frames looked at one by one.
 */
#include "dsp/kernels.h"

#define TOGETHER 4 /* sums, so that none waits for the one before it */

SY_INLINE SyF sum_of(const float *const *wires, uint32_t n_wires, uint32_t n_frames)
{
    SyF sums[TOGETHER] = {{0}};
    for (uint32_t w = 0; w < n_wires; w++) {
        const float *in = wires[w];
        uint32_t i = 0;
        for (; i + TOGETHER * SY_WIDTH <= n_frames; i += TOGETHER * SY_WIDTH) {
            for (int k = 0; k < TOGETHER; k++)
                sums[k] += sy_load(in + i + k * SY_WIDTH);
        }
        for (; i + SY_WIDTH <= n_frames; i += SY_WIDTH)
            sums[0] += sy_load(in + i);
        for (; i < n_frames; i++)
            sums[0][0] += in[i];
    }
    return (sums[0] + sums[1]) + (sums[2] + sums[3]);
}

static bool is_wild(const float *const *wires, uint32_t n_wires, uint32_t n_frames)
{
    bool wild = false;
    for (uint32_t w = 0; w < n_wires; w++) {
        for (uint32_t i = 0; i < n_frames; i++)
            wild |= wires[w][i] * 0.0f != 0.0f;
    }
    return wild;
}

bool SY_KERNEL(wild)(const float *const *wires, uint32_t n_wires, uint32_t n_frames)
{
    const SyF sum = sum_of(wires, n_wires, n_frames);
    return sy_bits(sum * 0.0f != sy_f(0.0f)) != 0 && is_wild(wires, n_wires, n_frames);
}
