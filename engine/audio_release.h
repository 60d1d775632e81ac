/* Giving a block to the workers.  Thread: audio.  RT: yes, bounded by tasks and workers. */
#ifndef SY_ENGINE_AUDIO_RELEASE_H
#define SY_ENGINE_AUDIO_RELEASE_H

#include "engine/audio.h"

/* Releases block audio->epoch, which has been prepared, and calls who is to compute it. */
void sy_audio_release(SyAudio *audio);

/* Offline: releases blocks after that too, of n_more that will be asked for, if it is sure that
 * nothing has to be prepared for them: no plan, no event, no fade. Workers begin each as soon as
 * they are done with the one before it. The deadline of a file is no reason to hurry, but to wake
 * this thread takes as long as several small blocks. */
void sy_audio_release_ahead(SyAudio *audio, uint64_t n_more);

/* Whether a block is released that has not been asked for yet. */
bool sy_audio_is_ahead(const SyAudio *audio);

/* How many workers are called: as many as can be of use, and no more than there are cores. */
uint32_t sy_audio_crew_size(const SyAudio *audio);

#endif
