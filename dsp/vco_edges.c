/* The oscillator's edges: when they were, how large, and what each adds to the outputs.
 *
 * sy_edge_find() tells when the phase wrapped; a saw or a pulse then jumps by 2, and a triangle
 * turns by 8 times the phase's motion, all its derivatives included.
 *
 * A reset by the sync input is an edge of all four. The sine, which has no edges of its own, then
 * jumps in value, slope, curvature and so on: in its k-th derivative by
 *
 *     (2 pi velocity)^k (sin^(k)(0) - sin^(k)(2 pi phase))
 *
 * Each order that is put right takes off some 20 log10(pi / (2 pi velocity)) dB of the aliases: 15
 * at 4.2 kHz, where the five orders of the tables reach -103.
 *
 * Where the sync input turns the phase round, nothing jumps, but all derivatives of odd order
 * change their sign. The phase of a frame that runs backwards moves by the negative of its step;
 * what it turns at is as smooth as ever, so the edges to it are found from the steps as they are.
 *
 * Source: for the idea, E. Brandt, Hard sync without aliasing, ICMC 2001.
 */
#include "dsp/blep.h"
#include "dsp/vco_span.h"

#define CYCLE 0x1p-32f /* cycles in a unit of phase */

static void add(SyVcoSpan *span, int output, int order, uint32_t i, float late, float size)
{
    sy_blep_add(&span->residue[output][i], span->blep[order], late, size);
}

static bool is_marked(const SyVcoSpan *span, SyVcoMark mark, uint32_t i)
{
    return span->marks[mark] >> i & 1;
}

/* When what moved by these steps went through 0; the last two are not known yet with minimum phase.
 */
static SyEdge find_zero(const SyVcoSpan *span, float past, const float step[5])
{
    return sy_vco_is_early(span) ? sy_edge_find_early(past, step) : sy_edge_find(past, step);
}

/* How many steps that takes. */
static int n_steps(const SyVcoSpan *span)
{
    return sy_vco_is_early(span) ? 3 : 5;
}

/* When phase - offset wrapped to the i-th frame. */
static SyEdge find_edge(const SyVcoSpan *span, uint32_t offset, uint32_t i)
{
    const int32_t *steps = &span->step[span->edge + i - 2];
    const float way = is_marked(span, SY_MARK_BACK, i) ? -1.0f : 1.0f;
    float step[5];
    for (int k = 0; k < n_steps(span); k++)
        step[k] = way * (float)steps[k];
    return find_zero(span, (float)(int32_t)(span->phase[span->edge + i] - offset), step);
}

/* A cycle begins. With minimum phase that is known when the frame before it is gone, so it is told
 * a frame late. */
static void tell_sync(SyVcoSpan *span, uint32_t i, float late)
{
    float *out = &span->sync_out[(sy_vco_is_early(span) ? 0 : SY_SYNC_PAST - 1) + i];
    out[0] = late - 1.0f;
    out[1] = late > SY_SYNC_LEAST ? late : SY_SYNC_LEAST;
}

/* The phase wrapped: the saw falls, the pulse rises. */
static void add_wrap(SyVcoSpan *span, uint32_t i, float late, bool forward)
{
    const float jump = forward ? 2.0f : -2.0f;
    if (sy_vco_heard(span, SY_VCO_SAW))
        add(span, SY_VCO_SAW, 0, i, late, -jump);
    if (sy_vco_heard(span, SY_VCO_PULSE))
        add(span, SY_VCO_PULSE, 0, i, late, jump);
    if (sy_vco_heard(span, SY_VCO_SYNC))
        tell_sync(span, i, late);
}

/* The phase went past the width, or the width past the phase: what moves is their difference. */
static void add_fall(SyVcoSpan *span, uint32_t i, bool wrapped)
{
    const uint32_t *phase = &span->phase[span->edge + i], *width = &span->width[span->edge + i];
    const int32_t *steps = &span->step[span->edge + i];
    const int change = (phase[0] < width[0]) - (phase[-1] < width[-1]);
    const int way = is_marked(span, SY_MARK_BACK, i) ? -1 : 1;
    const int by_wrap = !wrapped ? 0 : steps[0] < 0 ? -way : way;
    float step[5];
    for (int k = -2; k < n_steps(span) - 2; k++)
        step[2 + k] = (float)(way * steps[k] - ((int64_t)width[k] - width[k - 1]));
    const SyEdge edge = find_zero(span, (float)(int32_t)(phase[0] - width[0]), step);
    add(span, SY_VCO_PULSE, 0, i, edge.late, 2.0f * (float)(change - by_wrap));
}

