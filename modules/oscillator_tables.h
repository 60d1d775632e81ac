/* Ports and parameters that all oscillators have, so that one can take the place of another. */
#ifndef SY_MODULES_OSCILLATOR_TABLES_H
#define SY_MODULES_OSCILLATOR_TABLES_H

#include "modules/module.h"

static const char *const sy_oscillator_fm_modes[] = {"linear", "exponential", NULL};

#define SY_OSCILLATOR_PITCH                                                                        \
    {                                                                                              \
        .name = "pitch",                                                                           \
        .help = "the note, one octave a volt on top of freq; 0 leaves freq as it is"               \
    }

#define SY_OSCILLATOR_FM                                                                           \
    {                                                                                              \
        .name = "fm", .help = "frequency modulation, as strong as the parameter fm says"           \
    }

#define SY_OSCILLATOR_FINE                                                                         \
    {                                                                                              \
        .name = "fine", .help = "fine tuning, 100 cents to the semitone", .unit = "cents",         \
        .min = -100.0f, .max = 100.0f, .def = 0.0f, .curve = SY_CURVE_LINEAR                       \
    }

#define SY_OSCILLATOR_FM_DEPTH                                                                     \
    {                                                                                              \
        .name = "fm",                                                                              \
        .help = "depth of the fm input: 1 swings by the whole frequency, or by an octave",         \
        .unit = "", .min = -16.0f, .max = 16.0f, .def = 1.0f, .curve = SY_CURVE_LINEAR             \
    }

#define SY_OSCILLATOR_FM_MODE                                                                      \
    {                                                                                              \
        .name = "fm_mode",                                                                         \
        .help = "linear goes through zero and keeps the pitch; exponential bends in octaves",      \
        .unit = "", .min = 0.0f, .max = 1.0f, .def = 0.0f, .curve = SY_CURVE_STEP,                 \
        .choices = sy_oscillator_fm_modes                                                          \
    }

#endif
