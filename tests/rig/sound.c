#include "tests/rig/sound.h"

#include <math.h>
#include <sndfile.h>
#include <stdlib.h>

#include "tests/rig/check.h"

SySound sy_sound_read(SyStage *stage, const char *name)
{
    SF_INFO info = {0};
    SNDFILE *file = sf_open(sy_stage_path(stage, name), SFM_READ, &info);

    if (!file) {
        fail_msg("%s: %s", name, sf_strerror(NULL));
    }
    assert_int_equal(info.channels, 2);
    const size_t n = (size_t)info.frames;
    float *both = malloc((2 * n + 1) * sizeof(float));
    float *planes = sy_stage_keep(stage, malloc((2 * n + 1) * sizeof(float)));
    assert_non_null(both);
    assert_int_equal(sf_readf_float(file, both, info.frames), info.frames);
    sf_close(file);
    for (size_t i = 0; i < n; i++) {
        planes[i] = both[2 * i];
        planes[n + i] = both[2 * i + 1];
    }
    free(both);
    return (SySound){info.samplerate, info.frames, planes, planes + n};
}

SySound sy_sound_end(SySynth *synth, const char *name, double *late)
{
    const double n_frames = sy_status(synth, "timing.blocks") * sy_status(synth, "block");

    *late = sy_status(synth, "timing.late");
    sy_synth_quit(synth);
    SySound sound = sy_sound_read(synth->stage, name);
    assert_true(n_frames <= (double)sound.n_frames);
    sound.n_frames = (int64_t)n_frames;
    return sound;
}

/* The sine of a window: its phase at frame 0 of the recording, its amplitude, and how much of the
 * window is something else (root mean square, against the amplitude). */
typedef struct Fit {
    double phase, amplitude, rest;
} Fit;

/* Least squares of a cos + b sin. */
static Fit fit_sine(const float *x, int64_t first, int n, double omega)
{
    double cc = 0, cs = 0, ss = 0, xc = 0, xs = 0, rest = 0;

    for (int i = 0; i < n; i++) {
        const double c = cos(omega * (double)(first + i)), s = sin(omega * (double)(first + i));
        cc += c * c;
        cs += c * s;
        ss += s * s;
        xc += x[first + i] * c;
        xs += x[first + i] * s;
    }
    const double det = cc * ss - cs * cs;
    const double a = (xc * ss - xs * cs) / det, b = (xs * cc - xc * cs) / det;
    for (int i = 0; i < n; i++) {
        const double at = omega * (double)(first + i);
        const double e = x[first + i] - a * cos(at) - b * sin(at);
        rest += e * e;
    }
    const double amplitude = hypot(a, b);
    return (Fit){atan2(-b, a), amplitude, amplitude > 1e-6 ? sqrt(rest / n) / amplitude : INFINITY};
}

/* The stretch of windows that is one sine, as far as it has got. */
typedef struct Stretch {
    int n;
    double first_phase, last_phase, turned; /* since the first window, over whole turns */
    double amplitude;
} Stretch;

static double wrapped(double phase)
{
    return remainder(phase, 2 * M_PI);
}

static bool goes_on(const Stretch *stretch, const Fit *fit)
{
    return stretch->n == 0 || fabs(wrapped(fit->phase - stretch->last_phase)) < 0.02;
}

static void extend(Stretch *stretch, const Fit *fit)
{
    if (stretch->n > 0) {
        stretch->turned += wrapped(fit->phase - stretch->last_phase);
    }
    stretch->n++;
    stretch->last_phase = fit->phase;
    stretch->amplitude = fit->amplitude;
}

SyTone sy_sound_tone(const SySound *sound, double hz, int64_t from, int64_t to)
{
    const int window = sound->rate / 100;
    const double omega = 2 * M_PI * hz / sound->rate;
    SyTone tone = {.hz = hz};
    Stretch stretch = {0}, longest = {0};
    bool broken = false;

    for (int64_t first = from; first + window <= to && first + window <= sound->n_frames;
         first += window) {
        const Fit fit = fit_sine(sound->left, first, window, omega);
        const bool is_sine = fit.rest < 1e-3;
        if (!is_sine || !goes_on(&stretch, &fit)) {
            tone.breaks += !broken;
            stretch = (Stretch){0};
        }
        broken = !is_sine;
        if (is_sine) {
            extend(&stretch, &fit);
            longest = stretch.n > longest.n ? stretch : longest;
        }
    }
    if (longest.n > 1) {
        tone.hz += longest.turned / (2 * M_PI) * sound->rate / ((double)(longest.n - 1) * window);
    }
    tone.amplitude = longest.amplitude;
    return tone;
}

void sy_sound_assert_tone(const SySound *sound, double hz, double amplitude, double breaks)
{
    const int64_t ends = sound->rate / 20;
    const SyTone tone = sy_sound_tone(sound, hz, ends, sound->n_frames - ends);

    print_message("%.2f s: %.4f Hz, amplitude %.5f, %d breaks (%.0f blocks were late)\n",
                  (double)sound->n_frames / sound->rate, tone.hz, tone.amplitude, tone.breaks,
                  breaks);
    assert_true(sound->n_frames > 4 * ends);
    assert_true(fabs(tone.hz - hz) < 0.05);
    assert_true(fabs(tone.amplitude - amplitude) < 0.002);
    assert_true(tone.breaks <= breaks);
}

double sy_sound_jump(const float *samples, int64_t n_frames)
{
    double largest = 0;
    for (int64_t i = 1; i < n_frames; i++) {
        largest = fmax(largest, fabs((double)samples[i] - (double)samples[i - 1]));
    }
    return largest;
}

#define TAPS 513

/* An impulse minus a Blackman-windowed low-pass filter. */
static void make_high_pass(double *taps, double hz, int rate)
{
    const int middle = TAPS / 2;
    double sum = 0;

    for (int i = 0; i < TAPS; i++) {
        const double t = i - middle, w = 2 * M_PI * hz / rate;
        const double at = 2 * M_PI * i / (TAPS - 1);
        const double window = 0.42 - 0.5 * cos(at) + 0.08 * cos(2 * at);
        taps[i] = window * (i == middle ? w / M_PI : sin(w * t) / (M_PI * t));
        sum += taps[i];
    }
    for (int i = 0; i < TAPS; i++) {
        taps[i] = (i == middle) - taps[i] / sum;
    }
}

double sy_sound_above(const float *samples, int64_t n_frames, double hz, int rate)
{
    double taps[TAPS], loudest = 0;

    make_high_pass(taps, hz, rate);
    for (int64_t i = TAPS; i <= n_frames; i++) {
        double sum = 0;
        for (int k = 0; k < TAPS; k++) {
            sum += taps[k] * samples[i - TAPS + k];
        }
        loudest = fmax(loudest, fabs(sum));
    }
    return loudest;
}