/* The triangle turns downwards at 1/4, upwards at 3/4, whichever way time runs. What it turns is
 * all of the phase's motion: under modulation the corner has an acceleration, and more, to put
 * right. */
static void add_corner(SyVcoSpan *span, uint32_t i, const SyEdge *edge, bool top)
{
    const float scale = top != (edge->motion[0] < 0.0f) ? -8.0f * CYCLE : 8.0f * CYCLE;
    for (int k = 0; k < 4; k++) {
        if (edge->motion[k] != 0.0f)
            add(span, SY_VCO_TRIANGLE, 1 + k, i, edge->late, scale * edge->motion[k]);
    }
}

/* The edges on a part of the i-th frame in which the phase moves by `moved`, at `step` a frame,
 * until it is at `phase`, `later` frames before the frame. */
static void add_edges_between(SyVcoSpan *span, uint32_t i, uint32_t phase, int32_t moved,
                              float step, float later)
{
    const uint32_t offsets[] = {0, SY_QUARTER, 3 * SY_QUARTER, span->width[span->edge + i]};
    for (int e = 0; e < (sy_vco_heard(span, SY_VCO_PULSE) ? 4 : 3); e++) {
        const uint32_t q = phase - offsets[e];
        if ((q < q - (uint32_t)moved) == (moved < 0))
            continue;
        float late = later + (float)(int32_t)q / step;
        late = late < 1.0f ? late : 1.0f;
        if (e == 0)
            add_wrap(span, i, late, moved > 0);
        else if (e == 3)
            add(span, SY_VCO_PULSE, 0, i, late, moved > 0 ? -2.0f : 2.0f);
        else if (sy_vco_heard(span, SY_VCO_TRIANGLE))
            add_corner(span, i, &(SyEdge){late, {step}}, e == 1);
    }
}

static void add_sine_reset(SyVcoSpan *span, uint32_t i, uint32_t phase, float velocity)
{
    const float turn = 6.2831853f * velocity;
    float scale = 1.0f;
    for (int order = 0; order < SY_BLEP_ORDERS; order++) {
        /* Each derivative is a quarter cycle further on. */
        const uint32_t ahead = (uint32_t)order * SY_QUARTER;
        const float change = sy_sine(sy_u(ahead))[0] - sy_sine(sy_u(phase + ahead))[0];
        add(span, SY_VCO_SINE, order, i, span->sync_late[i], scale * change);
        scale *= turn;
    }
}

/* All waveforms jump from where they are at `phase` to the cycle's beginning (its end, if the phase
 * runs backwards). */
static void add_jumps(SyVcoSpan *span, uint32_t i, uint32_t phase)
{
    const float velocity = CYCLE * (float)span->step[span->edge + i], late = span->sync_late[i];
    const bool back = velocity < 0.0f;
    if (sy_vco_heard(span, SY_VCO_SAW)) {
        const float jump = (back ? 1.0f : -1.0f) - sy_saw(sy_u(phase))[0];
        add(span, SY_VCO_SAW, 0, i, late, jump);
    }
    if (sy_vco_heard(span, SY_VCO_PULSE)) {
        const uint32_t width = span->width[span->edge + i];
        const int change = (!back && width > 0) - (phase < width);
        add(span, SY_VCO_PULSE, 0, i, late, 2.0f * (float)change);
    }
    if (sy_vco_heard(span, SY_VCO_TRIANGLE)) {
        const bool falling = phase - SY_QUARTER < 2 * SY_QUARTER;
        add(span, SY_VCO_TRIANGLE, 0, i, late, -sy_triangle(sy_u(phase))[0]);
        add(span, SY_VCO_TRIANGLE, 1, i, late, falling ? 8.0f * velocity : 0.0f);
    }
    if (sy_vco_heard(span, SY_VCO_SINE))
        add_sine_reset(span, i, phase, velocity);
}

