/* Filters: pitch and purity of their whistle, what they do to a step. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "bench/sound.h"

#define SETTLE    (5 * 48000) /* until a whistle of 20 Hz is as loud as it gets */
#define FRAMES    (SETTLE + SY_ANALYSE_FRAMES)
#define STEP_HZ   1000.0
#define STEP_LONG 4800
#define DRIVEN_HZ 2995.3 /* its folded harmonics do not fall on the others */

/* A filter that whistles by itself after a click. */
static SySpecimen *run_whistle(const char *type, double hz)
{
    SySpecimen *filter = sy_sound_specimen(type, FRAMES);
    float *click = sy_sound_signal(FRAMES, 0.0f);

    click[0] = 1.0f;
    sy_specimen_set(filter, "cutoff", (float)hz);
    sy_specimen_set(filter, "resonance", 1.0f);
    sy_specimen_patch(filter, "in", click);
    sy_specimen_run(filter);
    free(click);
    return filter;
}

static double whistle_hz(const SySpecimen *filter, const char *output, double hz)
{
    const float *out = sy_specimen_out(filter, 0, output) + SETTLE;
    const double coarse = sy_analyse_frequency(out, 65536, 1024, SY_SPECIMEN_RATE, hz);
    return sy_analyse_frequency(out, 65536, 32768, SY_SPECIMEN_RATE, coarse);
}

double sy_sound_whistle_error(const char *type, const char *output, double hz)
{
    SySpecimen *filter = run_whistle(type, hz);
    const double error = sy_cents(whistle_hz(filter, output, hz), hz);

    sy_specimen_free(filter);
    return error;
}

static void measure_tuning(SyReport *report, const char *type, const char *output)
{
    double worst = 0.0, worst_hz = 0.0;
    uint32_t n = 0;
    char name[120];

    for (; n <= 24; n++) {
        const double hz = 20.0 * pow(1000.0, n / 24.0);
        const double error = fabs(sy_sound_whistle_error(type, output, hz));
        worst_hz = error > worst ? hz : worst_hz;
        worst = fmax(worst, error);
    }
    snprintf(name, sizeof(name),
             "%s: whistles in tune from 20 Hz to 20 kHz, %u notes, worst at %.4g Hz", type, n,
             worst_hz);
    sy_report_at_most(report, name, worst, 0.5, "cent");
}

static void measure_whistle(SyReport *report, const char *type, const char *output)
{
    SySpecimen *filter = run_whistle(type, 1000.0);
    const float *out = sy_specimen_out(filter, 0, output) + SETTLE;
    const double f0 = whistle_hz(filter, output, 1000.0);
    const SyAliases rest = sy_analyse_aliases(out, SY_SPECIMEN_RATE, f0, SY_AUDIBLE_HZ);
    const double level = sy_analyse_line(out, SY_SPECIMEN_RATE, f0);
    double power = 0.0;
    char name[100];

    for (int n = 2; n * f0 < SY_AUDIBLE_HZ; n++) {
        power += pow(sy_analyse_line(out, SY_SPECIMEN_RATE, n * f0) / level, 2.0);
    }
    snprintf(name, sizeof(name), "%s: its whistle of 1 kHz, level", type);
    sy_report_value(report, name, level, "");
    snprintf(name, sizeof(name), "%s: its whistle of 1 kHz, THD up to 20 kHz", type);
    sy_report_value(report, name, 10.0 * log10(power + 1e-40), "dB");
    snprintf(name, sizeof(name), "%s: its whistle of 1 kHz, all else below 20 kHz", type);
    sy_report_value(report, name, rest.total_db, "dB");
    sy_specimen_free(filter);
}

