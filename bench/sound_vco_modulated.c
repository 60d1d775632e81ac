/* The oscillator under modulation. A modulator at three quarters of the carrier's frequency puts
 * everything that is wanted on multiples of one quarter: what lies beside them is alias. */
#include <math.h>
#include <stdlib.h>

#include "bench/sound.h"

#define N_CASES 3

static const char *const waves[] = {"saw", "pulse", "triangle", "sine"};

typedef struct Kind {
    const char *name;
    const char *input, *depth;
    bool exponential;
    double goal_db;
    struct {
        double hz;
        float depth;
    } cases[N_CASES];
} Kind;

/* What the oscillator runs at when nothing moves it. */
static double rest_hz(double hz)
{
    SySpecimen *vco = sy_sound_specimen("vco", SY_ANALYSE_FRAMES);
    sy_specimen_set(vco, "freq", (float)hz);
    sy_specimen_run(vco);
    const double f0 = sy_sound_hz(vco, "sine", hz);
    sy_specimen_free(vco);
    return f0;
}

/* A sine's mean of 2^(depth sine): by so much exponential FM lifts the mean frequency. */
static double lifted_by(double depth)
{
    double sum = 0.0;
    for (int i = 0; i < 1024; i++) {
        sum += exp2(depth * sin(2.0 * M_PI * i / 1024.0));
    }
    return sum / 1024.0;
}

static void fill_sine(float *signal, double hz)
{
    double phase = 0.0;
    for (int i = 0; i < SY_ANALYSE_FRAMES; i++) {
        phase += hz / SY_SPECIMEN_RATE;
        phase -= floor(phase);
        signal[i] = (float)sin(2.0 * M_PI * phase);
    }
}

static void add_case(const Kind *kind, int index, SyWorst *worst)
{
    const double hz = kind->cases[index].hz;
    const float depth = kind->cases[index].depth;
    const double f0 = rest_hz(hz) * (kind->exponential ? lifted_by((double)depth) : 1.0);
    float *modulator = sy_sound_signal(SY_ANALYSE_FRAMES, 0.0f);
    SySpecimen *vco = sy_sound_specimen("vco", SY_ANALYSE_FRAMES);

    fill_sine(modulator, 0.75 * f0);
    sy_specimen_set(vco, "freq", (float)hz);
    sy_specimen_set(vco, "fm_mode", kind->exponential ? 1.0f : 0.0f);
    sy_specimen_set(vco, kind->depth, depth);
    sy_specimen_patch(vco, kind->input, modulator);
    sy_specimen_run(vco);
    for (int w = 0; w < 4; w++) {
        const float *out = sy_specimen_out(vco, 0, waves[w]);
        sy_worst_add(worst, sy_analyse_aliases(out, SY_SPECIMEN_RATE, 0.25 * f0, SY_AUDIBLE_HZ),
                     f0);
    }
    sy_specimen_free(vco);
    free(modulator);
}

static void measure_kinds(SyReport *report)
{
    static const Kind kinds[] = {
        {"vco, linear FM at audio rate",
         "fm",
         "fm",
         false,
         -95.0,
         {{429.2, 0.5f}, {1246.8, 0.9f}, {2093.0, 0.5f}}},
        {"vco, linear FM through zero",
         "fm",
         "fm",
         false,
         -95.0,
         {{429.2, 2.0f}, {1246.8, 4.0f}, {2093.0, 2.0f}}},
        {"vco, exponential FM at audio rate",
         "fm",
         "fm",
         true,
         -95.0,
         {{429.2, 0.5f}, {1246.8, 1.0f}, {2093.0, 0.5f}}},
        {"vco, PWM at audio rate",
         "pwm",
         "pwm",
         false,
         -95.0,
         {{429.2, 0.3f}, {2093.0, 0.3f}, {4186.0, 0.3f}}},
    };
    for (size_t k = 0; k < sizeof(kinds) / sizeof(*kinds); k++) {
        SyWorst worst = SY_WORST_NONE;
        for (int i = 0; i < N_CASES; i++) {
            add_case(&kinds[k], i, &worst);
        }
        sy_sound_aliases(report, kinds[k].name, &worst, kinds[k].goal_db);
    }
}

/* Everything repeats with the master; in soft sync, where every other time the slave runs the other
 * way round, with two of its cycles. */
static void add_sync_case(double master_hz, double ratio, bool soft, SyWorst *worst)
{
    SySpecimen *master = sy_sound_specimen("vco", SY_ANALYSE_FRAMES);
    SySpecimen *slave = sy_sound_specimen("vco", SY_ANALYSE_FRAMES);
    const float *exact = sy_specimen_out(master, 0, "sync");

    sy_specimen_set(master, "freq", (float)master_hz);
    sy_specimen_set(slave, "freq", (float)(ratio * master_hz));
    sy_specimen_set(slave, "sync_mode", soft ? 1.0f : 0.0f);
    sy_specimen_patch(slave, "sync", exact ? exact : sy_specimen_out(master, 0, "saw"));
    sy_specimen_run(master);
    sy_specimen_run(slave);
    const double f0 = sy_sound_hz(master, "sine", master_hz);
    for (int w = 0; w < 4; w++) {
        const float *out = sy_specimen_out(slave, 0, waves[w]);
        sy_worst_add(worst,
                     sy_analyse_aliases(out, SY_SPECIMEN_RATE, soft ? 0.5 * f0 : f0, SY_AUDIBLE_HZ),
                     f0);
    }
    sy_specimen_free(master);
    sy_specimen_free(slave);
}

static void measure_sync(SyReport *report, bool soft)
{
    static const struct {
        double master_hz, ratio;
    } cases[] = {{110.3, 1.618}, {321.7, 1.618}, {784.9, 1.618},
                 {441.0, 3.37},  {1046.5, 2.71}, {2093.0, 1.37}};
    SyWorst worst = SY_WORST_NONE;

    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        add_sync_case(cases[i].master_hz, cases[i].ratio, soft, &worst);
    }
    sy_sound_aliases(report,
                     soft ? "vco, soft sync to another vco" : "vco, hard sync to another vco",
                     &worst, -100.0);
}

void sy_sound_vco_modulated(SyReport *report)
{
    measure_kinds(report);
    measure_sync(report, false);
    measure_sync(report, true);
}
