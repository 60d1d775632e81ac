/* A module that plays a file over and over, for tests only. Files of certain lengths have the
 * loader misbehave. */
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "modules/lane.h"

enum { GAIN };
enum { OUT };

/* Frames of a file with which the loader comes to grief. */
enum {
    REFUSED = 661, /* by size() */
    CRASHES,
    CALLS, /* what its walls forbid */
    WRITES_BEYOND,
    SPINS,
    TAKES_A_SECOND,
};

static const SyPortInfo outputs[] = {[OUT] = {.name = "out", .help = "the file, over and over"}};
static const SyParamInfo params[] = {
    [GAIN] = {.name = "gain",
              .help = "how loud it is",
              .unit = "",
              .min = 0,
              .max = 2,
              .def = 1,
              .curve = SY_CURVE_LINEAR},
};

typedef struct Frames {
    uint64_t n;
    float frames[];
} Frames;

typedef struct State {
    uint64_t at;
} State;

static uint64_t size(const SyContext *context, const SyFileAudio *audio, char *error,
                     size_t error_size)
{
    static const char reason[] = "is of a length that is refused";
    (void)context;
    if (audio->n_frames == REFUSED) {
        memcpy(error, reason, sizeof(reason) < error_size ? sizeof(reason) : error_size);
        return 0;
    }
    return sizeof(Frames) + audio->n_frames * sizeof(float);
}

static void misbehave(uint32_t n_frames, Frames *frames)
{
    const int64_t pages = 64;

    switch (n_frames) {
    case CRASHES:
        __builtin_trap();
    case CALLS:
        syscall(SYS_socket, 2, 1, 0);
        break;
    case WRITES_BEYOND:
        memset((char *)frames + pages * 4096, 1, 4096);
        break;
    case SPINS:
        for (volatile int i = 0;; i++) {
        }
    case TAKES_A_SECOND:
        for (volatile long i = 0; i < 500000000; i++) {
        }
        break;
    default:
        break;
    }
}

static void prepare(const SyContext *context, const SyFileAudio *audio, void *to)
{
    Frames *frames = to;
    (void)context;
    misbehave(audio->n_frames, frames);
    frames->n = audio->n_frames;
    memcpy(frames->frames, audio->channels[0], audio->n_frames * sizeof(float));
}

static const SyModuleFile file = {
    .help = "the sound that is played, up to 10 s of its first channel",
    .frames_max = 480000,
    .at_engines_rate = true,
    .size = size,
    .prepare = prepare,
};

static void init(const SyContext *context, void *state, uint32_t seed)
{
    (void)context;
    (void)seed;
    *(State *)state = (State){0};
}

static void process(const SyBatch *batch)
{
    for (uint32_t l = 0; l < batch->n_lanes; l++) {
        const SyLane *lane = &batch->lanes[l];
        const Frames *frames = lane->file;
        State *state = lane->state;
        for (uint32_t i = 0; i < batch->n_frames; i++) {
            lane->out[OUT][i] = frames ? frames->frames[state->at++ % frames->n] *
                                             sy_ramp_at(&lane->params[GAIN], i)
                                       : 0;
        }
    }
}

const SyModule sy_module_player = {
    .name = "player",
    .help = "plays a file over and over",
    .outputs = outputs,
    .params = params,
    .n_outputs = 1,
    .n_params = 1,
    .state_size = sizeof(State),
    .file = &file,
    .init = init,
    .process = process,
};
