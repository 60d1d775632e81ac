/* What synthd was told on its command line. */
#ifndef SY_ENGINE_OPTIONS_H
#define SY_ENGINE_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/tracing.h"

#define SY_ALLOW_MAX    16
#define SY_DEFAULT_PORT 57140

/* Frames of a block, unless it is said: live, and offline, where nobody waits for one. */
#define SY_LIVE_BLOCK    64
#define SY_OFFLINE_BLOCK 512

/* How long a start waits for what another engine has, its port or its journal, as that one may
 * have been killed and be about to vanish. */
#define SY_HEIR_PATIENCE_NS 1000000000

typedef enum SyAudioKind {
    SY_AUDIO_AUTO,
    SY_AUDIO_PORTAUDIO,
    SY_AUDIO_CLOCK,
    SY_AUDIO_OFFLINE
} SyAudioKind;

/* Who computes what. */
typedef enum SyPlacement {
    SY_PLACEMENT_AUTO,   /* whichever of the two is sooner done */
    SY_PLACEMENT_SPREAD, /* over all cores */
    SY_PLACEMENT_PACK,   /* all on one worker */
} SyPlacement;

/* The placement called `name`, or -1; the name of one.  Thread: any.  RT: yes. */
int sy_placement_find(const char *name);
const char *sy_placement_name(SyPlacement placement);

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
    SyPlacement placement;
    bool workers_by_cores; /* as many as belong to the cores, also when those change */
    bool verbose, help, version;
} SyOptions;

/* Fills `options` from the command line and the environment. Returns SY_OK, or SY_ERR_USAGE with
 * what is wrong and what is allowed in `error`. Thread: setup.  RT: no. */
SyStatus sy_options_parse(SyOptions *options, int argc, char **argv, char *error,
                          size_t error_size);

/* The text of --help.  Thread: any.  RT: yes. */
const char *sy_options_help(void);

#endif
