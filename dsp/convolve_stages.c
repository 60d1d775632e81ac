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
 * (4096) every 64, and what they need is due 8 or 64 ticks later. So it is spread:
 *
 *     tick of the period    middle                 far
 *      0                    there                  8 columns of 64 points, a tick (0 to 7)
 *      1 to 4               2 of 8 rows of bins
 *      6, 7                 back, left and right
 *      8 to 15                                     8 rows of 64 points
 *     16 to 47                                     2 of 64 rows of bins
 *     48 to 55, 56 to 63                           8 rows, then 8 columns, back
 *
 * A far transform there is columns n1 of z[64 n1 + n2], a turn by exp(-2 pi i n2 k1 / 4096), and
 * rows n2, which leaves bin k1 + 64 k2 at [k1][k2]: the order of the response's spectra too, so the
 * way back begins with rows, and nothing is ever transposed. Of exp(i pi n / 2N) the share of n1 is
 * multiplied in before the columns and the share of n2 with the turn after them.
 *
 * Each result is written once, whole, to a place that nobody reads in the same block: no sum is
 * kept between ticks. Sums run over partitions from the youngest to the oldest in every bin, so
 * the bits are the same for every width of vectors.
 *
 * Sources: W. G. Gardner, Efficient convolution without input-output delay, JAES 43, 1995;
 * the turned transform: R. Crandall, B. Fagin, Discrete weighted transforms and large-integer
 * arithmetic, Math. Comp. 62, 1994.
 */
#include "dsp/convolve_kernel.h"

#define TILE    (SY_FFT_SIDE * SY_FFT_TILE)
#define CHUNK   (4 * SY_WIDTH)    /* bins whose sums are kept in registers */
#define LARGEST 512               /* points of a transform that is not sliced */
#define ROW     (2 * SY_TICK)     /* floats of a row of complex numbers */
#define COLUMNS (2 * SY_FFT_TILE) /* and of a row of a tile */

typedef struct Complexes {
    _Alignas(64) float z[2 * LARGEST];
} Complexes;

_Static_assert(TILE <= LARGEST, "a tile too");

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

/* z = a + i b, n numbers. */
SY_INLINE void join(float *z, const float *a, const float *b, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++) {
        z[2 * i] = a[i];
        z[2 * i + 1] = b[i];
    }
}

/* n numbers turned. Real and imaginary parts are computed alike, with signs that the table has:
 * where one is a sum and the other a difference, gcc 12 fuses them with their products, whatever it
 * was told about contraction. */
SY_INLINE void turn(float *to, const float *z, const float *same, const float *other, uint32_t n)
{
    for (uint32_t i = 0; i < 2 * n; i++)
        to[i] = z[i] * same[i] + z[i ^ 1] * other[i];
}

SY_INLINE void turn_back(float *to, const float *z, const float *same, const float *other,
                         uint32_t n)
{
    for (uint32_t i = 0; i < 2 * n; i++)
        to[i] = z[i] * same[i] - z[i ^ 1] * other[i];
}

/* A row of a tile turned by one angle. */
SY_INLINE void turn_alike(float *to, const float *z, float cosine, float sine)
{
    const float signs[2] = {-sine, sine};
    for (uint32_t i = 0; i < 2 * SY_FFT_TILE; i++)
        to[i] = z[i] * cosine + z[i ^ 1] * signs[i & 1];
}

/* The imaginary parts of n numbers turned back. */
SY_INLINE void turn_back_im(float *y, const float *z, const float *same, const float *other,
                            uint32_t n)
{
    for (uint32_t i = 0; i < n; i++)
        y[i] = z[2 * i + 1] * same[2 * i + 1] - z[2 * i] * other[2 * i + 1];
}

SY_INLINE void split(SyRow *row, const float *z)
{
    for (uint32_t i = 0; i < SY_TICK; i++) {
        row->re[i] = z[2 * i];
        row->im[i] = z[2 * i + 1];
    }
}

/* Adds x[p] h[p] to the sums of CHUNK bins, for n partitions in order. */
SY_INLINE void add_products(SyF re[4], SyF im[4], const SyRow *x, const SyRow *h, uint32_t n,
                            uint32_t bin)
{
    for (uint32_t p = 0; p < n; p++) {
        for (uint32_t v = 0; v < 4; v++) {
            const uint32_t at = bin + v * SY_WIDTH;
            const SyF a = sy_load(x[p].re + at), b = sy_load(x[p].im + at);
            const SyF c = sy_load(h[p].re + at), d = sy_load(h[p].im + at);
            re[v] += a * c - b * d;
            im[v] += a * d + b * c;
        }
    }
}

