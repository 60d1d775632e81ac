/* The filter with the drive: the transistor ladder of dsp/ladder.c. */
#include <string.h>

#include "modules/filter_tables.h"
#include "modules/lane.h"

enum { IN, PITCH, FM };
enum { CUTOFF, RESONANCE, DRIVE, FM_DEPTH, TRACKING, OVERSAMPLING };

static const SyPortInfo inputs[] = {
    [IN] = SY_FILTER_IN,
    [PITCH] = SY_FILTER_PITCH,
    [FM] = SY_FILTER_FM,
};

static const SyPortInfo outputs[] = {
    [SY_LADDER_LOW] = {.name = "out", .help = "what is below the cutoff: four poles, dark and fat"},
    [SY_LADDER_BAND] = {.name = "band", .help = "what is around the cutoff"},
    [SY_LADDER_HIGH] = {.name = "high", .help = "what is above the cutoff: four poles, thin"},
};

static const char *const rates[] = {"off", "x2", NULL};

static const SyParamInfo params[] = {
    [CUTOFF] = SY_FILTER_CUTOFF,
    [RESONANCE] = {.name = "resonance",
                   .help = "emphasis at the cutoff; from 0.87 it whistles by itself, in tune",
                   .unit = "",
                   .min = 0.0f,
                   .max = 1.0f,
                   .def = 0.2f,
                   .curve = SY_CURVE_LINEAR},
    [DRIVE] = {.name = "drive",
               .help = "how hard the input is pushed into the transistors: from warm to torn",
               .unit = "dB",
               .min = -60.0f,
               .max = 40.0f,
               .def = 0.0f,
               .curve = SY_CURVE_DB},
    [FM_DEPTH] = SY_FILTER_FM_DEPTH,
    [TRACKING] = SY_FILTER_TRACKING,
    [OVERSAMPLING] = {.name = "oversampling",
                      .help =
                          "x2 keeps overtones of the drive from folding back, at twice the work",
                      .unit = "",
                      .min = 0.0f,
                      .max = 1.0f,
                      .def = 0.0f,
                      .curve = SY_CURVE_STEP,
                      .choices = rates},
};

static void init(const SyContext *context, void *state, uint32_t seed)
{
    (void)context;
    (void)seed;
    memset(state, 0, sizeof(SyLadderState));
}

static SyLadderLane kernel_lane(const SyLane *lane)
{
    SyLadderLane to = {
        .state = lane->state,
        .in = sy_lane_in(lane, IN),
        .pitch = sy_lane_in(lane, PITCH),
        .fm = sy_lane_in(lane, FM),
        .cutoff = &lane->params[CUTOFF],
        .resonance = &lane->params[RESONANCE],
        .drive = &lane->params[DRIVE],
        .fm_depth = &lane->params[FM_DEPTH],
        .tracking = &lane->params[TRACKING],
    };
    for (int o = 0; o < SY_LADDER_OUTPUTS; o++)
        to.out[o] = sy_lane_out(lane, o);
    return to;
}

/* Those lanes that run at the rate, then those that run at twice the rate. */
static void process(const SyBatch *batch)
{
    for (int twice = 0; twice <= 1; twice++) {
        SyLadderLane lanes[SY_LANES_MAX];
        uint32_t n = 0;
        for (uint32_t l = 0; l < batch->n_lanes; l++) {
            const SyLane *lane = &batch->lanes[l];
            if ((sy_ramp_at(&lane->params[OVERSAMPLING], 0) > 0.5f) == (twice == 1))
                lanes[n++] = kernel_lane(lane);
        }
        if (n > 0)
            batch->context->dsp->ladder(batch->context->tables, lanes, n, batch->n_frames, twice);
    }
}

const SyModule sy_module_ladder = {
    .name = "ladder",
    .help = "transistor ladder: four poles, drive, and a whistle that stays in tune",
    .inputs = inputs,
    .outputs = outputs,
    .params = params,
    .n_inputs = 3,
    .n_outputs = 3,
    .n_params = 6,
    .bypass = 1 + IN,
    .state_size = sizeof(SyLadderState),
    .init = init,
    .process = process,
};
