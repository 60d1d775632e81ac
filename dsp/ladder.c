/* The transistor ladder.
 *
 * Four one-pole low-pass filters in a row, the last one's output fed back against the input through
 * what the transistors at the bottom do, a tanh:
 *
 *     u = tanh(in - k y4),  each pole: y = (g x + s) / (1 + g),  s = 2 y - s,  g = tan(pi f / rate)
 *
 * integrated by the trapezoidal rule without a delay in the loop. y4 = G^4 u + S, with
 * G = g / (1 + g) and S what the poles remember; the loop is solved as if it were linear and the
 * tanh then put on what drives the poles:
 *
 *     u = tanh((in - k S) / (1 + k G^4))
 *
 * Of a sine, tanh leaves a sine of another size, without a shift, and overtones. The size only
 * makes k smaller, and whatever k is, the four poles turn the phase by half a cycle at exactly the
 * cutoff: so it whistles in tune. What is left of the overtones after the poles comes back and does
 * detune: k = 4.6 at resonance 1 is chosen so that this stays below 0.3 cent from 20 Hz to 20 kHz,
 * at either rate (k = 5: 0.5), with a whistle of 0.173. Signals are divided by 3 before the tanh
 * and multiplied after it: a whistle is then 2 dB softer than a saw's fundamental, and an input of
 * 1 without drive loses 3.5 % of its peaks.
 *
 * Nothing in the poles can be larger than what is driven into them allows, and tanh bounds that, so
 * the filter is stable whatever moves and however fast.
 *
 * For speed a step is written so that it waits for the last tanh through one product and one sum.
 * What a pole remembers, z = s / 2, is kept as z = G^i u + rest, and with G' for the new G,
 *
 *     S' = H' sum G'^(4-i) (G^i u + rest_i) = H' (horner(rest) + u G (G + G') (G^2 + G'^2))
 *
 * with H = 2 / (1 + g): the factor of u is known before u is. While a tanh is computed, so is the
 * rest of the next step, and what the next frame needs of its cutoff.
 *
 * Twice the rate for less aliasing: the same steps, two a frame, between the half-band filters of
 * dsp/halfband.h. The cutoff is the frame's for both.
 *
 * band and high are mixes of the poles: y2 - 2 y3 + y4 = s^2 / (s + 1)^4, times 4 to be 1 at the
 * cutoff, and u - 4 y1 + 6 y2 - 4 y3 + y4 = s^4 / (s + 1)^4.
 *
 * tanh is its continued fraction, cut off at the seventh level, of an argument within 4.97, where
 * it is 1: off by 1e-4 at worst. 1e-6 is added to the input, so that a whistle can begin in
 * silence.
 *
 * Measured a frame and lane with a cutoff per sample, with AVX2 on Zen 3: 3.0 ns in 8 lanes or 16;
 * at twice the rate 5.7 ns.
 *
 * Source: V. Zavalishin, The Art of VA Filter Design, 2018, chapters 5 and 6; the mixes are those
 * of the Oberheim Xpander.
 */
#include "dsp/cutoff.h"
#include "dsp/halfband.h"
#include "dsp/kernels.h"

#define SEED     1e-6f
#define FEEDBACK 4.6f /* k at resonance 1 */
#define ROOM     3.0f /* a signal of this size is 1 to the tanh */
#define TANH_MAX 4.97f

_Static_assert(SY_LADDER_MEMORY == SY_HALFBAND_MEMORY, "one of each for the halves");

/* The poles of a group of lanes, between two steps. */
typedef struct Poles {
    SyF rest[SY_LADDER_POLES], driven, pull;
} Poles;

typedef struct Group {
    SyLanesCutoff cutoff;
    SyLanesIn in;
    SyLanesOut out[SY_LADDER_OUTPUTS];
    SyLanesParam resonance, drive;
    Poles poles;
    SyF up[SY_HALFBAND_MEMORY], down[SY_LADDER_OUTPUTS][SY_HALFBAND_MEMORY];
    uint32_t base; /* frame of the call at which the ports begin */
} Group;

/* What a frame needs of its cutoff and resonance, all that does not wait for the frame before. */
typedef struct Tuning {
    SyF pull, square, cube, fourth; /* G to the power of 1 to 4 */
    SyF h;                          /* H = 2 / (1 + g) */
    SyF less;                       /* 1 / (1 + k G^4) */
    SyF back;                       /* k H less: the feedback's share in what is driven */
    SyF first; /* back times the factor of u in the essay, with the last frame's G */
    SyF again; /* and with this frame's, for the second step of a frame */
} Tuning;

