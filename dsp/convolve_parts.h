/* How a response is laid out, and a voice's tape.
 *
 * A response is cut into a head, of which every tap is a multiplication, and three stages of
 * partitions, each convolved through spectra. A spectrum of N bins is N / 32 rows of 32 bins, real
 * parts, then imaginary parts; rows of one number of all partitions are neighbours, so that a sum
 * over partitions reads memory from end to end. (32 is how many sums fit into the registers of
 * AVX2.)
 *
 *     stage     taps              frames a partition
 *     head          0 to 63
 *     near         64 to 1023       64
 *     middle     1024 to 16383     512
 *     far       16384 to 2^18     8192
 *
 * A stage begins at twice its partition's length: when a block of input is whole, there is as much
 * time again until the first frame is due that needs it. (Near: that is at once.)
 */
#ifndef SY_DSP_CONVOLVE_PARTS_H
#define SY_DSP_CONVOLVE_PARTS_H

#include "dsp/convolve.h"

#define SY_TICK 64 /* frames between two goes at the work */
#define SY_ROW  32 /* bins in a row of a spectrum */

enum { SY_NEAR, SY_MIDDLE, SY_FAR, SY_STAGES };

#define SY_NEAR_TAP   64
#define SY_MIDDLE_TAP 1024
#define SY_FAR_TAP    16384

#define SY_MIDDLE_TICKS 8 /* to a block of the stage */
#define SY_FAR_TICKS    128

#define SY_NEAR_ROWS   (SY_TICK / SY_ROW) /* of a spectrum */
#define SY_MIDDLE_ROWS (SY_MIDDLE_TICKS * SY_NEAR_ROWS)
#define SY_FAR_ROWS    (SY_FAR_TICKS * SY_NEAR_ROWS)

/* A row of a spectrum. */
typedef struct SyRow {
    float re[SY_ROW], im[SY_ROW];
} SyRow;

struct SyConvolveResponse {
    uint64_t id; /* of its content; not 0 */
    uint32_t n_sides;
    uint32_t n_partitions[SY_STAGES];
    uint32_t head_at;             /* floats from the beginning of the struct to [side][64] taps */
    uint32_t stage_at[SY_STAGES]; /* and to [side][row][partition] of SyRow */
    uint32_t unused[6];
};
_Static_assert(sizeof(SyConvolveResponse) % 64 == 0, "rows after it are aligned");

/* Frames of a partition, which are a block of the stage and the bins of a spectrum. */
static inline uint32_t sy_convolve_length(int stage)
{
    return SY_TICK * (stage == SY_NEAR ? 1 : stage == SY_MIDDLE ? SY_MIDDLE_TICKS : SY_FAR_TICKS);
}

static inline uint32_t sy_convolve_rows(int stage)
{
    return sy_convolve_length(stage) / SY_ROW;
}

/* [64] taps. */
static inline const float *sy_convolve_head(const SyConvolveResponse *response, uint32_t side)
{
    return (const float *)response + response->head_at + (size_t)side * SY_NEAR_TAP;
}

/* One row of all partitions: [n_partitions]. */
static inline const SyRow *sy_convolve_row(const SyConvolveResponse *response, int stage,
                                           uint32_t side, uint32_t row)
{
    const SyRow *rows = (const SyRow *)((const float *)response + response->stage_at[stage]);
    const size_t before = (size_t)side * sy_convolve_rows(stage) + row;
    return rows + before * response->n_partitions[stage];
}

/* A place is written again when what was there has been read, and not within the same block of up
 * to 16 ticks: the numbers below are the smallest that hold to that. Tick t of the input is whole
 * at boundary t + 1; j is a boundary's number in the period of its stage.
 *
 *     in         read until a far block's last columns, at boundary t + 271: 271 + 16 ticks, and
 *                up to 288 for blocks of 8 to be whole
 *     near_x     read for 15 boundaries: 14 + 16
 *     near_y     heard before the next boundary: 1 + 16
 *     middle_x   written at j = 0, read until j = 4 of the 30th period: 29 + (4 + 16) / 8, up
 *     middle_sum written at j = 1 to 4, read at 6 and 7
 *     middle_y   written at j = 6 or 7, heard in the second period after that
 *     far_x      row k written at j = 16 + k / 16, read at 32 + k / 4 until the 30th period
 *     far_columns, far_sum, far_rows
 *                written at j = 0, 32, 96 and following, read until 31, 111, 127: one place does
 *     far_y      written at j = 112 and following, heard in the second period after that
 *
 * Spectra stand in descending order of time, as a sum over partitions wants them. */
#define SY_IN_TICKS      288
#define SY_NEAR_SLOTS    30
#define SY_NEAR_OUT      17
#define SY_MIDDLE_SLOTS  32
#define SY_MIDDLE_SUMS   3
#define SY_MIDDLE_BLOCKS 4
#define SY_FAR_SLOTS     30
#define SY_FAR_BLOCKS    2

typedef struct SyConvolveTape {
    _Alignas(64) float in[SY_IN_TICKS][SY_TICK];
    SyRow near_x[SY_NEAR_ROWS][SY_NEAR_SLOTS];
    float near_y[SY_CONVOLVE_SIDES][SY_NEAR_OUT][SY_TICK];
    SyRow middle_x[SY_MIDDLE_ROWS][SY_MIDDLE_SLOTS];
    SyRow middle_sum[SY_CONVOLVE_SIDES][SY_MIDDLE_SUMS][SY_MIDDLE_ROWS];
    float middle_y[SY_CONVOLVE_SIDES][SY_MIDDLE_BLOCKS][SY_MIDDLE_TICKS][SY_TICK];
    SyRow far_x[SY_FAR_ROWS][SY_FAR_SLOTS];
    float far_columns[SY_FFT_COLUMN][2 * SY_FFT_ROW];
    SyRow far_sum[SY_CONVOLVE_SIDES][SY_FAR_ROWS];
    float far_rows[SY_CONVOLVE_SIDES][SY_FFT_COLUMN][2 * SY_FFT_ROW];
    float far_y[SY_CONVOLVE_SIDES][SY_FAR_BLOCKS][SY_FAR_TICKS][SY_TICK];
} SyConvolveTape;

#endif
