/* What the audio thread does for the trace; see trace.h.  Thread: audio.  RT: yes. */
#ifndef SY_ENGINE_AUDIO_TRACE_H
#define SY_ENGINE_AUDIO_TRACE_H

#include "engine/audio.h"

/* Before a block is released: says in `info` at what level it is recorded, and where. */
void sy_audio_trace_reserve(SyAudio *audio, SyBlockInfo *info);

/* Before a block is counted as handed out. */
void sy_audio_trace_done(SyAudio *audio);

/* Something has happened, in the block in hand. */
void sy_audio_trace_moment(SyAudio *audio, SyMomentKind kind);

#endif
