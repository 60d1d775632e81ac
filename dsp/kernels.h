/* The kernels of one build. The build gives SY_ISA, a suffix for the names, and SY_WIDTH. */
#ifndef SY_DSP_KERNELS_H
#define SY_DSP_KERNELS_H

#include "dsp/approx.h"
#include "dsp/dsp.h"
#include "dsp/vec.h"

#define SY_JOIN2(a, b)  a##_##b
#define SY_JOIN(a, b)   SY_JOIN2(a, b)
#define SY_KERNEL(name) SY_JOIN(sy_##name, SY_ISA)

extern const SyDsp SY_KERNEL(dsp);

SyVcoFunc SY_KERNEL(vco);
SySvfFunc SY_KERNEL(svf);
SyLadderFunc SY_KERNEL(ladder);
SyLfoFunc SY_KERNEL(lfo);
SyAdsrFunc SY_KERNEL(adsr);
SyMixFunc SY_KERNEL(mix);
SyAddFunc SY_KERNEL(add);
SyNoiseFunc SY_KERNEL(noise);
SyGainFunc SY_KERNEL(gain);
SyLimitFunc SY_KERNEL(limit);
SyWildFunc SY_KERNEL(wild);
SyConvolveFunc SY_KERNEL(convolve);
SyWavetableFunc SY_KERNEL(wavetable);

/* A vector of 16 lanes that is half empty costs as much as a full one: there, the build below does
 * the work, to the same bits. */
#if SY_WIDTH == 16
extern SySvfFunc sy_svf_x86_64_v3;
extern SyLadderFunc sy_ladder_x86_64_v3;
extern SyAdsrFunc sy_adsr_x86_64_v3;
#define SY_NARROW(name, n_lanes, ...)                                                              \
    if ((n_lanes) <= 8) {                                                                          \
        sy_##name##_x86_64_v3(__VA_ARGS__);                                                        \
        return;                                                                                    \
    }
#else
#define SY_NARROW(name, n_lanes, ...)
#endif

#endif
