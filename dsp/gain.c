/* Amplification.
 *
 *     out = (in * cv) * gain
 *
 * Nothing is gained by anything but the plain product: it is exact to one rounding an operation,
 * and bound by loads and stores. The frames beyond the last whole vector are computed by the same
 * operations on the same values, so the bits do not depend on where a block is cut. A gain that
 * stands still is looked at once; and four vectors go round the loop together, or counting them
 * would take as long as to amplify them.
 */
#include "dsp/kernels.h"

#define TOGETHER 4 /* vectors */

SY_INLINE void amplify(float *out, const float *in, const float *cv, SyF gain)
{
    sy_store(out, sy_load(in) * sy_load(cv) * gain);
}

/* Returns how many frames it did. */
SY_INLINE uint32_t amplify_steadily(float *out, const float *in, const float *cv, float gain,
                                    uint32_t n_frames)
{
    uint32_t i = 0;
    for (; i + TOGETHER * SY_WIDTH <= n_frames; i += TOGETHER * SY_WIDTH) {
        for (uint32_t k = i; k < i + TOGETHER * SY_WIDTH; k += SY_WIDTH)
            amplify(out + k, in + k, cv + k, sy_f(gain));
    }
    for (; i + SY_WIDTH <= n_frames; i += SY_WIDTH)
        amplify(out + i, in + i, cv + i, sy_f(gain));
    return i;
}

void SY_KERNEL(gain)(float *out, const float *in, const float *cv, const SyRamp *gain,
                     uint32_t n_frames)
{
    const SyRamp ramp = *gain; /* which no store changes, as the compiler can tell */
    uint32_t i = 0;
    if (sy_ramp_is_steady(&ramp))
        i = amplify_steadily(out, in, cv, ramp.to, n_frames);
    for (; i + SY_WIDTH <= n_frames; i += SY_WIDTH)
        amplify(out + i, in + i, cv + i, sy_ramp_v(&ramp, i));
    for (; i < n_frames; i++)
        out[i] = in[i] * cv[i] * sy_ramp_at(&ramp, i);
}
