/* Voices side by side in one vector, for what cannot be vectorised along time.
 *
 * A filter needs its last frame before it can compute the next, so a vector holds the same frame of
 * SY_WIDTH voices. Ports are planar, one array a voice: frames are transposed on the way in and
 * out, four voices by four frames at a time. Lanes that no voice takes are padded with a voice that
 * reads silence and whose results are dropped; what a lane computes does not depend on the others.
 */
#ifndef SY_DSP_LANES_H
#define SY_DSP_LANES_H

#include "dsp/transpose.h"

#define SY_CHUNK        32  /* frames transposed at a time */
#define SY_LANES_FRAMES 512 /* frames that lanes are set for: more are done in several goes */

/* Where the frames of an input, or of an output, are for each lane. The flag is cleared before the
 * lanes are set one by one; so with parameters. */
typedef struct SyLanesIn {
    const float *from[SY_WIDTH];
    bool patched; /* some lane has something patched in */
} SyLanesIn;

typedef struct SyLanesOut {
    float *to[SY_WIDTH];
    bool heard; /* some lane is listened to */
} SyLanesOut;

/* One parameter or input of all lanes, ready to be used frame by frame: the value of frame i is
 * value[i * stride]. */
typedef struct SyLanesValue {
    SyF value[SY_CHUNK];
    uint32_t stride; /* 0: the same for all frames */
} SyLanesValue;

/* What a lane reads that has nothing patched in. */
static const float sy_silence[SY_LANES_FRAMES];

SY_INLINE void sy_lanes_in(SyLanesIn *in, int lane, const float *from)
{
    in->from[lane] = from ? from : sy_silence;
    in->patched |= from != NULL;
}

/* `dropped`, [SY_LANES_FRAMES], takes what nobody listens to. */
SY_INLINE void sy_lanes_out(SyLanesOut *out, int lane, float *to, float *dropped)
{
    out->to[lane] = to ? to : dropped;
    out->heard |= to != NULL;
}

/* to[i] = frame at + i of all lanes, i < n <= SY_CHUNK. Addresses are copied first, here and where
 * frames are written: for all the compiler knows, a store could change them. */
SY_INLINE void sy_lanes_read(const SyLanesIn *in, SyF to[SY_CHUNK], uint32_t at, uint32_t n)
{
    const SyLanesIn ports = *in;
    uint32_t i = 0;
    for (; i + 4 <= n; i += 4) {
        SyF x[4];
        sy_frames_load(ports.from, at + i, x);
        for (uint32_t k = 0; k < 4; k++)
            to[i + k] = x[k];
    }
    for (; i < n; i++) {
        for (int lane = 0; lane < SY_WIDTH; lane++)
            to[i][lane] = ports.from[lane][at + i];
    }
}

/* sy_lanes_read(), but constant 0 at no cost if no lane has anything patched in. */
SY_INLINE void sy_lanes_input(const SyLanesIn *in, SyLanesValue *to, uint32_t at, uint32_t n)
{
    to->stride = in->patched;
    if (in->patched)
        sy_lanes_read(in, to->value, at, n);
    else
        to->value[0] = sy_f(0.0f);
}

/* Frame at + i of all lanes = from[i], i < n <= SY_CHUNK. */
SY_INLINE void sy_lanes_write(const SyLanesOut *out, const SyF from[SY_CHUNK], uint32_t at,
                              uint32_t n)
{
    const SyLanesOut ports = *out;
    uint32_t i = 0;
    if (!ports.heard)
        return;
    for (; i + 4 <= n; i += 4) {
        SyF x[4] = {from[i], from[i + 1], from[i + 2], from[i + 3]};
        sy_frames_store(ports.to, at + i, x);
    }
    for (; i < n; i++) {
        for (int lane = 0; lane < SY_WIDTH; lane++)
            ports.to[lane][at + i] = from[i][lane];
    }
}

/* A parameter that each lane has its own ramp of. */
typedef struct SyLanesParam {
    const SyRamp *ramp[SY_WIDTH];
    SyF end;    /* where the ramps lead to */
    bool moves; /* some are not there yet */
} SyLanesParam;

SY_INLINE void sy_lanes_param(SyLanesParam *param, int lane, const SyRamp *ramp)
{
    param->ramp[lane] = ramp;
    param->end[lane] = ramp->to;
    param->moves |= !sy_ramp_is_steady(ramp);
}

/* n frames of a parameter, from frame `at` on. */
SY_INLINE void sy_lanes_ramp(const SyLanesParam *param, SyLanesValue *to, uint32_t at, uint32_t n)
{
    to->stride = param->moves;
    if (!param->moves)
        to->value[0] = param->end;
    for (uint32_t i = 0; param->moves && i < n; i++) {
        for (int lane = 0; lane < SY_WIDTH; lane++)
            to->value[i][lane] = sy_ramp_at(param->ramp[lane], at + i);
    }
}

#endif
