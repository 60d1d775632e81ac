/* The amplifier: a signal times a control voltage. */
#include "modules/lane.h"

enum { IN, CV };
enum { GAIN };

static const SyPortInfo inputs[] = {
    [IN] = {.name = "in", .help = "the signal to amplify"},
    [CV] = {.name = "cv",
            .help = "how far the amplifier is open: 0 silent, 1 full; open when nothing is patched",
            .normal = 1.0f},
};

static const SyPortInfo outputs[] = {
    {.name = "out", .help = "the amplified signal"},
};

static const SyParamInfo params[] = {
    [GAIN] = {.name = "gain",
              .help = "loudness on top of cv; the bottom of the range is silence",
              .unit = "dB",
              .min = -60.0f,
              .max = 24.0f,
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
        if (!(lane->heard & 1))
            continue;
        batch->context->dsp->gain(lane->out[0], lane->in[IN], lane->in[CV], &lane->params[GAIN],
                                  batch->n_frames);
    }
}

const SyModule sy_module_vca = {
    .name = "vca",
    .help = "amplifier: makes a signal as loud as a control voltage says",
    .inputs = inputs,
    .outputs = outputs,
    .params = params,
    .n_inputs = 2,
    .n_outputs = 1,
    .n_params = 1,
    .state_size = 1,
    .init = init,
    .process = process,
};
