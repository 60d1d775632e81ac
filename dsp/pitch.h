/* From what moves an oscillator's pitch to how fast its phase moves. */
#ifndef SY_DSP_PITCH_H
#define SY_DSP_PITCH_H

#include "dsp/kernels.h"

/* What arrives at an oscillator's inputs, [n_frames] each or NULL for nothing. */
typedef struct SyPitchInputs {
    const float *pitch;     /* octaves */
    const float *fm;        /* times its depth: octaves, or a factor to be added to 1 */
    const SyRamp *fm_depth; /* per frame */
    bool exponential;       /* fm moves the pitch; else the frequency */
} SyPitchInputs;

/* Speeds at frames `at`, at + 1, ... of which n are left, in the unit of `c4`, the speed of C4;
 * `octaves` is where the parameters have put the pitch, above C4. */
SY_INLINE SyF sy_pitch_speeds(const SyPitchInputs *inputs, SyF octaves, float c4, uint32_t at,
                              uint32_t n)
{
    SyF factor = sy_f(c4);
    if (inputs->pitch)
        octaves += sy_load_some(inputs->pitch + at, n);
    if (inputs->fm) {
        const SyF fm = sy_load_some(inputs->fm + at, n) * sy_ramp_v(inputs->fm_depth, at);
        if (inputs->exponential)
            octaves += fm;
        else
            factor *= 1.0f + fm;
    }
    return sy_exp2(octaves) * factor;
}

#endif
