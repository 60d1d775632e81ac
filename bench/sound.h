/* synthbench sound, in pieces: what is common to them, and one function for each kind of module. */
#ifndef SY_BENCH_SOUND_H
#define SY_BENCH_SOUND_H

#include "bench/analyse.h"
#include "bench/report.h"
#include "bench/specimen.h"

#define SY_AUDIBLE_HZ 20000.0

/* The worst of many cases. */
typedef struct SyWorst {
    double db;       /* worst line that should not be there, against the strongest */
    double at_hz;    /* where it lies */
    double f0_hz;    /* in which case */
    double total_db; /* the worst case's lines added up; not that of the same case */
    uint32_t n;      /* cases */
} SyWorst;

#define SY_WORST_NONE ((SyWorst){.db = -400.0, .total_db = -400.0})

void sy_worst_add(SyWorst *worst, SyAliases aliases, double f0_hz);

/* Begins the table that sy_sound_aliases() adds to. */
void sy_sound_alias_table(SyReport *report);

/* A row of that table, and a line for the goal. */
void sy_sound_aliases(SyReport *report, const char *name, const SyWorst *worst, double goal_db);

/* Whether there is a module type of that name; says so in the report if there is none. */
bool sy_sound_has(SyReport *report, const char *type);

/* A single lane of a type that there is, for `n_frames` frames. Ends the program without memory. */
SySpecimen *sy_sound_specimen(const char *type, uint32_t n_frames);

/* Memory for n floats, all `value`; the caller's to free. Ends the program without. */
float *sy_sound_signal(size_t n, float value);

/* The frequency of an output's line near `near_hz`, to some 1e-9 of it, read behind the first 2048
 * frames. The specimen has SY_ANALYSE_FRAMES and has been run. */
double sy_sound_hz(const SySpecimen *specimen, const char *output, double near_hz);

double sy_cents(double hz, double right_hz);
double sy_db(double ratio);

/* The pieces. False if what they measure with cannot be trusted. */
bool sy_sound_self_test(SyReport *report);
void sy_sound_vco(SyReport *report);
void sy_sound_vco_modulated(SyReport *report);
void sy_sound_filter(SyReport *report, const char *type, const char *output);
void sy_sound_ladder_drive(SyReport *report);
void sy_sound_lfo(SyReport *report);
void sy_sound_wavetable(SyReport *report);
void sy_sound_convolver(SyReport *report);

/* How far the whistle of a filter is above its cutoff, in cents. */
double sy_sound_whistle_error(const char *type, const char *output, double hz);

/* Draws the pictures of docs/sound.md into `folder`, which must exist, with gnuplot. False when
 * that is not to be had, having said why on stderr. */
bool sy_sound_pictures(const char *folder);

/* A naive saw of SY_ANALYSE_FRAMES; returns its exact frequency. */
double sy_sound_naive_saw(float *signal, double hz);

#endif
