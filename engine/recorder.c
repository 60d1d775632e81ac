#include "engine/recorder.h"

#include <pthread.h>
#include <sndfile.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/thread.h"

#define CHUNK 4096

struct SyRecorder {
    SyAudio *audio;
    SNDFILE *file;
    pthread_t thread;
    _Atomic bool stopping;
    uint64_t left; /* frames that are still to be written */
    bool failed;   /* the recorder's thread, then the one that joined it */
};

static bool write_some(SyRecorder *recorder)
{
    SyFrame frames[CHUNK];
    const uint32_t n = sy_ring_read_many(&recorder->audio->tape_out, frames, CHUNK);
    const sf_count_t wanted = n < recorder->left ? (sf_count_t)n : (sf_count_t)recorder->left;

    if (n == 0) {
        return false;
    }
    sy_bell_ring(&recorder->audio->tape_room);
    recorder->left -= (uint64_t)wanted;
    if (!recorder->failed && sf_writef_float(recorder->file, &frames[0].left, wanted) != wanted) {
        recorder->failed = true;
    }
    return true;
}

static void *record(void *argument)
{
    SyRecorder *recorder = argument;

    for (;;) {
        const bool stopping = atomic_load(&recorder->stopping);
        if (write_some(recorder)) {
            continue;
        }
        if (stopping) {
            return NULL;
        }
        /* The audio thread is not to spend a system call on waking this one. */
        const struct timespec pause = {.tv_nsec = 10000000};
        nanosleep(&pause, NULL);
    }
}

static int format_of(const char *path)
{
    const size_t length = strlen(path);
    if (length > 5 && strcmp(path + length - 5, ".flac") == 0) {
        return SF_FORMAT_FLAC | SF_FORMAT_PCM_24;
    }
    return SF_FORMAT_WAV | SF_FORMAT_FLOAT;
}

static SNDFILE *open_file(const char *path, uint32_t rate)
{
    SF_INFO info = {.samplerate = (int)rate, .channels = 2, .format = format_of(path)};
    SNDFILE *file = sf_open(path, SFM_WRITE, &info);
    if (file) {
        /* It carries the time of day: the same sound would not make the same file. */
        sf_command(file, SFC_SET_ADD_PEAK_CHUNK, NULL, SF_FALSE);
        sf_command(file, SFC_SET_CLIPPING, NULL, SF_TRUE);
        /* What was written can be read even if this process is killed. */
        sf_command(file, SFC_SET_UPDATE_HEADER_AUTO, NULL, SF_TRUE);
    }
    return file;
}

SyStatus sy_recorder_start(SyRecorder **result, SyAudio *audio, const char *path, uint64_t n_frames,
                           char *error, size_t error_size)
{
    SyRecorder *recorder = calloc(1, sizeof(*recorder));

    *result = NULL;
    if (!recorder) {
        snprintf(error, error_size, "no memory for the recorder");
        return SY_ERR_MEMORY;
    }
    recorder->audio = audio;
    recorder->left = n_frames ? n_frames : UINT64_MAX;
    recorder->file = open_file(path, audio->segment->rate);
    if (!recorder->file) {
        snprintf(error, error_size, "cannot record to %s: %s", path, sf_strerror(NULL));
        free(recorder);
        return SY_ERR_FILE;
    }
    if (sy_thread_start(&recorder->thread, "sy-recorder", record, recorder) != 0) {
        snprintf(error, error_size, "cannot start the recorder's thread");
        sf_close(recorder->file);
        free(recorder);
        return SY_ERR_FAILED;
    }
    atomic_store_explicit(&audio->recording, true, memory_order_release);
    *result = recorder;
    return SY_OK;
}

static SyStatus close_file(SyRecorder *recorder, char *error, size_t error_size)
{
    const uint64_t lost = atomic_load(&recorder->audio->tape_lost);
    SyStatus status = SY_OK;

    if (recorder->failed) {
        snprintf(error, error_size, "the recording is not complete: %s",
                 sf_strerror(recorder->file));
        status = SY_ERR_FILE;
    } else if (lost > 0) {
        snprintf(error, error_size, "the recording lacks %llu frames: the disk was too slow",
                 (unsigned long long)lost);
        status = SY_ERR_FILE;
    }
    if (sf_close(recorder->file) != 0 && status == SY_OK) {
        snprintf(error, error_size, "the recording cannot be closed");
        status = SY_ERR_FILE;
    }
    return status;
}

SyStatus sy_recorder_stop(SyRecorder *recorder, char *error, size_t error_size)
{
    if (!recorder) {
        return SY_OK;
    }
    atomic_store_explicit(&recorder->audio->recording, false, memory_order_release);
    atomic_store(&recorder->stopping, true);
    pthread_join(recorder->thread, NULL);
    const SyStatus status = close_file(recorder, error, error_size);
    free(recorder);
    return status;
}
