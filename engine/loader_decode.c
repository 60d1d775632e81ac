#include <math.h>
#include <samplerate.h>
#include <sndfile.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/loader.h"

#define CHUNK_FRAMES 4096

typedef struct Reading {
    SNDFILE *file;
    SF_INFO info;
    uint32_t frames_max; /* of the file's own rate */
    uint32_t room;       /* frames that the channels have room for */
    bool is_cut;
    SyDecoded *decoded;
    char *text;
    size_t text_size;
} Reading;

static SyStatus no_memory(const Reading *reading)
{
    snprintf(reading->text, reading->text_size, "is too large to be read");
    return SY_ERR_MEMORY;
}

static SyStatus make_room(Reading *reading, uint32_t frames)
{
    SyDecoded *decoded = reading->decoded;

    if (frames <= reading->room) {
        return SY_OK;
    }
    const uint32_t doubled = reading->room < UINT32_MAX / 2 ? 2 * reading->room : UINT32_MAX;
    const uint32_t room = doubled > frames ? doubled : frames;
    for (uint32_t c = 0; c < decoded->audio.n_channels; c++) {
        float *more = realloc(decoded->channels[c], (size_t)room * sizeof(float));
        if (!more) {
            return no_memory(reading);
        }
        decoded->channels[c] = more;
    }
    reading->room = room;
    return SY_OK;
}

/* Frames one behind the other become channels. */
static void append(SyDecoded *decoded, const float *frames, uint32_t n)
{
    const uint32_t n_channels = decoded->audio.n_channels;

    for (uint32_t c = 0; c < n_channels; c++) {
        float *to = decoded->channels[c] + decoded->audio.n_frames;
        for (uint32_t i = 0; i < n; i++) {
            to[i] = frames[(size_t)i * n_channels + c];
        }
    }
    decoded->audio.n_frames += n;
}

/* The file's head may promise anything, so what counts is what comes. */
static SyStatus read_all(Reading *reading)
{
    static float frames[CHUNK_FRAMES * SY_FILE_CHANNELS_MAX];
    SyFileAudio *audio = &reading->decoded->audio;
    sf_count_t n;

    while ((n = sf_readf_float(reading->file, frames, CHUNK_FRAMES)) > 0) {
        const uint32_t left = reading->frames_max - audio->n_frames;
        const uint32_t taken = n < (sf_count_t)left ? (uint32_t)n : left;
        const SyStatus status = make_room(reading, audio->n_frames + taken);
        if (status != SY_OK) {
            return status;
        }
        append(reading->decoded, frames, taken);
        if (taken < n) {
            reading->is_cut = true;
            break;
        }
    }
    return SY_OK;
}

static SyStatus resample(Reading *reading, double rate, uint32_t frames_max)
{
    SyDecoded *decoded = reading->decoded;
    SyFileAudio *audio = &decoded->audio;
    const double ratio = rate / audio->rate;
    const uint32_t room = (uint32_t)fmin(ceil(audio->n_frames * ratio) + 1, frames_max);
    uint32_t n_frames = room;

    for (uint32_t c = 0; c < audio->n_channels; c++) {
        float *out = malloc((size_t)room * sizeof(float));
        SRC_DATA data = {.data_in = decoded->channels[c],
                         .data_out = out,
                         .input_frames = audio->n_frames,
                         .output_frames = room,
                         .src_ratio = ratio};
        if (!out) {
            return no_memory(reading);
        }
        const int error = src_simple(&data, SRC_SINC_BEST_QUALITY, 1);
        if (error) {
            snprintf(reading->text, reading->text_size, "cannot be turned from %.0f Hz to %.0f: %s",
                     audio->rate, rate, src_strerror(error));
            return SY_ERR_FILE;
        }
        free(decoded->channels[c]);
        decoded->channels[c] = out;
        n_frames = (uint32_t)data.output_frames_gen;
    }
    audio->n_frames = n_frames;
    audio->rate = rate;
    return SY_OK;
}

