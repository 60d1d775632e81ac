/* What synthd was told on its command line. */
#ifndef SY_ENGINE_OPTIONS_H
#define SY_ENGINE_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/tracing.h"

#define SY_ALLOW_MAX    16
#define SY_DEFAULT_PORT 57140

/* How long a start waits for what another engine has, its port or its journal, as that one may
 * have been killed and be about to vanish. */
#define SY_HEIR_PATIENCE_NS 1000000000

typedef enum SyAudioKind {
    SY_AUDIO_AUTO,
    SY_AUDIO_PORTAUDIO,
    SY_AUDIO_CLOCK,
    SY_AUDIO_OFFLINE
} SyAudioKind;

typedef struct SyOptions {
    SyAudioKind audio;
    const char *device; /* part of its name, or "" */
    uint32_t rate, block, n_workers, n_cores, memory_mb, files_mb;
    double seconds;            /* 0: until told to quit */
    double drain_s;            /* how long the end may take */
    double recycle_h;          /* age in hours at which a worker is replaced; 0 never */
    const char *load, *record; /* files, or NULL */
    const char *journal;       /* file, "off", or NULL for the usual place */
    bool resume;               /* begin with what the journal has */
    const char *listen;        /* address, or NULL for loopback */
    int port;
    const char *allow[SY_ALLOW_MAX];
    size_t n_allow;
    const char *isa; /* or NULL */
    SyTraceLevel trace;
    bool verbose, help, version;
} SyOptions;

/* Fills `options` from the command line and the environment. Returns SY_OK, or SY_ERR_USAGE with
 * what is wrong and what is allowed in `error`. Thread: setup.  RT: no. */
SyStatus sy_options_parse(SyOptions *options, int argc, char **argv, char *error,
                          size_t error_size);

/* The text of --help.  Thread: any.  RT: yes. */
const char *sy_options_help(void);

#endif
