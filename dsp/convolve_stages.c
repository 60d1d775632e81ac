/* The stages of a convolution: what is done at the end of every tick of 64 frames.
 *
 * A stage convolves blocks of N frames by overlap-save: the last two blocks a, b and a partition h
 * of N taps, multiplied as polynomials, have in their upper half the N frames that follow from h.
 * The product is taken modulo x^2N + 1, which spoils the lower half alone. For real polynomials
 * that ring is the complex one modulo x^N - i, with z[n] = a[n] + i b[n]; and with
 * x = exp(i pi / 2N) u it is the one modulo u^N - 1, where N complex points of a Fourier transform
 * are what multiplies:
 *
 *     Z[k] = sum over n of (a[n] + i b[n]) exp(i pi n / 2N) exp(-2 pi i k n / N)
 *     Y[k] = sum over partitions p of H_p[k] Z_p blocks ago[k]
 *     y[n] = imaginary part of exp(-i pi n / 2N) * 1/N sum over k of Y[k] exp(2 pi i k n / N)
 *
 * So N real frames cost a transform of N points there and one back, with no bins 0 and N/2 that
 * would be cases of their own and no untangling of real spectra; and all bins are alike, so that
 * any of them can be computed at any time.
 *
 * Near spectra (64 points) are done with at once. Middle ones (512) come every 8 ticks, far ones
 * (8192) every 128, and what they need is due 8 or 128 ticks later. So it is spread:
 *
 *     tick of the period    middle                 far
 *      0                    there                  32 columns of 16 points, a tick (0 to 15)
 *      1 to 4               4 of 16 rows of bins
 *      6, 7                 back, left and right
 *     16 to 31                                     1 row of 512 points
 *     32 to 95                                     4 of 256 rows of bins
 *     96 to 111, 112 to 127                        1 row, then 32 columns, back
 *
 * A far transform there is columns n1 of z[512 n1 + n2], a turn by exp(-2 pi i n2 k1 / 8192), and
 * rows n2, which leaves bin k1 + 16 k2 at [k1][k2]: the order of the response's spectra too, so the
 * way back begins with rows, and nothing is ever transposed. Of exp(i pi n / 2N) the share of n1 is
 * multiplied in before the columns and the share of n2 with the turn after them. The columns are
 * short and the rows as long as a middle transform because a transform is code too: straight-line
 * code for 64 points, of which FFTW has one for either way, is as large as the caches for code, and
 * was mostly waited for.
 *
 * Each result is written once, whole, to a place that nobody reads in the same block: no sum is
 * kept between ticks. Sums run over partitions from the youngest to the oldest in every bin, so
 * the bits are the same for every width of vectors.
 *
 * Sources: W. G. Gardner, Efficient convolution without input-output delay, JAES 43, 1995;
 * the turned transform: R. Crandall, B. Fagin, Discrete weighted transforms and large-integer
 * arithmetic, Math. Comp. 62, 1994.
 */
#include "dsp/complex.h"
#include "dsp/convolve_kernel.h"

#define CHUNK     (SY_WIDTH == 4 ? 16 : 32) /* bins whose sums are kept in registers */
#define VECTORS   (CHUNK / SY_WIDTH)
#define LARGEST   512 /* points of a transform that is not sliced, and of a slice */
#define FAR_TILES (SY_FFT_LARGE / LARGEST)
#define TILE_ROWS (LARGEST / SY_ROW)

/* Each is loaded once: left to itself, gcc 12 loads some a second time, as operands. */
#if SY_INTRINSICS
#define LOADED(a, b, c, d) __asm__("" : "+v"(a), "+v"(b), "+v"(c), "+v"(d))
#else
#define LOADED(a, b, c, d) (void)0
#endif

typedef struct Complexes {
    _Alignas(64) float z[2 * LARGEST];
} Complexes;

_Static_assert(SY_FFT_COLUMN *SY_FFT_ACROSS == LARGEST && SY_FFT_ROW == LARGEST, "slices");

