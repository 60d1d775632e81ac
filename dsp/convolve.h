/* Convolution with the response of a room, a cabinet, a plate: without latency. */
#ifndef SY_DSP_CONVOLVE_H
#define SY_DSP_CONVOLVE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dsp/fft.h"
#include "dsp/ramp.h"

#define SY_CONVOLVE_SIDES      2         /* left, right */
#define SY_CONVOLVE_FRAMES_MAX (1 << 18) /* of a response: 5.46 s at 48 kHz */
#define SY_CONVOLVE_PERIOD     128       /* ticks of 64 frames after which the work is the same */
#define SY_CONVOLVE_BLOCK_MAX  1024      /* frames of a block; the tape has room for no more */

/* A response as sy_convolve_prepare() left it. */
typedef struct SyConvolveResponse SyConvolveResponse;

/* All zeros to begin with, but for `first`, which may be any number below SY_CONVOLVE_PERIOD: with
 * numbers of their own, many convolvers do not do the dear part of their work in the same blocks.
 */
typedef struct SyConvolveState {
    uint64_t frame;    /* first * 64, and the frames since the response came */
    uint64_t response; /* which one it was, or 0 */
    uint64_t first;    /* tick of the period with which to begin */
} SyConvolveState;

/* One voice, one call. All arrays are [n_frames]. */
typedef struct SyConvolveVoice {
    SyConvolveState *state;
    void *tape; /* sizeof(SyConvolveTape) bytes, 64-byte aligned, or NULL: silence */
    const SyConvolveResponse *response; /* NULL: silence */
    const float *in;
    float *out[SY_CONVOLVE_SIDES]; /* NULL: not wanted */
    const SyRamp *mix;             /* 0: `in` alone, 1: what the room makes of it alone */
    const SyRamp *gain;
} SyConvolveVoice;

/* Another response than at the last call begins from silence. The tape is written as M5 of
 * modules/module.h demands.
 * Thread: worker.  RT: yes, linear in n_frames, up to a tick's work at a time. */
typedef void SyConvolveFunc(const SyFft *fft, const SyConvolveVoice *voice, uint32_t n_frames);

/* Bytes that sy_convolve_prepare() writes for `channels`, [n_channels][n_frames], of which two are
 * used and SY_CONVOLVE_FRAMES_MAX frames; 0 if there are no frames, or if one is no number or
 * beyond 1000. Thread: loader.  RT: no. */
uint64_t sy_convolve_size(const float *const *channels, uint32_t n_channels, uint32_t n_frames);

/* Writes the response, to 64-byte aligned zeros. Without memory for FFTW it is silent beyond the
 * first 64 frames.  Thread: loader.  RT: no (a second). */
void sy_convolve_prepare(const float *const *channels, uint32_t n_channels, uint32_t n_frames,
                         SyConvolveResponse *to);

#endif
