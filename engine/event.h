/* A parameter change or a note on its way to the audio thread. */
#ifndef SY_ENGINE_EVENT_H
#define SY_ENGINE_EVENT_H

#include "engine/segment.h"

typedef struct SyEvent {
    int64_t when;        /* frame, or SY_WHEN_NOW */
    uint64_t serial;     /* plan that must be playing first; 0 if none */
    uint32_t slot;       /* the node's */
    uint32_t generation; /* of that slot: what was meant for a module that is gone is dropped */
    uint8_t kind;        /* SyEventKind */
    uint8_t param;
    bool jumps;  /* takes effect at once instead of ramping */
    float value; /* SY_EVENT_PARAM: as process() sees it */
    SyModuleEvent note;
} SyEvent;

/* What the threads outside control know of a module: written by control, read by osc and audio. */
typedef struct SyLive {
    _Atomic uint32_t generation; /* changes when the module goes */
    _Atomic uint64_t serial;     /* first plan with it */
    _Atomic uint64_t params_at;
    _Atomic float written[SY_PARAMS_MAX]; /* last value that was set; osc and control, in turn */
} SyLive;

#endif
