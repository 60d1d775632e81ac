/* Fourier transforms by FFTW3.
 *
 * Planning allocates and locks, executing does neither: plans are made once, before the workers are
 * forked, and are executed on other arrays than they were made for (FFTW's new-array execute),
 * which needs nothing but the same alignment. FFTW computes in single precision here, with the
 * widest vectors that it finds, whatever build of the kernels is chosen.
 *
 * All sizes are small: a large transform would be a peak in the work of the block that it falls
 * into. 8192 points are 512 columns of 16, a turn of each result, and 16 rows of 512 (D. H. Bailey,
 * FFTs in external or hierarchical memory, J. Supercomputing 4, 1990), 512 points at a time.
 *
 * Measured with AVX on Zen 3, ns, estimated plans: 64 points 40, 512 points 400, 32 columns 230; a
 * quarter more where their code has left the cache.
 */
#include "dsp/fft.h"

#include <fftw3.h>
#include <string.h>

#include "dsp/wavetable.h"

#define PI 3.14159265358979323846

static int sign_of(SyFftSign sign)
{
    return sign == SY_FFT_FORWARD ? FFTW_FORWARD : FFTW_BACKWARD;
}

static fftwf_plan new_plan(SyFftKind kind, SyFftSign sign, fftwf_complex *in, fftwf_complex *out,
                           unsigned flags)
{
    const bool columns = kind == SY_FFT_COLUMNS;
    const int n = columns ? SY_FFT_COLUMN : kind == SY_FFT_512 ? 512 : 64;
    const int n_transforms = columns ? SY_FFT_ACROSS : 1;
    const int stride = columns ? SY_FFT_ACROSS : 1, distance = columns ? 1 : n;
    return fftwf_plan_many_dft(1, &n, n_transforms, in, NULL, stride, distance, out, NULL, stride,
                               distance, sign_of(sign), flags);
}

/* Measures, where wisdom does not say what is fastest, only to learn it; else estimates. */
static bool make_plans(SyFft *fft, bool learn)
{
    static _Alignas(64) fftwf_complex in[512], out[512];
    for (int kind = 0; kind < SY_FFT_KINDS; kind++) {
        for (int sign = 0; sign < SY_FFT_SIGNS; sign++) {
            const unsigned known = learn ? 0 : FFTW_WISDOM_ONLY;
            fftwf_plan plan = new_plan(kind, sign, in, out, FFTW_MEASURE | known);
            if (!plan && !learn)
                plan = new_plan(kind, sign, in, out, FFTW_ESTIMATE);
            if (!plan)
                return false;
            fft->plans[kind][sign] = plan;
        }
    }
    return true;
}

/* sin(pi x), -1/2 <= x <= 1/2, by its Taylor series: libm's is not the same on every CPU. */
static double sin_pi(double x)
{
    const double angle = PI * x, square = angle * angle;
    double sum = 0.0;
    for (int n = 23; n > 1; n -= 2)
        sum = (1.0 + sum) * -square / (n * (n - 1));
    return angle * (1.0 + sum);
}

/* exp(i pi x), -1 <= x <= 1, as turn n. */
static void set_turn(float *cosines, float *sines, uint32_t n, double x)
{
    const double size = x < 0.0 ? -x : x;
    const double sine = sin_pi(size > 0.5 ? 1.0 - size : size);
    cosines[n] = (float)sin_pi(0.5 - size);
    sines[n] = (float)(x < 0.0 ? -sine : sine);
}

static void make_turns(SyFft *fft)
{
    for (uint32_t n = 0; n < 64; n++)
        set_turn(fft->turn_64[0], fft->turn_64[1], n, n / 128.0);
    for (uint32_t n = 0; n < 512; n++)
        set_turn(fft->turn_512[0], fft->turn_512[1], n, n / 1024.0);
    for (int k = 0; k < SY_FFT_COLUMN; k++) {
        for (int n = 0; n < SY_FFT_ROW; n++) {
            const double x = n * (1 - 4 * k) / (2.0 * SY_FFT_LARGE); /* above -2 */
            set_turn(fft->turn_8192[k][0], fft->turn_8192[k][1], (uint32_t)n,
                     x < -1.0 ? x + 2.0 : x);
        }
    }
}

bool sy_fft_init(SyFft *fft)
{
    memset(fft, 0, sizeof(*fft));
    make_turns(fft);
    fft->waves = fftwf_malloc(sy_wavetable_builtin_size());
    if (fft->waves && make_plans(fft, false)) {
        sy_wavetable_builtin_prepare(fft->waves);
        return true;
    }
    sy_fft_deinit(fft);
    return false;
}

void sy_fft_deinit(SyFft *fft)
{
    for (int kind = 0; kind < SY_FFT_KINDS; kind++) {
        for (int sign = 0; sign < SY_FFT_SIGNS; sign++)
            fftwf_destroy_plan(fft->plans[kind][sign]);
    }
    fftwf_free(fft->waves);
    memset(fft, 0, sizeof(*fft));
}

/* Whether there is wisdom for all plans. */
static bool is_wise(void)
{
    static _Alignas(64) fftwf_complex in[512], out[512];
    for (int kind = 0; kind < SY_FFT_KINDS; kind++) {
        for (int sign = 0; sign < SY_FFT_SIGNS; sign++) {
            fftwf_plan plan = new_plan(kind, sign, in, out, FFTW_MEASURE | FFTW_WISDOM_ONLY);
            if (!plan)
                return false;
            fftwf_destroy_plan(plan);
        }
    }
    return true;
}

bool sy_fft_read_wisdom(const char *path)
{
    return fftwf_import_wisdom_from_filename(path) && is_wise();
}

bool sy_fft_learn_wisdom(const char *path)
{
    SyFft fft = {0};
    const bool made = make_plans(&fft, true);
    sy_fft_deinit(&fft);
    return made && fftwf_export_wisdom_to_filename(path);
}

void sy_fft_execute(const SyFft *fft, SyFftKind kind, SyFftSign sign, const float *in, float *out)
{
    /* FFTW's arguments are not const, but in stays as it is. */
    fftwf_execute_dft(fft->plans[kind][sign], (fftwf_complex *)(uintptr_t)in, (fftwf_complex *)out);
}

SyFftExact *sy_fft_exact_new(double (*z)[2], uint32_t n_points, SyFftSign sign)
{
    return (SyFftExact *)fftw_plan_dft_1d((int)n_points, z, z, sign_of(sign), FFTW_ESTIMATE);
}

void sy_fft_exact_run(SyFftExact *exact)
{
    fftw_execute((fftw_plan)exact);
}

void sy_fft_exact_free(SyFftExact *exact)
{
    fftw_destroy_plan((fftw_plan)exact);
}
