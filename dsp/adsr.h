/* The envelope: attack, decay, sustain, release. */
#ifndef SY_DSP_ADSR_H
#define SY_DSP_ADSR_H

#include <stdint.h>

#include "dsp/ramp.h"
#include "dsp/tables.h"

/* All zeros to begin with. */
typedef struct SyAdsrState {
    float level;
    float rest;               /* what rounding has kept from being added to level so far */
    uint32_t attacking;       /* 1: on the way up, else 0 */
    uint32_t was_high;        /* the gate at the last frame, 1 or 0 */
    uint32_t was_retriggered; /* and the retrigger input */
} SyAdsrState;

/* One voice, one call. All arrays are [n_frames]. */
typedef struct SyAdsrLane {
    SyAdsrState *state;
    const float *gate;      /* NULL: 0 */
    const float *retrigger; /* NULL: 0 */
    float *out;
    const SyRamp *attack, *decay, *release; /* seconds, above 0 */
    const SyRamp *sustain;                  /* 0 to 1 */
} SyAdsrLane;

/* Thread: worker.  RT: yes, linear in n_lanes (rounded up to whole vectors) times n_frames. */
typedef void SyAdsrFunc(const SyTables *tables, const SyAdsrLane *lanes, uint32_t n_lanes,
                        uint32_t n_frames);

#endif
