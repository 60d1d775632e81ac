/* White, pink and brown noise. */
#ifndef SY_DSP_NOISE_H
#define SY_DSP_NOISE_H

#include <stdint.h>

#include "dsp/tables.h"

enum { SY_NOISE_WHITE, SY_NOISE_PINK, SY_NOISE_BROWN, SY_NOISE_OUTPUTS };

#define SY_PINK_POLES 8

/* All zeros but the key to begin with. */
typedef struct SyNoiseState {
    uint32_t key;   /* voices with different keys sound different */
    uint32_t count; /* frames so far */
    float pink[SY_PINK_POLES];
    float brown;
} SyNoiseState;

/* `out`: [n_frames] each, or NULL where not wanted.
 * Thread: worker.  RT: yes, linear in n_frames. */
typedef void SyNoiseFunc(const SyTables *tables, SyNoiseState *state,
                         float *const out[SY_NOISE_OUTPUTS], uint32_t n_frames);

#endif