static SyStatus check_info(const Reading *reading)
{
    const SF_INFO *info = &reading->info;

    if (info->channels < 1 || info->channels > SY_FILE_CHANNELS_MAX) {
        snprintf(reading->text, reading->text_size, "has %d channels; there can be 1 to %d",
                 info->channels, SY_FILE_CHANNELS_MAX);
        return SY_ERR_FILE;
    }
    if (info->samplerate < 1) {
        snprintf(reading->text, reading->text_size, "has no sample rate");
        return SY_ERR_FILE;
    }
    return SY_OK;
}

/* A head that promises more than the file holds shows in libsndfile's log alone: "data : 176400
 * (should be 59956)". One that was written as it went promises nothing, or all there can be. */
static bool promises_more(SNDFILE *file)
{
    static char log[16384];
    unsigned long long promised, is;

    sf_command(file, SFC_GET_LOG_INFO, log, sizeof(log));
    for (const char *line = log; line; line = strchr(line, '\n')) {
        line += *line == '\n';
        if (sscanf(line, "%*[^:\n]: %llu (should be %llu)", &promised, &is) == 2 && promised > is &&
            promised < INT32_MAX) {
            return true;
        }
    }
    return false;
}

static bool is_short(const Reading *reading)
{
    const sf_count_t promised = reading->info.frames;
    const sf_count_t is = reading->decoded->audio.n_frames;
    const bool known = promised < (sf_count_t)1 << 40; /* or it is only a very large number */

    return !reading->is_cut && ((known && is < promised) || promises_more(reading->file));
}

static void remark(const Reading *reading, bool was_short)
{
    const SyFileAudio *audio = &reading->decoded->audio;
    const double seconds = audio->n_frames / audio->rate;

    if (reading->is_cut) {
        snprintf(reading->text, reading->text_size, "is longer than %.1f s; the rest is left out",
                 seconds);
    } else if (was_short) {
        snprintf(reading->text, reading->text_size, "breaks off: there are only %.2f s of it",
                 seconds);
    }
}

/* Of the rate the file has, as many frames as are allowed of the rate that is wanted. */
static uint32_t frames_to_read(const SyModuleFile *wish, double ratio)
{
    return (uint32_t)fmin(ceil(wish->frames_max / ratio), UINT32_MAX / 2);
}

SyStatus sy_loader_decode(int fd, const SyModuleFile *wish, double rate, SyDecoded *decoded,
                          char *text, size_t text_size)
{
    Reading reading = {.decoded = decoded, .text = text, .text_size = text_size};
    SyFileAudio *audio = &decoded->audio;

    text[0] = '\0';
    reading.file = sf_open_fd(fd, SFM_READ, &reading.info, 0);
    if (!reading.file) {
        const char *why = sf_strerror(NULL);
        snprintf(text, text_size, "is not a sound file that can be read: %.*s",
                 (int)strcspn(why, "\n"), why);
        return SY_ERR_FILE;
    }
    SyStatus status = check_info(&reading);
    if (status != SY_OK) {
        return status;
    }
    const double ratio = wish->at_engines_rate ? rate / reading.info.samplerate : 1;
    *audio = (SyFileAudio){.channels = (const float *const *)decoded->channels,
                           .n_channels = (uint32_t)reading.info.channels,
                           .rate = reading.info.samplerate};
    reading.frames_max = frames_to_read(wish, ratio);
    status = read_all(&reading);
    if (status == SY_OK && audio->n_frames == 0) {
        snprintf(text, text_size, "has no sound in it");
        status = SY_ERR_FILE;
    }
    const bool was_short = status == SY_OK && is_short(&reading);
    if (status == SY_OK && ratio != 1) {
        status = resample(&reading, rate, wish->frames_max);
    }
    if (status == SY_OK) {
        remark(&reading, was_short);
    }
    return status;
}
