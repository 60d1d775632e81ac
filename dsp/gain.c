/* Amplification.
 *
 *     out = (in * cv) * gain
 *
 * Nothing is gained by anything but the plain product: it is exact to one rounding an operation,
 * and bound by loads and stores. The frames beyond the last whole vector are computed by the same
 * operations on the same values, so the bits do not depend on where a block is cut.
 */
#include "dsp/kernels.h"

void SY_KERNEL(gain)(float *out, const float *in, const float *cv, const SyRamp *gain,
                     uint32_t n_frames)
{
    uint32_t i = 0;
    for (; i + SY_WIDTH <= n_frames; i += SY_WIDTH)
        sy_store(out + i, sy_load(in + i) * sy_load(cv + i) * sy_ramp_v(gain, i));
    for (; i < n_frames; i++)
        out[i] = in[i] * cv[i] * sy_ramp_at(gain, i);
}
