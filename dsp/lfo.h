/* The low-frequency oscillator: the same four waves, for what is felt rather than heard. */
#ifndef SY_DSP_LFO_H
#define SY_DSP_LFO_H

#include <stdint.h>

#include "dsp/ramp.h"
#include "dsp/tables.h"
#include "dsp/vco.h"

/* All zeros to begin with. */
typedef struct SyLfoState {
    uint64_t phase; /* of the frame to come; 2^64 is one cycle */
    float reset_in; /* the reset input at the last frame */
} SyLfoState;

/* One voice, one call. All arrays are [n_frames]. Outputs are numbered as the oscillator's. */
typedef struct SyLfoVoice {
    SyLfoState *state;
    const float *reset;         /* NULL: never */
    const float *fm;            /* NULL: 0 */
    float *out[SY_VCO_OUTPUTS]; /* NULL: not wanted */
    const SyRamp *rate;         /* octaves above C4 */
    const SyRamp *fm_depth;     /* octaves */
    const SyRamp *phase;        /* cycles, 0 to 1 */
    const SyRamp *width;        /* of the pulse, 0 to 1 */
} SyLfoVoice;

/* Thread: worker.  RT: yes, linear in n_frames. */
typedef void SyLfoFunc(const SyTables *tables, const SyLfoVoice *voice, uint32_t n_frames);

#endif
