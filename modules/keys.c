/* The keyboard: notes in, and for each voice a pitch, a gate and a velocity out.
 *
 * A note goes to the voice that has been free for longest, so that the tails of the last notes may
 * ring; if none is free, it takes the one that was struck first. A note that is held already goes
 * to its own voice again. Whenever a note goes to a voice whose gate is high, that gate is low for
 * one frame, so that an envelope behind it starts anew.
 */
#include <math.h>
#include <string.h>

#include "modules/lane.h"

enum { PITCH, GATE, VELOCITY };
enum { GLIDE };

#define WAITING 16 /* held notes that one voice remembers */

typedef struct Voice {
    float note; /* MIDI number */
    float velocity;
    float target;  /* pitch of the note, octaves above C4 */
    float pitch;   /* what the last frame had */
    float slope;   /* of a glide, a frame */
    int32_t left;  /* frames that the glide still takes */
    uint32_t when; /* the event that struck or released it, counted from the start */
    bool held;
    bool played;  /* it has had a note, so there is a pitch to glide from */
    bool fresh;   /* the note has come since the last frame */
    bool is_high; /* the gate at the last frame */
} Voice;

typedef struct State {
    Voice voices[SY_VOICES_MAX];
    SyModuleEvent waiting[WAITING]; /* held notes without a voice, oldest first */
    uint32_t n_waiting;
    uint32_t events;
} State;

static const SyPortInfo outputs[] = {
    [PITCH] = {.name = "pitch", .help = "the note, one octave a volt; 0 is middle C"},
    [GATE] = {.name = "gate", .help = "1 while the key is held, else 0"},
    [VELOCITY] = {.name = "velocity", .help = "how hard the key was struck, 0 to 1"},
};

static const SyParamInfo params[] = {
    [GLIDE] = {.name = "glide",
               .help = "time that the pitch takes from one note to the next; 0 jumps",
               .unit = "s",
               .min = 0.0f,
               .max = 10.0f,
               .def = 0.0f,
               .curve = SY_CURVE_LINEAR},
};

static void init(const SyContext *context, void *state, uint32_t seed)
{
    (void)context;
    (void)seed;
    memset(state, 0, sizeof(State));
}

/* The voice that holds `note`, or NULL. */
static Voice *find_held(State *state, uint32_t n_voices, float note)
{
    for (uint32_t v = 0; v < n_voices; v++) {
        if (state->voices[v].held && state->voices[v].note == note)
            return &state->voices[v];
    }
    return NULL;
}

/* The voice that has been as it is, free or held, for longest; NULL if there is none such. */
static Voice *find_oldest(State *state, uint32_t n_voices, bool held)
{
    Voice *oldest = NULL;
    for (uint32_t v = 0; v < n_voices; v++) {
        Voice *voice = &state->voices[v];
        if (voice->held != held)
            continue;
        if (!oldest || state->events - voice->when > state->events - oldest->when)
            oldest = voice;
    }
    return oldest;
}

/* Forgets waiting note number `n`. */
static void forget(State *state, uint32_t n)
{
    state->n_waiting--;
    for (uint32_t i = n; i < state->n_waiting; i++)
        state->waiting[i] = state->waiting[i + 1];
}

/* Remembers the note that `voice` is about to lose. */
static void remember(State *state, const Voice *voice)
{
    if (state->n_waiting == WAITING)
        forget(state, 0);
    state->waiting[state->n_waiting++] = (SyModuleEvent){voice->note, voice->velocity};
}

static void strike(State *state, uint32_t n_voices, const SyModuleEvent *event)
{
    Voice *voice = find_held(state, n_voices, event->note);
    if (!voice)
        voice = find_oldest(state, n_voices, false);
    if (!voice) {
        voice = find_oldest(state, n_voices, true);
        if (n_voices == 1)
            remember(state, voice);
    }
    voice->note = event->note;
    voice->velocity = event->velocity < 1.0f ? event->velocity : 1.0f;
    voice->target = (event->note - 60.0f) * (1.0f / 12.0f);
    voice->when = state->events;
    voice->held = true;
    voice->fresh = true;
}

static void release(State *state, uint32_t n_voices, float note)
{
    for (uint32_t i = 0; i < state->n_waiting; i++) {
        if (state->waiting[i].note == note)
            forget(state, i--);
    }
    Voice *voice = find_held(state, n_voices, note);
    if (!voice)
        return;
    voice->held = false;
    voice->when = state->events;
    if (state->n_waiting > 0) {
        const SyModuleEvent last = state->waiting[--state->n_waiting];
        strike(state, n_voices, &last);
    }
}

static void event(const SyContext *context, void *memory, uint32_t n_voices,
                  const SyModuleEvent *event)
{
    State *state = memory;
    (void)context;
    if (!(fabsf(event->note) < 1000.0f))
        return;
    state->events++;
    if (event->velocity > 0.0f)
        strike(state, n_voices, event);
    else
        release(state, n_voices, event->note);
}

/* Takes up a new note: from where the pitch is, in a straight line of octaves. */
static void begin_glide(Voice *voice, float glide_s, float rate)
{
    voice->left = voice->played ? (int32_t)(glide_s * rate) : 0;
    voice->slope = voice->left ? (voice->target - voice->pitch) / (float)voice->left : 0.0f;
    voice->played = true;
}

static void process_voice(Voice *voice, const SyLane *lane, float rate, uint32_t v, uint32_t n)
{
    const size_t at = (size_t)v * lane->voice_stride;
    for (uint32_t i = 0; i < n; i++) {
        const bool restart = voice->fresh && voice->is_high;
        if (voice->fresh)
            begin_glide(voice, sy_ramp_at(&lane->params[GLIDE], i), rate);
        if (voice->left > 0)
            voice->left--;
        voice->fresh = false;
        voice->pitch = voice->target - voice->slope * (float)voice->left;
        voice->is_high = voice->held && !restart;
        lane->out[PITCH][at + i] = voice->pitch;
        lane->out[GATE][at + i] = voice->is_high ? 1.0f : 0.0f;
        lane->out[VELOCITY][at + i] = voice->velocity;
    }
}

static void process(const SyBatch *batch)
{
    for (uint32_t l = 0; l < batch->n_lanes; l++) {
        const SyLane *lane = &batch->lanes[l];
        State *state = lane->state;
        for (uint32_t v = 0; v < lane->n_voices; v++)
            process_voice(&state->voices[v], lane, batch->context->rate, v, batch->n_frames);
    }
}

const SyModule sy_module_keys = {
    .name = "keys",
    .help = "keyboard: turns notes into a pitch and a gate for every voice",
    .outputs = outputs,
    .params = params,
    .n_outputs = 3,
    .n_params = 1,
    .per_instance = true,
    .state_size = sizeof(State),
    .init = init,
    .process = process,
    .event = event,
};
