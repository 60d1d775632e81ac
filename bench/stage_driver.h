/* Drives a stage in real time, as the engine's own clock does (engine/clock.h), and remembers when
 * each plan began to play. */
#ifndef SY_BENCH_STAGE_DRIVER_H
#define SY_BENCH_STAGE_DRIVER_H

#include "bench/stage.h"

typedef struct SyDriver SyDriver;

/* Starts the thread: from now on nobody else may compute the stage's blocks. Blocks of an offline
 * stage come at the same pace and are never late. NULL when it could not, having said why on
 * stderr.  Thread: the stage's.  RT: no. */
SyDriver *sy_driver_start(SyStage *stage);

/* Ends it after the block in hand. Takes NULL.  Thread: the stage's.  RT: no. */
void sy_driver_stop(SyDriver *driver);

/* Waits until the plan `serial` plays. Returns when its first block was released, CLOCK_MONOTONIC
 * in ns; 0 if it has not come after 10 s, or so many others since that it is forgotten.
 * Thread: one for each driver.  RT: no. */
uint64_t sy_driver_wait(SyDriver *driver, uint64_t serial);

#endif