/* One row: the sum over n partitions, of which that of the youngest block is at x[first]. */
static void multiply(SyRow *sum, const SyRow *x, uint32_t n_slots, uint32_t first, const SyRow *h,
                     uint32_t n)
{
    const uint32_t until_end = sy_less(n, n_slots - first);
    for (uint32_t bin = 0; bin < SY_TICK; bin += CHUNK) {
        SyF re[4] = {0}, im[4] = {0};
        add_products(re, im, x + first, h, until_end, bin);
        add_products(re, im, x, h + until_end, n - until_end, bin);
        for (uint32_t v = 0; v < 4; v++) {
            sy_store(sum->re + bin + v * SY_WIDTH, re[v]);
            sy_store(sum->im + bin + v * SY_WIDTH, im[v]);
        }
    }
}

/* Partitions of a stage for which there has been a block, `block` being the youngest. */
static uint32_t partitions(const SyConvolveVoice *voice, int stage, uint64_t block)
{
    const uint32_t n = voice->response->n_partitions[stage];
    const uint64_t n_blocks = block + 1 - voice->state->first / sy_convolve_rows(stage);
    return n_blocks < n ? (uint32_t)n_blocks : n;
}

static void near(const SyFft *fft, const SyConvolveVoice *voice, uint64_t tick)
{
    SyConvolveTape *tape = voice->tape;
    const SyConvolveResponse *response = voice->response;
    const uint32_t n = partitions(voice, SY_NEAR, tick), slot = slot_of(tick, SY_NEAR_SLOTS);
    const float *same = fft->turn_64[0], *other = fft->turn_64[1];
    Complexes a, b;

    join(a.z, tick_of(voice, tick, 1), tick_of(voice, tick, 0), SY_TICK);
    turn(b.z, a.z, same, other, SY_TICK);
    sy_fft_execute(fft, SY_FFT_64, SY_FFT_FORWARD, b.z, a.z);
    split(&tape->near_x[slot], a.z);
    for (uint32_t side = 0; side < response->n_sides; side++) {
        SyRow sum;
        multiply(&sum, tape->near_x, SY_NEAR_SLOTS, slot,
                 sy_convolve_row(response, SY_NEAR, side, 0), n);
        join(a.z, sum.re, sum.im, SY_TICK);
        sy_fft_execute(fft, SY_FFT_64, SY_FFT_BACKWARD, a.z, b.z);
        turn_back_im(tape->near_y[side][(tick + 1) % SY_NEAR_OUT], b.z, same, other, SY_TICK);
    }
}

/* The spectrum of the block that has become whole. */
static void middle_there(const SyFft *fft, const SyConvolveVoice *voice, uint64_t block)
{
    SyConvolveTape *tape = voice->tape;
    const uint64_t last = block * SY_MIDDLE_TICKS + SY_MIDDLE_TICKS - 1;
    Complexes a, b;

    for (uint32_t row = 0; row < SY_MIDDLE_TICKS; row++) {
        const uint32_t back = SY_MIDDLE_TICKS - 1 - row;
        join(a.z + (size_t)row * ROW, tick_of(voice, last, back + SY_MIDDLE_TICKS),
             tick_of(voice, last, back), SY_TICK);
    }
    turn(b.z, a.z, fft->turn_512[0], fft->turn_512[1], LARGEST);
    sy_fft_execute(fft, SY_FFT_512, SY_FFT_FORWARD, b.z, a.z);
    for (uint32_t row = 0; row < SY_MIDDLE_TICKS; row++)
        split(&tape->middle_x[row][slot_of(block, SY_MIDDLE_SLOTS)], a.z + (size_t)row * ROW);
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

    for (uint32_t row = 0; row < SY_MIDDLE_TICKS; row++) {
        const SyRow *sum = &tape->middle_sum[side][block % SY_MIDDLE_SUMS][row];
        join(a.z + (size_t)row * ROW, sum->re, sum->im, SY_TICK);
    }
    sy_fft_execute(fft, SY_FFT_512, SY_FFT_BACKWARD, a.z, b.z);
    turn_back_im(tape->middle_y[side][(block + 2) % SY_MIDDLE_BLOCKS][0], b.z, fft->turn_512[0],
                 fft->turn_512[1], LARGEST);
}

/* `block` is the youngest that is whole, `j` the tick of the period since. */
static void middle(const SyFft *fft, const SyConvolveVoice *voice, uint64_t block, uint32_t j)
{
    if (j == 0)
        middle_there(fft, voice, block);
    for (uint32_t row = 2 * j - 2; j >= 1 && j <= 4 && row < 2 * j; row++)
        middle_products(voice, block, row);
    if (j >= 6 && j - 6 < voice->response->n_sides)
        middle_back(fft, voice->tape, block, j - 6);
}

