/* Inputs at which so many wires arrive that adding them up is worth several workers: the `out` of a
 * few hundred voices, for which all the others would wait.
 *
 * Each worker adds up all wires, but only some of the frames. So every frame is summed in the same
 * order as ever, and to the same bits; sums of some of the wires would not be. The frames go to
 * memory that is of the plan (SySumShared), and the module hears them there. A piece keeps no
 * state: whoever takes it over from a dead worker computes it again.
 *
 * Thread: control.  RT: no. */
#ifndef SY_ENGINE_SUMS_H
#define SY_ENGINE_SUMS_H

#include "engine/emit.h"

/* Says which inputs are summed by several: none in a patch that one worker computes. The plan's
 * width is known. */
void sy_sums_find(SyCompiler *compiler, const SyGraph *graph, uint32_t block);

/* Makes room for tasks that sum, before the tasks that hear them: renumbers the tasks of units,
 * which are sorted by task and stay so. */
void sy_sums_number(SyCompiler *compiler);

/* Where what arrives at the input is summed, as offset in the segment, or 0. */
uint64_t sy_sums_at(const SyCompiler *compiler, uint32_t slot, uint32_t port);

/* Writes the tasks that sum which come before task number `until`. */
void sy_sums_emit(const SyCompiler *compiler, uint32_t until, uint32_t block, SyPlan *plan);

/* Once all nodes are in the plan: tells the steps that sum which node they are for. */
void sy_sums_name_nodes(const SyCompiler *compiler, SyPlan *plan);

#endif
