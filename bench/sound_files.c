/* The modules that play files: the wavetable oscillator's aliases, the convolver's exactness. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "bench/sound.h"

#define N_NOTES  8
#define RESPONSE 48000
#define LONG     (2 * RESPONSE)
#define PLACES   200 /* frames at which the convolution is worked out by the definition */

static void add_waves(double hz, SyWorst *worst)
{
    for (int position = 0; position <= 4; position++) {
        SySpecimen *table = sy_sound_specimen("wavetable", SY_ANALYSE_FRAMES);
        sy_specimen_set(table, "freq", (float)hz);
        sy_specimen_set(table, "position", 0.25f * (float)position);
        sy_specimen_run(table);
        const double f0 = sy_sound_hz(table, "out", hz);
        sy_worst_add(worst,
                     sy_analyse_aliases(sy_specimen_out(table, 0, "out"), SY_SPECIMEN_RATE, f0,
                                        SY_AUDIBLE_HZ),
                     f0);
        sy_specimen_free(table);
    }
}

void sy_sound_wavetable(SyReport *report)
{
    static const double notes[N_NOTES] = {27.5,   110.0,  440.0,  1046.5,
                                          2093.0, 4186.0, 6133.7, 8971.1};
    SyWorst worst = SY_WORST_NONE;

    if (!sy_sound_has(report, "wavetable")) {
        return;
    }
    for (int n = 0; n < N_NOTES; n++) {
        add_waves(notes[n], &worst);
    }
    sy_sound_aliases(report, "wavetable, its own waves, up to 9 kHz", &worst, -100.0);
}

/* The sum of products that a convolution is. */
static double exactly(const float *in, const float *response, uint32_t at)
{
    double sum = 0.0;
    for (uint32_t i = 0; i < RESPONSE && i <= at; i++) {
        sum += (double)response[i] * (double)in[at - i];
    }
    return sum;
}

static double error_db(const float *out, const float *in, const float *response)
{
    double wrong = 0.0, right = 0.0;

    for (uint32_t i = 0; i < PLACES; i++) {
        const uint32_t at = i * (LONG - 1) / (PLACES - 1);
        const double exact = exactly(in, response, at);
        wrong += (out[at] - exact) * (out[at] - exact);
        right += exact * exact;
    }
    return 10.0 * log10(wrong / right + 1e-40);
}

static void fill_noise(float *signal, uint32_t n, unsigned from, double decay)
{
    for (uint32_t i = 0; i < n; i++) {
        signal[i] = sy_analyse_noise(from + i) * (float)exp(-decay * i / n);
    }
}

void sy_sound_convolver(SyReport *report)
{
    char error[128];

    if (!sy_sound_has(report, "convolver")) {
        return;
    }
    SySpecimen *convolver = sy_sound_specimen("convolver", LONG);
    float *in = sy_sound_signal(LONG, 0.0f), *response = sy_sound_signal(RESPONSE, 0.0f);
    const float *channels[1] = {response};
    const SyFileAudio audio = {
        .channels = channels, .n_channels = 1, .n_frames = RESPONSE, .rate = SY_SPECIMEN_RATE};

    fill_noise(in, LONG, 1, 0.0);
    fill_noise(response, RESPONSE, 1000000, 6.9);
    sy_specimen_set(convolver, "mix", 1.0f);
    sy_specimen_patch(convolver, "in", in);
    if (sy_specimen_load(convolver, &audio, error, sizeof(error))) {
        sy_specimen_run(convolver);
        const float *out = sy_specimen_out(convolver, 0, "left");
        sy_report_at_most(report, "convolver, 1 s: off the exact sum, not a frame late",
                          error_db(out, in, response), -100.0, "dB");
    } else {
        sy_report_note(report, "convolver: %s", error);
    }
    sy_specimen_free(convolver);
    free(response);
    free(in);
}
