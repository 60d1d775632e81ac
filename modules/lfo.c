/* The low-frequency oscillator. */
#include <string.h>

#include "modules/lane.h"

enum { RESET, FM, CLOCK };
enum { RATE, FM_DEPTH, PHASE, WIDTH, SMOOTH, MODE, RATIO };

static const SyPortInfo inputs[] = {
    [RESET] = {.name = "reset", .help = "a gate here starts the cycle again"},
    [FM] = {.name = "fm", .help = "bends the rate by as many octaves as the parameter fm says"},
    [CLOCK] = {.name = "clock",
               .help = "while patched, its rising edges set the tempo, in place of rate and fm"},
};

static const SyPortInfo outputs[] = {
    [SY_VCO_SAW] = {.name = "saw", .help = "rises from -1 to 1, then starts again"},
    [SY_VCO_PULSE] = {.name = "pulse",
                      .help = "1 for the part of the cycle that width says, then -1"},
    [SY_VCO_TRIANGLE] = {.name = "triangle", .help = "up and down at the same speed, from 0"},
    [SY_VCO_SINE] = {.name = "sine", .help = "a smooth swing, from 0"},
    [SY_LFO_RANDOM] = {.name = "random", .help = "another value in every cycle, from -1 to 1"},
};

static const char *const modes[] = {"loop", "one_shot", NULL};

static const SyParamInfo params[] = {
    [RATE] = {.name = "rate",
              .help = "swings a second: 0.001 is one in 17 minutes",
              .unit = "Hz",
              .min = 0.001f,
              .max = 20000.0f,
              .def = 1.0f,
              .curve = SY_CURVE_PITCH},
    [FM_DEPTH] = {.name = "fm",
                  .help = "octaves that the fm input bends the rate by",
                  .unit = "oct",
                  .min = -10.0f,
                  .max = 10.0f,
                  .def = 1.0f,
                  .curve = SY_CURVE_LINEAR},
    [PHASE] = {.name = "phase",
               .help = "where in its cycle the swing is ahead of the reset: 0.25 is a quarter",
               .unit = "",
               .min = 0.0f,
               .max = 1.0f,
               .def = 0.0f,
               .curve = SY_CURVE_LINEAR},
    [WIDTH] = {.name = "width",
               .help = "share of the cycle that the pulse is high",
               .unit = "",
               .min = 0.0f,
               .max = 1.0f,
               .def = 0.5f,
               .curve = SY_CURVE_LINEAR},
    [SMOOTH] = {.name = "smooth",
                .help = "share of the cycle that random takes to its next value; 0 steps",
                .unit = "",
                .min = 0.0f,
                .max = 1.0f,
                .def = 0.0f,
                .curve = SY_CURVE_LINEAR},
    [MODE] = {.name = "mode",
              .help = "loop goes on and on; one_shot is one cycle after every reset",
              .unit = "",
              .min = 0.0f,
              .max = 1.0f,
              .def = 0.0f,
              .curve = SY_CURVE_STEP,
              .choices = modes},
    [RATIO] = {.name = "ratio",
               .help = "cycles from one edge of the clock to the next, from the next edge on",
               .unit = "",
               .min = 0.015625f,
               .max = 64.0f,
               .def = 1.0f,
               .curve = SY_CURVE_STEP},
};

static void init(const SyContext *context, void *state, uint32_t seed)
{
    (void)context;
    memset(state, 0, sizeof(SyLfoState));
    ((SyLfoState *)state)->key = seed * 2654435761u;
}

static void process(const SyBatch *batch)
{
    for (uint32_t l = 0; l < batch->n_lanes; l++) {
        const SyLane *lane = &batch->lanes[l];
        SyLfoVoice voice = {
            .state = lane->state,
            .reset = sy_lane_in(lane, RESET),
            .fm = sy_lane_in(lane, FM),
            .clock = sy_lane_in(lane, CLOCK),
            .rate = &lane->params[RATE],
            .fm_depth = &lane->params[FM_DEPTH],
            .phase = &lane->params[PHASE],
            .width = &lane->params[WIDTH],
            .smooth = &lane->params[SMOOTH],
            .ratio = &lane->params[RATIO],
            .once = sy_ramp_at(&lane->params[MODE], 0) > 0.5f,
        };
        for (int o = 0; o < SY_LFO_OUTPUTS; o++)
            voice.out[o] = sy_lane_out(lane, o);
        batch->context->dsp->lfo(batch->context->tables, &voice, batch->n_frames);
    }
}

const SyModule sy_module_lfo = {
    .name = "lfo",
    .help = "slow oscillator for movement: five shapes, from minutes to audio",
    .inputs = inputs,
    .outputs = outputs,
    .params = params,
    .n_inputs = 3,
    .n_outputs = 5,
    .n_params = 7,
    .state_size = sizeof(SyLfoState),
    .init = init,
    .process = process,
};
