/* Minimum phase by the cepstrum.
 *
 * The logarithm of a spectrum has the logarithm of the amplitude as its real part, the phase as its
 * imaginary part. A filter has minimum phase if the transform of that logarithm, the cepstrum, is 0
 * before time 0; and a cepstrum that is even has a real spectrum. So the even cepstrum of the
 * amplitudes alone, with what lies before time 0 folded over to after it, belongs to the filter
 * that is wanted.
 *
 * The response is taken at 32 values a frame, and with 31 times as many zeros, because a cepstrum
 * dies away slowly where the spectrum has zeros. Those are filled to -180 dB.
 *
 * Source: A. V. Oppenheim, R. W. Schafer, Discrete-Time Signal Processing, chapter on the cepstrum;
 * for steps made so: E. Brandt, Hard sync without aliasing, ICMC 2001.
 */
#include "dsp/vco_minimum.h"

#include <string.h>

#include "dsp/vco_series.h"

#define POINTS 32768
#define HALF   (POINTS / 2)
#define LENGTH (SY_MINIMUM_FRAMES * SY_MINIMUM_GRID)
#define FLOOR  1e-18 /* of power */

/* Too large for a stack. */
typedef struct Work {
    double re[POINTS], im[POINTS];
    double cosine[HALF], sine[HALF];
} Work;

static void reorder(Work *w)
{
    for (unsigned i = 0, j = 0; i < POINTS; i++) {
        if (i < j) {
            const double re = w->re[i], im = w->im[i];
            w->re[i] = w->re[j];
            w->im[i] = w->im[j];
            w->re[j] = re;
            w->im[j] = im;
        }
        unsigned bit = HALF;
        for (; bit && (j & bit); bit /= 2)
            j ^= bit;
        j |= bit;
    }
}

/* The transform with exp(-2 pi i / POINTS), in place. */
static void transform(Work *w)
{
    reorder(w);
    for (unsigned size = 1; size < POINTS; size *= 2) {
        for (unsigned i = 0; i < HALF; i++) {
            const unsigned k = i % size, a = (i - k) * 2 + k, b = a + size;
            const double c = w->cosine[k * (HALF / size)], s = -w->sine[k * (HALF / size)];
            const double re = w->re[b] * c - w->im[b] * s, im = w->re[b] * s + w->im[b] * c;
            w->re[b] = w->re[a] - re;
            w->im[b] = w->im[a] - im;
            w->re[a] += re;
            w->im[a] += im;
        }
    }
}

static void to_log_amplitude(Work *w)
{
    const double dc = w->re[0] * w->re[0];
    for (unsigned i = 0; i < POINTS; i++) {
        const double power = w->re[i] * w->re[i] + w->im[i] * w->im[i];
        w->re[i] = 0.5 * sy_ln(power + FLOOR * dc);
        w->im[i] = 0.0;
    }
}

/* What is before time 0 is in the upper half. */
static void fold(Work *w)
{
    for (unsigned i = 0; i < POINTS; i++) {
        const double share = i == 0 || i == HALF ? 1.0 : i < HALF ? 2.0 : 0.0;
        w->re[i] *= share / POINTS;
        w->im[i] = 0.0;
    }
}

/* e to the power of each, and the conjugate of that: the next transform then goes back in time. */
static void to_spectrum(Work *w)
{
    for (unsigned i = 0; i < POINTS; i++) {
        const double amplitude = sy_exp(w->re[i]), turns = w->im[i] / SY_PI;
        w->re[i] = amplitude * sy_cos_pi(turns);
        w->im[i] = -amplitude * sy_sin_pi(turns);
    }
}

void sy_minimum_phase(double *h)
{
    static Work work;
    Work *w = &work;
    memset(w, 0, sizeof(*w));
    for (unsigned i = 0; i < HALF; i++) {
        w->cosine[i] = sy_cos_pi((double)i / HALF);
        w->sine[i] = sy_sin_pi((double)i / HALF);
    }
    memcpy(w->re, h, LENGTH * sizeof(*h));
    transform(w);
    to_log_amplitude(w);
    transform(w); /* of an even sequence, so that it does not matter which way */
    fold(w);
    transform(w);
    to_spectrum(w);
    transform(w);
    for (unsigned i = 0; i < LENGTH; i++)
        h[i] = w->re[i] / POINTS;
}

double sy_minimum_delay(const double *h)
{
    double area = 0.0, moment = 0.0;
    for (int i = 0; i < LENGTH; i++) {
        area += h[i];
        moment += h[i] * i / SY_MINIMUM_GRID;
    }
    return moment / area;
}

double sy_minimum_at(const double *h, double frame)
{
    const double at = frame * SY_MINIMUM_GRID, first = floor(at) - 3.0;
    double sum = 0.0;
    for (int k = 0; k < 8; k++) {
        const double i = first + k;
        if (i < 0.0 || i >= LENGTH)
            continue;
        double weight = 1.0;
        for (int other = 0; other < 8; other++) {
            if (other != k)
                weight *= (at - first - other) / (k - other);
        }
        sum += weight * h[(int)i];
    }
    return sum;
}
