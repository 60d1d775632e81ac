/* Noise in three colours. */
#include "modules/lane.h"

static const SyPortInfo outputs[] = {
    [SY_NOISE_WHITE] = {.name = "white", .help = "hiss: equally strong at all frequencies"},
    [SY_NOISE_PINK] = {.name = "pink", .help = "rain: equally strong in all octaves"},
    [SY_NOISE_BROWN] = {.name = "brown", .help = "surf: falls by 6 dB an octave"},
};

static void init(const SyContext *context, void *state, uint32_t seed)
{
    (void)context;
    *(SyNoiseState *)state = (SyNoiseState){.key = seed * 0x9e3779b9u};
}

static void process(const SyBatch *batch)
{
    for (uint32_t l = 0; l < batch->n_lanes; l++) {
        const SyLane *lane = &batch->lanes[l];
        float *out[SY_NOISE_OUTPUTS];
        for (int o = 0; o < SY_NOISE_OUTPUTS; o++)
            out[o] = sy_lane_out(lane, o);
        batch->context->dsp->noise(batch->context->tables, lane->state, out, batch->n_frames);
    }
}

const SyModule sy_module_noise = {
    .name = "noise",
    .help = "noise: white, pink and brown, different in every voice",
    .outputs = outputs,
    .n_outputs = SY_NOISE_OUTPUTS,
    .state_size = sizeof(SyNoiseState),
    .init = init,
    .process = process,
};