static void add_reset(SyVcoSpan *span, uint32_t i)
{
    const float step = (float)span->step[span->edge + i];
    const int32_t moved = (int32_t)(step * (1.0f - span->sync_late[i]));
    const uint32_t phase = span->phase[span->edge + i - 1] + (uint32_t)moved;
    add_edges_between(span, i, phase, moved, step, span->sync_late[i]);
    add_jumps(span, i, phase);
    if (sy_vco_heard(span, SY_VCO_SYNC))
        tell_sync(span, i, span->sync_late[i]);
}

/* Each wave's corner where the phase, which moved at `velocity` cycles a frame and was getting
 * faster by `gain`, turns round. */
static void add_turn_corners(SyVcoSpan *span, uint32_t i, uint32_t phase, float velocity,
                             float gain)
{
    const float late = span->sync_late[i], turn = 6.2831853f;
    if (sy_vco_heard(span, SY_VCO_SAW)) {
        add(span, SY_VCO_SAW, 1, i, late, -4.0f * velocity);
        add(span, SY_VCO_SAW, 2, i, late, -4.0f * gain);
    }
    if (sy_vco_heard(span, SY_VCO_TRIANGLE)) {
        const float scale = phase - SY_QUARTER < 2 * SY_QUARTER ? 8.0f : -8.0f;
        add(span, SY_VCO_TRIANGLE, 1, i, late, scale * velocity);
        add(span, SY_VCO_TRIANGLE, 2, i, late, scale * gain);
    }
    if (sy_vco_heard(span, SY_VCO_SINE)) {
        const float cosine = sy_sine(sy_u(phase + SY_QUARTER))[0], v = turn * velocity;
        add(span, SY_VCO_SINE, 1, i, late, -2.0f * v * cosine);
        add(span, SY_VCO_SINE, 2, i, late, -2.0f * turn * gain * cosine);
        add(span, SY_VCO_SINE, 3, i, late, 2.0f * v * v * v * cosine);
    }
}

/* The phase turns round between two frames, and there may be edges before that and after it. */
static void add_turn(SyVcoSpan *span, uint32_t i)
{
    const int32_t *steps = &span->step[span->edge + i];
    const float way = is_marked(span, SY_MARK_BACK, i) ? 1.0f : -1.0f; /* before it */
    const float step = way * (float)steps[0], late = span->sync_late[i];
    const float next =
        sy_vco_is_early(span) ? 2.0f * step - way * (float)steps[-1] : way * (float)steps[1];
    const float gain = 0.5f * (next - way * (float)steps[-1]);
    const int32_t moved = (int32_t)way * sy_vco_part(steps, late);
    const uint32_t phase = span->phase[span->edge + i - 1] + (uint32_t)moved;
    const int32_t moved_back = (int32_t)(span->phase[span->edge + i] - phase);
    add_edges_between(span, i, phase, moved, step, late);
    add_turn_corners(span, i, phase, CYCLE * (step + (0.5f - late) * gain), CYCLE * gain);
    add_edges_between(span, i, span->phase[span->edge + i], moved_back, -step, 0.0f);
}

static void add_edges(SyVcoSpan *span, uint32_t i)
{
    const bool wrapped = is_marked(span, SY_MARK_WRAP, i), top = is_marked(span, SY_MARK_TOP, i);
    const bool forward = (span->step[span->edge + i] > 0) != is_marked(span, SY_MARK_BACK, i);
    if (wrapped)
        add_wrap(span, i, find_edge(span, 0, i).late, forward);
    if (is_marked(span, SY_MARK_FALL, i))
        add_fall(span, i, wrapped);
    if (top || is_marked(span, SY_MARK_BOTTOM, i)) {
        const SyEdge edge = find_edge(span, top ? SY_QUARTER : 3 * SY_QUARTER, i);
        add_corner(span, i, &edge, top);
    }
    if (is_marked(span, SY_MARK_SYNC, i))
        add_reset(span, i);
    if (is_marked(span, SY_MARK_TURN, i))
        add_turn(span, i);
}

void SY_KERNEL(vco_edges)(SyVcoSpan *span)
{
    uint64_t left = 0;
    for (int m = 0; m < SY_MARK_EDGES; m++)
        left |= span->marks[m];
    for (; left; left &= left - 1)
        add_edges(span, (uint32_t)__builtin_ctzll(left));
}
