/* What synthbench idle holds synthd against: a client of PortAudio's JACK that does nothing but
 * clear its buffer, with its memory locked as synthd has it. Plays blocks of argv[1] frames until
 * it is killed, and tells the file argv[2] when it does. */
#include <portaudio.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define RATE 48000

static int clear(const void *input, void *output, unsigned long n_frames,
                 const PaStreamCallbackTimeInfo *time, PaStreamCallbackFlags flags, void *user)
{
    float *const *out = output;

    (void)input;
    (void)time;
    (void)flags;
    (void)user;
    memset(out[0], 0, n_frames * sizeof(float));
    memset(out[1], 0, n_frames * sizeof(float));
    return paContinue;
}

static int jack_device(void)
{
    const PaHostApiIndex api = Pa_HostApiTypeIdToHostApiIndex(paJACK);
    return api < 0 ? paNoDevice : Pa_GetHostApiInfo(api)->defaultOutputDevice;
}

int main(int argc, char **argv)
{
    PaStream *stream;

    if (argc != 3 || !freopen("/dev/null", "w", stderr)) {
        return 2;
    }
    mlockall(MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT);
    const int device = Pa_Initialize() == paNoError ? jack_device() : paNoDevice;
    if (device == paNoDevice) {
        return 1;
    }
    const PaStreamParameters output = {.device = device,
                                       .channelCount = 2,
                                       .sampleFormat = paFloat32 | paNonInterleaved,
                                       .suggestedLatency =
                                           Pa_GetDeviceInfo(device)->defaultLowOutputLatency};
    if (Pa_OpenStream(&stream, NULL, &output, RATE, strtoul(argv[1], NULL, 10),
                      paClipOff | paDitherOff, clear, NULL) != paNoError ||
        Pa_StartStream(stream) != paNoError || write((int)strtol(argv[2], NULL, 10), "r", 1) != 1) {
        return 1;
    }
    for (;;) {
        pause();
    }
}
