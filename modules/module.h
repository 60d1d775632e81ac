/* What a module is: the table that describes it and the functions that run it.
 *
 * A module is one file in modules/ that defines one `const SyModule sy_module_<name>`, and one line
 * in modules/meson.build. The table below drives everything else: OSC addresses, synthctl's help,
 * the tests that walk the registry, and the engine that calls it.
 *
 * The contract of process(), which the engine's failover and its batching rest on:
 *
 * M1  All that a lane remembers is in `state`, which holds no pointer. The engine hands a copy; if
 * the worker dies, the block is computed again from the state before it. Nothing else may be kept.
 * M2  No allocation, lock, system call, clock, random source outside the state, or unbounded loop.
 * M3  A lane's output depends on nothing but that lane: not on its neighbours in the batch.
 * M4  n frames at once give the same bits as the same frames in any number of smaller calls, down
 *     to calls of 1 frame (a feedback loop runs so, and events cut blocks at any frame).
 * M5  A `tape` is written at places that follow from the state alone, each once a block at most, so
 *     that running again writes the same in the same places: it has room for all that is still to
 *     be read and one block more. Nothing is summed up in it. What it holds after init() may be
 *     anything: the state tells how far back it is the lane's own.
 * M6  Whatever the inputs in +-100 and the parameters within their range, outputs stay finite.
 */
#ifndef SY_MODULES_MODULE_H
#define SY_MODULES_MODULE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dsp/dsp.h"
#include "dsp/ramp.h"

#define SY_PORTS_MAX  8  /* inputs, and outputs, that a module type can have */
#define SY_PARAMS_MAX 16 /* parameters that a module type can have */
#define SY_VOICES_MAX 16 /* voices that one instance can have */
#define SY_LANES_MAX  16 /* lanes that one call of process() can get */

/* How a parameter's value, as a person writes it, becomes what process() sees. */
typedef enum SyCurve {
    SY_CURVE_LINEAR, /* as written; ramps */
    SY_CURVE_PITCH,  /* written in Hz, seen in octaves above C4 (261.6256 Hz); ramps in octaves */
    SY_CURVE_DB,     /* written in dB, seen as amplitude; at the minimum exactly 0; ramps */
    SY_CURVE_STEP,   /* as written, and takes effect at once: switches, counts, shapes */
} SyCurve;

typedef struct SyParamInfo {
    const char *name;    /* as in /vco/1/freq */
    const char *help;    /* one line, for a musician */
    const char *unit;    /* "Hz", "s", "dB", "cents", "oct", "" */
    float min, max, def; /* as written */
    SyCurve curve;
    const char *const *choices; /* NULL, or n names for the values min..max of a switch */
} SyParamInfo;

typedef struct SyPortInfo {
    const char *name;
    const char *help;
    float normal;         /* inputs: the value when nothing is patched in */
    uint8_t normalled_to; /* inputs: 0, or 1 + the input whose signal stands in when unpatched */
    bool sums;            /* inputs: a cable with more voices than the module is summed to mono */
} SyPortInfo;

/* What all modules share; made once before the workers are forked, read-only after that. */
typedef struct SyContext {
    float rate;       /* frames per second */
    const SyDsp *dsp; /* the kernels for this CPU */
    const SyTables *tables;
    const SyFft *fft;
} SyContext;

/* An audio file as the loader has decoded it. */
typedef struct SyFileAudio {
    const float *const *channels; /* [n_channels][n_frames] */
    uint32_t n_channels, n_frames;
    double rate; /* frames per second */
} SyFileAudio;

/* What a module makes of an audio file, once, for all lanes of all instances that were given the
 * same one. Runs in the loader, a process of its own behind walls, which may take its time,
 * allocate and use libm and FFTW, but may crash without harm. */
