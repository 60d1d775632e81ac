/* The wavetable oscillator. The kernel is in dsp/wavetable.c. */
#include <string.h>

#include "modules/lane.h"
#include "modules/oscillator_tables.h"

enum { PITCH, FM, POSITION_IN };
enum { FREQ, FINE, FM_DEPTH, FM_MODE, POSITION, LEVEL };

static const SyPortInfo inputs[] = {
    [PITCH] = SY_OSCILLATOR_PITCH,
    [FM] = SY_OSCILLATOR_FM,
    [POSITION_IN] = {.name = "position",
                     .help = "moves through the table on top of the parameter: 1 is all of it"},
};

static const SyPortInfo outputs[] = {
    {.name = "out", .help = "the wave at the position, free of aliasing"},
};

static const SyParamInfo params[] = {
    [FREQ] = {.name = "freq",
              .help = "frequency at pitch 0; C4 unless changed",
              .unit = "Hz",
              .min = 0.1f,
              .max = 20000.0f,
              .def = 261.6256f,
              .curve = SY_CURVE_PITCH},
    [FINE] = SY_OSCILLATOR_FINE,
    [FM_DEPTH] = SY_OSCILLATOR_FM_DEPTH,
    [FM_MODE] = SY_OSCILLATOR_FM_MODE,
    [POSITION] = {.name = "position",
                  .help = "place in the table: 0 is its first wave, 1 its last, between them a mix",
                  .unit = "",
                  .min = 0.0f,
                  .max = 1.0f,
                  .def = 0.0f,
                  .curve = SY_CURVE_LINEAR},
    [LEVEL] = {.name = "level",
               .help = "loudness; the bottom of the range is silence",
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
    memset(state, 0, sizeof(SyWavetableState));
}

/* What is played; NULL where there are no transforms to make one from. */
static const SyWavetable *table_of(const SyContext *context, const SyLane *lane)
{
    if (lane->file)
        return lane->file;
    return context->fft ? context->fft->waves : NULL;
}

static void process_lane(const SyContext *context, const SyLane *lane, uint32_t n_frames)
{
    const SyWavetableVoice voice = {
        .state = lane->state,
        .table = table_of(context, lane),
        .pitch = sy_lane_in(lane, PITCH),
        .fm = sy_lane_in(lane, FM),
        .position_in = sy_lane_in(lane, POSITION_IN),
        .out = sy_lane_out(lane, 0),
        .freq = &lane->params[FREQ],
        .fine = &lane->params[FINE],
        .fm_depth = &lane->params[FM_DEPTH],
        .position = &lane->params[POSITION],
        .level = &lane->params[LEVEL],
        .exponential = sy_ramp_at(&lane->params[FM_MODE], 0) > 0.5f,
    };
    if (voice.table)
        context->dsp->wavetable(context->tables, &voice, n_frames);
    else
        memset(lane->out[0], 0, n_frames * sizeof(float));
}

static void process(const SyBatch *batch)
{
    for (uint32_t l = 0; l < batch->n_lanes; l++)
        process_lane(batch->context, &batch->lanes[l], batch->n_frames);
}

static uint64_t file_size(const SyContext *context, const SyFileAudio *audio, char *error,
                          size_t error_size)
{
    static const char reason[] = "there is no sound in the file, or some of it is beyond +60 dB";
    const uint64_t size =
        audio->n_channels ? sy_wavetable_size(audio->channels[0], audio->n_frames) : 0;
    (void)context;
    if (size == 0 && error_size > 0) {
        const size_t length = sizeof(reason) < error_size ? sizeof(reason) : error_size;
        memcpy(error, reason, length);
        error[length - 1] = 0;
    }
    return size;
}

static void file_prepare(const SyContext *context, const SyFileAudio *audio, void *to)
{
    (void)context;
    sy_wavetable_prepare(audio->channels[0], audio->n_frames, to);
}

static const SyModuleFile file = {
    .help = "cycles of 2048 frames, one after the other, up to 256; or one that is shorter",
    .frames_max = SY_WAVETABLE_CYCLE * SY_WAVETABLE_CYCLES_MAX,
    .size = file_size,
    .prepare = file_prepare,
};

const SyModule sy_module_wavetable = {
    .name = "wavetable",
    .help = "oscillator that plays waves from a file, and all that lies between them",
    .inputs = inputs,
    .outputs = outputs,
    .params = params,
    .n_inputs = 3,
    .n_outputs = 1,
    .n_params = 6,
    .state_size = sizeof(SyWavetableState),
    .file = &file,
    .init = init,
    .process = process,
};
