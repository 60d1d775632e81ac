/* Cuts the tasks of a patch that lives on several workers into pieces, so that whoever is done
 * first can take some of the others' work.
 *
 * What modules cost is an average, and the machine does other things too: of two workers with half
 * of the patch each, one is done before the other in every block. Pieces follow each other as the
 * waves of their task do, so a piece hears only pieces before it; and the wires of one are not let
 * to another.
 *
 * Thread: control.  RT: no. */
#ifndef SY_ENGINE_SPLIT_H
#define SY_ENGINE_SPLIT_H

#include "engine/emit.h"

/* Renumbers tasks; units are sorted by task and wave, and stay so. Cuts by SyGraphModule.cost_ns:
 * where that is not known, nothing is cut. */
void sy_tasks_split(SyCompiler *compiler, const SyGraph *graph);

#endif
