/* The low-frequency oscillator: the same four waves, for what is felt rather than heard, and random
 * values. */
#ifndef SY_DSP_LFO_H
#define SY_DSP_LFO_H

#include <stdbool.h>
#include <stdint.h>

#include "dsp/ramp.h"
#include "dsp/tables.h"
#include "dsp/vco.h"

/* Outputs are numbered as the oscillator's, and then: */
enum { SY_LFO_RANDOM = SY_VCO_OUTPUTS, SY_LFO_OUTPUTS };

/* All zeros but the key to begin with. Of the phase, 2^64 is one cycle. */
typedef struct SyLfoState {
    uint64_t phase;     /* of the frame to come, or, clocked, of the last one */
    uint64_t base;      /* clocked: the phase is base + since * increment ... */
    uint64_t increment; /* ... until since reaches period, */
    uint64_t hold;      /* and then this */
    uint64_t share;     /* 1 / denominator; or the ratio without whole cycles */
    uint64_t step;      /* of the phase in a frame, when the rate was `octaves`; 0: not known */
    int64_t beats;      /* edges since the downbeat; -1: the next one is it */
    uint32_t key;       /* voices with different keys have different random values */
    uint32_t cycle;     /* how many cycles there were */
    uint32_t edges;     /* of the clock: 0, 1, or 2 for any more; its tempo is known from 2 on */
    uint32_t since;     /* frames since its last edge */
    uint32_t period;    /* frames from edge to edge */
    uint32_t late;      /* 1: the last edge came too late to tell the tempo, else 0 */
    uint32_t numerator, denominator; /* of the ratio; 0 if it is no fraction of small numbers */
    float ratio;                     /* of which they were made */
    float octaves;                   /* above C4 */
    float reset_in, clock_in;        /* the inputs at the last frame */
} SyLfoState;

/* One voice, one call. All arrays are [n_frames]. */
typedef struct SyLfoVoice {
    SyLfoState *state;
    const float *reset;         /* NULL: never */
    const float *fm;            /* NULL: 0 */
    const float *clock;         /* NULL: rate and fm set the tempo */
    float *out[SY_LFO_OUTPUTS]; /* NULL: not wanted */
    const SyRamp *rate;         /* octaves above C4 */
    const SyRamp *fm_depth;     /* octaves */
    const SyRamp *phase;        /* cycles, 0 to 1 */
    const SyRamp *width;        /* of the pulse, 0 to 1 */
    const SyRamp *smooth;       /* share of the cycle that a random value takes to come, 0 to 1 */
    const SyRamp *ratio;        /* cycles from edge to edge of the clock */
    bool once;                  /* one cycle after a reset, and no more */
} SyLfoVoice;

/* Thread: worker.  RT: yes, linear in n_frames. */
typedef void SyLfoFunc(const SyTables *tables, const SyLfoVoice *voice, uint32_t n_frames);

#endif
