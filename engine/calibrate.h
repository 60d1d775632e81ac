/* What it costs on this machine to have something computed by another process: measured once, when
 * there is something to be placed, by sending a parked worker a message that it answers at once.
 *
 * Thread: control.  RT: no. */
#ifndef SY_ENGINE_CALIBRATE_H
#define SY_ENGINE_CALIBRATE_H

#include "engine/pool.h"

/* From a task to one of another worker that waits for it awake: a line that goes from one CPU's
 * cache to another's. `synthbench ring` finds 0.2 us there and back at the median, 1 us at p99. */
#define SY_HANDOFF_NS 1000

/* A frame of a wire that another CPU has written, beyond what one costs that is in this CPU's own
 * cache: docs/decisions/placement.md. */
#define SY_FETCH_NS 0.5

/* Measures, in some 5 ms, and fills `cost`; with what was found on the machine that synthd was
 * written on when no worker answers. The worker in `place`, whose thread is `worker`, must be
 * parked, and have no message unanswered. Afterwards it and the calling thread may run on the CPUs
 * that the latter might before. */
void sy_calibrate(SyPool *pool, uint32_t place, int worker, SyWakeCost *cost);

#endif
