/* Drives the block cycle without a device: in real time by the system's clock, or offline as fast
 * as the workers go. A thread of the engine. */
#ifndef SY_ENGINE_CLOCK_H
#define SY_ENGINE_CLOCK_H

#include "engine/audio.h"

typedef struct SyClock SyClock;

/* Starts the thread. In real time it drives whenever the engine is the driver that is wanted;
 * offline it computes `n_blocks` and stops. Returns SY_OK, SY_ERR_MEMORY or SY_ERR_FAILED (no
 * thread). Thread: setup.  RT: no. */
SyStatus sy_clock_start(SyClock **clock, SyAudio *audio, uint64_t n_blocks);

/* Whether an offline clock has computed all its blocks.  Thread: any.  RT: yes. */
bool sy_clock_is_finished(const SyClock *clock);

/* Ends the thread after the block in hand. NULL is fine.  Thread: setup.  RT: no. */
void sy_clock_stop(SyClock *clock);

#endif
