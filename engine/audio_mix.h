/* The two ends of the block cycle: adopting a plan; mixing, fading, limiting, recording. Frames are
 * those of the block that SyAudio.frame begins; `left` and `right` are [block].
 *
 * Thread: audio.  RT: yes, bounded by block x sinks (sy_audio_record offline: waits for the disk).
 */
#ifndef SY_ENGINE_AUDIO_MIX_H
#define SY_ENGINE_AUDIO_MIX_H

#include "engine/audio.h"

/* Takes the plan that control has put down, when its time has come, and begins what it changes. */
void sy_audio_adopt(SyAudio *audio);

/* The sum of all sinks, each at the level of its fade. */
void sy_audio_mix(const SyAudio *audio, float *left, float *right);

/* What a loudspeaker may get of that: finite, within +-1, under the fades of the whole output.
 * Keeps the peaks. */
void sy_audio_finish(SyAudio *audio, float *left, float *right);

/* What is handed out in place of a late block: from where the sound was down to silence. */
void sy_audio_fill_gap(SyAudio *audio, float *left, float *right);

/* Puts what is handed out on the tape. */
void sy_audio_record(SyAudio *audio, const float *left, const float *right);

#endif
