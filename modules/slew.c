/* The slew limiter: follows its input, but no faster than it is allowed to.
 *
 * The level is kept as a double: at 20 seconds a frame moves it by a millionth, of which float
 * would round off a part.
 */
#include "modules/lane.h"

enum { IN };
enum { OUT };
enum { RISE, FALL };

typedef struct State {
    double level;
} State;

static const SyPortInfo inputs[] = {
    [IN] = {.name = "in", .help = "the signal to follow: pitch for a glide, a gate for a ramp"},
};

static const SyPortInfo outputs[] = {
    [OUT] = {.name = "out", .help = "the input with its jumps turned into slopes"},
};

static const SyParamInfo params[] = {
    [RISE] = {.name = "rise",
              .help = "time to go up by 1; 0 jumps",
              .unit = "s",
              .min = 0.0f,
              .max = 20.0f,
              .def = 0.1f,
              .curve = SY_CURVE_LINEAR},
    [FALL] = {.name = "fall",
              .help = "time to go down by 1; 0 jumps",
              .unit = "s",
              .min = 0.0f,
              .max = 20.0f,
              .def = 0.1f,
              .curve = SY_CURVE_LINEAR},
};

static void init(const SyContext *context, void *state, uint32_t seed)
{
    (void)context;
    (void)seed;
    *(State *)state = (State){0};
}

/* The level one frame on. */
static double follow(double level, double target, double rise_frames, double fall_frames)
{
    const double way = target - level;
    if (way > 0.0 && way * rise_frames > 1.0)
        return level + 1.0 / rise_frames;
    if (way < 0.0 && -way * fall_frames > 1.0)
        return level - 1.0 / fall_frames;
    return target;
}

static void process(const SyBatch *batch)
{
    const double rate = batch->context->rate;
    for (uint32_t l = 0; l < batch->n_lanes; l++) {
        const SyLane *lane = &batch->lanes[l];
        State *state = lane->state;
        for (uint32_t i = 0; i < batch->n_frames; i++) {
            const double rise_frames = rate * sy_ramp_at(&lane->params[RISE], i);
            const double fall_frames = rate * sy_ramp_at(&lane->params[FALL], i);
            state->level = follow(state->level, lane->in[IN][i], rise_frames, fall_frames);
            lane->out[OUT][i] = (float)state->level;
        }
    }
}

const SyModule sy_module_slew = {
    .name = "slew",
    .help = "slew limiter: turns jumps into slopes, for glides and slow changes",
    .inputs = inputs,
    .outputs = outputs,
    .params = params,
    .n_inputs = 1,
    .n_outputs = 1,
    .n_params = 2,
    .state_size = sizeof(State),
    .init = init,
    .process = process,
};
