/* The output's soft limiter. */
#ifndef SY_DSP_LIMIT_H
#define SY_DSP_LIMIT_H

#include "dsp/ramp.h"

/* out[i] = in[i] * gain at i, bent so that it stays within +-1; what is not finite becomes 0.
 * `in`, `out`: [n_frames]; out may be in.
 * Thread: worker.  RT: yes, linear in n_frames. */
typedef void SyLimitFunc(float *out, const float *in, const SyRamp *gain, uint32_t n_frames);

#endif
