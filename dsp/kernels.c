/* The table of one build's kernels. */
#include "dsp/kernels.h"

const SyDsp SY_KERNEL(dsp) = {
    .isa = SY_ISA_NAME,
    .width = SY_WIDTH,
    .vco = SY_KERNEL(vco),
    .svf = SY_KERNEL(svf),
    .ladder = SY_KERNEL(ladder),
    .lfo = SY_KERNEL(lfo),
    .adsr = SY_KERNEL(adsr),
    .mix = SY_KERNEL(mix),
    .add = SY_KERNEL(add),
    .noise = SY_KERNEL(noise),
    .gain = SY_KERNEL(gain),
    .limit = SY_KERNEL(limit),
    .wild = SY_KERNEL(wild),
    .convolve = SY_KERNEL(convolve),
    .wavetable = SY_KERNEL(wavetable),
};
