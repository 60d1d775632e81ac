/* The filter: the state-variable filter of dsp/svf.c. */
#include <string.h>

#include "modules/filter_tables.h"
#include "modules/lane.h"

enum { IN, PITCH, FM };
enum { CUTOFF, RESONANCE, FM_DEPTH, TRACKING };

static const SyPortInfo inputs[] = {
    [IN] = SY_FILTER_IN,
    [PITCH] = SY_FILTER_PITCH,
    [FM] = SY_FILTER_FM,
};

static const SyPortInfo outputs[] = {
    [SY_SVF_LOW] = {.name = "low", .help = "what is below the cutoff: darker"},
    [SY_SVF_BAND] = {.name = "band", .help = "what is around the cutoff"},
    [SY_SVF_HIGH] = {.name = "high", .help = "what is above the cutoff: thinner"},
    [SY_SVF_NOTCH] = {.name = "notch", .help = "everything but what is around the cutoff"},
};

static const SyParamInfo params[] = {
    [CUTOFF] = SY_FILTER_CUTOFF,
    [RESONANCE] = {.name = "resonance",
                   .help =
                       "emphasis at the cutoff; from 0.98 the filter whistles by itself, in tune",
                   .unit = "",
                   .min = 0.0f,
                   .max = 1.0f,
                   .def = 0.2f,
                   .curve = SY_CURVE_LINEAR},
    [FM_DEPTH] = SY_FILTER_FM_DEPTH,
    [TRACKING] = SY_FILTER_TRACKING,
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
