/* The state-variable filter.
 *
 * Two integrators in a loop, integrated by the trapezoidal rule without a delay in the loop:
 *
 *     g = tan(pi cutoff / rate)                    the analogue cutoff, warped to fit
 *     band = (s1 + g (in - s2)) / (1 + g (g + k))  k = 1 / Q is the damping
 *     low = s2 + g band
 *     high = in - k band - low,  notch = in - k band
 *     s1 = 2 band - s1,  s2 = 2 low - s2
 *
 * With g = n / d, the tangent as a fraction, all of it costs a single division. Without input the
 * step from (s1, s2) to the next is a contraction for every g and every k >= 0, whatever they were
 * a frame ago: that is why the cutoff may move by octaves from frame to frame.
 *
 * The damping is 2 at resonance 0 (no bump), 0 at 0.98, and -0.04 at 1, where the filter
 * oscillates. What holds the oscillation is more damping the more energy there is:
 *
 *     k = 2 - 2.04 resonance + 0.04 (band^2 + low^2)
 *
 * In a pure oscillation band^2 + low^2 is constant, so k settles at exactly 0 with an amplitude of
 * 1, and the step is a rotation by exactly the cutoff: no overtones, no detuning (measured: 0.002
 * cent from 20 Hz to 20 kHz). Damping by energy stops at 2, so that a huge input makes the filter
 * dull but never stiff.
 *
 * For speed the step is written as the matrix that it is,
 *
 *     s1 = (2 a1 - 1) s1 - 2 a2 s2 + 2 a2 in       a1 = 1 / (1 + g (g + k)), a2 = g a1, a3 = g a2
 *     s2 = 2 a2 s1 + (1 - 2 a3) s2 + 2 a3 in
 *
 * so that a frame waits for the last one through one product and two sums only; band and low are
 * the means of the old and new s1 and s2. And the energy is that of four frames ago, so that it
 * does not wait for the division either.
 *
 * A constant of 1e-6 (-120 dB) on the input lets an oscillation begin in silence, as an analogue
 * filter's noise does, and keeps the integrators away from denormal numbers.
 *
 * Source: V. Zavalishin, The Art of VA Filter Design, 2018, chapters 3 and 4; the tangent is the
 * continued fraction of tan, cut off at its fifth level: 0.008 cent at 20 kHz.
 */
#include "dsp/kernels.h"
#include "dsp/lanes.h"

#define SEED       1e-6f
#define HOLD       0.04f  /* damping of energy 1 */
#define ENERGY_MAX 200.0f /* of 4 (band^2 + low^2): damping 2 */
#define ANGLE_MAX  1.5f   /* pi cutoff / rate: 0.477 of the rate */

typedef struct Group {
    SyLanesIn in, pitch, fm;
    SyLanesOut out[SY_SVF_OUTPUTS];
    SyLanesParam cutoff, resonance, depth, tracking;
    SyF s1, s2, energy[SY_SVF_HOLD_DELAY];
    float c4_angle;
    uint32_t base; /* frame of the call at which the ports begin */
} Group;

/* What a frame needs of its cutoff and resonance, all that does not wait for the frame before. With
 * tan(pi cutoff / rate) = n / d, and k but for what the energy adds: */
typedef struct Cutoff {
    SyF k;
    SyF hold; /* n d HOLD / 4 */
    SyF sum;  /* d d + n n + n d k */
    SyF less; /* d d - n n - n d k */
    SyF more; /* d d - n n + n d k */
    SyF turn; /* 2 n d */
    SyF pull; /* 2 n n */
} Cutoff;

/* pi cutoff / rate. */
SY_INLINE SyF angle(SyF octaves, float c4_angle)
{
    return sy_min(sy_exp2(octaves) * c4_angle, sy_f(ANGLE_MAX));
}

/* n angles where parameters are on their way. */
static void fill_moving_angles(Group *group, SyF angles[SY_CHUNK], uint32_t at, uint32_t n)
{
    SyLanesValue cutoff, depth, tracking, pitch, fm;
    sy_lanes_ramp(&group->cutoff, &cutoff, group->base + at, n);
    sy_lanes_ramp(&group->depth, &depth, group->base + at, n);
    sy_lanes_ramp(&group->tracking, &tracking, group->base + at, n);
    sy_lanes_input(&group->pitch, &pitch, at, n);
    sy_lanes_input(&group->fm, &fm, at, n);
    for (uint32_t i = 0; i < n; i++) {
        const SyF octaves = cutoff.value[i * cutoff.stride] +
                            tracking.value[i * tracking.stride] * pitch.value[i * pitch.stride] +
                            depth.value[i * depth.stride] * fm.value[i * fm.stride];
        angles[i] = angle(octaves, group->c4_angle);
    }
}

/* n angles where they stand still; inlined with what is patched known. A term that is left out
 * would have added 0. */