/* Columns `first` to `first` + 8 of the block, and the turn. */
static void far_columns(const SyFft *fft, const SyConvolveVoice *voice, uint64_t block,
                        uint32_t first)
{
    SyConvolveTape *tape = voice->tape;
    const uint64_t last = block * SY_FAR_TICKS + SY_FAR_TICKS - 1;
    Complexes a, b;

    for (uint32_t row = 0; row < SY_FAR_TICKS; row++) {
        const uint32_t back = SY_FAR_TICKS - 1 - row;
        join(a.z + (size_t)row * COLUMNS, tick_of(voice, last, back + SY_FAR_TICKS) + first,
             tick_of(voice, last, back) + first, SY_FFT_TILE);
        const float cosine = fft->turn_64[0][2 * row], sine = fft->turn_64[1][2 * row + 1];
        turn_alike(b.z + (size_t)row * COLUMNS, a.z + (size_t)row * COLUMNS, cosine, sine);
    }
    sy_fft_execute(fft, SY_FFT_COLUMNS, SY_FFT_FORWARD, b.z, a.z);
    for (uint32_t row = 0; row < SY_FAR_TICKS; row++) {
        const float *same = fft->turn_4096[row][0], *other = fft->turn_4096[row][1];
        turn(tape->far_columns[row] + (size_t)2 * first, a.z + (size_t)row * COLUMNS,
             same + (size_t)2 * first, other + (size_t)2 * first, SY_FFT_TILE);
    }
}

/* Rows `first` to `first` + 8 of what the columns have become. */
static void far_rows(const SyFft *fft, SyConvolveTape *tape, uint64_t block, uint32_t first)
{
    Complexes a;
    sy_fft_execute(fft, SY_FFT_ROWS, SY_FFT_FORWARD, tape->far_columns[first], a.z);
    for (uint32_t row = 0; row < SY_FFT_TILE; row++)
        split(&tape->far_x[first + row][slot_of(block, SY_FAR_SLOTS)], a.z + (size_t)row * ROW);
}

static void far_products(const SyConvolveVoice *voice, uint64_t block, uint32_t row)
{
    SyConvolveTape *tape = voice->tape;
    for (uint32_t side = 0; side < voice->response->n_sides; side++)
        multiply(&tape->far_sum[side][row], tape->far_x[row], SY_FAR_SLOTS,
                 slot_of(block, SY_FAR_SLOTS), sy_convolve_row(voice->response, SY_FAR, side, row),
                 partitions(voice, SY_FAR, block));
}

static void far_rows_back(const SyFft *fft, SyConvolveTape *tape, uint32_t side, uint32_t first)
{
    Complexes a;
    for (uint32_t row = 0; row < SY_FFT_TILE; row++) {
        const SyRow *sum = &tape->far_sum[side][first + row];
        join(a.z + (size_t)row * ROW, sum->re, sum->im, SY_TICK);
    }
    sy_fft_execute(fft, SY_FFT_ROWS, SY_FFT_BACKWARD, a.z, tape->far_rows[side][first]);
}

static void far_columns_back(const SyFft *fft, SyConvolveTape *tape, uint64_t block, uint32_t side,
                             uint32_t first)
{
    float(*y)[SY_TICK] = tape->far_y[side][(block + 2) % SY_FAR_BLOCKS];
    Complexes a, b;

    for (uint32_t row = 0; row < SY_FAR_TICKS; row++) {
        const float *same = fft->turn_4096[row][0], *other = fft->turn_4096[row][1];
        turn_back(a.z + (size_t)row * COLUMNS, tape->far_rows[side][row] + (size_t)2 * first,
                  same + (size_t)2 * first, other + (size_t)2 * first, SY_FFT_TILE);
    }
    sy_fft_execute(fft, SY_FFT_COLUMNS, SY_FFT_BACKWARD, a.z, b.z);
    for (uint32_t row = 0; row < SY_FAR_TICKS; row++) {
        const float cosine = fft->turn_64[0][2 * row], sine = fft->turn_64[1][2 * row + 1];
        const float *z = b.z + (size_t)row * COLUMNS;
        for (uint32_t i = 0; i < SY_FFT_TILE; i++)
            y[row][first + i] = z[2 * i + 1] * cosine - z[2 * i] * sine;
    }
}

/* As middle(). */
static void far(const SyFft *fft, const SyConvolveVoice *voice, uint64_t block, uint32_t j)
{
    const uint32_t first = j % 8 * SY_FFT_TILE, n_sides = voice->response->n_sides;
    if (j < 8)
        far_columns(fft, voice, block, first);
    else if (j < 16)
        far_rows(fft, voice->tape, block, first);
    for (uint32_t row = 2 * (j - 16); j >= 16 && j < 48 && row < 2 * (j - 15); row++)
        far_products(voice, block, row);
    for (uint32_t side = 0; j >= 48 && side < n_sides; side++) {
        if (j < 56)
            far_rows_back(fft, voice->tape, side, first);
        else
            far_columns_back(fft, voice->tape, block, side, first);
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
