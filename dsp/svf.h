/* The state-variable filter: low-pass, band-pass, high-pass and notch at once. */
#ifndef SY_DSP_SVF_H
#define SY_DSP_SVF_H

#include "dsp/ramp.h"
#include "dsp/tables.h"

enum { SY_SVF_LOW, SY_SVF_BAND, SY_SVF_HIGH, SY_SVF_NOTCH, SY_SVF_OUTPUTS };

#define SY_SVF_HOLD_DELAY 4

/* All zeros to begin with. Eight floats, so that it is loaded and stored as frames are. */
typedef struct SySvfState {
    float s1, s2;                    /* the two integrators */
    float energy[SY_SVF_HOLD_DELAY]; /* 4 (band^2 + low^2) of the last frames, oldest first */
    float unused[2];
} SySvfState;

/* One voice, one call. All arrays are [n_frames]. */
typedef struct SySvfLane {
    SySvfState *state;
    const float *in;
    const float *pitch;         /* NULL: 0 */
    const float *fm;            /* NULL: 0 */
    float *out[SY_SVF_OUTPUTS]; /* NULL: not wanted */
    const SyRamp *cutoff;       /* octaves above C4 */
    const SyRamp *resonance;    /* 0 to 1 */
    const SyRamp *fm_depth;     /* octaves */
    const SyRamp *tracking;     /* octaves of cutoff an octave of pitch */
} SySvfLane;

/* Thread: worker.  RT: yes, linear in n_lanes (rounded up to whole vectors) times n_frames. */
typedef void SySvfFunc(const SyTables *tables, const SySvfLane *lanes, uint32_t n_lanes,
                       uint32_t n_frames);

#endif
