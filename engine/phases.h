/* What of a worker's share of the patch has to wait for another worker's.
 *
 * Thread: control.  RT: no. */
#ifndef SY_ENGINE_PHASES_H
#define SY_ENGINE_PHASES_H

#include "engine/emit.h"

/* Gives every unit its phase, and the plan its width: how many homes have something to do at the
 * same level. The units are sorted by level and home, the members by lead. */
void sy_phases_number(SyCompiler *compiler, const SyGraph *graph);

#endif
