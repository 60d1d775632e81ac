/* Amplification: the product of a signal, a control voltage and a ramping gain. */
#ifndef SY_DSP_GAIN_H
#define SY_DSP_GAIN_H

#include "dsp/ramp.h"

/* out[i] = in[i] * cv[i] * gain at i.  `in`, `cv`, `out`: [n_frames]; out may be in or cv.
 * Thread: worker.  RT: yes, linear in n_frames. */
typedef void SyGainFunc(float *out, const float *in, const float *cv, const SyRamp *gain,
                        uint32_t n_frames);

#endif
