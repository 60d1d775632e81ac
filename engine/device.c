#include "engine/device.h"

#include <fcntl.h>
#include <portaudio.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/mman.h>

#define LOOK_NS        50000000
#define DORMANT_NS     500000000  /* the same while nothing is patched */
#define SILENT_NS      2000000000 /* without a callback, after which the device counts as lost */
#define DEADLINE_SHARE 0.85       /* of the period: what is left is the server's */

static _Atomic bool gone; /* a callback that comes after all is not to compute */

static void say(SyAudio *audio, SyDeviceState state, const char *text)
{
    if (text != audio->device.text) {
        snprintf(audio->device.text, sizeof(audio->device.text), "%s", text);
    }
    atomic_store_explicit(&audio->device.state, state, memory_order_release);
    sy_bell_ring(&audio->segment->control_bell);
}

/* Thread: audio.  RT: yes. */
static int callback(const void *input, void *output, unsigned long n_frames,
                    const PaStreamCallbackTimeInfo *time, PaStreamCallbackFlags flags, void *user)
{
    SyAudio *audio = user;
    float *const *out = output;
    const int64_t period_ns = (int64_t)n_frames * 1000000000 / audio->segment->rate;
    const int64_t now_ns = sy_now_ns();

    (void)input;
    (void)time;
    (void)flags;
    if (!atomic_load_explicit(&gone, memory_order_acquire) &&
        sy_audio_take_over(audio, SY_DRIVER_DEVICE)) {
        sy_audio_process(
            audio, out[0], out[1],
            (SyAudioTime){.begins_ns = now_ns,
                          .deadline_ns = now_ns + (int64_t)((double)period_ns * DEADLINE_SHARE)});
    } else {
        memset(out[0], 0, n_frames * sizeof(float));
        memset(out[1], 0, n_frames * sizeof(float));
    }
    /* It is the only one who counts. */
    atomic_store_explicit(&audio->device.callbacks,
                          atomic_load_explicit(&audio->device.callbacks, memory_order_relaxed) + 1,
                          memory_order_relaxed);
    return paContinue;
}

static PaHostApiTypeId api_of(const PaDeviceInfo *info)
{
    return Pa_GetHostApiInfo(info->hostApi)->type;
}

/* What is not a sound device: these take frames as fast as they come. */
static bool is_free_running(const char *name)
{
    return strcasecmp(name, "null") == 0 || strncasecmp(name, "file", 4) == 0 ||
           strstr(name, "/dev/null");
}

/* How good a device is for the stage: a JACK server before anything, then what the system calls its
 * default; 0 if it cannot be used. */
static int rank(const char *spec, int index)
{
    const PaDeviceInfo *info = Pa_GetDeviceInfo(index);
    char number[16];

    if (info->maxOutputChannels < 2) {
        return 0;
    }
    snprintf(number, sizeof(number), "%d", index);
    if (spec[0]) {
        const char *api = Pa_GetHostApiInfo(info->hostApi)->name;
        return strcmp(spec, number) == 0                   ? 3
               : strcasestr(info->name, spec)              ? 2
               : strncasecmp(api, spec, strlen(spec)) == 0 ? 1
                                                           : 0;
    }
    if (is_free_running(info->name)) {
        return 0;
    }
    return api_of(info) == paJACK ? 3 : index == Pa_GetDefaultOutputDevice() ? 2 : 1;
}

static int best_device(const char *spec)
{
    int best = -1, best_rank = 0;

    for (int i = 0; i < Pa_GetDeviceCount(); i++) {
        const int its_rank = rank(spec, i);
        if (its_rank > best_rank) {
            best = i;
            best_rank = its_rank;
        }
    }
    return best;
}

/* The sound libraries talk on stderr about every device they don't find. */
static PaError initialise_quietly(void)
{
    const int kept = dup(STDERR_FILENO);
    const int nowhere = open("/dev/null", O_WRONLY);

    if (nowhere >= 0) {
        dup2(nowhere, STDERR_FILENO);
        close(nowhere);
    }
    const PaError error = Pa_Initialize();
    if (kept >= 0) {
        dup2(kept, STDERR_FILENO);
        close(kept);
    }
    return error;
}

