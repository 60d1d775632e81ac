/* Where the patch meets the loudspeakers. */
#include "modules/lane.h"

enum { LEFT, RIGHT };
enum { GAIN };

static const SyPortInfo inputs[] = {
    [LEFT] = {.name = "left",
              .help = "what the left loudspeaker plays; alone, it feeds both",
              .sums = true},
    [RIGHT] = {.name = "right",
               .help = "what the right loudspeaker plays; the left signal when nothing is patched",
               .normalled_to = 1 + LEFT,
               .sums = true},
};

static const SyPortInfo outputs[] = {
    [LEFT] = {.name = "left", .help = "what leaves on the left, limited"},
    [RIGHT] = {.name = "right", .help = "what leaves on the right, limited"},
};

static const SyParamInfo params[] = {
    [GAIN] = {.name = "gain",
              .help = "loudness of everything; the bottom of the range is silence",
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
        for (int side = LEFT; side <= RIGHT; side++) {
            if (lane->heard >> side & 1)
                batch->context->dsp->limit(lane->out[side], lane->in[side], &lane->params[GAIN],
                                           batch->n_frames);
        }
    }
}

const SyModule sy_module_out = {
    .name = "out",
    .help = "what you hear: a left and a right side behind a soft limiter",
    .inputs = inputs,
    .outputs = outputs,
    .params = params,
    .n_inputs = 2,
    .n_outputs = 2,
    .n_params = 1,
    .is_sink = true,
    .state_size = 1,
    .init = init,
    .process = process,
};
