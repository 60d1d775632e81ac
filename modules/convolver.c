/* The convolver: what a room, a cabinet or a plate makes of the sound, from a recording of its
 * response. The kernel is in dsp/convolve.c. */
#include <string.h>

#include "dsp/convolve_parts.h"
#include "modules/lane.h"

enum { IN };
enum { LEFT, RIGHT };
enum { MIX, GAIN };

static const SyPortInfo inputs[] = {
    [IN] = {.name = "in", .help = "the sound to put into the room"},
};

static const SyPortInfo outputs[] = {
    [LEFT] = {.name = "left",
              .help = "the left channel of the response; the same as right if mono"},
    [RIGHT] = {.name = "right", .help = "the right channel of the response"},
};

static const SyParamInfo params[] = {
    [MIX] = {.name = "mix",
             .help = "0 is the sound as it comes in, 1 is the room alone",
             .unit = "",
             .min = 0.0f,
             .max = 1.0f,
             .def = 0.5f,
             .curve = SY_CURVE_LINEAR},
    [GAIN] = {.name = "gain",
              .help = "loudness of both outputs; the bottom of the range is silence",
              .unit = "dB",
              .min = -60.0f,
              .max = 24.0f,
              .def = 0.0f,
              .curve = SY_CURVE_DB},
};

static void init(const SyContext *context, void *state, uint32_t seed)
{
    SyConvolveState *convolve = state;
    (void)context;
    *convolve = (SyConvolveState){.first = (seed * 0x9e3779b9u >> 16) % SY_CONVOLVE_PERIOD};
}

static void process(const SyBatch *batch)
{
    for (uint32_t l = 0; l < batch->n_lanes; l++) {
        const SyLane *lane = &batch->lanes[l];
        const SyConvolveVoice voice = {
            .state = lane->state,
            .tape = lane->tape,
            .response = lane->file,
            .in = lane->in[IN],
            .out = {sy_lane_out(lane, LEFT), sy_lane_out(lane, RIGHT)},
            .mix = &lane->params[MIX],
            .gain = &lane->params[GAIN],
        };
        batch->context->dsp->convolve(batch->context->fft, &voice, batch->n_frames);
    }
}

static uint64_t file_size(const SyContext *context, const SyFileAudio *audio, char *error,
                          size_t error_size)
{
    static const char reason[] = "there is no sound in the file, or some of it is beyond +60 dB";
    const uint64_t size = sy_convolve_size(audio->channels, audio->n_channels, audio->n_frames);
    (void)context;
    if (size == 0 && error_size > 0) {
        const size_t length = sizeof(reason) < error_size ? sizeof(reason) : error_size;
        memcpy(error, reason, length);
        error[length - 1] = 0;
    }
    return size;
}

static void file_prepare(const SyContext *context, const SyFileAudio *audio, void *to)
{
    (void)context;
    sy_convolve_prepare(audio->channels, audio->n_channels, audio->n_frames, to);
}

static const SyModuleFile file = {
    .help = "the response, mono or stereo: a recording of what an impulse leaves behind",
    .frames_max = SY_CONVOLVE_FRAMES_MAX,
    .at_engines_rate = true,
    .size = file_size,
    .prepare = file_prepare,
};

const SyModule sy_module_convolver = {
    .name = "convolver",
    .help = "convolution reverb: puts the sound into a recorded room, without latency",
    .inputs = inputs,
    .outputs = outputs,
    .params = params,
    .n_inputs = 1,
    .n_outputs = 2,
    .n_params = 2,
    .bypass = 1 + IN,
    .state_size = sizeof(SyConvolveState),
    .tape_size = sizeof(SyConvolveTape),
    .file = &file,
    .init = init,
    .process = process,
};
