/* A response, cut up and transformed: what the convolution reads.
 *
 * Computed in double and rounded once, so the only noise is that of the transforms of the sound.
 */
#include <math.h>
#include <string.h>

#include "dsp/convolve_parts.h"

#define PI           3.14159265358979323846
#define LOUDEST      1000.0f
#define FNV_OFFSET   0xcbf29ce484222325u
#define FNV_PRIME    0x100000001b3u
#define SPECTRUM_MAX 8192

static uint32_t least(uint32_t a, uint32_t b)
{
    return a < b ? a : b;
}

static uint32_t count_partitions(uint32_t n_frames, uint32_t from, uint32_t to, uint32_t length)
{
    const uint32_t end = least(n_frames, to);
    return end > from ? (end - from + length - 1) / length : 0;
}

/* Fills in all of the header but the id; returns the bytes of all. */
static uint64_t lay_out(SyConvolveResponse *response, uint32_t n_channels, uint32_t n_frames)
{
    uint32_t at = sizeof(*response) / sizeof(float);
    response->n_sides = least(n_channels, SY_CONVOLVE_SIDES);
    response->n_partitions[SY_NEAR] = count_partitions(n_frames, SY_NEAR_TAP, SY_MIDDLE_TAP, 64);
    response->n_partitions[SY_MIDDLE] = count_partitions(n_frames, SY_MIDDLE_TAP, SY_FAR_TAP, 512);
    response->n_partitions[SY_FAR] =
        count_partitions(n_frames, SY_FAR_TAP, SY_CONVOLVE_FRAMES_MAX, 8192);
    response->head_at = at;
    at += response->n_sides * SY_NEAR_TAP;
    for (int stage = SY_NEAR; stage < SY_STAGES; stage++) {
        const uint32_t rows = sy_convolve_rows(stage) * response->n_partitions[stage];
        response->stage_at[stage] = at;
        at += response->n_sides * rows * (uint32_t)(sizeof(SyRow) / sizeof(float));
    }
    return (uint64_t)at * sizeof(float);
}

uint64_t sy_convolve_size(const float *const *channels, uint32_t n_channels, uint32_t n_frames)
{
    SyConvolveResponse response;
    const uint32_t n = least(n_frames, SY_CONVOLVE_FRAMES_MAX);
    if (n == 0 || n_channels == 0)
        return 0;
    for (uint32_t c = 0; c < least(n_channels, SY_CONVOLVE_SIDES); c++) {
        for (uint32_t i = 0; i < n; i++) {
            if (!(fabsf(channels[c][i]) <= LOUDEST))
                return 0;
        }
    }
    return lay_out(&response, n_channels, n);
}

/* What the spectrum of `n` taps is made from, n_points at most: turned, and scaled as the way back
 * wants it. */
static void turn_taps(double (*z)[2], uint32_t n_points, const float *taps, uint32_t n)
{
    memset(z, 0, n_points * sizeof(*z));
    for (uint32_t i = 0; i < n; i++) {
        const double angle = PI * i / (2.0 * n_points);
        z[i][0] = cos(angle) * taps[i] / n_points;
        z[i][1] = sin(angle) * taps[i] / n_points;
    }
}

/* Bin `column` of row `row`: large spectra are in the order in which rows of columns come out. */
static uint32_t bin_at(int stage, uint32_t row, uint32_t column)
{
    const uint32_t at = row * SY_ROW + column;
    return stage == SY_FAR ? at / SY_FFT_ROW + at % SY_FFT_ROW * SY_FFT_COLUMN : at;
}

static void fill_partition(SyConvolveResponse *to, int stage, uint32_t side, uint32_t partition,
                           double (*z)[2])
{
    for (uint32_t row = 0; row < sy_convolve_rows(stage); row++) {
        const size_t before = ((size_t)side * sy_convolve_rows(stage) + row);
        SyRow *rows = (SyRow *)((float *)to + to->stage_at[stage]);
        SyRow *here = rows + before * to->n_partitions[stage] + partition;
        for (uint32_t column = 0; column < SY_ROW; column++) {
            here->re[column] = (float)z[bin_at(stage, row, column)][0];
            here->im[column] = (float)z[bin_at(stage, row, column)][1];
        }
    }
}

static void fill_stage(SyConvolveResponse *to, int stage, uint32_t side, const float *taps,
                       uint32_t n_frames)
{
    static const uint32_t begins[SY_STAGES] = {SY_NEAR_TAP, SY_MIDDLE_TAP, SY_FAR_TAP};
    const uint32_t n_points = sy_convolve_length(stage);
    double z[SPECTRUM_MAX][2];
    SyFftExact *there = sy_fft_exact_new(z, n_points, SY_FFT_FORWARD);
    for (uint32_t p = 0; there && p < to->n_partitions[stage]; p++) {
        const uint32_t from = begins[stage] + p * n_points;
        turn_taps(z, n_points, taps + from, least(n_frames - from, n_points));
        sy_fft_exact_run(there);
        fill_partition(to, stage, side, p, z);
    }
    sy_fft_exact_free(there);
}

static uint64_t hash(uint64_t so_far, const void *bytes, size_t n)
{
    for (size_t i = 0; i < n; i++)
        so_far = (so_far ^ ((const uint8_t *)bytes)[i]) * FNV_PRIME;
    return so_far;
}

void sy_convolve_prepare(const float *const *channels, uint32_t n_channels, uint32_t n_frames,
                         SyConvolveResponse *to)
{
    const uint32_t n = least(n_frames, SY_CONVOLVE_FRAMES_MAX);
    lay_out(to, n_channels, n);
    to->id = FNV_OFFSET;
    for (uint32_t side = 0; side < to->n_sides; side++) {
        float *head = (float *)to + to->head_at + (size_t)side * SY_NEAR_TAP;
        memcpy(head, channels[side], least(n, SY_NEAR_TAP) * sizeof(float));
        for (int stage = SY_NEAR; stage < SY_STAGES; stage++)
            fill_stage(to, stage, side, channels[side], n);
        to->id = hash(to->id, channels[side], n * sizeof(float));
    }
    to->id += to->id == 0;
}
