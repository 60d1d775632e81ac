/* How a response is laid out, and a voice's tape.
 *
 * A response is cut into a head, of which every tap is a multiplication, and three stages of
 * partitions, each convolved through spectra. A spectrum of N bins is N / 64 rows of 64 bins, real
 * parts, then imaginary parts; rows of one number of all partitions are neighbours, so that a sum
 * over partitions reads memory from end to end.
 *
 *     stage     taps              frames a partition
 *     head          0 to 63
 *     near         64 to 1023       64
 *     middle     1024 to 8191      512
 *     far        8192 to 2^18     4096
 *
 * A stage begins at twice its partition's length: when a block of input is whole, there is as much
 * time again until the first frame is due that needs it. (Near: that is at once.)
 */
#ifndef SY_DSP_CONVOLVE_PARTS_H
#define SY_DSP_CONVOLVE_PARTS_H

#include "dsp/convolve.h"

#define SY_TICK 64 /* frames between two goes at the work; bins in a row of a spectrum */

enum { SY_NEAR, SY_MIDDLE, SY_FAR, SY_STAGES };

#define SY_NEAR_TAP   64
#define SY_MIDDLE_TAP 1024
#define SY_FAR_TAP    8192

#define SY_MIDDLE_TICKS 8  /* to a block of the stage, and rows in a spectrum */
#define SY_FAR_TICKS    64 /* the same */

#define SY_NEAR_PARTITIONS   ((SY_MIDDLE_TAP - SY_NEAR_TAP) / 64)
#define SY_MIDDLE_PARTITIONS ((SY_FAR_TAP - SY_MIDDLE_TAP) / 512)
#define SY_FAR_PARTITIONS    ((SY_CONVOLVE_FRAMES_MAX - SY_FAR_TAP) / 4096)

/* A row of a spectrum. */
typedef struct SyRow {
    float re[SY_TICK], im[SY_TICK];
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

static inline uint32_t sy_convolve_rows(int stage)
{
    return stage == SY_NEAR ? 1 : stage == SY_MIDDLE ? SY_MIDDLE_TICKS : SY_FAR_TICKS;
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
 *     in         read until a far block's last columns, at boundary t + 135: 135 + 16 ticks, and
 *                up to 152 for blocks of 8 to be whole
 *     near_x     read for 15 boundaries: 14 + 16
 *     near_y     heard before the next boundary: 1 + 16
 *     middle_x   written at j = 0, read until j = 4 of the 14th period: 13 + (4 + 16) / 8, up
 *     middle_sum written at j = 1 to 4, read at 6 and 7
 *     middle_y   written at j = 6 or 7, heard in the second period after that
 *     far_x      row k written at j = 8 + k / 8, read at 16 + k / 2 until the 62nd period
 *     far_columns, far_sum, far_rows
 *                written at j = 0, 16, 48 and following, read until 15, 55, 63: one place does
 *     far_y      written at j = 56 and following, heard in the second period after that
 *
 * Spectra stand in descending order of time, as a sum over partitions wants them. */
#define SY_IN_TICKS      152
#define SY_NEAR_SLOTS    30
#define SY_NEAR_OUT      17
#define SY_MIDDLE_SLOTS  16
#define SY_MIDDLE_SUMS   3
#define SY_MIDDLE_BLOCKS 4
#define SY_FAR_SLOTS     62
#define SY_FAR_BLOCKS    2

typedef struct SyConvolveTape {
    _Alignas(64) float in[SY_IN_TICKS][SY_TICK];
    SyRow near_x[SY_NEAR_SLOTS];
    float near_y[SY_CONVOLVE_SIDES][SY_NEAR_OUT][SY_TICK];
    SyRow middle_x[SY_MIDDLE_TICKS][SY_MIDDLE_SLOTS];
    SyRow middle_sum[SY_CONVOLVE_SIDES][SY_MIDDLE_SUMS][SY_MIDDLE_TICKS];
    float middle_y[SY_CONVOLVE_SIDES][SY_MIDDLE_BLOCKS][SY_MIDDLE_TICKS][SY_TICK];
    SyRow far_x[SY_FAR_TICKS][SY_FAR_SLOTS];
    float far_columns[SY_FAR_TICKS][2 * SY_TICK];
    SyRow far_sum[SY_CONVOLVE_SIDES][SY_FAR_TICKS];
    float far_rows[SY_CONVOLVE_SIDES][SY_FAR_TICKS][2 * SY_TICK];
    float far_y[SY_CONVOLVE_SIDES][SY_FAR_BLOCKS][SY_FAR_TICKS][SY_TICK];
} SyConvolveTape;

#endif
