/* The oscillator on its own: aliases, levels of its harmonics, pitch, purity, edges. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "bench/sound.h"

#define N_NOTES 12
#define SLOW_S  20 /* how long a cycle of more than a second is watched */

static const double notes[N_NOTES] = {27.5,   55.0,   110.0,  261.6256, 523.2511, 1046.5,
                                      2093.0, 4186.0, 5274.0, 6133.7,   8017.3,   8971.1};

static SySpecimen *run_vco(double hz)
{
    SySpecimen *vco = sy_sound_specimen("vco", SY_ANALYSE_FRAMES);

    sy_specimen_set(vco, "freq", (float)hz);
    sy_specimen_set(vco, "width", 0.3f);
    sy_specimen_run(vco);
    return vco;
}

static SyAliases aliases(const SySpecimen *vco, const char *output, double f0)
{
    return sy_analyse_aliases(sy_specimen_out(vco, 0, output), SY_SPECIMEN_RATE, f0, SY_AUDIBLE_HZ);
}

static void measure_aliases(SyReport *report)
{
    static const struct {
        const char *output, *name;
    } waves[] = {{"saw", "vco saw, steady, up to 9 kHz"},
                 {"pulse", "vco pulse, steady, up to 9 kHz"},
                 {"triangle", "vco triangle, steady, up to 9 kHz"},
                 {"sine", "vco sine, steady, up to 9 kHz"}};
    SyWorst worst[4] = {SY_WORST_NONE, SY_WORST_NONE, SY_WORST_NONE, SY_WORST_NONE};

    for (int n = 0; n < N_NOTES; n++) {
        SySpecimen *vco = run_vco(notes[n]);
        const double f0 = sy_sound_hz(vco, "sine", notes[n]);
        for (int w = 0; w < 4; w++) {
            sy_worst_add(&worst[w], aliases(vco, waves[w].output, f0), f0);
        }
        sy_specimen_free(vco);
    }
    for (int w = 0; w < 4; w++) {
        sy_sound_aliases(report, waves[w].name, &worst[w], -100.0);
    }
}

/* Harmonic n of a saw has 2 / (pi n). */
static double ripple_of(const SySpecimen *vco, double f0, uint32_t *n_lines)
{
    double worst = 0.0;

    for (int n = 1; n * f0 < 18000.0; n += 1 + n / 8) {
        const double level =
            sy_analyse_line(sy_specimen_out(vco, 0, "saw"), SY_SPECIMEN_RATE, n * f0);
        worst = fmax(worst, fabs(sy_db(level * M_PI / 2.0 * n)));
        ++*n_lines;
    }
    return worst;
}

static void measure_ripple(SyReport *report)
{
    double worst = 0.0;
    uint32_t n_lines = 0;
    char name[80];

    for (int n = 0; n < 8; n++) {
        const double hz = 110.0 * pow(1.9, n);
        SySpecimen *vco = run_vco(hz);
        worst = fmax(worst, ripple_of(vco, sy_sound_hz(vco, "sine", hz), &n_lines));
        sy_specimen_free(vco);
    }
    snprintf(name, sizeof(name), "vco saw: ripple up to 18 kHz, %u harmonics", n_lines);
    sy_report_at_most(report, name, worst, 0.1, "dB");
}

/* Clear of the edges and what rings beside them. */
static bool is_on_the_slope(float level)
{
    return fabsf(level) < 0.97f;
}

/* Down there the saw is a straight line: cycles between two of its frames are the edges that were
 * counted, and what the line has climbed besides. */
static double slow_hz(const SySpecimen *vco)
{
    const float *saw = sy_specimen_out(vco, 0, "saw");
    uint32_t first = SY_ANALYSE_SKIP, last = vco->n_frames - 1, edges = 0;
    bool high = false;

    while (first < last && !is_on_the_slope(saw[first])) {
        first++;
    }
    while (last > first && !is_on_the_slope(saw[last])) {
        last--;
    }
    for (uint32_t i = first; i <= last; i++) {
        edges += high && saw[i] < -0.5f;
        high = saw[i] > 0.5f || (high && saw[i] >= -0.5f);
    }
    const double climbed = 0.5 * ((double)saw[last] - (double)saw[first]);
    return (edges + climbed) * SY_SPECIMEN_RATE / (last - first);
}