/* What leaves the poles, a step each. */
typedef struct Outputs {
    SyF of[SY_LADDER_OUTPUTS][2 * SY_CHUNK];
} Outputs;

SY_INLINE SyF bend(SyF v)
{
    const SyF x = sy_clamp(v, -TANH_MAX, TANH_MAX), x2 = x * x, x4 = x2 * x2;
    const SyF n = (x2 * 17325.0f + 135135.0f) + x4 * (x2 + 378.0f);
    const SyF d = (x2 * 62370.0f + 135135.0f) + x4 * (x2 * 28.0f + 3150.0f);
    return (x * n) / d;
}

/* What tunings are computed from. */
typedef struct Controls {
    SyF angle[SY_CHUNK];
    SyLanesValue resonance;
    uint32_t a_stride;
} Controls;

SY_INLINE void set_pull(Tuning *tuning, SyF pull)
{
    tuning->pull = pull;
    tuning->square = pull * pull;
    tuning->cube = tuning->square * pull;
    tuning->fourth = tuning->square * tuning->square;
}

/* The tuning of frame i, `last` being that of the one before. Inlined with `twice` known. */
SY_INLINE void tune(Tuning *tuning, const Tuning *last, const Controls *controls, uint32_t i,
                    bool twice)
{
    const SyF angle = controls->angle[i * controls->a_stride];
    const SyF k = controls->resonance.value[i * controls->resonance.stride] * FEEDBACK;
    const SyTangent g = sy_tangent(twice ? angle * 0.5f : angle);
    set_pull(tuning, g.n / (g.n + g.d));
    tuning->h = 2.0f - (tuning->pull + tuning->pull);
    tuning->less = 1.0f / (k * tuning->fourth + 1.0f);
    tuning->back = (k * tuning->less) * tuning->h;
    tuning->first = tuning->back *
                    ((last->pull * (last->pull + tuning->pull)) * (last->square + tuning->square));
    if (twice)
        tuning->again = (tuning->back * 4.0f) * tuning->fourth;
}

/* What all outputs are made of. */
typedef struct Tap {
    SyF u, y1, y2, y3, y4;
} Tap;

/* One step: `factor` is `first` or `again`, `last` the tuning of the last step. */
SY_INLINE Tap step(Poles *poles, const Tuning *last, const Tuning *tuning, SyF factor, SyF in)
{
    const SyF g = tuning->pull, h = tuning->h, u = poles->driven, *c = poles->rest;
    const SyF sum = ((c[0] * g + c[1]) * g + c[2]) * g + c[3];
    const SyF next = bend((in * tuning->less - sum * tuning->back) - u * factor);
    const SyF z1 = last->pull * u + c[0], z2 = last->square * u + c[1];
    const SyF z3 = last->cube * u + c[2], z4 = last->fourth * u + c[3];
    const SyF t1 = h * z1, t2 = g * t1 + h * z2, t3 = g * t2 + h * z3, t4 = g * t3 + h * z4;
    *poles = (Poles){{t1 - z1, t2 - z2, t3 - z3, t4 - z4}, next, g};
    return (Tap){next, g * next + t1, tuning->square * next + t2, tuning->cube * next + t3,
                 tuning->fourth * next + t4};
}

SY_INLINE void put(Outputs *outputs, uint32_t i, const Tap *tap, bool all)
{
    outputs->of[SY_LADDER_LOW][i] = tap->y4 * ROOM;
    if (!all)
        return;
    const SyF band = (tap->y2 - tap->y3) - (tap->y3 - tap->y4);
    outputs->of[SY_LADDER_BAND][i] = band * (4.0f * ROOM);
    const SyF outer = (tap->u - tap->y1) - (tap->y3 - tap->y4);
    outputs->of[SY_LADDER_HIGH][i] =
        (outer - 3.0f * (tap->y1 - (tap->y2 + tap->y2 - tap->y3))) * ROOM;
}

/* All steps of a chunk. A step waits for the last one, twice as long as its operations take: those
 * of the next frame's tuning, which waits for nothing, are done meanwhile. Where nothing moves, all
 * frames from 1 on have the same. Inlined with the last three known. */
