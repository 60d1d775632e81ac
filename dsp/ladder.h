/* The transistor ladder: four poles in a row and a feedback around them. */
#ifndef SY_DSP_LADDER_H
#define SY_DSP_LADDER_H

#include <stdbool.h>
#include <stdint.h>

#include "dsp/ramp.h"
#include "dsp/tables.h"

enum { SY_LADDER_LOW, SY_LADDER_BAND, SY_LADDER_HIGH, SY_LADDER_OUTPUTS };

#define SY_LADDER_POLES  4
#define SY_LADDER_MEMORY 10 /* of a change of the rate, up or down: dsp/halfband.h */

/* All zeros to begin with. */
typedef struct SyLadderState {
    float rest[SY_LADDER_POLES];                     /* a pole's memory, without what drives it */
    float driven;                                    /* what drives the poles: at the last step */
    float pull;                                      /* of the poles towards it, at the last step */
    float up[SY_LADDER_MEMORY];                      /* 0 unless oversampled */
    float down[SY_LADDER_OUTPUTS][SY_LADDER_MEMORY]; /* 0 unless oversampled and wanted */
} SyLadderState;

/* One voice, one call. All arrays are [n_frames]. */
typedef struct SyLadderLane {
    SyLadderState *state;
    const float *in;               /* NULL: 0 */
    const float *pitch;            /* NULL: 0 */
    const float *fm;               /* NULL: 0 */
    float *out[SY_LADDER_OUTPUTS]; /* NULL: not wanted */
    const SyRamp *cutoff;          /* octaves above C4 */
    const SyRamp *resonance;       /* 0 to 1 */
    const SyRamp *drive;           /* amplitude */
    const SyRamp *fm_depth;        /* octaves */
    const SyRamp *tracking;        /* octaves of cutoff an octave of pitch */
} SyLadderLane;

/* `oversampled` holds for all lanes of the call.
 * Thread: worker.  RT: yes, linear in n_lanes (rounded up to whole vectors) times n_frames. */
typedef void SyLadderFunc(const SyTables *tables, const SyLadderLane *lanes, uint32_t n_lanes,
                          uint32_t n_frames, bool oversampled);

#endif
