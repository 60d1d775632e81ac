/* What was recorded, and what can be read from it. */
#ifndef SY_TESTS_RIG_SOUND_H
#define SY_TESTS_RIG_SOUND_H

#include "tests/rig/stage.h"
#include "tests/rig/synth.h"

typedef struct SySound {
    int rate;
    int64_t n_frames;
    const float *left, *right; /* [n_frames], the stage's */
} SySound;

/* Reads a WAV file of the stage's folder: two channels of floats. */
SySound sy_sound_read(SyStage *stage, const char *name);

/* Ends synthd and reads what it recorded, as far as `late` knows how many blocks were late: what
 * may go wrong while it ends is not counted any more. */
SySound sy_sound_end(SySynth *synth, const char *name, double *late);

/* A sine of about a known frequency in a recording that may break off and go on. */
typedef struct SyTone {
    double hz;        /* measured over the longest stretch without a break */
    double amplitude; /* there */
    int breaks;       /* places where it is not one sine, or its phase jumps */
} SyTone;

/* Fits a sine of `hz` to windows of 10 ms, and follows its phase from one to the next.
 * `from`, `to`: frames to look at. */
SyTone sy_sound_tone(const SySound *sound, double hz, int64_t from, int64_t to);

/* The whole recording, but for the fades at its ends, has to be one sine that breaks off at most
 * `breaks` times. Says what it measured. */
void sy_sound_assert_tone(const SySound *sound, double hz, double amplitude, double breaks);

/* The largest difference between neighbouring samples of a channel. */
double sy_sound_jump(const float *samples, int64_t n_frames);

/* The loudest sample of what a steep high-pass filter at `hz` leaves of a channel. */
double sy_sound_above(const float *samples, int64_t n_frames, double hz, int rate);

#endif
