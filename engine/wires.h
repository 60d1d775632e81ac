/* Where the nodes of a plan write. Every module has memory for its wires, but in a task with many
 * voices the wires of one are not read any more when those of the next are written. Giving the same
 * memory to both keeps it in the cache.
 *
 * A node's wires are let to another when all that hear them are of the same task and come before
 * that other one. Whoever takes over a task from the dead goes through it in the same order, and
 * what the dead one had begun to overwrite was heard by nodes that are committed: they are not run
 * again. Nothing reads a wire in a later block.
 *
 * Left where they are: the wires of loops, whose nodes take turns; those of modules behind walls,
 * which can write nowhere else; and those that other tasks or the audio thread read.
 *
 * Thread: control.  RT: no. */
#ifndef SY_ENGINE_WIRES_H
#define SY_ENGINE_WIRES_H

#include "engine/emit.h"

/* Begins a plan: finds out who hears what last. The units have their order. */
void sy_wires_begin(SyCompiler *compiler, const SyGraph *graph);

/* Begins a task: nothing is to let. */
void sy_wires_begin_task(SyCompiler *compiler);

/* Decides where the module's wires are, to be found in compiler->wires_at[slot]. */
void sy_wires_place(SyCompiler *compiler, const SyGraph *graph, uint32_t slot);

/* Units `first` up to `end` have been placed: what they heard last is to let. */
void sy_wires_end_step(SyCompiler *compiler, uint32_t first, uint32_t end);

#endif
