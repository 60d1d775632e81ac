/* Ports and parameters that all filters have, so that one can take the place of another. */
#ifndef SY_MODULES_FILTER_TABLES_H
#define SY_MODULES_FILTER_TABLES_H

#include "modules/module.h"

#define SY_FILTER_IN                                                                               \
    {                                                                                              \
        .name = "in", .help = "the signal to filter"                                               \
    }

#define SY_FILTER_PITCH                                                                            \
    {                                                                                              \
        .name = "pitch",                                                                           \
        .help = "moves the cutoff by octaves a volt, as strongly as tracking says"                 \
    }

#define SY_FILTER_FM                                                                               \
    {                                                                                              \
        .name = "fm", .help = "moves the cutoff by as many octaves as the parameter fm says"       \
    }

#define SY_FILTER_CUTOFF                                                                           \
    {                                                                                              \
        .name = "cutoff", .help = "the frequency at which the filter begins to take away",         \
        .unit = "Hz", .min = 10.0f, .max = 20000.0f, .def = 1000.0f, .curve = SY_CURVE_PITCH       \
    }

#define SY_FILTER_FM_DEPTH                                                                         \
    {                                                                                              \
        .name = "fm",                                                                              \
        .help = "octaves that the fm input moves the cutoff by; below 0 it moves down",            \
        .unit = "oct", .min = -10.0f, .max = 10.0f, .def = 4.0f, .curve = SY_CURVE_LINEAR          \
    }

#define SY_FILTER_TRACKING                                                                         \
    {                                                                                              \
        .name = "tracking",                                                                        \
        .help = "how far the cutoff follows pitch: 1 keeps the timbre of every note alike",        \
        .unit = "", .min = -2.0f, .max = 2.0f, .def = 1.0f, .curve = SY_CURVE_LINEAR               \
    }

#endif
