/* The signal kernels: pure functions over blocks of frames, and the table that picks their build.
 *
 * Every kernel has one source, compiled once for each instruction set with its vectors as wide as
 * that set's registers. All builds give the same bits: nothing is contracted or reassociated, what
 * runs along the time axis is either exact (integer phases) or done in one fixed order, and no
 * libm function is called. So the choice below is about speed alone, and it can be made again at
 * any time, by any process, without a change in what is heard.
 *
 * Kernels keep nothing: what a voice remembers is the caller's, in the Sy...State of the kernel's
 * own header, and is updated in place.
 */
#ifndef SY_DSP_DSP_H
#define SY_DSP_DSP_H

#include <stdint.h>

#include "dsp/adsr.h"
#include "dsp/convolve.h"
#include "dsp/gain.h"
#include "dsp/ladder.h"
#include "dsp/lfo.h"
#include "dsp/limit.h"
#include "dsp/mix.h"
#include "dsp/noise.h"
#include "dsp/svf.h"
#include "dsp/tables.h"
#include "dsp/vco.h"
#include "dsp/wavetable.h"
#include "dsp/wild.h"

typedef struct SyDsp {
    const char *isa; /* "generic", "x86-64", "x86-64-v3", "x86-64-v4" */
    uint32_t width;  /* floats in one vector */
    SyVcoFunc *vco;
    SySvfFunc *svf;
    SyLadderFunc *ladder;
    SyLfoFunc *lfo;
    SyAdsrFunc *adsr;
    SyMixFunc *mix;
    SyAddFunc *add;
    SyNoiseFunc *noise;
    SyGainFunc *gain;
    SyLimitFunc *limit;
    SyWildFunc *wild;
    SyConvolveFunc *convolve;
    SyWavetableFunc *wavetable;
} SyDsp;

/* The kernels built for `isa`, or, for NULL, for the best instruction set that this CPU has.
 * Returns NULL if the name is unknown, not built for this architecture, or not supported by the
 * CPU. Thread: any.  RT: yes. */
const SyDsp *sy_dsp_select(const char *isa);

/* Makes the calling thread flush denormal numbers to zero, in results and in operands. Every thread
 * that runs kernels calls it once: without it a decaying filter gets a hundred times slower, and
 * its last bits differ from those of the other threads.
 * Thread: worker.  RT: yes. */
void sy_dsp_thread_init(void);

#endif
