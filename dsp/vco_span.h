/* What the two halves of the oscillator share: the phase and its company over a span of frames. */
#ifndef SY_DSP_VCO_SPAN_H
#define SY_DSP_VCO_SPAN_H

#include "dsp/kernels.h"

#define SY_SPAN       64 /* frames computed at a time: a bit each in a mark */
#define SY_VCO_NEW    32 /* a whole number of vectors, so that what is new is aligned */
#define SY_VCO_EDGE   (SY_VCO_NEW - SY_BLEP_LOOK)
#define SY_VCO_HEARD  (SY_VCO_NEW - SY_BLEP_DELAY)
#define SY_VCO_LENGTH (SY_VCO_NEW + SY_SPAN)
#define SY_QUARTER    0x40000000u

/* Three places move along the arrays together. At SY_VCO_HEARD + i is the frame that is now heard,
 * at SY_VCO_EDGE + i that whose edges are now placed, at SY_VCO_NEW + i that which is new. With
 * minimum phase, edges are placed as soon as they are new. */
typedef struct SyVcoSpan {
    _Alignas(64) uint32_t phase[SY_VCO_LENGTH];
    _Alignas(64) uint32_t width[SY_VCO_LENGTH];
    _Alignas(64) int32_t step[SY_VCO_LENGTH];
    _Alignas(
        64) int32_t moved[SY_SPAN]; /* the new steps the way they were taken, if sync is soft */
    _Alignas(64) float residue[SY_VCO_OUTPUTS][SY_SPAN + SY_BLEP_TAPS];
    float sync_late[SY_BLEP_LOOK + SY_SPAN]; /* from the frame of SY_VCO_EDGE on */
    float sync_out[SY_SYNC_PAST + SY_SPAN];  /* from that of SY_VCO_HEARD on */
    uint64_t marks[SY_MARKS];                /* of the same frames */
    uint32_t heard;                          /* bit o: output o is wanted */
    uint32_t edge;                           /* SY_VCO_EDGE or, with minimum phase, SY_VCO_NEW */
    uint32_t naive; /* SY_VCO_HEARD or, with minimum phase, SY_VCO_NEW - SY_BLEP_EARLY */
    const float (*blep)[SY_BLEP_TERMS][SY_BLEP_TAPS]; /* of the tables */
} SyVcoSpan;

SY_INLINE bool sy_vco_heard(const SyVcoSpan *span, int output)
{
    return span->heard >> output & 1;
}

/* How far a phase has got `late` frames before a frame to which it moves by step[0], and by
 * step[-1] to the frame before: on a parabola, unless the steps are too far apart for one. */
SY_INLINE int32_t sy_vco_part(const int32_t *step, float late)
{
    const float all = (float)step[0], gain = all - (float)step[-1], part = 1.0f - late;
    const bool uneven = gain * gain > all * all;
    return (int32_t)(part * (all - (uneven ? 0.0f : 0.5f * gain * late)));
}

SY_INLINE bool sy_vco_is_early(const SyVcoSpan *span)
{
    return span->edge == SY_VCO_NEW;
}

/* Frames that are awaited to place an edge. */
SY_INLINE uint32_t sy_vco_look(const SyVcoSpan *span)
{
    return SY_VCO_NEW - span->edge;
}

/* Adds the residues of the edges that are marked, in order of time. */
void SY_KERNEL(vco_edges)(SyVcoSpan *span);

/* Computes frames of a voice of which the saw alone is heard: as many of the `n` from `at` on as
 * are of whole spans and as long as the phase moves by the same to each of them as to all those
 * before that matter. Returns how many that were; with 0, it has done nothing. */
#if SY_WIDTH == 16
#define SY_VCO_SAW_ALONE sy_vco_saw_x86_64_v3
#else
#define SY_VCO_SAW_ALONE SY_KERNEL(vco_saw)
#endif
uint32_t SY_VCO_SAW_ALONE(const SyTables *tables, const SyVcoVoice *voice, uint32_t at, uint32_t n);

#endif