SY_INLINE void run_steps(Group *group, const Controls *controls, const SyF *in, Outputs *outputs,
                         uint32_t n, bool moves, bool twice, bool all)
{
    Poles poles = group->poles;
    Tuning tunings[1 + SY_CHUNK], *last = tunings, *now = tunings + 1;
    set_pull(last, poles.pull);
    tune(now, last, controls, 0, twice);
    for (uint32_t i = 0; i < n; i++) {
        if (i + 1 < n && (moves || i == 0))
            tune(now + 1, now, controls, i + 1, twice);
        if (twice) {
            const Tap even = step(&poles, last, now, now->first, in[2 * i]);
            const Tap odd = step(&poles, now, now, now->again, in[2 * i + 1]);
            put(outputs, 2 * i, &even, all);
            put(outputs, 2 * i + 1, &odd, all);
        } else {
            const Tap tap = step(&poles, last, now, now->first, in[i]);
            put(outputs, i, &tap, all);
        }
        last = now;
        now += moves || i == 0;
    }
    group->poles = poles;
}

/* Reads the input of n frames as the tanh is to see it, at the rate of the steps. */
SY_INLINE void fill_in(Group *group, SyF in[2 * SY_CHUNK], uint32_t at, uint32_t n, bool twice)
{
    SyF read[SY_CHUNK];
    SyLanesValue drive;
    sy_lanes_read(&group->in, read, at, n);
    sy_lanes_ramp(&group->drive, &drive, group->base + at, n);
    if (!twice && !drive.stride) {
        const SyF scale = drive.value[0] * (1.0f / ROOM);
        for (uint32_t i = 0; i < n; i++)
            in[i] = read[i] * scale + SEED;
        return;
    }
    for (uint32_t i = 0; i < n; i++) {
        const SyF x = read[i] * (drive.value[i * drive.stride] * (1.0f / ROOM)) + SEED;
        if (twice)
            sy_halfband_up(group->up, x, in + 2 * i);
        else
            in[i] = x;
    }
}

SY_INLINE void run_chunk(Group *group, uint32_t at, uint32_t n, bool twice)
{
    SyF in[2 * SY_CHUNK];
    Controls controls;
    Outputs outputs;
    controls.a_stride = sy_angles(&group->cutoff, controls.angle, at, n) > 1;
    sy_lanes_ramp(&group->resonance, &controls.resonance, group->base + at, n);
    const bool moves = controls.a_stride | controls.resonance.stride;
    fill_in(group, in, at, n, twice);
    const bool all = group->out[SY_LADDER_BAND].heard || group->out[SY_LADDER_HIGH].heard;
    if (moves && all)
        run_steps(group, &controls, in, &outputs, n, true, twice, true);
    else if (moves)
        run_steps(group, &controls, in, &outputs, n, true, twice, false);
    else if (all)
        run_steps(group, &controls, in, &outputs, n, false, twice, true);
    else
        run_steps(group, &controls, in, &outputs, n, false, twice, false);
    for (int o = 0; o < SY_LADDER_OUTPUTS; o++) {
        SyF *out = outputs.of[o];
        for (uint32_t i = 0; twice && group->out[o].heard && i < n; i++)
            out[i] = sy_halfband_down(group->down[o], out[2 * i], out[2 * i + 1]);
        sy_lanes_write(&group->out[o], out, at, n);
    }
}

/* Takes the ports of n_lanes voices, from frame `at` on, into a group; the rest of it is padded. */
static void gather(Group *group, const SyLadderLane *lanes, uint32_t n_lanes, uint32_t at,
                   float dropped[SY_LANES_FRAMES])
{
    group->base = at;
    group->in.patched = group->resonance.moves = group->drive.moves = false;
    sy_cutoff_begin(&group->cutoff, at);
    for (int o = 0; o < SY_LADDER_OUTPUTS; o++)
        group->out[o].heard = false;
    for (uint32_t l = 0; l < SY_WIDTH; l++) {
        const bool real = l < n_lanes;
        const SyLadderLane *lane = &lanes[real ? l : 0];
        sy_lanes_in(&group->in, (int)l, real && lane->in ? lane->in + at : NULL);
        sy_cutoff_lane(
            &group->cutoff, (int)l, real,
            (SyCutoffInputs){lane->pitch, lane->fm, lane->cutoff, lane->fm_depth, lane->tracking});
        for (int o = 0; o < SY_LADDER_OUTPUTS; o++)
            sy_lanes_out(&group->out[o], (int)l, real && lane->out[o] ? lane->out[o] + at : NULL,
                         dropped);
        sy_lanes_param(&group->resonance, (int)l, lane->resonance);
        sy_lanes_param(&group->drive, (int)l, lane->drive);
    }
}

