/* Makes a plan of a graph.
 *
 * Which task a node lands in follows from where its neighbours live. The graph is levelled (a node
 * is one level below its deepest source; a feedback loop counts as one node), and the nodes of each
 * worker are cut into tasks, level by level: a new task begins at the first level at which
 * something comes from another worker; what hears nobody and is heard by other workers comes first,
 * in a task of its own. So whatever a task waits for lies in tasks that begin at a
 * lower level: tasks can never wait for each other in a circle, and a chain that lives on one
 * worker is one task. Of a patch on several workers, tasks are then cut into pieces (split.h), and
 * inputs that hear many wires are summed in tasks of their own (sums.h).
 *
 * Thread: control.  RT: no. */
#ifndef SY_ENGINE_COMPILE_H
#define SY_ENGINE_COMPILE_H

#include "engine/graph.h"

typedef struct SyCompiler SyCompiler;

/* The scratch memory of compilation. Returns NULL when memory is out. */
SyCompiler *sy_compiler_new(void);
void sy_compiler_free(SyCompiler *compiler);

/* From how many floats in a block on an input is summed by several workers: see sums.h. Without
 * this it is as many as take one worker 10 us or so. */
void sy_compiler_set_sum_least(SyCompiler *compiler, uint32_t n_floats);

/* The bytes that any plan fits in. */
uint64_t sy_plan_bytes_max(void);

/* Fills `plan` (sy_plan_bytes_max() bytes) from the graph, for blocks of `block` frames. Ops are
 * those that the graph's fresh and dying parts ask for; `serial` and `adopt_at` are left to the
 * caller. Cannot fail: the graph's limits are the plan's. */
void sy_plan_compile(SyCompiler *compiler, const SyGraph *graph, uint32_t block, SyPlan *plan);

#endif
