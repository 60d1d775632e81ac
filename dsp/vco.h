/* The voltage-controlled oscillator: saw, pulse, triangle and sine from one phase. */
#ifndef SY_DSP_VCO_H
#define SY_DSP_VCO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dsp/ramp.h"
#include "dsp/tables.h"

enum {
    SY_VCO_SAW,
    SY_VCO_PULSE,
    SY_VCO_TRIANGLE,
    SY_VCO_SINE,
    SY_VCO_OUTPUTS,               /* the waves */
    SY_VCO_SYNC = SY_VCO_OUTPUTS, /* and when their cycles begin */
    SY_VCO_PORTS
};

/* How a sync signal tells the time of an edge between frames k - 1 and k, d frames before k:
 *
 *     frame     ...  k - 2    k - 1     k     k + 1  ...
 *     signal           0    -(1 - d)    d       0
 *
 * The straight line through k - 1 and k is at 0 exactly when the edge is, so what takes any
 * signal's rise through 0 for the edge gets the time of this one without an error, whatever gain
 * the cable has. Cycles begin at least two frames apart; where a reset comes sooner than that, the
 * later edge is told. */
#define SY_SYNC_PAST  (SY_BLEP_TAPS / 2) /* frames from a sync signal's last edge to its output */
#define SY_SYNC_LEAST 0x1p-24f           /* for d, as the signal must be above 0 */

/* What the phase does at a frame, a bit a frame. */
typedef enum SyVcoMark {
    SY_MARK_WRAP,   /* goes from one cycle to the next or back: the saw and the pulse jump */
    SY_MARK_FALL,   /* goes past the width of the pulse, or the width past it */
    SY_MARK_TOP,    /* goes past 1/4: the triangle turns downwards */
    SY_MARK_BOTTOM, /* goes past 3/4: it turns upwards */
    SY_MARK_SYNC,   /* is set back by the sync input */
    SY_MARK_TURN,   /* is turned round by it */
    SY_MARK_EDGES,  /* the marks so far are edges, to be placed */
    SY_MARK_BACK = SY_MARK_EDGES, /* runs backwards, having been turned round */
    SY_MARKS
} SyVcoMark;

#define SY_VCO_STEPS (2 * SY_BLEP_LOOK) /* steps of the past that an edge's time needs */

/* All zeros to begin with, but the key. The past is kept oldest first. What not every output needs
 * comes last, so that less has to be copied where little is heard: see sy_vco_state_used(). */
typedef struct SyVcoState {
    _Alignas(64) float saw[SY_BLEP_TAPS]; /* residue of past edges, for the frames to come */
    uint32_t phase[SY_BLEP_DELAY];        /* 2^32 is one cycle */
    int32_t step[SY_VCO_STEPS];           /* what the phase moved by to a frame */
    uint32_t marks[SY_MARKS]; /* of the frames whose edges wait to be placed, oldest in bit 0 */
    float sync_late[SY_BLEP_LOOK]; /* for those with SY_MARK_SYNC or _TURN: frames since then */
    float sync_in;                 /* the sync input */
    uint32_t live;                 /* bit o: output o was computed, so its residue is */
    uint32_t back;                 /* 1 if the last frame ran backwards, having been turned round */
    uint32_t minimum;              /* 1: what waits is for minimum phase */
    uint32_t key;                  /* any number, another for each voice */
    uint32_t frames;               /* computed so far */
    uint32_t fraction;             /* of a slow step, carried on; 2^32 is a whole unit */
    float octaves; /* above C4 at the last frame; NAN if its step came about by FM or drift */
    uint32_t width[SY_BLEP_DELAY]; /* of the pulse, in the unit of the phase */
    _Alignas(64) float residue[SY_VCO_OUTPUTS - 1][SY_BLEP_TAPS]; /* of the outputs after the saw */
    float sync_out[SY_SYNC_PAST];                                 /* for the frames to come */
} SyVcoState;

/* The residue of an output, [SY_BLEP_TAPS].  Thread: any.  RT: yes. */
static inline float *sy_vco_residue(SyVcoState *state, int output)
{
    return output == SY_VCO_SAW ? state->saw : state->residue[output - 1];
}

/* Bytes of the state, from its beginning, that are read or written while no other outputs are heard
 * than those in `heard`.  Thread: any.  RT: yes. */
static inline uint32_t sy_vco_state_used(uint32_t heard)
{
    const uint32_t last = heard ? 31u - (uint32_t)__builtin_clz(heard) : SY_VCO_SAW;
    if (last == SY_VCO_SAW)
        return offsetof(SyVcoState, width);
    if (last == SY_VCO_SYNC)
        return sizeof(SyVcoState);
    return offsetof(SyVcoState, residue) + last * SY_BLEP_TAPS * (uint32_t)sizeof(float);
}

/* One voice, one call. All arrays are [n_frames]. */
typedef struct SyVcoVoice {
    SyVcoState *state;
    const float *pitch;   /* NULL: 0 */
    const float *fm;      /* NULL: 0 */
    const float *pwm;     /* NULL: 0 */
    const float *sync;    /* NULL: never */
    float *const *out;    /* [SY_VCO_PORTS] */
    const SyRamp *freq;   /* octaves above C4 */
    const SyRamp *fine;   /* cents */
    const SyRamp *detune; /* cents, for the voice that is furthest out */
    const SyRamp *drift;  /* cents */
    const SyRamp *width;  /* of the pulse, 0 to 1 */
    const SyRamp *fm_depth;
    const SyRamp *pwm_depth;
    const SyRamp *level;
    uint32_t minimum; /* 1: minimum phase, 0: linear */
    uint32_t heard;   /* bit o: out[o] is wanted, others are left alone */
    bool soft;        /* sync turns the phase round; else sets it back */
    bool exponential; /* fm moves the pitch, in octaves; else the frequency, as a factor */
} SyVcoVoice;

/* All outputs are SY_BLEP_DELAY frames late, or SY_BLEP_EARLY with minimum phase, so that they keep
 * in step; but a sync output then is 1.
 * Thread: worker.  RT: yes, linear in n_voices times n_frames: edges cannot be more than frames. */
typedef void SyVcoFunc(const SyTables *tables, const SyVcoVoice *voices, uint32_t n_voices,
                       uint32_t n_frames);

#endif