/* A place of a ring that is filled downwards. */
static uint32_t slot_of(uint64_t number, uint32_t n_slots)
{
    return n_slots - 1 - (uint32_t)(number % n_slots);
}

/* A tick of the input, which is not yet to come; before the first all is silence. */
static const float *tick_of(const SyConvolveVoice *voice, uint64_t tick, uint64_t ticks_back)
{
    static const float silence[SY_TICK];
    const SyConvolveTape *tape = voice->tape;
    const uint64_t first = voice->state->first;
    return tick < first + ticks_back ? silence : tape->in[(tick - ticks_back) % SY_IN_TICKS];
}

/* z = (a + i b) exp(i angle), n numbers. */
SY_INLINE void join_turned(float *z, const float *a, const float *b, const float *cosines,
                           const float *sines, uint32_t n)
{
    for (uint32_t i = 0; i < n; i += SY_WIDTH) {
        const SyComplex x = {sy_load(a + i), sy_load(b + i)};
        sy_zip(z + (size_t)2 * i, sy_turn(x, sy_load(cosines + i), sy_load(sines + i)));
    }
}

/* y = the imaginary part of z exp(-i angle). */
SY_INLINE void turn_back_im(float *y, const float *z, const float *cosines, const float *sines,
                            uint32_t n)
{
    for (uint32_t i = 0; i < n; i += SY_WIDTH) {
        const SyComplex x = sy_unzip(z + (size_t)2 * i);
        sy_store(y + i, sy_turn_back(x, sy_load(cosines + i), sy_load(sines + i)).im);
    }
}

/* z[n_rows * SY_ROW], one row after the other, into places that are `stride` rows apart. */
SY_INLINE void split(SyRow *rows, uint32_t stride, const float *z, uint32_t n_rows)
{
    for (uint32_t row = 0; row < n_rows; row++, rows += stride, z += 2 * SY_ROW) {
        for (uint32_t i = 0; i < SY_ROW; i += SY_WIDTH) {
            const SyComplex x = sy_unzip(z + (size_t)2 * i);
            sy_store(rows->re + i, x.re);
            sy_store(rows->im + i, x.im);
        }
    }
}

SY_INLINE void join(float *z, const SyRow *rows, uint32_t n_rows)
{
    for (uint32_t row = 0; row < n_rows; row++, rows++, z += 2 * SY_ROW) {
        for (uint32_t i = 0; i < SY_ROW; i += SY_WIDTH)
            sy_zip(z + (size_t)2 * i, (SyComplex){sy_load(rows->re + i), sy_load(rows->im + i)});
    }
}

/* Adds x[p] h[p] to the sums of CHUNK bins, for n partitions in order. */
SY_INLINE void add_products(SyComplex sums[VECTORS], const SyRow *x, const SyRow *h, uint32_t n,
                            uint32_t bin)
{
    for (uint32_t p = 0; p < n; p++) {
        for (uint32_t v = 0; v < VECTORS; v++) {
            const uint32_t at = bin + v * SY_WIDTH;
            SyF a = sy_load(x[p].re + at), b = sy_load(x[p].im + at);
            SyF c = sy_load(h[p].re + at), d = sy_load(h[p].im + at);
            LOADED(a, b, c, d);
            sums[v].re += a * c - b * d;
            sums[v].im += a * d + b * c;
        }
    }
}

/* One row: the sum over n partitions, of which that of the youngest block is at x[first]. */
static void multiply(SyRow *sum, const SyRow *x, uint32_t n_slots, uint32_t first, const SyRow *h,
                     uint32_t n)
{
    const uint32_t until_end = sy_less(n, n_slots - first);
    for (uint32_t bin = 0; bin < SY_ROW; bin += CHUNK) {
        SyComplex sums[VECTORS] = {0};
        add_products(sums, x + first, h, until_end, bin);
        add_products(sums, x, h + until_end, n - until_end, bin);
        for (uint32_t v = 0; v < VECTORS; v++) {
            sy_store(sum->re + bin + v * SY_WIDTH, sums[v].re);
            sy_store(sum->im + bin + v * SY_WIDTH, sums[v].im);
        }
    }
}

