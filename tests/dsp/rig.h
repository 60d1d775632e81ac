/* One module on the bench: an instance of any type with everything around it that the engine would
 * provide, and every input, parameter and output within reach. */
#ifndef SY_TESTS_DSP_RIG_H
#define SY_TESTS_DSP_RIG_H

#include <stddef.h>

#include "modules/registry.h"

#define SY_RIG_RATE 48000.0

typedef struct SyRig {
    const SyModule *module;
    SyContext context;
    uint32_t n_lanes, n_voices;
    uint32_t n_frames; /* room in the buffers */
    uint8_t *state;    /* [n_lanes], stride apart */
    size_t stride;
    uint8_t *tape; /* [n_lanes], tape_stride apart; NULL if the module has none */
    size_t tape_stride;
    const void *file[SY_LANES_MAX];                      /* NULL to begin with */
    float *in[SY_LANES_MAX][SY_PORTS_MAX];               /* [n_frames] each */
    float *out[SY_LANES_MAX][SY_PORTS_MAX];              /* [n_voices][n_frames] each */
    SyRamp params[SY_LANES_MAX][SY_PARAMS_MAX];          /* as they are at frame 0 */
    uint32_t patched[SY_LANES_MAX], heard[SY_LANES_MAX]; /* bits, as in SyLane */
    uint32_t common; /* inputs at which all lanes hear lane 0's */
} SyRig;

/* The tables that all tests share, made on first use. */
const SyTables *sy_rig_tables(void);

/* The plans that all tests share, made on first use. */
const SyFft *sy_rig_fft(void);

/* `isa` as for sy_dsp_select(). Inputs are unpatched, all outputs heard, parameters at their
 * default, states initialised with seeds 1, 2, ..., no file, tapes full of NaN.  The test fails if
 * there is no such module. */
SyRig *sy_rig_new(const char *module, const char *isa, uint32_t n_lanes, uint32_t n_frames);
SyRig *sy_rig_new_of(const SyModule *module, const char *isa, uint32_t n_lanes, uint32_t n_frames);
void sy_rig_free(SyRig *rig);

/* What the module makes of a file with these channels, [n_channels][n_frames], for `file` of one or
 * more lanes; free() gives it back. The test fails if the module refuses it. */
void *sy_rig_prepare(const SyRig *rig, const float *const *channels, uint32_t n_channels,
                     uint32_t n_frames);

/* Gives `file` to all lanes. */
void sy_rig_load(SyRig *rig, const void *file);

/* Patches `signal`, [n_frames], into an input of all lanes; NULL: the input's normal again. */
void sy_rig_patch(SyRig *rig, const char *input, const float *signal);

/* Sets a parameter of all lanes as a person writes it. */
void sy_rig_set(SyRig *rig, const char *param, float written);

/* Makes a parameter of all lanes move from one value to another in `length` frames from frame 0. */
void sy_rig_ramp(SyRig *rig, const char *param, float from, float to, int32_t length);

/* Runs frames `from` to `to` as one call. Params advance as the engine would have them. */
void sy_rig_run(SyRig *rig, uint32_t from, uint32_t to);

/* Hands an event to a lane. The test fails if the module takes none. */
void sy_rig_event(SyRig *rig, uint32_t lane, float note, float velocity);

/* All frames, in blocks of 64. */
void sy_rig_run_all(SyRig *rig);

/* An output of a lane by name. */
const float *sy_rig_out(const SyRig *rig, uint32_t lane, const char *output);

#endif