static PaError open_stream(SyAudio *audio, int device, PaStream **stream)
{
    const SySegment *segment = audio->segment;
    const PaStreamParameters output = {
        .device = device,
        .channelCount = 2,
        .sampleFormat = paFloat32 | paNonInterleaved,
        .suggestedLatency = Pa_GetDeviceInfo(device)->defaultLowOutputLatency,
    };
    const PaError error = Pa_OpenStream(stream, NULL, &output, segment->rate, segment->block,
                                        paClipOff | paDitherOff, callback, audio);
    return error ? error : Pa_StartStream(*stream);
}

static void describe(SyAudio *audio, int device)
{
    const PaDeviceInfo *info = Pa_GetDeviceInfo(device);
    snprintf(audio->device.text, sizeof(audio->device.text), "%s: %s",
             Pa_GetHostApiInfo(info->hostApi)->name, info->name);
}

static void explain(SyAudio *audio, int device, PaError error)
{
    const PaDeviceInfo *info = Pa_GetDeviceInfo(device);
    if (error == paInvalidSampleRate) {
        snprintf(audio->device.text, sizeof(audio->device.text),
                 "%s does not play %u Hz; try --rate %.0f", info->name, audio->segment->rate,
                 info->defaultSampleRate);
    } else {
        snprintf(audio->device.text, sizeof(audio->device.text), "%s: %s", info->name,
                 Pa_GetErrorText(error));
    }
}

/* Whether the stream still asks for sound, `slept_ns` after the last look. When a JACK server dies
 * the callbacks just stop. Time in which this thread did not run either says nothing. */
static bool is_playing(const SyAudio *audio, PaStream *stream, uint64_t *seen, int64_t slept_ns,
                       int64_t *silent_ns)
{
    const uint64_t callbacks = atomic_load(&audio->device.callbacks);

    *silent_ns = callbacks == *seen ? *silent_ns + slept_ns : 0;
    *seen = callbacks;
    return Pa_IsStreamActive(stream) == 1 && *silent_ns < SILENT_NS;
}

static void watch(SyAudio *audio, PaStream *stream)
{
    SyFutex *bell = &audio->device.bell;
    int64_t pause_ns = 0, silent_ns = 0;
    uint64_t callbacks = 0;

    for (;;) {
        const uint32_t rings = sy_bell_listen(bell);
        if (!is_playing(audio, stream, &callbacks, pause_ns, &silent_ns) ||
            atomic_load(&audio->segment->closing)) {
            return;
        }
        pause_ns = atomic_load(&audio->segment->dormant) ? DORMANT_NS : LOOK_NS;
        sy_bell_sleep(bell, rings, pause_ns);
    }
}

int sy_device_run(SyAudio *audio)
{
    PaStream *stream = NULL;

    mlockall(MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT);
    sy_memory_prefault(audio, audio->bytes);
    sy_memory_prefault_shared(audio->segment, audio->segment->library_at);
    const PaError error = initialise_quietly();
    if (error) {
        say(audio, SY_DEVICE_FAILED, Pa_GetErrorText(error));
        return SY_ERR_AUDIO;
    }
    const int device = best_device(audio->device.spec);
    if (device < 0) {
        say(audio, SY_DEVICE_FAILED,
            audio->device.spec[0] ? "no device of that name with two outputs"
                                  : "there is no audio device");
        return SY_ERR_AUDIO;
    }
    const PaError opened = open_stream(audio, device, &stream);
    if (opened) {
        explain(audio, device, opened);
        say(audio, SY_DEVICE_FAILED, audio->device.text);
        return SY_ERR_AUDIO;
    }
    describe(audio, device);
    say(audio, SY_DEVICE_RUNNING, audio->device.text);
    watch(audio, stream);
    if (atomic_load(&audio->segment->closing)) {
        Pa_AbortStream(stream);
        Pa_Terminate();
        return 0;
    }
    atomic_store(&gone, true);
    /* The callback will not come again, so the cycle can be given up in its name. Stop, Close and
     * Terminate would hang. */
    sy_audio_hand_over(audio, SY_DRIVER_DEVICE);
    say(audio, SY_DEVICE_LOST, "the audio server has gone");
    return SY_ERR_AUDIO;
}
