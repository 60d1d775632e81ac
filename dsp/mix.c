/* A mixer's sum.
 *
 *     out = ((level1 in1 + level2 in2) + level3 in3 ...) gain
 *
 * Added up in the order of the inputs, each product rounded before it is added: a sum of floats
 * depends on its order, and this one must not depend on anything else. An input with nothing
 * patched in would add 0, and is left out.
 */
#include "dsp/kernels.h"

#define TOGETHER 4 /* vectors */

/* Returns how many frames it did. Four vectors go round the loop together, or counting them would
 * take as long as to add them. */
SY_INLINE uint32_t add_steadily(float *to, const float *in, float level, uint32_t n_frames)
{
    uint32_t i = 0;
    for (; i + TOGETHER * SY_WIDTH <= n_frames; i += TOGETHER * SY_WIDTH) {
        for (uint32_t k = i; k < i + TOGETHER * SY_WIDTH; k += SY_WIDTH)
            sy_store(to + k, sy_load(to + k) + sy_load(in + k) * level);
    }
    for (; i + SY_WIDTH <= n_frames; i += SY_WIDTH)
        sy_store(to + i, sy_load(to + i) + sy_load(in + i) * level);
    return i;
}

/* The level is passed as it is, so that the compiler knows that no store changes it. */
static void add_ramped(float *to, const float *in, const SyRamp level, uint32_t n_frames)
{
    uint32_t i = 0;
    if (sy_ramp_is_steady(&level))
        i = add_steadily(to, in, level.to, n_frames);
    for (; i + SY_WIDTH <= n_frames; i += SY_WIDTH)
        sy_store(to + i, sy_load(to + i) + sy_load(in + i) * sy_ramp_v(&level, i));
    for (; i < n_frames; i++)
        to[i] += in[i] * sy_ramp_at(&level, i);
}

/* The gain is passed as it is, so that the compiler knows that no store changes it. */
static void scale(float *to, const SyRamp gain, uint32_t n_frames)
{
    uint32_t i = 0;
    for (; i + SY_WIDTH <= n_frames; i += SY_WIDTH)
        sy_store(to + i, sy_load(to + i) * sy_ramp_v(&gain, i));
    for (; i < n_frames; i++)
        to[i] *= sy_ramp_at(&gain, i);
}

void SY_KERNEL(add)(float *to, const float *in, float level, uint32_t n_frames)
{
    for (uint32_t i = add_steadily(to, in, level, n_frames); i < n_frames; i++)
        to[i] += in[i] * level;
}

void SY_KERNEL(mix)(const SyMixVoice *voice, uint32_t n_frames)
{
    memset(voice->out, 0, n_frames * sizeof(float));
    for (int k = 0; k < SY_MIX_INPUTS; k++) {
        if (voice->in[k])
            add_ramped(voice->out, voice->in[k], *voice->level[k], n_frames);
    }
    scale(voice->out, *voice->gain, n_frames);
}
