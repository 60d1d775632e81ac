/* What the two halves of the convolution share. */
#ifndef SY_DSP_CONVOLVE_KERNEL_H
#define SY_DSP_CONVOLVE_KERNEL_H

#include "dsp/convolve_parts.h"
#include "dsp/kernels.h"

/* The work that is due when `tick` of the input is on the tape: what the response's stages make of
 * it for the ticks to come. The voice has a tape and a response. */
void SY_KERNEL(convolve_tick)(const SyFft *fft, const SyConvolveVoice *voice, uint64_t tick);

#endif