static void load_states(Group *group, const SyLadderLane *lanes, uint32_t n_lanes)
{
    for (uint32_t l = 0; l < SY_WIDTH; l++) {
        const SyLadderState *state = lanes[l < n_lanes ? l : 0].state;
        for (int k = 0; k < SY_LADDER_POLES; k++)
            group->poles.rest[k][l] = state->rest[k];
        group->poles.driven[l] = state->driven;
        group->poles.pull[l] = state->pull;
    }
}

static void load_halves(Group *group, const SyLadderLane *lanes, uint32_t n_lanes)
{
    for (uint32_t l = 0; l < SY_WIDTH; l++) {
        const SyLadderState *state = lanes[l < n_lanes ? l : 0].state;
        for (int k = 0; k < SY_LADDER_MEMORY; k++) {
            group->up[k][l] = state->up[k];
            for (int o = 0; o < SY_LADDER_OUTPUTS; o++)
                group->down[o][k][l] = state->down[o][k];
        }
    }
}

static void store_states(const Group *group, const SyLadderLane *lanes, uint32_t n_lanes)
{
    for (uint32_t l = 0; l < n_lanes; l++) {
        SyLadderState *state = lanes[l].state;
        for (int k = 0; k < SY_LADDER_POLES; k++)
            state->rest[k] = group->poles.rest[k][l];
        state->driven = group->poles.driven[l];
        state->pull = group->poles.pull[l];
    }
}

SY_INLINE void store_half(float to[SY_LADDER_MEMORY], const SyF from[SY_LADDER_MEMORY], uint32_t l)
{
    for (int k = 0; k < SY_LADDER_MEMORY; k++)
        to[k] = from[k][l];
}

/* What does not run begins at 0 when it does again. Copied from zeros: a loop that clears so few
 * becomes a `rep stos`, which takes as long as a frame of all lanes. */
static void store_halves(const Group *group, const SyLadderLane *lanes, uint32_t n_lanes,
                         bool oversampled)
{
    static const float zeros[SY_LADDER_MEMORY];
    for (uint32_t l = 0; l < n_lanes; l++) {
        SyLadderState *state = lanes[l].state;
        if (oversampled)
            store_half(state->up, group->up, l);
        else
            memcpy(state->up, zeros, sizeof(zeros));
        for (int o = 0; o < SY_LADDER_OUTPUTS; o++) {
            if (oversampled && lanes[l].out[o])
                store_half(state->down[o], group->down[o], l);
            else
                memcpy(state->down[o], zeros, sizeof(zeros));
        }
    }
}

static void run_group(Group *group, uint32_t n_frames, bool oversampled)
{
    for (uint32_t at = 0; at < n_frames; at += SY_CHUNK) {
        if (oversampled)
            run_chunk(group, at, sy_less(n_frames - at, SY_CHUNK), true);
        else
            run_chunk(group, at, sy_less(n_frames - at, SY_CHUNK), false);
    }
}

void SY_KERNEL(ladder)(const SyTables *tables, const SyLadderLane *lanes, uint32_t n_lanes,
                       uint32_t n_frames, bool oversampled)
{
    SY_NARROW(ladder, n_lanes, n_frames, tables, lanes, n_lanes, n_frames, oversampled)
    float dropped[SY_LANES_FRAMES];
    Group group;
    group.cutoff.c4_octaves = tables->c4_octaves + SY_ANGLE_OCTAVES;
    for (uint32_t first = 0; first < n_lanes; first += SY_WIDTH) {
        const SyLadderLane *some = lanes + first;
        const uint32_t n_some = sy_less(n_lanes - first, SY_WIDTH);
        load_states(&group, some, n_some);
        if (oversampled)
            load_halves(&group, some, n_some);
        for (uint32_t base = 0; base < n_frames; base += SY_LANES_FRAMES) {
            gather(&group, some, n_some, base, dropped);
            run_group(&group, sy_less(n_frames - base, SY_LANES_FRAMES), oversampled);
        }
        store_states(&group, some, n_some);
        store_halves(&group, some, n_some, oversampled);
    }
}
