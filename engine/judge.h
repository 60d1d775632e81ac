/* Takes a worker's death, or its silence, to the node that caused it. For engine/watchdog.c only.
 *
 * Thread: watchdog.  RT: yes, bounded by the number of workers; hang.c makes two system calls for
 * each worker that is under suspicion. */
#ifndef SY_ENGINE_JUDGE_H
#define SY_ENGINE_JUDGE_H

#include "engine/pool.h"

/* Keeps what a worker was doing when it died. To be called by its watch, before it is fenced. */
void sy_judge_note_death(SyPool *pool, uint32_t place);

/* Judges all deaths of which the cause is known by now: strikes, quarantines. To be called by one
 * watch only, the first. Returns whether a node has been quarantined. */
bool sy_judge_deaths(SyPool *pool);

/* Looks for workers in [first, last) that are at the same node for too long, and kills them.
 * Returns after how long it wants to look again, in ns, or 0 if nobody is under suspicion. */
int64_t sy_judge_hangs(SyPool *pool, uint32_t first, uint32_t last);

#endif
