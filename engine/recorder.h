/* Writes what is heard to a sound file: the audio thread fills SyAudio's tape, a thread of its own
 * empties it.
 * The file is 32-bit float WAV, or 24-bit FLAC if its name ends in .flac. */
#ifndef SY_ENGINE_RECORDER_H
#define SY_ENGINE_RECORDER_H

#include "engine/audio.h"

typedef struct SyRecorder SyRecorder;

/* Opens `path` for two channels, starts the tape and the thread. No more than the first `n_frames`
 * are written, if that is not 0: a last block may be longer than what was asked for.
 * Returns SY_OK; SY_ERR_FILE when the file cannot be made, SY_ERR_MEMORY, SY_ERR_FAILED when there
 * is no thread; with the reason in `error`. Thread: setup.  RT: no. */
SyStatus sy_recorder_start(SyRecorder **recorder, SyAudio *audio, const char *path,
                           uint64_t n_frames, char *error, size_t error_size);

/* Stops the tape, writes the rest, closes the file, ends the thread. NULL is fine. Returns SY_OK,
 * or SY_ERR_FILE if something is missing in the file (a full disk, or one too slow), with the
 * reason in `error`. Thread: setup.  RT: no. */
SyStatus sy_recorder_stop(SyRecorder *recorder, char *error, size_t error_size);

#endif
