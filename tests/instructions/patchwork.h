/* Small patches on a real segment, with the audio thread's part of a block: what is done to the
 * tables between blocks, and the release.
 *
 * Block E begins at frame (E - 1) * block. The plan is the first of the segment. */
#ifndef SY_TESTS_INSTRUCTIONS_PATCHWORK_H
#define SY_TESTS_INSTRUCTIONS_PATCHWORK_H

#include "engine/compile.h"

typedef struct Patch {
    SySegment *segment;
    SyArena *arena;
    SyGraph *graph;
    SyCompiler *compiler;
    uint32_t n_events;
    uint16_t last_id;
} Patch;

/* Ends the program with a line that says what could not be done, if `done` is false. */
void demand(bool done, const char *what);

/* A segment for small patches; all of one block size have the same layout. */
SySegment *patch_map(uint32_t block);

Patch *patch_new(uint32_t block);
void patch_free(Patch *patch);

/* Puts a module in, with its parameters at their defaults, and returns its slot. */
uint32_t patch_add(Patch *patch, uint32_t type, uint8_t voices, uint32_t home);

/* Plugs a cable in and returns its slot. */
uint32_t patch_plug(Patch *patch, uint32_t from, uint32_t from_port, uint32_t to, uint32_t to_port);

/* The same from port 0 to port 0, at a gain of 1. */
uint32_t patch_plug_plain(Patch *patch, uint32_t from, uint32_t to);

/* Makes the plan, and the tables as they are when everything has long faded in. */
void patch_compile(Patch *patch);

/* Something for a node at frame `offset` of block `epoch`, to be called in the order of frames. */
void patch_event(Patch *patch, uint64_t epoch, uint32_t slot, SyBlockEvent event);

int64_t patch_start_of(const SySegment *segment, uint64_t epoch);

const SyPlan *patch_plan(const SySegment *segment);

/* Releases block `epoch` to the workers, all but ringing their doorbells. The bells that somebody
 * would be asleep on say so, or ringing them would not be the whole of it. */
void patch_release(SySegment *segment, uint64_t epoch);

/* The same for a block that is released with the one before it: its tasks are not freed. */
void patch_release_ahead(SySegment *segment, uint64_t epoch);

#endif
