/* The slow oscillator: its tempo from a cycle in 1,000 s to audio rate, and whether two of them are
 * still together after an hour. */
#include <math.h>
#include <stdio.h>

#include "bench/sound.h"

#define HOUR_FRAMES (3600u * 48000u)
#define SLOW_S      20

/* From the slope of its saw. */
static double measured_hz(double hz)
{
    const uint32_t n_frames = SLOW_S * 48000;
    SySpecimen *lfo = sy_sound_specimen("lfo", n_frames);
    const float *saw = sy_specimen_out(lfo, 0, "saw");
    double climbed = 0.0;

    sy_specimen_set(lfo, "rate", (float)hz);
    sy_specimen_run(lfo);
    for (uint32_t i = 0; i + 1 < n_frames; i++) {
        const double step = (double)saw[i + 1] - saw[i];
        climbed += step < 0.0 ? step + 2.0 : step;
    }
    sy_specimen_free(lfo);
    return climbed / 2.0 * SY_SPECIMEN_RATE / (n_frames - 1);
}

static void measure_tempo(SyReport *report)
{
    double worst = 0.0, worst_hz = 0.0;
    uint32_t n = 0;
    char name[120];

    for (; n < 7; n++) {
        const double hz = 0.001 * pow(10.0, n);
        const double error = fabs(sy_cents(measured_hz(hz), (double)(float)hz));
        worst_hz = error > worst ? hz : worst_hz;
        worst = fmax(worst, error);
    }
    snprintf(name, sizeof(name), "lfo: tempo from 0.001 Hz to 1 kHz, %u of them, worst at %.3g Hz",
             n, worst_hz);
    sy_report_at_most(report, name, worst, 0.01, "cent");
}

static double phase_of(const SySpecimen *lfo)
{
    return 0.5 + 0.5 * (double)sy_specimen_out(lfo, 0, "saw")[SY_SPECIMEN_BLOCK - 1];
}

/* One twice as fast as the other: the phase of the one is twice that of the other, for ever. */
static void measure_hour(SyReport *report)
{
    SySpecimen *slow = sy_sound_specimen("lfo", SY_SPECIMEN_BLOCK);
    SySpecimen *fast = sy_sound_specimen("lfo", SY_SPECIMEN_BLOCK);

    sy_specimen_set(slow, "rate", 1.8f);
    sy_specimen_set(fast, "rate", 3.6f);
    sy_specimen_hear(slow, sy_specimen_mask(slow, "saw"));
    sy_specimen_hear(fast, sy_specimen_mask(fast, "saw"));
    for (uint32_t at = 0; at < HOUR_FRAMES; at += SY_SPECIMEN_BLOCK) {
        sy_specimen_block(slow);
        sy_specimen_block(fast);
    }
    const double apart = 2.0 * phase_of(slow) - phase_of(fast);
    sy_report_at_most(report, "lfo: two at 1:2 after an hour, off by",
                      1e6 * fabs(apart - round(apart)), 1.0, "millionths of a cycle");
    sy_specimen_free(slow);
    sy_specimen_free(fast);
}

void sy_sound_lfo(SyReport *report)
{
    measure_tempo(report);
    measure_hour(report);
}
