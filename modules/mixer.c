/* The mixer: eight inputs with a level each, and a gain for all. */
#include "modules/lane.h"

enum { GAIN = SY_MIX_INPUTS };

#define INPUT(n)                                                                                   \
    {                                                                                              \
        .name = "in" #n, .help = "signal " #n, .sums = true                                        \
    }
#define LEVEL(n)                                                                                   \
    {                                                                                              \
        .name = "level" #n,                                                                        \
        .help = "loudness of signal " #n "; the bottom of the range is silence", .unit = "dB",     \
        .min = -60.0f, .max = 12.0f, .def = 0.0f, .curve = SY_CURVE_DB                             \
    }

static const SyPortInfo inputs[] = {
    INPUT(1), INPUT(2), INPUT(3), INPUT(4), INPUT(5), INPUT(6), INPUT(7), INPUT(8),
};

static const SyPortInfo outputs[] = {
    {.name = "out", .help = "all signals together"},
};

static const SyParamInfo params[] = {
    LEVEL(1),
    LEVEL(2),
    LEVEL(3),
    LEVEL(4),
    LEVEL(5),
    LEVEL(6),
    LEVEL(7),
    LEVEL(8),
    [GAIN] = {.name = "gain",
              .help = "loudness of the sum; the bottom of the range is silence",
              .unit = "dB",
              .min = -60.0f,
              .max = 12.0f,
              .def = 0.0f,
              .curve = SY_CURVE_DB},
};

static void init(const SyContext *context, void *state, uint32_t seed)
{
    (void)context;
    (void)seed;
    *(uint8_t *)state = 0;
}

static void process(const SyBatch *batch)
{
    for (uint32_t l = 0; l < batch->n_lanes; l++) {
        const SyLane *lane = &batch->lanes[l];
        SyMixVoice voice = {.gain = &lane->params[GAIN], .out = lane->out[0]};
        for (int i = 0; i < SY_MIX_INPUTS; i++) {
            voice.in[i] = sy_lane_in(lane, i);
            voice.level[i] = &lane->params[i];
        }
        if (lane->heard & 1)
            batch->context->dsp->mix(&voice, batch->n_frames);
    }
}

const SyModule sy_module_mixer = {
    .name = "mixer",
    .help = "adds eight signals, each as loud as you want it",
    .inputs = inputs,
    .outputs = outputs,
    .params = params,
    .n_inputs = SY_MIX_INPUTS,
    .n_outputs = 1,
    .n_params = SY_MIX_INPUTS + 1,
    .state_size = 1,
    .init = init,
    .process = process,
};