SY_INLINE void fill_steady_angles(Group *group, SyF angles[SY_CHUNK], uint32_t at, uint32_t n,
                                  bool pitched, bool modulated)
{
    SyF pitch[SY_CHUNK], fm[SY_CHUNK];
    const SyF cutoff = group->cutoff.end, depth = group->depth.end;
    const SyF tracking = group->tracking.end;
    const float c4_angle = group->c4_angle;
    if (pitched)
        sy_lanes_read(&group->pitch, pitch, at, n);
    if (modulated)
        sy_lanes_read(&group->fm, fm, at, n);
    for (uint32_t i = 0; i < n; i++) {
        SyF octaves = cutoff;
        if (pitched)
            octaves += tracking * pitch[i];
        if (modulated)
            octaves += depth * fm[i];
        angles[i] = angle(octaves, c4_angle);
    }
}

/* The angles of n frames; returns how many there are: 1 if they are all the same. */
static uint32_t fill_angles(Group *group, SyF angles[SY_CHUNK], uint32_t at, uint32_t n)
{
    const bool pitched = group->pitch.patched, modulated = group->fm.patched;
    if (group->cutoff.moves || group->depth.moves || group->tracking.moves) {
        fill_moving_angles(group, angles, at, n);
    } else if (pitched && modulated) {
        fill_steady_angles(group, angles, at, n, true, true);
    } else if (pitched) {
        fill_steady_angles(group, angles, at, n, true, false);
    } else if (modulated) {
        fill_steady_angles(group, angles, at, n, false, true);
    } else {
        fill_steady_angles(group, angles, at, 1, false, false);
        return 1;
    }
    return n;
}

/* Apart from the angles, because a processor can look ahead over a few short chains of operations,
 * but not over long ones. */
static void fill_cutoffs(Cutoff cutoffs[SY_CHUNK], const SyF angles[SY_CHUNK], uint32_t a_stride,
                         const SyLanesValue *resonance, uint32_t n)
{
    const SyF *r = resonance->value;
    for (uint32_t i = 0; i < n; i++, angles += a_stride, r += resonance->stride) {
        const SyF x = *angles, x2 = x * x;
        const SyF tn = x * 945.0f + (x * x2) * (x2 - 105.0f);
        const SyF td = (945.0f - x2 * 420.0f) + (x2 * 15.0f) * x2;
        const SyF dd = td * td, nn = tn * tn, nd = tn * td;
        const SyF k = 2.0f - *r * (2.0f + HOLD);
        cutoffs[i] = (Cutoff){
            .k = k,
            .hold = nd * (HOLD / 4.0f),
            .sum = (dd + nn) + nd * k,
            .less = (dd - nn) - nd * k,
            .more = (dd - nn) + nd * k,
            .turn = nd + nd,
            .pull = nn + nn,
        };
    }
}

/* What leaves the filter; notch becomes high where that is wanted. */
typedef struct Outputs {
    SyF low[SY_CHUNK], band[SY_CHUNK], notch[SY_CHUNK];
} Outputs;

/* n frames; inlined with the need for more than `low` known. `stride` is 0 if the first cutoff is
 * that of all frames. */
SY_INLINE void run_frames(Group *group, const Cutoff *c, uint32_t stride, const SyF *in,
                          Outputs *out, uint32_t n, bool all)
{
    SyF s1 = group->s1, s2 = group->s2;
    SyF e0 = group->energy[0], e1 = group->energy[1], e2 = group->energy[2];
    SyF e3 = group->energy[3];
    for (uint32_t i = 0; i < n; i++, c += stride) {
        const SyF energy = sy_min(e0, sy_f(ENERGY_MAX)), loss = c->hold * energy;
        const SyF scale = 1.0f / (c->sum + loss);
        const SyF turn = c->turn * scale, x = in[i] + SEED;
        const SyF next1 = ((c->less - loss) * scale) * s1 + (turn * x - turn * s2);
        const SyF next2 = ((c->more + loss) * scale) * s2 + ((c->pull * scale) * x + turn * s1);
        const SyF sum1 = s1 + next1, sum2 = s2 + next2;
        s1 = next1;
        s2 = next2;
        e0 = e1;
        e1 = e2;
        e2 = e3;
        e3 = sum1 * sum1 + sum2 * sum2;
        out->low[i] = 0.5f * sum2;
        if (all) {
            out->band[i] = 0.5f * sum1;
            out->notch[i] = x - (c->k + energy * (HOLD / 4.0f)) * (0.5f * sum1);
        }
    }
    group->s1 = s1;
    group->s2 = s2;
    group->energy[0] = e0;
    group->energy[1] = e1;
    group->energy[2] = e2;
    group->energy[3] = e3;
}