/* `freq` ends where a musician's use for it does; the pitch input goes on. */
static SySpecimen *run_by_pitch(double hz, uint32_t n_frames)
{
    SySpecimen *vco = sy_sound_specimen("vco", n_frames);
    float *pitch = sy_sound_signal(n_frames, (float)log2(hz / 10.0));

    sy_specimen_set(vco, "freq", 10.0f);
    sy_specimen_patch(vco, "pitch", pitch);
    sy_specimen_run(vco);
    free(pitch);
    return vco;
}

/* What the pitch as a float stands for. */
static double right_hz(double hz)
{
    return 10.0 * exp2((double)(float)log2(hz / 10.0));
}

static double tuning_error(double hz)
{
    const bool slow = hz < 8.0;
    SySpecimen *vco = run_by_pitch(hz, slow ? SLOW_S * 48000 : SY_ANALYSE_FRAMES);
    const double heard = slow ? slow_hz(vco) : sy_sound_hz(vco, "sine", hz);

    sy_specimen_free(vco);
    return fabs(sy_cents(heard, right_hz(hz)));
}

static void measure_tuning(SyReport *report)
{
    double worst = 0.0, worst_hz = 0.0;
    uint32_t n = 0;
    char name[100];

    for (; n <= 24; n++) {
        const double hz = 0.01 * pow(2e6, n / 24.0);
        const double error = tuning_error(hz);
        worst_hz = error > worst ? hz : worst_hz;
        worst = fmax(worst, error);
    }
    snprintf(name, sizeof(name), "vco: pitch from 0.01 Hz to 20 kHz, %u notes, worst at %.4g Hz", n,
             worst_hz);
    sy_report_at_most(report, name, worst, 0.01, "cent");
}

static void measure_purity(SyReport *report)
{
    SySpecimen *vco = run_vco(997.0);
    const float *sine = sy_specimen_out(vco, 0, "sine");
    const double f0 = sy_sound_hz(vco, "sine", 997.0);
    const double first = sy_analyse_line(sine, SY_SPECIMEN_RATE, f0);
    double power = 0.0;

    for (int n = 2; n * f0 < SY_AUDIBLE_HZ; n++) {
        const double level = sy_analyse_line(sine, SY_SPECIMEN_RATE, n * f0) / first;
        power += level * level;
    }
    sy_report_value(report, "vco sine of 997 Hz: THD up to 20 kHz", 10.0 * log10(power), "dB");
    sy_report_value(report, "vco sine of 997 Hz: all else below 20 kHz, added up",
                    aliases(vco, "sine", f0).total_db, "dB");
    sy_specimen_free(vco);
}

/* The edge of a pulse of 100 Hz: how far it goes beyond its end, and how long it takes until it
 * stays within a hundredth of that. */
static void measure_edge(SyReport *report)
{
    SySpecimen *vco = run_vco(100.0);
    const float *pulse = sy_specimen_out(vco, 0, "pulse");
    uint32_t at = SY_ANALYSE_SKIP, settled = 0;
    float highest = 0.0f;

    while (!(pulse[at] < 0.0f && pulse[at + 1] >= 0.0f)) {
        at++;
    }
    for (uint32_t i = 1; i < 64; i++) {
        highest = fmaxf(highest, pulse[at + i]);
        settled = fabsf(pulse[at + i] - pulse[at + 64]) > 0.01f ? i + 1 : settled;
    }
    sy_report_value(report, "vco pulse of 100 Hz: its edge overshoots by",
                    50.0 * (double)(highest / pulse[at + 64] - 1.0f), "% of its height");
    sy_report_value(report, "vco pulse of 100 Hz: within 1 % after", settled, "frames");
    sy_specimen_free(vco);
}

void sy_sound_vco(SyReport *report)
{
    measure_aliases(report);
    measure_ripple(report);
    measure_tuning(report);
    measure_purity(report);
    measure_edge(report);
}
