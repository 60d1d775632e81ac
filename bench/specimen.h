/* A module type under the bench's eyes: lanes of it with all that the engine would give them, run
 * through its own process(). */
#ifndef SY_BENCH_SPECIMEN_H
#define SY_BENCH_SPECIMEN_H

#include "modules/registry.h"

#define SY_SPECIMEN_RATE  48000.0
#define SY_SPECIMEN_BLOCK 64

typedef struct SySpecimen {
    const SyModule *module;
    SyContext context;
    uint32_t n_lanes;
    uint32_t n_frames;            /* of every input and output */
    SyLane lanes[SY_LANES_MAX];   /* from frame 0 on */
    SyRamp params[SY_PARAMS_MAX]; /* all lanes have the same */
    float *normals[SY_PORTS_MAX]; /* [n_frames]: what an input has with nothing patched in */
    void *states, *tapes;         /* [n_lanes] */
    void *file;                   /* prepared, or NULL */
    float *outputs;               /* [n_lanes][n_outputs][n_frames] */
} SySpecimen;

/* `n_lanes` lanes, 1 to SY_LANES_MAX, each a voice of an instance of its own with its own seed;
 * nothing is patched, all outputs are heard, parameters are as the type has them. `isa` as for
 * sy_dsp_select(). Returns it, or NULL without memory or when `isa` is not to be had here.
 * sy_specimen_free() takes NULL.  Thread: any.  RT: no. */
SySpecimen *sy_specimen_new(const SyModule *module, const char *isa, uint32_t n_lanes,
                            uint32_t n_frames);
void sy_specimen_free(SySpecimen *specimen);

/* Sets a parameter as a person writes it. False if the type has none of that name. */
bool sy_specimen_set(SySpecimen *specimen, const char *param, float written);

/* Patches signal[n_frames], the caller's, into an input of all lanes; of one lane. False if the
 * type has no input of that name. */
bool sy_specimen_patch(SySpecimen *specimen, const char *input, const float *signal);
void sy_specimen_patch_lane(SySpecimen *specimen, uint32_t lane, uint32_t input,
                            const float *signal);

/* Gives all lanes a file, prepared as the loader would. False when the type takes none, when it
 * refuses this one, or without memory; `error` says which. To be called before the first block.
 * The samples are not needed afterwards. */
bool sy_specimen_load(SySpecimen *specimen, const SyFileAudio *audio, char *error,
                      size_t error_size);

/* Only the outputs in the mask are heard from now on. */
void sy_specimen_hear(SySpecimen *specimen, uint32_t mask);

/* The mask of an output; 0 if the type has none of that name. */
uint32_t sy_specimen_mask(const SySpecimen *specimen, const char *output);

/* An output of a lane, [n_frames]; NULL if the type has none of that name. */
const float *sy_specimen_out(const SySpecimen *specimen, uint32_t lane, const char *output);

/* Bytes of `states`. */
size_t sy_specimen_states_size(const SySpecimen *specimen);

/* Computes frames [0, 64) as the engine does a block. To be called over and over: what is timed. */
void sy_specimen_block(SySpecimen *specimen);

/* Computes all frames in blocks of 64. */
void sy_specimen_run(SySpecimen *specimen);

#endif