/* Partitions of a stage for which there has been a block, `block` being the youngest. */
static uint32_t partitions(const SyConvolveVoice *voice, int stage, uint64_t block)
{
    const uint32_t n = voice->response->n_partitions[stage];
    const uint64_t n_blocks =
        block + 1 - voice->state->first / (sy_convolve_length(stage) / SY_TICK);
    return n_blocks < n ? (uint32_t)n_blocks : n;
}

static void near(const SyFft *fft, const SyConvolveVoice *voice, uint64_t tick)
{
    SyConvolveTape *tape = voice->tape;
    const SyConvolveResponse *response = voice->response;
    const uint32_t n = partitions(voice, SY_NEAR, tick), slot = slot_of(tick, SY_NEAR_SLOTS);
    const float *cosines = fft->turn_64[0], *sines = fft->turn_64[1];
    Complexes a, b;

    join_turned(a.z, tick_of(voice, tick, 1), tick_of(voice, tick, 0), cosines, sines, SY_TICK);
    sy_fft_execute(fft, SY_FFT_64, SY_FFT_FORWARD, a.z, b.z);
    split(&tape->near_x[0][slot], SY_NEAR_SLOTS, b.z, SY_NEAR_ROWS);
    for (uint32_t side = 0; side < response->n_sides; side++) {
        SyRow sums[SY_NEAR_ROWS];
        for (uint32_t row = 0; row < SY_NEAR_ROWS; row++)
            multiply(&sums[row], tape->near_x[row], SY_NEAR_SLOTS, slot,
                     sy_convolve_row(response, SY_NEAR, side, row), n);
        join(a.z, sums, SY_NEAR_ROWS);
        sy_fft_execute(fft, SY_FFT_64, SY_FFT_BACKWARD, a.z, b.z);
        turn_back_im(tape->near_y[side][(tick + 1) % SY_NEAR_OUT], b.z, cosines, sines, SY_TICK);
    }
}

/* The spectrum of the block that has become whole. */
static void middle_there(const SyFft *fft, const SyConvolveVoice *voice, uint64_t block)
{
    SyConvolveTape *tape = voice->tape;
    Complexes a, b;

    for (uint32_t k = 0; k < SY_MIDDLE_TICKS; k++) {
        const uint64_t tick = block * SY_MIDDLE_TICKS + k;
        const uint32_t at = k * SY_TICK;
        join_turned(a.z + (size_t)2 * at, tick_of(voice, tick, SY_MIDDLE_TICKS),
                    tick_of(voice, tick, 0), fft->turn_512[0] + at, fft->turn_512[1] + at, SY_TICK);
    }
    sy_fft_execute(fft, SY_FFT_512, SY_FFT_FORWARD, a.z, b.z);
    split(&tape->middle_x[0][slot_of(block, SY_MIDDLE_SLOTS)], SY_MIDDLE_SLOTS, b.z,
          SY_MIDDLE_ROWS);
}

static void middle_products(const SyConvolveVoice *voice, uint64_t block, uint32_t row)
{
    SyConvolveTape *tape = voice->tape;
    for (uint32_t side = 0; side < voice->response->n_sides; side++)
        multiply(&tape->middle_sum[side][block % SY_MIDDLE_SUMS][row], tape->middle_x[row],
                 SY_MIDDLE_SLOTS, slot_of(block, SY_MIDDLE_SLOTS),
                 sy_convolve_row(voice->response, SY_MIDDLE, side, row),
                 partitions(voice, SY_MIDDLE, block));
}

