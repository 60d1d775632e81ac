/* What of a worker's share of the patch has to wait for another worker's.
 *
 * Thread: control.  RT: no. */
#ifndef SY_ENGINE_PHASES_H
#define SY_ENGINE_PHASES_H

#include "engine/emit.h"

/* How many homes have something to do at the same level: the plan's width. The units are sorted by
 * level and home. */
void sy_phases_find_width(SyCompiler *compiler);

/* Gives every unit its phase. The units are sorted as said, the members by lead; which inputs are
 * summed by several is known. */
void sy_phases_number(SyCompiler *compiler, const SyGraph *graph);

#endif
