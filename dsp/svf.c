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
 * 1, and the step is a rotation by exactly the cutoff: no overtones, no detuning (measured: 0.037
 * cent from 20 Hz to 20 kHz, which is the tangent's). Damping by energy stops at 2, so that a huge
 * input makes the filter dull but never stiff.
 *
 * For speed the step is written with the tangent as a fraction, D = d d + n n + n d k,
 *
 *     s1 = (d d - n n - n d k) / D s1 + 2 n d / D (in - s2)
 *     s2 = s2 + 2 n n / D (in - s2) + 2 n d / D s1
 *
 * so that a frame waits for the last one through one product and three sums only, and takes few
 * products, which a processor that computes sixteen voices at once runs out of first; band and low
 * are the means of the old and new s1 and s2. And the energy is that of four frames ago, so that it
 * does not wait for the division either.
 *
 * A constant of 1e-6 (-120 dB) on the input lets an oscillation begin in silence, as an analogue
 * filter's noise does, and keeps the integrators away from denormal numbers.
 *
 * Where all voices have one cutoff (a poly module, or modules that stand at the same and hear the
 * same wire), what a frame needs of it is computed once, in vectors of frames instead of voices;
 * and where it is the same or stands still, two vectors of voices are run together, since a step
 * waits longer for the last one than its operations take.
 *
 * Frames go in fours: what does not wait for the frame before is computed for four of them, up to
 * and with the division, and then come their four steps. Frame by frame, each waited for its own.
 *
 * Measured a frame and lane, 64 frames at a time, in N (bench/yardstick.h; 0.7 ns there), AVX2 on
 * an EPYC that says it is a Zen 1, 16 and 8 lanes: each with a cutoff of its own that moves with
 * every sample 4.9 and 4.9 (5.3 and 5.4 frame by frame), all with the same one 3.3 and 3.5 (3.3
 * and 4.2), with one that stands still 3.1 and 3.2 (3.1 and 4.0). On Zen 3 at 3.1 GHz, 512 frames
 * at a time, before they went in fours: 1.37 and 1.42 ns, 0.86 and 0.98, 0.76 and 0.84.
 *
 * Source: V. Zavalishin, The Art of VA Filter Design, 2018, chapters 3 and 4.
 */
#include "dsp/kernels.h"
#include "dsp/svf_frames.h"

#define PAIR 2 /* vectors of voices that are run together */

/* A vector of voices. */
typedef struct Group {
    SyLanesCutoff cutoff;
    SyLanesIn in;
    SyLanesOut out[SY_SVF_OUTPUTS];
    SyLanesParam resonance;
    SySvfStep step;
    SySvfCutoff standing; /* where the cutoffs do not move */
    uint32_t base;        /* frame of the call at which the ports begin */
} Group;

/* How the cutoffs go on from frame to frame. */
typedef enum Motion {
    STANDS,
    MOVES,
    MOVES_TOGETHER, /* all voices have the same */
} Motion;

/* Groups that are run together, and what they have in common. */
typedef struct Work {
    Group groups[PAIR];
    bool pair; /* there are two */
    Motion motion;
    bool all; /* more than `low` is heard */
} Work;

/* What does not depend on the cutoff. */
SY_INLINE void fill_chunk(SySvfChunk *chunk, const Group *group, uint32_t at, uint32_t n)
{
    SyLanesValue *damping = &chunk->damping;
    sy_lanes_read(&group->in, chunk->in, at, n);
    sy_lanes_ramp(&group->resonance, damping, group->base + at, n);
    for (uint32_t i = 0; i < (damping->stride ? n : 1); i++)
        damping->value[i] = 2.0f - damping->value[i] * (2.0f + SY_SVF_HOLD);
}

SY_INLINE void put(Group *group, SySvfChunk *chunk, uint32_t at, uint32_t n)
{
    const bool high = group->out[SY_SVF_HIGH].heard;
    sy_lanes_write(&group->out[SY_SVF_LOW], chunk->low, at, n);
    sy_lanes_write(&group->out[SY_SVF_BAND], chunk->band, at, n);
    sy_lanes_write(&group->out[SY_SVF_NOTCH], chunk->notch, at, n);
    for (uint32_t i = 0; high && i < n; i++)
        chunk->notch[i] -= chunk->low[i];
    sy_lanes_write(&group->out[SY_SVF_HIGH], chunk->notch, at, n);
}

/* Chunks are local to the functions that run them, all of which is inlined there: so the compiler
 * knows that nothing else points to them. */

/* A group whose voices have cutoffs of their own. */
static void run_moving_chunk(Group *group, bool all, uint32_t at, uint32_t n)
{
    SySvfChunk chunk;
    fill_chunk(&chunk, group, at, n);
    const uint32_t n_angles = sy_angles(&group->cutoff, chunk.angles, at, n);
    for (uint32_t i = 1; n_angles == 1 && i < n; i++) /* it is the other group that moves */
        chunk.angles[i] = chunk.angles[0];
    if (all)
        sy_svf_run_moving(&group->step, &chunk, true, n);
    else
        sy_svf_run_moving(&group->step, &chunk, false, n);
    put(group, &chunk, at, n);
}

/* One or two groups on the same course, or standing where they are; inlined with which is known. */
SY_INLINE void run_chunk(Work *work, const SySvfCourse *course, uint32_t at, uint32_t n)
{
    Group *groups = work->groups;
    SySvfChunk first, second;
    first.standing = groups[0].standing;
    fill_chunk(&first, &groups[0], at, n);
    if (work->pair) {
        second.standing = groups[1].standing;
        fill_chunk(&second, &groups[1], at, n);
        if (work->all)
            sy_svf_run_pair(&groups[0].step, &groups[1].step, &first, &second, course, true, n);
        else
            sy_svf_run_pair(&groups[0].step, &groups[1].step, &first, &second, course, false, n);
        put(&groups[1], &second, at, n);
    } else if (work->all) {
        sy_svf_run(&groups[0].step, &first, course, true, 0, n);
    } else {
        sy_svf_run(&groups[0].step, &first, course, false, 0, n);
    }
    put(&groups[0], &first, at, n);
}

static void run_standing_chunk(Work *work, uint32_t at, uint32_t n)
{
    run_chunk(work, NULL, at, n);
}

static void run_shared_chunk(Work *work, uint32_t at, uint32_t n)
{
    SySvfCourse course;
    sy_svf_fill_course(&course, &work->groups[0].cutoff, at, n);
    run_chunk(work, &course, at, n);
}

static void run_frames(Work *work, uint32_t at, uint32_t n)
{
    switch (work->motion) {
    case STANDS:
        run_standing_chunk(work, at, n);
        break;
    case MOVES:
        run_moving_chunk(&work->groups[0], work->all, at, n);
        if (work->pair)
            run_moving_chunk(&work->groups[1], work->all, at, n);
        break;
    case MOVES_TOGETHER:
        run_shared_chunk(work, at, n);
        break;
    }
}

/* Takes the ports of n_lanes voices, from frame `at` on, into a group; the rest of it is padded. */
static void gather(Group *group, const SySvfLane *lanes, uint32_t n_lanes, uint32_t at,
                   float dropped[SY_LANES_FRAMES])
{
    group->base = at;
    group->in.patched = group->resonance.moves = false;
    sy_cutoff_begin(&group->cutoff, at);
    for (int o = 0; o < SY_SVF_OUTPUTS; o++)
        group->out[o].heard = false;
    for (uint32_t l = 0; l < SY_WIDTH; l++) {
        const bool real = l < n_lanes;
        const SySvfLane *lane = &lanes[real ? l : 0];
        sy_cutoff_lane(
            &group->cutoff, (int)l, real,
            (SyCutoffInputs){lane->pitch, lane->fm, lane->cutoff, lane->fm_depth, lane->tracking});
        sy_lanes_in(&group->in, (int)l, real && lane->in ? lane->in + at : NULL);
        for (int o = 0; o < SY_SVF_OUTPUTS; o++)
            sy_lanes_out(&group->out[o], (int)l, real && lane->out[o] ? lane->out[o] + at : NULL,
                         dropped);
        sy_lanes_param(&group->resonance, (int)l, lane->resonance);
    }
}

SY_INLINE bool hears_more(const Group *group)
{
    const SyLanesOut *out = group->out;
    return out[SY_SVF_BAND].heard || out[SY_SVF_HIGH].heard || out[SY_SVF_NOTCH].heard;
}

static void stand(Group *group)
{
    const SyLanesCutoff *cutoff = &group->cutoff;
    group->standing = sy_svf_cutoff(sy_angle(cutoff->cutoff.end + cutoff->c4_octaves));
}

/* How groups that have been gathered are to be run for n frames. */
static void look_over(Work *work, uint32_t n)
{
    Group *first = &work->groups[0], *second = work->pair ? &work->groups[1] : first;
    const SyLanesCutoff *a = &first->cutoff, *b = &second->cutoff;
    work->all = hears_more(first) || hears_more(second);
    if (!sy_cutoff_moves(a) && !sy_cutoff_moves(b)) {
        work->motion = STANDS;
        stand(first);
        stand(second);
    } else if (SY_WIDTH > 1 && n >= SY_SIDE && a->shared && b->shared &&
               sy_cutoff_is_same(a, 0, b, 0)) {
        work->motion = MOVES_TOGETHER;
    } else {
        work->motion = MOVES;
    }
}

/* The floats of a state, one after the other. */
#define STATE_FLOATS 8
_Static_assert(sizeof(SySvfState) == STATE_FLOATS * sizeof(float), "two transpositions of four");

static void load_states(Group *group, const SySvfLane *lanes, uint32_t n_lanes)
{
    const float *from[SY_WIDTH];
    SyF x[STATE_FLOATS];
    for (uint32_t l = 0; l < SY_WIDTH; l++)
        from[l] = (const float *)lanes[l < n_lanes ? l : 0].state;
    for (uint32_t i = 0; i < STATE_FLOATS; i += 4)
        sy_frames_load(from, i, x + i);
    group->step.s1 = x[0];
    group->step.s2 = x[1];
    memcpy(group->step.energy, x + 2, sizeof(group->step.energy));
}

static void store_states(const Group *group, const SySvfLane *lanes, uint32_t n_lanes)
{
    float padding[STATE_FLOATS], *to[SY_WIDTH];
    SyF x[STATE_FLOATS] = {group->step.s1, group->step.s2};
    memcpy(x + 2, group->step.energy, sizeof(group->step.energy));
    for (uint32_t l = 0; l < SY_WIDTH; l++)
        to[l] = l < n_lanes ? (float *)lanes[l].state : padding;
    for (uint32_t i = 0; i < STATE_FLOATS; i += 4)
        sy_frames_store(to, i, x + i);
}

/* One or two vectors of voices. */
static void run_groups(Work *work, const SySvfLane *lanes, uint32_t n_lanes, uint32_t n_frames)
{
    Group *first = &work->groups[0], *second = &work->groups[1];
    const SySvfLane *others = lanes + SY_WIDTH;
    const uint32_t n_others = n_lanes - SY_WIDTH; /* if there are some */
    float dropped[SY_LANES_FRAMES];
    work->pair = n_lanes > SY_WIDTH;
    load_states(first, lanes, n_lanes);
    if (work->pair)
        load_states(second, others, n_others);
    for (uint32_t base = 0; base < n_frames; base += SY_LANES_FRAMES) {
        const uint32_t n = sy_less(n_frames - base, SY_LANES_FRAMES);
        gather(first, lanes, n_lanes, base, dropped);
        if (work->pair)
            gather(second, others, n_others, base, dropped);
        look_over(work, n);
        for (uint32_t at = 0; at < n; at += SY_CHUNK)
            run_frames(work, at, sy_less(n - at, SY_CHUNK));
    }
    store_states(first, lanes, n_lanes);
    if (work->pair)
        store_states(second, others, n_others);
}

void SY_KERNEL(svf)(const SyTables *tables, const SySvfLane *lanes, uint32_t n_lanes,
                    uint32_t n_frames)
{
    SY_NARROW(svf, n_lanes, n_frames, tables, lanes, n_lanes, n_frames)
    Work work;
    for (uint32_t g = 0; g < PAIR; g++)
        work.groups[g].cutoff.c4_octaves = tables->c4_octaves + SY_ANGLE_OCTAVES;
    for (uint32_t first = 0; first < n_lanes; first += PAIR * SY_WIDTH)
        run_groups(&work, lanes + first, sy_less(n_lanes - first, PAIR * SY_WIDTH), n_frames);
}