static void middle_back(const SyFft *fft, SyConvolveTape *tape, uint64_t block, uint32_t side)
{
    Complexes a, b;

    join(a.z, tape->middle_sum[side][block % SY_MIDDLE_SUMS], SY_MIDDLE_ROWS);
    sy_fft_execute(fft, SY_FFT_512, SY_FFT_BACKWARD, a.z, b.z);
    turn_back_im(tape->middle_y[side][(block + 2) % SY_MIDDLE_BLOCKS][0], b.z, fft->turn_512[0],
                 fft->turn_512[1], LARGEST);
}

/* `block` is the youngest that is whole, `j` the tick of the period since. */
static void middle(const SyFft *fft, const SyConvolveVoice *voice, uint64_t block, uint32_t j)
{
    if (j == 0)
        middle_there(fft, voice, block);
    for (uint32_t row = 4 * j - 4; j >= 1 && j <= 4 && row < 4 * j; row++)
        middle_products(voice, block, row);
    if (j >= 6 && j - 6 < voice->response->n_sides)
        middle_back(fft, voice->tape, block, j - 6);
}

/* Columns `first` and following of the block, and the turn. */
static void far_columns(const SyFft *fft, const SyConvolveVoice *voice, uint64_t block,
                        uint32_t first)
{
    SyConvolveTape *tape = voice->tape;
    const uint64_t begin = block * SY_FAR_TICKS + first / SY_TICK;
    const uint32_t at = first % SY_TICK;
    Complexes a, b;

    for (uint32_t row = 0; row < SY_FFT_COLUMN; row++) {
        const uint64_t tick = begin + row * (SY_FFT_ROW / SY_TICK);
        const float *older = tick_of(voice, tick, SY_FAR_TICKS) + at;
        const float *newer = tick_of(voice, tick, 0) + at;
        const SyF cosine = sy_f(fft->turn_64[0][4 * row]), sine = sy_f(fft->turn_64[1][4 * row]);
        float *z = a.z + (size_t)row * 2 * SY_FFT_ACROSS;
        for (uint32_t i = 0; i < SY_FFT_ACROSS; i += SY_WIDTH) {
            const SyComplex x = {sy_load(older + i), sy_load(newer + i)};
            sy_zip(z + (size_t)2 * i, sy_turn(x, cosine, sine));
        }
    }
    sy_fft_execute(fft, SY_FFT_COLUMNS, SY_FFT_FORWARD, a.z, b.z);
    for (uint32_t row = 0; row < SY_FFT_COLUMN; row++) {
        const float *cosines = fft->turn_8192[row][0] + first;
        const float *sines = fft->turn_8192[row][1] + first;
        const float *z = b.z + (size_t)row * 2 * SY_FFT_ACROSS;
        float *to = tape->far_columns[row] + (size_t)2 * first;
        for (uint32_t i = 0; i < SY_FFT_ACROSS; i += SY_WIDTH) {
            const SyComplex x = sy_unzip(z + (size_t)2 * i);
            sy_zip(to + (size_t)2 * i, sy_turn(x, sy_load(cosines + i), sy_load(sines + i)));
        }
    }
}

/* A row of what the columns have become. */
static void far_row(const SyFft *fft, SyConvolveTape *tape, uint64_t block, uint32_t row)
{
    Complexes a;
    sy_fft_execute(fft, SY_FFT_512, SY_FFT_FORWARD, tape->far_columns[row], a.z);
    split(&tape->far_x[row * TILE_ROWS][slot_of(block, SY_FAR_SLOTS)], SY_FAR_SLOTS, a.z,
          TILE_ROWS);
}

static void far_products(const SyConvolveVoice *voice, uint64_t block, uint32_t row)
{
    SyConvolveTape *tape = voice->tape;
    for (uint32_t side = 0; side < voice->response->n_sides; side++)
        multiply(&tape->far_sum[side][row], tape->far_x[row], SY_FAR_SLOTS,
                 slot_of(block, SY_FAR_SLOTS), sy_convolve_row(voice->response, SY_FAR, side, row),
                 partitions(voice, SY_FAR, block));
}

