/* The order of the nodes within a task: in waves, so that what a node has written is still in the
 * cache when it is read. */
#ifndef SY_ENGINE_WAVES_H
#define SY_ENGINE_WAVES_H

#include "engine/emit.h"

/* Gives every unit its wave; units are sorted by task and level, and cables are sorted.
 * Thread: control.  RT: no. */
void sy_waves_number(SyCompiler *compiler, const SyGraph *graph);

#endif
