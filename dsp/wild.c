/* Finding what is not a number.
 *
 *     x * 0 = 0 for every finite x, and NaN for NaN and the infinities
 *
 * A sum of such products is 0 or NaN, in whatever order it is added, so one vector gathers it and
 * is looked at once.
 */
#include "dsp/kernels.h"

bool SY_KERNEL(wild)(const float *in, uint32_t n_frames)
{
    SyF sum = {0};
    uint32_t i = 0;
    bool wild = false;

    for (; i + SY_WIDTH <= n_frames; i += SY_WIDTH)
        sum += sy_load(in + i) * 0.0f;
    for (; i < n_frames; i++)
        wild |= in[i] * 0.0f != 0.0f;
    for (int lane = 0; lane < SY_WIDTH; lane++)
        wild |= sum[lane] != 0.0f;
    return wild;
}
