/* The filter: the state-variable filter of dsp/svf.c. */
#include <string.h>

#include "modules/lane.h"

enum { IN, PITCH, FM };
enum { CUTOFF, RESONANCE, FM_DEPTH, TRACKING };

static const SyPortInfo inputs[] = {
    [IN] = {.name = "in", .help = "the signal to filter"},
    [PITCH] = {.name = "pitch",
               .help = "moves the cutoff by octaves a volt, as strongly as tracking says"},
    [FM] = {.name = "fm", .help = "moves the cutoff by as many octaves as the parameter fm says"},
};

static const SyPortInfo outputs[] = {
    [SY_SVF_LOW] = {.name = "low", .help = "what is below the cutoff: darker"},
    [SY_SVF_BAND] = {.name = "band", .help = "what is around the cutoff"},
    [SY_SVF_HIGH] = {.name = "high", .help = "what is above the cutoff: thinner"},
    [SY_SVF_NOTCH] = {.name = "notch", .help = "everything but what is around the cutoff"},
};

static const SyParamInfo params[] = {
    [CUTOFF] = {.name = "cutoff",
                .help = "the frequency at which the filter begins to take away",
                .unit = "Hz",
                .min = 10.0f,
                .max = 20000.0f,
                .def = 1000.0f,
                .curve = SY_CURVE_PITCH},
    [RESONANCE] = {.name = "resonance",
                   .help =
                       "emphasis at the cutoff; from 0.98 the filter whistles by itself, in tune",
                   .unit = "",
                   .min = 0.0f,
                   .max = 1.0f,
                   .def = 0.2f,
                   .curve = SY_CURVE_LINEAR},
    [FM_DEPTH] = {.name = "fm",
                  .help = "octaves that the fm input moves the cutoff by; below 0 it moves down",
                  .unit = "oct",
                  .min = -10.0f,
                  .max = 10.0f,
                  .def = 4.0f,
                  .curve = SY_CURVE_LINEAR},
    [TRACKING] = {.name = "tracking",
                  .help =
                      "how far the cutoff follows pitch: 1 keeps the timbre of every note alike",
                  .unit = "",
                  .min = -2.0f,
                  .max = 2.0f,
                  .def = 1.0f,
                  .curve = SY_CURVE_LINEAR},
};

static void init(const SyContext *context, void *state, uint32_t seed)
{
    (void)context;
    (void)seed;
    memset(state, 0, sizeof(SySvfState));
}

static void process(const SyBatch *batch)
{
    SySvfLane lanes[SY_LANES_MAX];
    for (uint32_t l = 0; l < batch->n_lanes; l++) {
        const SyLane *lane = &batch->lanes[l];
        lanes[l] = (SySvfLane){
            .state = lane->state,
            .in = sy_lane_in(lane, IN),
            .pitch = sy_lane_in(lane, PITCH),
            .fm = sy_lane_in(lane, FM),
            .cutoff = &lane->params[CUTOFF],
            .resonance = &lane->params[RESONANCE],
            .fm_depth = &lane->params[FM_DEPTH],
            .tracking = &lane->params[TRACKING],
        };
        for (int o = 0; o < SY_SVF_OUTPUTS; o++)
            lanes[l].out[o] = sy_lane_out(lane, o);
    }
    batch->context->dsp->svf(batch->context->tables, lanes, batch->n_lanes, batch->n_frames);
}

const SyModule sy_module_vcf = {
    .name = "vcf",
    .help = "filter: low, band, high and notch at once, with a cutoff that follows audio",
    .inputs = inputs,
    .outputs = outputs,
    .params = params,
    .n_inputs = 3,
    .n_outputs = 4,
    .n_params = 4,
    .bypass = 1 + IN,
    .state_size = sizeof(SySvfState),
    .init = init,
    .process = process,
};
