/* A soft limiter without memory.
 *
 * Up to the knee k the signal passes untouched, to the bit. Above it the excess e = |x| - k goes
 * through a curve that starts with slope 1 and ends at the remaining room r = 1 - k:
 *
 *     y = k + r e / (r + e)
 *
 * The fraction was preferred to tanh because it needs one division and is monotonic in float as
 * well: a louder input never gives a quieter output. It reaches 1 only at infinity, and rounding
 * cannot lift it above 1: e / (r + e) rounds to at most 1. k = 0.7079 is -3 dBFS.
 *
 * A limiter that looked ahead would be cleaner on peaks, and would cost every patch its latency. A
 * performer's mix is meant to stay under the knee; the curve is there for the day it does not.
 */
#include "dsp/kernels.h"

#define KNEE 0.70794578f
#define ROOM (1.0f - KNEE)

SY_INLINE SyF limit(SyF x)
{
    const SyF size = sy_abs(x);
    const SyI sign = (SyI)x & sy_i(INT32_MIN);
    const SyF excess = size - KNEE;
    const SyF bent = KNEE + ROOM * (excess / (ROOM + excess));
    const SyF limited = sy_select(size <= KNEE, x, (SyF)((SyI)bent | sign));
    return sy_select(size < __builtin_inff(), limited, sy_f(0.0f)); /* a NaN too is not below */
}

void SY_KERNEL(limit)(float *out, const float *in, const SyRamp *gain, uint32_t n_frames)
{
    for (uint32_t i = 0; i < n_frames; i += SY_WIDTH) {
        const SyF x = sy_load_some(in + i, n_frames - i) * sy_ramp_v(gain, i);
        sy_store_some(out + i, limit(x), n_frames - i);
    }
}
