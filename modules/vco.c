/* The oscillator. */
#include <string.h>

#include "modules/lane.h"
#include "modules/oscillator_tables.h"

enum { PITCH, FM, PWM, SYNC };
enum {
    FREQ,
    FINE,
    DETUNE,
    DRIFT,
    WIDTH,
    FM_DEPTH,
    FM_MODE,
    PWM_DEPTH,
    SYNC_MODE,
    PHASE_MODE,
    LEVEL
};

static const SyPortInfo inputs[] = {
    [PITCH] = SY_OSCILLATOR_PITCH,
    [FM] = SY_OSCILLATOR_FM,
    [PWM] = {.name = "pwm",
             .help = "moves the width of the pulse, as strongly as the parameter pwm says"},
    [SYNC] = {.name = "sync",
              .help = "starts the cycle again when this rises through 0, or turns it; best from a "
                      "sync output"},
};

static const SyPortInfo outputs[] = {
    [SY_VCO_SAW] = {.name = "saw", .help = "rising sawtooth: bright, all harmonics"},
    [SY_VCO_PULSE] = {.name = "pulse",
                      .help = "square or narrower, as width says: hollow to nasal"},
    [SY_VCO_TRIANGLE] = {.name = "triangle", .help = "soft, odd harmonics that fade quickly"},
    [SY_VCO_SINE] = {.name = "sine", .help = "the fundamental alone"},
    [SY_VCO_SYNC] = {.name = "sync",
                     .help = "for another's sync: the exact time at which each cycle begins"},
};

static const char *const phase_modes[] = {"linear", "minimum", NULL};
static const char *const sync_modes[] = {"hard", "soft", NULL};

static const SyParamInfo params[] = {
    [FREQ] = {.name = "freq",
              .help = "frequency at pitch 0; C4 unless changed",
              .unit = "Hz",
              .min = 0.01f,
              .max = 20000.0f,
              .def = 261.6256f,
              .curve = SY_CURVE_PITCH},
    [FINE] = SY_OSCILLATOR_FINE,
    [DETUNE] = {.name = "detune",
                .help = "how far voices are set apart, each by its own share of this, up or down",
                .unit = "cents",
                .min = 0.0f,
                .max = 100.0f,
                .def = 0.0f,
                .curve = SY_CURVE_LINEAR},
    [DRIFT] = {.name = "drift",
               .help = "how far the pitch wanders within seconds, up or down, each voice by itself",
               .unit = "cents",
               .min = 0.0f,
               .max = 100.0f,
               .def = 0.0f,
               .curve = SY_CURVE_LINEAR},
    [WIDTH] = {.name = "width",
               .help = "share of the cycle that the pulse is high; 0.5 is a square",
               .unit = "",
               .min = 0.01f,
               .max = 0.99f,
               .def = 0.5f,
               .curve = SY_CURVE_LINEAR},
    [FM_DEPTH] = SY_OSCILLATOR_FM_DEPTH,
    [FM_MODE] = SY_OSCILLATOR_FM_MODE,
    [PWM_DEPTH] = {.name = "pwm",
                   .help = "depth of the pwm input: 1 moves the width by all of the cycle",
                   .unit = "",
                   .min = -1.0f,
                   .max = 1.0f,
                   .def = 0.5f,
                   .curve = SY_CURVE_LINEAR},
    [SYNC_MODE] = {.name = "sync_mode",
                   .help =
                       "what sync does: hard starts the cycle again; soft turns it round, gentler",
                   .unit = "",
                   .min = 0.0f,
                   .max = 1.0f,
                   .def = 0.0f,
                   .curve = SY_CURVE_STEP,
                   .choices = sync_modes},
    [PHASE_MODE] =
        {.name = "phase_mode",
         .help = "linear keeps the shape of waves, 18 frames late; minimum is 3 late, for feedback",
         .unit = "",
         .min = 0.0f,
         .max = 1.0f,
         .def = 0.0f,
         .curve = SY_CURVE_STEP,
         .choices = phase_modes},
    [LEVEL] = {.name = "level",
               .help = "loudness of the four waves; the bottom of the range is silence",
               .unit = "dB",
               .min = -60.0f,
               .max = 12.0f,
               .def = 0.0f,
               .curve = SY_CURVE_DB},
};

static void init(const SyContext *context, void *state, uint32_t seed)
{
    (void)context;
    SyVcoState *vco = state;
    memset(vco, 0, sizeof(*vco));
    vco->key = seed;
}

/* Field by field: gcc would clear the whole of a compound literal first, which takes longer. */
static void make_voice(SyVcoVoice *voice, const SyLane *lane)
{
    voice->state = lane->state;
    voice->pitch = sy_lane_in(lane, PITCH);
    voice->fm = sy_lane_in(lane, FM);
    voice->pwm = sy_lane_in(lane, PWM);
    voice->sync = sy_lane_in(lane, SYNC);
    voice->out = lane->out;
    voice->freq = &lane->params[FREQ];
    voice->fine = &lane->params[FINE];
    voice->detune = &lane->params[DETUNE];
    voice->drift = &lane->params[DRIFT];
    voice->width = &lane->params[WIDTH];
    voice->fm_depth = &lane->params[FM_DEPTH];
    voice->pwm_depth = &lane->params[PWM_DEPTH];
    voice->level = &lane->params[LEVEL];
    voice->heard = lane->heard & ((1u << SY_VCO_PORTS) - 1);
    voice->minimum = sy_ramp_at(&lane->params[PHASE_MODE], 0) > 0.5f;
    voice->soft = sy_ramp_at(&lane->params[SYNC_MODE], 0) > 0.5f;
    voice->exponential = sy_ramp_at(&lane->params[FM_MODE], 0) > 0.5f;
}

static void process(const SyBatch *batch)
{
    SyVcoVoice voices[SY_LANES_MAX];
    for (uint32_t l = 0; l < batch->n_lanes; l++)
        make_voice(&voices[l], &batch->lanes[l]);
    batch->context->dsp->vco(batch->context->tables, voices, batch->n_lanes, batch->n_frames);
}

const SyModule sy_module_vco = {
    .name = "vco",
    .help = "oscillator: saw, pulse, triangle and sine at once, free of aliasing",
    .inputs = inputs,
    .outputs = outputs,
    .params = params,
    .n_inputs = 4,
    .n_outputs = SY_VCO_PORTS,
    .n_params = LEVEL + 1,
    .state_size = sizeof(SyVcoState),
    .state_used = sy_vco_state_used,
    .init = init,
    .process = process,
};
