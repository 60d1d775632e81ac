/* What all kernels read and none writes: filled once, before the workers are forked. */
#ifndef SY_DSP_TABLES_H
#define SY_DSP_TABLES_H

#include <stdint.h>

#define SY_C4_HZ 261.6255653005986 /* 0 V, MIDI note 60 */

#define SY_BLEP_TAPS   32 /* frames that one edge touches */
#define SY_BLEP_LOOK   2  /* frames after an edge that are awaited to place it */
#define SY_BLEP_DELAY  (SY_BLEP_TAPS / 2 + SY_BLEP_LOOK) /* frames from a phase to its output */
#define SY_BLEP_EARLY  3 /* the same with the minimum-phase filter, and nothing awaited */
#define SY_BLEP_ORDERS 5 /* 0: a jump, 1: a change of slope, 2: of curvature, ... */
#define SY_BLEP_TERMS  7 /* coefficients of a tap's polynomial in the edge's fraction */

typedef struct SyTables {
    /* blep[order][k][tap]: coefficient of fraction^k. */
    _Alignas(64) float blep[SY_BLEP_ORDERS][SY_BLEP_TERMS][SY_BLEP_TAPS];
    _Alignas(64) float early[SY_BLEP_ORDERS][SY_BLEP_TERMS][SY_BLEP_TAPS]; /* minimum phase */
    /* A saw's fall: blep[0] and early[0] by -2. */
    _Alignas(64) float fall[2][SY_BLEP_TERMS][SY_BLEP_TAPS];
    float rate;         /* frames per second */
    float c4_increment; /* phase increment of C4, 2^32 being one cycle */
    float brown_kept;   /* brown noise: share of its level that is left after a frame */
    float brown_gain;   /* and what of white noise is added */
    float c4_cycles;    /* C4 in cycles per frame */
    float c4_octaves;   /* the binary logarithm of that */
} SyTables;

/* Fills `tables` (the caller's memory, 64-byte aligned) for `rate` frames per second.
 * Uses only operations that IEEE 754 defines to the last bit, so every machine gets the same bits.
 * Thread: setup.  RT: no (15 ms). */
void sy_tables_init(SyTables *tables, double rate);

#endif
