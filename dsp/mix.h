/* A mixer's sum. */
#ifndef SY_DSP_MIX_H
#define SY_DSP_MIX_H

#include "dsp/ramp.h"

#define SY_MIX_INPUTS 8

/* One voice, one call. All arrays are [n_frames]. */
typedef struct SyMixVoice {
    const float *in[SY_MIX_INPUTS]; /* NULL: nothing patched */
    const SyRamp *level[SY_MIX_INPUTS];
    const SyRamp *gain;
    float *out; /* none of the inputs */
} SyMixVoice;

/* out = gain * sum of level[k] * in[k].
 * Thread: worker.  RT: yes, linear in n_frames. */
typedef void SyMixFunc(const SyMixVoice *voice, uint32_t n_frames);

/* to[i] += in[i] * level. Both are [n_frames].
 * Thread: worker.  RT: yes, linear in n_frames. */
typedef void SyAddFunc(float *to, const float *in, float level, uint32_t n_frames);

#endif
