/* The module that misbehaves, for tests only: it passes its input on until it is told otherwise.
 *
 * What it does is a pure function of its parameters and of the frame it has come to, so it does it
 * again when the block is run again. */
#include <math.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "engine/futex.h"
#include "modules/lane.h"

enum { IN };
enum { MODE, NUMBER, AFTER };

typedef enum Mode {
    NONE,
    SEGV,
    ABORT,
    ILLEGAL,
    OVERFLOW,
    EXIT,
    HANG,
    NOT_A_NUMBER,
    INFINITE,
    SLOW,
    SCRIBBLE,
    CALL,
    MODES,
} Mode;

static const char *const modes[MODES] = {
    "none", "segv",       "abort",    "illegal", "overflow", "exit",
    "hang", "notanumber", "infinite", "slow",    "scribble", "call",
};

static const SyPortInfo inputs[] = {[IN] = {.name = "in", .help = "what is passed on"}};
static const SyPortInfo outputs[] = {{.name = "out", .help = "the input, or what is left of it"}};
static const SyParamInfo params[] = {
    [MODE] = {.name = "mode",
              .help = "what it does",
              .min = 0,
              .max = MODES - 1,
              .curve = SY_CURVE_STEP,
              .choices = modes},
    [NUMBER] = {.name = "number",
                .help = "of the system call; or microseconds of a slow block",
                .max = 100000,
                .curve = SY_CURVE_STEP},
    [AFTER] = {.name = "after",
               .help = "frames for which it behaves first",
               .max = 1e7f,
               .curve = SY_CURVE_STEP},
};

typedef struct State {
    uint32_t frames;
} State;

static void init(const SyContext *context, void *state, uint32_t seed)
{
    (void)context;
    (void)seed;
    *(State *)state = (State){0};
}

/* Deeper than any stack. */
__attribute__((noinline)) static int overflow(volatile const char *below, float level)
{
    volatile char frame[4096];
    frame[0] = below ? below[0] : 0;
    return level > 0 ? frame[0] + overflow(frame, level) + frame[1] : 0;
}

/* Writes over everything from `at` on, page by page, until it is stopped. */
static void scribble_from(uintptr_t at, intptr_t step)
{
    for (at &= ~(uintptr_t)4095;; at += (uintptr_t)step) {
        memset((void *)at, 0xa5, 4096);
    }
}

static int own_data[2048] = {1};

/* Wherever a pointer may have gone wrong: the module's memory, its neighbours', the worker's. */
static void scribble(const SyLane *lane, int where)
{
    const uintptr_t places[] = {
        (uintptr_t)lane->state, (uintptr_t)lane->in[0], (uintptr_t)lane,
        (uintptr_t)&lane,       (uintptr_t)own_data,
    };
    const size_t n = sizeof(places) / sizeof(places[0]);

    scribble_from(places[(size_t)where / 2 % n], where % 2 ? -4096 : 4096);
}

static void take_time(float us)
{
    const int64_t until = sy_now_ns() + (int64_t)(us * 1000);
    while (sy_now_ns() < until) {
    }
}

static void misbehave(const SyLane *lane, uint32_t n)
{
    static volatile int nothing;
    volatile int *volatile nowhere = NULL;

    switch ((Mode)lane->params[MODE].to) {
    case SEGV:
        *nowhere = 1;
        break;
    case ABORT:
        abort();
    case ILLEGAL:
        __builtin_trap();
    case OVERFLOW:
        nothing = overflow(NULL, lane->params[MODE].to);
        break;
    case EXIT:
        _exit(3);
    case HANG:
        for (;;) {
            nothing++;
        }
    case NOT_A_NUMBER:
        lane->out[0][n / 2] = NAN;
        break;
    case INFINITE:
        lane->out[0][n - 1] = INFINITY;
        break;
    case SLOW:
        take_time(lane->params[NUMBER].to);
        break;
    case SCRIBBLE:
        scribble(lane, (int)lane->params[NUMBER].to);
        break;
    case CALL:
        syscall((long)lane->params[NUMBER].to, 0, 0, 0, 0, 0, 0);
        break;
    default:
        break;
    }
}

static void process(const SyBatch *batch)
{
    for (uint32_t l = 0; l < batch->n_lanes; l++) {
        const SyLane *lane = &batch->lanes[l];
        State *state = lane->state;
        memcpy(lane->out[0], lane->in[IN], batch->n_frames * sizeof(float));
        if (state->frames >= lane->params[AFTER].to) {
            misbehave(lane, batch->n_frames);
        }
        state->frames += batch->n_frames;
    }
}

const SyModule sy_module_fault = {
    .name = "fault",
    .help = "misbehaves in the way that mode says",
    .inputs = inputs,
    .outputs = outputs,
    .params = params,
    .n_inputs = 1,
    .n_outputs = 1,
    .n_params = 3,
    .isolated = true,
    .state_size = sizeof(State),
    .init = init,
    .process = process,
};
