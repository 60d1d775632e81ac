/* The wavetable oscillator: cycles of any wave, and what lies between them. */
#ifndef SY_DSP_WAVETABLE_H
#define SY_DSP_WAVETABLE_H

#include <stdbool.h>
#include <stdint.h>

#include "dsp/ramp.h"
#include "dsp/tables.h"

#define SY_WAVETABLE_CYCLE      2048 /* frames of a cycle in a file */
#define SY_WAVETABLE_CYCLES_MAX 256

/* Half octaves: level n has 1024 / 2^(n / 2) harmonics, the last one has the fundamental alone. */
#define SY_WAVETABLE_LEVELS 21

/* Cycles at all levels, as sy_wavetable_prepare() left them. A cycle of 2^bits points has one of
 * the cycle's end before them and some of its beginning behind, so that four neighbours can be read
 * from any place; from point 0 of a cycle to that of the next it is `stride` floats. */
typedef struct SyWavetable {
    uint32_t n_cycles;
    uint32_t bits[SY_WAVETABLE_LEVELS];
    uint32_t at[SY_WAVETABLE_LEVELS]; /* the first cycle, in floats from the struct's beginning */
    uint32_t stride[SY_WAVETABLE_LEVELS];
} SyWavetable;

/* All zeros to begin with. */
typedef struct SyWavetableState {
    uint64_t phase; /* of the frame to come; 2^64 is one cycle */
} SyWavetableState;

/* One voice, one call. All arrays are [n_frames]. */
typedef struct SyWavetableVoice {
    SyWavetableState *state;
    const SyWavetable *table;
    const float *pitch;       /* octaves; NULL: 0 */
    const float *fm;          /* NULL: 0 */
    const float *position_in; /* NULL: 0 */
    float *out;
    const SyRamp *freq; /* octaves above C4 */
    const SyRamp *fine; /* cents */
    const SyRamp *fm_depth;
    const SyRamp *position; /* 0: the first cycle, 1: the last */
    const SyRamp *level;
    bool exponential; /* fm bends by octaves, else by multiples of the frequency */
} SyWavetableVoice;

/* Thread: worker.  RT: yes, linear in n_frames. */
typedef void SyWavetableFunc(const SyTables *tables, const SyWavetableVoice *voice,
                             uint32_t n_frames);

/* Bytes that sy_wavetable_prepare() writes for frames[n_frames]: cycles of 2048 frames, of which
 * 256 are used, or, if there are fewer frames, one cycle. 0 if there are none, or if one is no
 * number or beyond 1000.  Thread: loader.  RT: no. */
uint64_t sy_wavetable_size(const float *frames, uint32_t n_frames);

/* Writes the table, to 64-byte aligned memory. Without memory for FFTW it is silent.
 * Thread: loader.  RT: no (a second). */
void sy_wavetable_prepare(const float *frames, uint32_t n_frames, SyWavetable *to);

/* The table that is played without a file: sine, triangle, square, saw. The bytes of it, and its
 * making, as above.  Thread: setup.  RT: no (some 20 ms). */
uint64_t sy_wavetable_builtin_size(void);
void sy_wavetable_builtin_prepare(SyWavetable *to);

#endif
