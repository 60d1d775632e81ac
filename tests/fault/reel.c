/* A module with a tape, for tests only: an echo that feeds on itself. Every frame is written once,
 * behind all that is still to be read. */
#include "modules/lane.h"

#define DELAY_FRAMES 4800u
#define FRAMES       (DELAY_FRAMES + 1024u) /* and one block, the longest there is */

enum { IN };
enum { OUT };

static const SyPortInfo inputs[] = {[IN] = {.name = "in", .help = "what is repeated"}};
static const SyPortInfo outputs[] = {[OUT] = {.name = "out", .help = "the input and its echoes"}};

typedef struct State {
    uint64_t written; /* frames, ever: what lies further back is not this lane's */
} State;

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
        State *state = lane->state;
        float *tape = lane->tape;

        for (uint32_t i = 0; i < batch->n_frames; i++, state->written++) {
            const bool is_own = state->written >= DELAY_FRAMES;
            const float echo = is_own ? tape[(state->written - DELAY_FRAMES) % FRAMES] : 0;
            const float out = 0.5f * (lane->in[IN][i] + echo);
            tape[state->written % FRAMES] = out;
            lane->out[OUT][i] = out;
        }
    }
}

const SyModule sy_module_reel = {
    .name = "reel",
    .help = "an echo on a tape",
    .inputs = inputs,
    .outputs = outputs,
    .n_inputs = 1,
    .n_outputs = 1,
    .state_size = sizeof(State),
    .tape_size = FRAMES * sizeof(float),
    .init = init,
    .process = process,
};