static void far_row_back(const SyFft *fft, SyConvolveTape *tape, uint32_t side, uint32_t row)
{
    Complexes a;
    join(a.z, &tape->far_sum[side][row * TILE_ROWS], TILE_ROWS);
    sy_fft_execute(fft, SY_FFT_512, SY_FFT_BACKWARD, a.z, tape->far_rows[side][row]);
}

static void far_columns_back(const SyFft *fft, SyConvolveTape *tape, uint64_t block, uint32_t side,
                             uint32_t first)
{
    float *y = tape->far_y[side][(block + 2) % SY_FAR_BLOCKS][0] + first;
    Complexes a, b;

    for (uint32_t row = 0; row < SY_FFT_COLUMN; row++) {
        const float *cosines = fft->turn_8192[row][0] + first;
        const float *sines = fft->turn_8192[row][1] + first;
        const float *from = tape->far_rows[side][row] + (size_t)2 * first;
        float *z = a.z + (size_t)row * 2 * SY_FFT_ACROSS;
        for (uint32_t i = 0; i < SY_FFT_ACROSS; i += SY_WIDTH) {
            const SyComplex x = sy_unzip(from + (size_t)2 * i);
            sy_zip(z + (size_t)2 * i, sy_turn_back(x, sy_load(cosines + i), sy_load(sines + i)));
        }
    }
    sy_fft_execute(fft, SY_FFT_COLUMNS, SY_FFT_BACKWARD, a.z, b.z);
    for (uint32_t row = 0; row < SY_FFT_COLUMN; row++, y += SY_FFT_ROW) {
        const SyF cosine = sy_f(fft->turn_64[0][4 * row]), sine = sy_f(fft->turn_64[1][4 * row]);
        const float *z = b.z + (size_t)row * 2 * SY_FFT_ACROSS;
        for (uint32_t i = 0; i < SY_FFT_ACROSS; i += SY_WIDTH)
            sy_store(y + i, sy_turn_back(sy_unzip(z + (size_t)2 * i), cosine, sine).im);
    }
}

/* As middle(). */
static void far(const SyFft *fft, const SyConvolveVoice *voice, uint64_t block, uint32_t j)
{
    const uint32_t tile = j % FAR_TILES, n_sides = voice->response->n_sides;
    if (j < FAR_TILES)
        far_columns(fft, voice, block, tile * SY_FFT_ACROSS);
    else if (j < 2 * FAR_TILES)
        far_row(fft, voice->tape, block, tile);
    for (uint32_t row = 4 * (j - 32); j >= 32 && j < 96 && row < 4 * (j - 31); row++)
        far_products(voice, block, row);
    for (uint32_t side = 0; j >= 96 && side < n_sides; side++) {
        if (j < 112)
            far_row_back(fft, voice->tape, side, tile);
        else
            far_columns_back(fft, voice->tape, block, side, tile * SY_FFT_ACROSS);
    }
}

void SY_KERNEL(convolve_tick)(const SyFft *fft, const SyConvolveVoice *voice, uint64_t tick)
{
    const uint32_t *n_partitions = voice->response->n_partitions;
    const uint64_t ticks = tick + 1, first = voice->state->first;
    const uint64_t n_middle = ticks / SY_MIDDLE_TICKS, n_far = ticks / SY_FAR_TICKS; /* whole */

    if (n_partitions[SY_NEAR] > 0)
        near(fft, voice, tick);
    if (n_partitions[SY_MIDDLE] > 0 && n_middle > first / SY_MIDDLE_TICKS)
        middle(fft, voice, n_middle - 1, ticks % SY_MIDDLE_TICKS);
    if (n_partitions[SY_FAR] > 0 && n_far > 0)
        far(fft, voice, n_far - 1, ticks % SY_FAR_TICKS);
}