typedef struct SyModuleFile {
    const char *help;     /* one line, for a musician */
    uint32_t frames_max;  /* what is beyond is cut off, and said */
    bool at_engines_rate; /* to be resampled if the file has another rate */

    /* Bytes that prepare() will write; or 0, with a sentence for a person in `error`.
     * Thread: loader.  RT: no. */
    uint64_t (*size)(const SyContext *context, const SyFileAudio *audio, char *error,
                     size_t error_size);

    /* Writes what process() will read, to `to`, 64-byte aligned and zeroed. No pointers.
     * Thread: loader.  RT: no. */
    void (*prepare)(const SyContext *context, const SyFileAudio *audio, void *to);
} SyModuleFile;

/* One voice of one instance (or, for a per_instance module, one instance with all its voices).
 * All arrays are owned by the engine and valid during the call. */
typedef struct SyLane {
    void *state;                   /* state_size bytes, 64-byte aligned, to be updated in place */
    void *tape;                    /* tape_size bytes, 64-byte aligned, see M5; or NULL */
    const void *file;              /* what SyModuleFile.prepare() wrote, or NULL without a file */
    const float *in[SY_PORTS_MAX]; /* [n_frames] each; never NULL; unpatched: all `normal` */
    float *out[SY_PORTS_MAX]; /* [n_frames] each, written in full; never NULL; may be scratch */
    const SyRamp *params;     /* [n_params] */
    uint32_t patched;         /* bit p: something is patched into input p */
    uint32_t heard;           /* bit p: somebody reads output p; the rest may be left unwritten */
    uint32_t n_voices;        /* 1, or the instance's voices if per_instance */
    uint32_t voice_stride;    /* floats from one voice's frames to the next's, in `out` of a
                                 per_instance module (its inputs are always mono) */
} SyLane;

typedef struct SyBatch {
    const SyContext *context;
    SyLane *lanes; /* [n_lanes], 1 to SY_LANES_MAX, all of the same module type */
    uint32_t n_lanes;
    uint32_t n_frames; /* 1 to the block size */
} SyBatch;

/* Something that happens between two frames; process() is called for the frames before it and then
 * for those after it, with event() in between. Only for modules that have event(). */
typedef struct SyModuleEvent {
    float note;     /* MIDI note number, fractions allowed; 60 is C4, 0 V */
    float velocity; /* 0 (note off) to 1 */
} SyModuleEvent;

typedef struct SyModule {
    const char *name;
    const char *help; /* one line, for a musician */

    const SyPortInfo *inputs;
    const SyPortInfo *outputs;
    const SyParamInfo *params;
    uint8_t n_inputs, n_outputs, n_params;

    bool per_instance; /* process() gets one lane an instance instead of one lane a voice */
    uint8_t bypass; /* while it is bypassed: 0 silence, or 1 + the input that is passed through */
    bool isolated;  /* runs behind walls: for code that is not trusted with others' memory */
    bool is_sink;   /* its outputs 0 and 1 are the left and right of what is heard */

    uint32_t state_size; /* bytes a lane remembers, at least 1 */
    /* NULL, or how many of them, from the first, are read or written while no other outputs are
     * heard than those in `heard`: others are not carried on from block to block.  Thread: control.
     * RT: yes. */
    uint32_t (*state_used)(uint32_t heard);
    uint32_t tape_size;       /* bytes of a lane's large memory: delay lines, history; see M5 */
    const SyModuleFile *file; /* NULL, or what it makes of the file it is given */

    /* Fills a lane's state. `seed` differs for every voice of every instance and is the same from
     * run to run.  Thread: worker.  RT: yes. */
    void (*init)(const SyContext *context, void *state, uint32_t seed);

    /* Computes n_frames of every lane.  Thread: worker.  RT: yes, bounded by lanes x frames. */
    void (*process)(const SyBatch *batch);

    /* NULL, or takes an event into the state of a per_instance lane.  Thread: worker.  RT: yes. */
    void (*event)(const SyContext *context, void *state, uint32_t n_voices,
                  const SyModuleEvent *event);
} SyModule;

#endif
