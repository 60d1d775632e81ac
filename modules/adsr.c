/* The envelope. */
#include <string.h>

#include "modules/lane.h"

enum { GATE, RETRIGGER };
enum { OUT };
enum { ATTACK, DECAY, SUSTAIN, RELEASE };

static const SyPortInfo inputs[] = {
    [GATE] = {.name = "gate", .help = "starts the envelope when it rises, lets go when it falls"},
    [RETRIGGER] = {.name = "retrigger", .help = "starts the attack again while the gate is held"},
};

static const SyPortInfo outputs[] = {
    [OUT] = {.name = "out", .help = "the envelope, 0 to 1"},
};

static const SyParamInfo params[] = {
    [ATTACK] = {.name = "attack",
                .help = "time from silence to the top",
                .unit = "s",
                .min = 0.0005f,
                .max = 20.0f,
                .def = 0.005f,
                .curve = SY_CURVE_LINEAR},
    [DECAY] = {.name = "decay",
               .help = "time from the top to sustain",
               .unit = "s",
               .min = 0.0005f,
               .max = 20.0f,
               .def = 0.2f,
               .curve = SY_CURVE_LINEAR},
    [SUSTAIN] = {.name = "sustain",
                 .help = "level while the gate is held, 0 to 1",
                 .unit = "",
                 .min = 0.0f,
                 .max = 1.0f,
                 .def = 0.7f,
                 .curve = SY_CURVE_LINEAR},
    [RELEASE] = {.name = "release",
                 .help = "time to silence once the gate is let go",
                 .unit = "s",
                 .min = 0.0005f,
                 .max = 20.0f,
                 .def = 0.3f,
                 .curve = SY_CURVE_LINEAR},
};

static void init(const SyContext *context, void *state, uint32_t seed)
{
    (void)context;
    (void)seed;
    memset(state, 0, sizeof(SyAdsrState));
}

static void process(const SyBatch *batch)
{
    SyAdsrLane lanes[SY_LANES_MAX];
    for (uint32_t l = 0; l < batch->n_lanes; l++) {
        const SyLane *lane = &batch->lanes[l];
        lanes[l] = (SyAdsrLane){
            .state = lane->state,
            .gate = sy_lane_in(lane, GATE),
            .retrigger = sy_lane_in(lane, RETRIGGER),
            .out = sy_lane_out(lane, OUT),
            .attack = &lane->params[ATTACK],
            .decay = &lane->params[DECAY],
            .sustain = &lane->params[SUSTAIN],
            .release = &lane->params[RELEASE],
        };
    }
    batch->context->dsp->adsr(batch->context->tables, lanes, batch->n_lanes, batch->n_frames);
}

const SyModule sy_module_adsr = {
    .name = "adsr",
    .help = "envelope: attack, decay, sustain, release, as a gate asks for them",
    .inputs = inputs,
    .outputs = outputs,
    .params = params,
    .n_inputs = 2,
    .n_outputs = 1,
    .n_params = 4,
    .state_size = sizeof(SyAdsrState),
    .init = init,
    .process = process,
};
