#include "bench/sound.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "bench/yardstick.h"

#define POINTS 65536 /* of a frame that a frequency is read from */
#define HOP    32768
#define COARSE 4096 /* the hop of a first look, so that the second cannot be a turn off */

void sy_worst_add(SyWorst *worst, SyAliases aliases, double f0_hz)
{
    if (aliases.worst_db > worst->db) {
        worst->db = aliases.worst_db;
        worst->at_hz = aliases.worst_hz;
        worst->f0_hz = f0_hz;
    }
    worst->total_db = aliases.total_db > worst->total_db ? aliases.total_db : worst->total_db;
    worst->n++;
}

void sy_sound_alias_table(SyReport *report)
{
    static const char *const columns[] = {"worst dB", "at Hz", "f0 Hz", "total dB", "cases"};
    sy_report_table(report, "what lies below 20 kHz and is no multiple of f0, of 2^17 frames each",
                    columns, 5);
}

void sy_sound_aliases(SyReport *report, const char *name, const SyWorst *worst, double goal_db)
{
    sy_report_cells(report, name,
                    (double[]){worst->db, worst->at_hz, worst->f0_hz, worst->total_db, worst->n});
    sy_report_at_most(report, name, worst->n ? worst->db : NAN, goal_db, "dB");
}

bool sy_sound_has(SyReport *report, const char *type)
{
    if (sy_registry_find(type) >= 0) {
        return true;
    }
    sy_report_note(report, "%s: there is none yet", type);
    return false;
}

static void *must(void *memory)
{
    if (!memory) {
        perror("synthbench: sound");
        exit(1);
    }
    return memory;
}

SySpecimen *sy_sound_specimen(const char *type, uint32_t n_frames)
{
    const SyModule *module = sy_registry_at((uint32_t)sy_registry_find(type));
    return must(sy_specimen_new(module, getenv("SYNTHD_ISA"), 1, n_frames));
}

float *sy_sound_signal(size_t n, float value)
{
    float *signal = must(malloc(n * sizeof(*signal)));

    for (size_t i = 0; i < n; i++) {
        signal[i] = value;
    }
    return signal;
}

double sy_sound_hz(const SySpecimen *specimen, const char *output, double near_hz)
{
    const float *signal = sy_specimen_out(specimen, 0, output) + SY_ANALYSE_SKIP;
    const double coarse = sy_analyse_frequency(signal, POINTS, COARSE, SY_SPECIMEN_RATE, near_hz);
    return sy_analyse_frequency(signal, POINTS, HOP, SY_SPECIMEN_RATE, coarse);
}

double sy_cents(double hz, double right_hz)
{
    return 1200.0 * log2(hz / right_hz);
}

double sy_db(double ratio)
{
    return 20.0 * log10(ratio + 1e-30);
}

double sy_sound_naive_saw(float *signal, double hz)
{
    const uint32_t step = (uint32_t)(hz / SY_SPECIMEN_RATE * 4294967296.0);
    sy_naive_saw(signal, SY_ANALYSE_FRAMES, 0, step);
    return step * SY_SPECIMEN_RATE / 4294967296.0;
}

/* Theory: harmonic 27 of the one and 7 of the other are the first to fold back below 20 kHz. */
static void read_naive(SyReport *report, double hz, double theory_db)
{
    float *signal = sy_sound_signal(SY_ANALYSE_FRAMES, 0.0f);
    char name[100];
    const double f0 = sy_sound_naive_saw(signal, hz);
    const double db = sy_analyse_aliases(signal, SY_SPECIMEN_RATE, f0, SY_AUDIBLE_HZ).worst_db;

    snprintf(name, sizeof(name), "self-test: a naive saw of %.5g Hz reads %.1f dB, off by", hz, db);
    sy_report_at_most(report, name, fabs(db - theory_db), 0.4, "dB");
    free(signal);
}

static void read_pure(SyReport *report)
{
    float *signal = sy_sound_signal(SY_ANALYSE_FRAMES, 0.0f);

    for (int i = 0; i < SY_ANALYSE_FRAMES; i++) {
        signal[i] = (float)sin(2.0 * M_PI * 1234.5 / SY_SPECIMEN_RATE * i);
    }
    sy_report_at_most(report, "self-test: beside a pure sine, as float",
                      sy_analyse_aliases(signal, SY_SPECIMEN_RATE, 1234.5, SY_AUDIBLE_HZ).worst_db,
                      -150.0, "dB");
    free(signal);
}

bool sy_sound_self_test(SyReport *report)
{
    read_naive(report, 1046.5, -28.8);
    read_naive(report, 4186.0, -16.6);
    read_pure(report);
    return sy_report_missed(report) == 0;
}