static void measure_step(SyReport *report, const char *type, const char *output)
{
    SySpecimen *filter = sy_sound_specimen(type, STEP_LONG);
    float *step = sy_sound_signal(STEP_LONG, 0.1f);
    const float *out = sy_specimen_out(filter, 0, output);
    float highest = 0.0f;
    uint32_t settled = 0;
    char name[100];

    sy_specimen_set(filter, "cutoff", (float)STEP_HZ);
    sy_specimen_set(filter, "resonance", 0.0f);
    sy_specimen_patch(filter, "in", step);
    sy_specimen_run(filter);
    for (uint32_t i = 0; i < STEP_LONG; i++) {
        highest = fmaxf(highest, out[i]);
        settled = fabsf(out[i] / out[STEP_LONG - 1] - 1.0f) > 0.01f ? i + 1 : settled;
    }
    snprintf(name, sizeof(name), "%s of 1 kHz, no resonance: a step overshoots by", type);
    sy_report_value(report, name, 100.0 * (double)(highest / out[STEP_LONG - 1] - 1.0f), "%");
    snprintf(name, sizeof(name), "%s of 1 kHz, no resonance: a step within 1 %% after", type);
    sy_report_value(report, name, 1e3 * settled / SY_SPECIMEN_RATE, "ms");
    sy_specimen_free(filter);
    free(step);
}

static void fill_sine(float *signal, double size, double hz)
{
    for (int i = 0; i < SY_ANALYSE_FRAMES; i++) {
        signal[i] = (float)(size * sin(2.0 * M_PI * hz / SY_SPECIMEN_RATE * i));
    }
}

/* Everything beside a loud sine that goes through, the filter open. */
static void measure_floor(SyReport *report, const char *type, const char *output)
{
    SySpecimen *filter = sy_sound_specimen(type, SY_ANALYSE_FRAMES);
    float *sine = sy_sound_signal(SY_ANALYSE_FRAMES, 0.0f);
    char name[100];

    fill_sine(sine, 0.1, 997.0);
    sy_specimen_set(filter, "cutoff", 8000.0f);
    sy_specimen_set(filter, "resonance", 0.0f);
    sy_specimen_patch(filter, "in", sine);
    sy_specimen_run(filter);
    const SyAliases rest = sy_analyse_aliases(sy_specimen_out(filter, 0, output), SY_SPECIMEN_RATE,
                                              997.0, SY_AUDIBLE_HZ);
    snprintf(name, sizeof(name), "%s of 8 kHz: noise beside a sine of -20 dB, below 20 kHz", type);
    sy_report_value(report, name, rest.total_db, "dB");
    sy_specimen_free(filter);
    free(sine);
}

/* A loud sine bent by the ladder's transistors: its harmonics are meant, what they fold back to is
 * not. There is no goal for it; the second line shows what twice the rate is for. */
void sy_sound_ladder_drive(SyReport *report)
{
    static const char *const names[] = {"ladder, driven by 24 dB, a sine of 3 kHz",
                                        "ladder, the same at twice the rate"};

    for (int twice = 0; twice <= 1 && sy_registry_find("ladder") >= 0; twice++) {
        SySpecimen *ladder = sy_sound_specimen("ladder", SY_ANALYSE_FRAMES);
        float *sine = sy_sound_signal(SY_ANALYSE_FRAMES, 0.0f);

        fill_sine(sine, 1.0, DRIVEN_HZ);
        sy_specimen_set(ladder, "cutoff", 20000.0f);
        sy_specimen_set(ladder, "resonance", 0.0f);
        sy_specimen_set(ladder, "drive", 24.0f);
        sy_specimen_set(ladder, "oversampling", (float)twice);
        sy_specimen_patch(ladder, "in", sine);
        sy_specimen_run(ladder);
        const SyAliases rest = sy_analyse_aliases(sy_specimen_out(ladder, 0, "out"),
                                                  SY_SPECIMEN_RATE, DRIVEN_HZ, SY_AUDIBLE_HZ);
        sy_report_cells(report, names[twice],
                        (double[]){rest.worst_db, rest.worst_hz, DRIVEN_HZ, rest.total_db, 1});
        sy_specimen_free(ladder);
        free(sine);
    }
}

void sy_sound_filter(SyReport *report, const char *type, const char *output)
{
    if (!sy_sound_has(report, type)) {
        return;
    }
    measure_tuning(report, type, output);
    measure_whistle(report, type, output);
    measure_step(report, type, output);
    measure_floor(report, type, output);
}