static void run_chunk(Group *group, uint32_t at, uint32_t n)
{
    SyF angles[SY_CHUNK], in[SY_CHUNK];
    Cutoff cutoffs[SY_CHUNK];
    SyLanesValue resonance;
    Outputs out;
    const uint32_t a_stride = fill_angles(group, angles, at, n) > 1;
    sy_lanes_ramp(&group->resonance, &resonance, group->base + at, n);
    const uint32_t stride = a_stride | resonance.stride;
    const bool high = group->out[SY_SVF_HIGH].heard;
    fill_cutoffs(cutoffs, angles, a_stride, &resonance, stride ? n : 1);
    sy_lanes_read(&group->in, in, at, n);
    if (high || group->out[SY_SVF_BAND].heard || group->out[SY_SVF_NOTCH].heard)
        run_frames(group, cutoffs, stride, in, &out, n, true);
    else
        run_frames(group, cutoffs, stride, in, &out, n, false);
    sy_lanes_write(&group->out[SY_SVF_LOW], out.low, at, n);
    sy_lanes_write(&group->out[SY_SVF_BAND], out.band, at, n);
    sy_lanes_write(&group->out[SY_SVF_NOTCH], out.notch, at, n);
    for (uint32_t i = 0; high && i < n; i++)
        out.notch[i] -= out.low[i];
    sy_lanes_write(&group->out[SY_SVF_HIGH], out.notch, at, n);
}

/* Takes the ports of n_lanes voices, from frame `at` on, into a group; the rest of it is padded. */
static void gather(Group *group, const SySvfLane *lanes, uint32_t n_lanes, uint32_t at,
                   float dropped[SY_LANES_FRAMES])
{
    group->base = at;
    group->in.patched = group->pitch.patched = group->fm.patched = false;
    group->cutoff.moves = group->resonance.moves = false;
    group->depth.moves = group->tracking.moves = false;
    for (int o = 0; o < SY_SVF_OUTPUTS; o++)
        group->out[o].heard = false;
    for (uint32_t l = 0; l < SY_WIDTH; l++) {
        const bool real = l < n_lanes;
        const SySvfLane *lane = &lanes[real ? l : 0];
        sy_lanes_in(&group->in, (int)l, real && lane->in ? lane->in + at : NULL);
        sy_lanes_in(&group->pitch, (int)l, real && lane->pitch ? lane->pitch + at : NULL);
        sy_lanes_in(&group->fm, (int)l, real && lane->fm ? lane->fm + at : NULL);
        for (int o = 0; o < SY_SVF_OUTPUTS; o++)
            sy_lanes_out(&group->out[o], (int)l, real && lane->out[o] ? lane->out[o] + at : NULL,
                         dropped);
        sy_lanes_param(&group->cutoff, (int)l, lane->cutoff);
        sy_lanes_param(&group->resonance, (int)l, lane->resonance);
        sy_lanes_param(&group->depth, (int)l, lane->fm_depth);
        sy_lanes_param(&group->tracking, (int)l, lane->tracking);
    }
}

static void load_states(Group *group, const SySvfLane *lanes, uint32_t n_lanes)
{
    for (uint32_t l = 0; l < SY_WIDTH; l++) {
        const SySvfState *state = lanes[l < n_lanes ? l : 0].state;
        group->s1[l] = state->s1;
        group->s2[l] = state->s2;
        for (int k = 0; k < SY_SVF_HOLD_DELAY; k++)
            group->energy[k][l] = state->energy[k];
    }
}

static void store_states(const Group *group, const SySvfLane *lanes, uint32_t n_lanes)
{
    for (uint32_t l = 0; l < n_lanes; l++) {
        SySvfState *state = lanes[l].state;
        state->s1 = group->s1[l];
        state->s2 = group->s2[l];
        for (int k = 0; k < SY_SVF_HOLD_DELAY; k++)
            state->energy[k] = group->energy[k][l];
    }
}

void SY_KERNEL(svf)(const SyTables *tables, const SySvfLane *lanes, uint32_t n_lanes,
                    uint32_t n_frames)
{
    SY_NARROW(svf, n_lanes, tables, lanes, n_lanes, n_frames)
    float dropped[SY_LANES_FRAMES];
    Group group;
    group.c4_angle = 3.14159265f * tables->c4_cycles;
    for (uint32_t first = 0; first < n_lanes; first += SY_WIDTH) {
        const SySvfLane *some = lanes + first;
        const uint32_t n_some = sy_less(n_lanes - first, SY_WIDTH);
        load_states(&group, some, n_some);
        for (uint32_t base = 0; base < n_frames; base += SY_LANES_FRAMES) {
            const uint32_t n = sy_less(n_frames - base, SY_LANES_FRAMES);
            gather(&group, some, n_some, base, dropped);
            for (uint32_t at = 0; at < n; at += SY_CHUNK)
                run_chunk(&group, at, sy_less(n - at, SY_CHUNK));
        }
        store_states(&group, some, n_some);
    }
}
