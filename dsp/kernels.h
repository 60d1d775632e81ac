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

/* A vector that is half empty costs as much as a full one: where no more than 8 lanes of 16 are
 * taken, the build below does the work, to the same bits. And a single voice in a feedback loop,
 * which comes frame by frame, takes longer to be laid into a vector than to be computed: svf 101 ns
 * instead of 269 for a frame of one voice, 179 instead of 320 for eight; in long calls vectors win
 * again. */
#if SY_WIDTH == 16
#define SY_NARROW_LANES      8
#define SY_NARROW_FRAMES     UINT32_MAX
#define SY_NARROW_NAME(name) sy_##name##_x86_64_v3
#elif SY_WIDTH == 8
#define SY_NARROW_LANES      1
#define SY_NARROW_FRAMES     8
#define SY_NARROW_NAME(name) sy_##name##_x86_64_v3_single
#endif

#ifdef SY_NARROW_LANES
extern SySvfFunc SY_NARROW_NAME(svf);
extern SyLadderFunc SY_NARROW_NAME(ladder);
extern SyAdsrFunc SY_NARROW_NAME(adsr);
#define SY_NARROW(name, n_lanes, n_frames, ...)                                                    \
    if ((n_lanes) <= SY_NARROW_LANES && (n_frames) <= SY_NARROW_FRAMES) {                          \
        SY_NARROW_NAME(name)(__VA_ARGS__);                                                         \
        return;                                                                                    \
    }
#else
#define SY_NARROW(name, n_lanes, n_frames, ...)
#endif

#endif
