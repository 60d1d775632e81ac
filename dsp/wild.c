/* Finding what is not a number.
 *
 *     x * 0 = 0 for every finite x, and NaN for NaN and the infinities
 *
 * A sum of such products is 0 or NaN, in whatever order it is added, so two vectors gather it and
 * are looked at once.
 */
#include "dsp/kernels.h"

bool SY_KERNEL(wild)(const float *in, uint32_t n_frames)
{
    SyF even = {0}, odd = {0}; /* two, so that no sum waits for the one before it */
    uint32_t i = 0;
    bool wild = false;

    for (; i + 2 * SY_WIDTH <= n_frames; i += 2 * SY_WIDTH) {
        even += sy_load(in + i) * 0.0f;
        odd += sy_load(in + i + SY_WIDTH) * 0.0f;
    }
    for (; i < n_frames; i++)
        wild |= in[i] * 0.0f != 0.0f;
    return wild || sy_bits(even + odd != sy_f(0.0f)) != 0;
}
