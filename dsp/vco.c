/* The oscillator.
 *
 * A phase of 32 bits, 2^32 to the cycle, moves by a signed step each frame, so frequencies below
 * zero need no special case and a phase never loses precision however long it runs. The step is
 *
 *     c4_increment * 2^(freq + fine/1200 + pitch [+ depth fm]) [* (1 + depth fm)]
 *
 * Waveforms are read off the phase as if there were no aliasing, and put right at their edges:
 *
 *     out[t] = naive[t - 18] + sum over edges e of size(e) * r(t - 18 - time(e))
 *
 * where r (tables.c) is what a brickwall filter makes of an edge, minus the edge itself. It reaches
 * 16 frames into the past, and an edge can be placed 2 frames after it, which is why the naive part
 * waits. This file marks the frames with edges and writes the waves; vco_edges.c does what is
 * between.
 *
 * The saw jumps where the phase p wraps; the pulse there and where p - width wraps; the triangle's
 * slope changes where p - 1/4 and p - 3/4 wrap. A wrap is seen in whole numbers: q < q - step
 * (unsigned), reversed if the step is negative.
 *
 * An edge costs 12 to 25 ns, most of it waiting, whatever the length of r, so nothing is gained by
 * a shorter one. The two-point correction that most software uses leaves aliases at -40 dB at 1
 * kHz; this leaves them at -128, and below -112 up to 12 kHz (tests/dsp/test_vco.c).
 *
 * With minimum phase, r is what a filter without latency makes of an edge: it begins with the edge,
 * and the naive part waits 3 frames instead of 18. That is for feedback; phases are bent at high
 * frequencies, so a saw does not look like one. Edges are placed at once, from what is known.
 * Aliases of a saw: -128 dB at 1 kHz, -119 at 4.2 kHz; see blep.h for modulation.
 *
 * All that runs along time is whole numbers, and residues are added in order of time, so the bits
 * are the same whatever the vector width and wherever a block is cut. What no edge touches is
 * computed a vector of frames at a time.
 */
#include "dsp/vco_pitch.h"

#define TOGETHER 4 /* voices */
#define NEW      SY_VCO_NEW
/* Makes the steps of the slow frames anew, with the fractions of all of them so far. */
static void carry_fractions(SyVcoSpan *span, const SyTables *tables, const SyVcoVoice *voice,
                            uint32_t at, uint32_t n)
{
    float speed[SY_SPAN];
    uint32_t fraction = voice->state->fraction;
    for (uint32_t i = 0; i < n; i += SY_WIDTH)
        sy_store(speed + i, sy_vco_speeds(tables, voice, at + i, n - i));
    for (uint32_t i = 0; i < n; i++) {
        if (!(speed[i] < SY_VCO_SLOW && speed[i] > -SY_VCO_SLOW))
            continue;
        const int64_t moved = (int64_t)(speed[i] * 0x1p32f) + fraction;
        span->step[NEW + i] = (int32_t)(moved >> 32);
        fraction = (uint32_t)moved;
    }
    voice->state->fraction = fraction;
}

/* Fills in the steps; returns true if they are all the same. */
SY_INLINE bool fill_steps(SyVcoSpan *span, const SyTables *tables, const SyVcoVoice *voice,
                          uint32_t at, uint32_t n)
{
    const bool steady = sy_vco_is_steady(voice, at, n);
    SyF speed = sy_vco_speeds(tables, voice, at, n);
    SyF slowest = sy_abs(speed);
    for (uint32_t i = 0; i < n; i += SY_WIDTH) {
        if (!steady && i > 0) {
            speed = sy_vco_speeds(tables, voice, at + i, n - i);
            slowest = sy_min(sy_abs(speed), slowest);
        }
        const SyI step = sy_to_int(speed);
        memcpy(&span->step[NEW + i], &step, sizeof(step));
    }
    if (sy_bits(slowest < sy_f(SY_VCO_SLOW)) == 0)
        return steady;
    carry_fractions(span, tables, voice, at, n);
    return false;
}

SY_INLINE void fill_widths(SyVcoSpan *span, const SyVcoVoice *voice, uint32_t at, uint32_t n)
{
    for (uint32_t i = 0; i < n; i += SY_WIDTH) {
        SyF width = sy_ramp_v(voice->width, at + i);
        if (voice->pwm)
            width += sy_load_some(voice->pwm + at + i, n - i) * sy_ramp_v(voice->pwm_depth, at + i);
        sy_store_u(&span->width[NEW + i], sy_to_phase(width));
    }
}

SY_INLINE void fill_phases(SyVcoSpan *span, bool constant, uint32_t n)
{
    SyU before = sy_u(span->phase[NEW - 1]);
    if (constant) {
        const SyU step = sy_u((uint32_t)span->step[NEW]);
        SyU phase = before + step * ((SyU)sy_iota() + 1);
        for (uint32_t i = 0; i < n; i += SY_WIDTH, phase += step * SY_WIDTH)
            sy_store_u(&span->phase[NEW + i], phase);
        return;
    }
    for (uint32_t i = 0; i < n; i += SY_WIDTH) {
        const SyU sums = sy_prefix_sum(sy_load_u((const uint32_t *)&span->step[NEW + i]));
        sy_store_u(&span->phase[NEW + i], before + sums);
        before += SY_LAST(sums);
    }
}

/* What the sync input does to the new frames, bit i for frame i. */
typedef struct Syncs {
    uint64_t resets, turns, back;
} Syncs;

/* Whether the sync input rises through 0 to frame i, and if so, how many frames before it. When it
 * did is read off the straight line between the frames, which is exact for what a sync output puts
 * out (vco.h). Aliases, synced to this oscillator's own saw, triangle and sine at 785 Hz: -123,
 * -118 and -93 dB; to its pulse, whose edge is no straight line, -43. A cubic through the last four
 * frames does better with a sine and worse with the ripples of a saw. */
SY_INLINE bool is_synced(SyVcoSpan *span, float before, float now, uint32_t i)
{
    if (!(before <= 0.0f && now > 0.0f))
        return false;
    span->sync_late[sy_vco_look(span) + i] = now / (now - before);
    return true;
}

/* fill_phases() where the cycle begins anew when the sync input says so. */
static Syncs fill_reset_phases(SyVcoSpan *span, const float *sync, float before, uint32_t n)
{
    Syncs syncs = {0};
    for (uint32_t i = 0; i < n; i++) {
        const int32_t step = span->step[NEW + i];
        uint32_t phase = span->phase[NEW + i - 1] + (uint32_t)step;
        if (is_synced(span, before, sync[i], i)) {
            const float late = span->sync_late[sy_vco_look(span) + i];
            syncs.resets |= (uint64_t)1 << i;
            /* Backwards, 0 itself already belongs to the next cycle. */
            phase = (uint32_t)(int32_t)((float)step * late) - (step < 0);
        }
        span->phase[NEW + i] = phase;
        before = sync[i];
    }
    return syncs;
}

/* fill_phases() where the phase turns round when the sync input says so: what it has gone beyond
 * the point where it turned, it has gone back. */
static Syncs fill_turned_phases(SyVcoSpan *span, const float *sync, const SyVcoState *state,
                                uint32_t n)
{
    Syncs syncs = {0};
    float before = state->sync_in;
    bool back = state->back;
    for (uint32_t i = 0; i < n; i++) {
        int32_t moved = span->step[NEW + i];
        span->moved[i] = back ? -moved : moved;
        if (is_synced(span, before, sync[i], i)) {
            const float late = span->sync_late[sy_vco_look(span) + i];
            syncs.turns |= (uint64_t)1 << i;
            const int32_t part = sy_vco_part(&span->step[NEW + i], late);
            moved = moved - part - part; /* twice a part might be too large */
            back = !back;
        }
        if (back)
            syncs.back |= (uint64_t)1 << i;
        span->phase[NEW + i] = span->phase[NEW + i - 1] + (uint32_t)(back ? -moved : moved);
        before = sync[i];
    }
    return syncs;
}

/* Fills in the phases. Once sync is not soft, or gone, the phase runs forwards. */
SY_INLINE Syncs fill_all_phases(SyVcoSpan *span, const SyVcoVoice *voice, bool constant,
                                uint32_t at, uint32_t n)
{
    Syncs syncs = {0};
    if (!voice->sync)
        fill_phases(span, constant, n);
    else if (voice->soft)
        syncs = fill_turned_phases(span, voice->sync + at, voice->state, n);
    else
        syncs = fill_reset_phases(span, voice->sync + at, voice->state->sync_in, n);
    voice->state->back = syncs.back >> (n - 1) & 1;
    return syncs;
}

/* Bit i: phase - offset wraps to new frame i. */
SY_INLINE uint64_t find_wraps(const SyVcoSpan *span, const int32_t *moved, uint32_t offset,
                              uint32_t n)
{
    uint64_t wraps = 0;
    for (uint32_t i = 0; i < n; i += SY_WIDTH) {
        const SyU q = sy_load_u(&span->phase[NEW + i]) - offset;
        const SyU step = sy_load_u((const uint32_t *)&moved[i]);
        const SyI wrapped = (SyI)(q < q - step) ^ ((SyI)step >> 31);
        wraps |= (uint64_t)sy_bits(wrapped) << i;
    }
    return wraps;
}

/* Bit i: the naive pulse changes to new frame i. */
SY_INLINE uint64_t find_changes(const SyVcoSpan *span, uint32_t n)
{
    uint64_t high = 0;
    for (uint32_t i = 0; i < n; i += SY_WIDTH) {
        const SyU phase = sy_load_u(&span->phase[NEW + i]);
        high |= (uint64_t)sy_bits((SyI)(phase < sy_load_u(&span->width[NEW + i]))) << i;
    }
    return high ^ (high << 1 | (span->phase[NEW - 1] < span->width[NEW - 1]));
}

/* Marks the new frames; those whose edges are to be placed now are some frames older. A frame to
 * which the phase was set back or turned round is not marked with any other edge. */
SY_INLINE void fill_marks(SyVcoSpan *span, const SyVcoVoice *voice, Syncs syncs, uint32_t n)
{
    SyVcoState *state = voice->state;
    const bool saw = sy_vco_heard(span, SY_VCO_SAW), pulse = sy_vco_heard(span, SY_VCO_PULSE);
    const bool tri = sy_vco_heard(span, SY_VCO_TRIANGLE), sync = sy_vco_heard(span, SY_VCO_SYNC);
    const uint64_t some = ~(uint64_t)0 >> (SY_SPAN - n);
    const uint64_t plain = some & ~syncs.resets & ~syncs.turns;
    const int32_t *moved = voice->sync && voice->soft ? span->moved : &span->step[NEW];
    const uint64_t wraps = saw || pulse || sync ? find_wraps(span, moved, 0, n) : 0;
    const uint64_t marks[SY_MARKS] = {
        [SY_MARK_WRAP] = wraps & plain,
        [SY_MARK_FALL] = pulse ? (find_changes(span, n) ^ wraps) & plain : 0,
        [SY_MARK_TOP] = tri ? find_wraps(span, moved, SY_QUARTER, n) & plain : 0,
        [SY_MARK_BOTTOM] = tri ? find_wraps(span, moved, 3 * SY_QUARTER, n) & plain : 0,
        [SY_MARK_SYNC] = syncs.resets,
        [SY_MARK_TURN] = syncs.turns,
        [SY_MARK_BACK] = syncs.back,
    };
    for (int m = 0; m < SY_MARKS; m++) {
        const uint64_t waited = state->marks[m];
        if (sy_vco_is_early(span)) {
            span->marks[m] = marks[m] & some;
            continue;
        }
        span->marks[m] = (marks[m] << SY_BLEP_LOOK | waited) & some;
        state->marks[m] =
            (uint32_t)(n >= SY_BLEP_LOOK ? marks[m] >> (n - SY_BLEP_LOOK)
                                         : waited >> n | marks[m] << (SY_BLEP_LOOK - n));
    }
}

/* The waveform without regard to aliasing, at the i-th frame heard. */
SY_INLINE SyF naive(const SyVcoSpan *span, int output, uint32_t i)
{
    const SyU phase = sy_load_u(&span->phase[span->naive + i]);
    switch (output) {
    case SY_VCO_SAW:
        return sy_saw(phase);
    case SY_VCO_PULSE:
        return sy_select(phase < sy_load_u(&span->width[span->naive + i]), sy_f(1.0f), sy_f(-1.0f));
    case SY_VCO_TRIANGLE:
        return sy_triangle(phase);
    default:
        return sy_sine(phase);
    }
}

/* Inlined with a known output. The last vector may reach beyond n, so only whole spans go straight
 * to where they are wanted. */
SY_INLINE void write_wave(const SyVcoSpan *span, const SyVcoVoice *voice, int output, uint32_t at,
                          uint32_t n)
{
    float some[SY_SPAN];
    float *to = n == SY_SPAN ? voice->out[output] + at : some;
    const bool steady = sy_ramp_is_steady(voice->level);
    SyF level = sy_ramp_v(voice->level, at);
    for (uint32_t i = 0; i < n; i += SY_WIDTH) {
        if (!steady)
            level = sy_ramp_v(voice->level, at + i);
        sy_store(to + i, (naive(span, output, i) + sy_load(&span->residue[output][i])) * level);
    }
    if (n < SY_SPAN)
        memcpy(voice->out[output] + at, some, n * sizeof(float));
}

SY_INLINE void write_outputs(const SyVcoSpan *span, const SyVcoVoice *voice, uint32_t at,
                             uint32_t n)
{
    if (sy_vco_heard(span, SY_VCO_SAW))
        write_wave(span, voice, SY_VCO_SAW, at, n);
    if (sy_vco_heard(span, SY_VCO_PULSE))
        write_wave(span, voice, SY_VCO_PULSE, at, n);
    if (sy_vco_heard(span, SY_VCO_TRIANGLE))
        write_wave(span, voice, SY_VCO_TRIANGLE, at, n);
    if (sy_vco_heard(span, SY_VCO_SINE))
        write_wave(span, voice, SY_VCO_SINE, at, n);
    if (sy_vco_heard(span, SY_VCO_SYNC))
        memcpy(voice->out[SY_VCO_SYNC] + at, span->sync_out, n * sizeof(float));
}

/* Sets a span up for a voice's kind of phase; when that has changed, what waits is of no use. */
SY_INLINE void choose_phase(SyVcoSpan *span, const SyTables *tables, const SyVcoVoice *voice)
{
    SyVcoState *state = voice->state;
    if (state->minimum != voice->minimum) {
        state->minimum = voice->minimum;
        state->live = 0;
        memset(state->marks, 0, sizeof(state->marks));
    }
    span->heard = voice->heard;
    span->edge = voice->minimum ? SY_VCO_NEW : SY_VCO_EDGE;
    span->naive = voice->minimum ? SY_VCO_NEW - SY_BLEP_EARLY : SY_VCO_HEARD;
    span->blep = voice->minimum ? tables->early : tables->blep;
}

/* An output that was not computed has lost the residues of its last edges: it begins without. */
SY_INLINE void load_state(SyVcoSpan *span, SyVcoState *state)
{
    memcpy(span->phase + SY_VCO_HEARD, state->phase, sizeof(state->phase));
    if (sy_vco_heard(span, SY_VCO_PULSE) && state->live >> SY_VCO_PULSE & 1)
        memcpy(span->width + SY_VCO_HEARD, state->width, sizeof(state->width));
    else if (sy_vco_heard(span, SY_VCO_PULSE))
        memset(span->width + SY_VCO_HEARD, 0, sizeof(state->width));
    memcpy(&span->step[NEW - SY_VCO_STEPS], state->step, sizeof(state->step));
    memcpy(span->sync_late, state->sync_late, sizeof(state->sync_late));
    for (int o = 0; o < SY_VCO_OUTPUTS; o++) {
        if (!sy_vco_heard(span, o))
            continue;
        if (state->live >> o & 1)
            memcpy(span->residue[o], sy_vco_residue(state, o), sizeof(state->saw));
        else
            memset(span->residue[o], 0, sizeof(state->saw));
        for (int i = 0; i < SY_SPAN; i += SY_WIDTH)
            sy_store(span->residue[o] + SY_BLEP_TAPS + i, sy_f(0.0f));
    }
    if (sy_vco_heard(span, SY_VCO_SYNC)) {
        memset(span->sync_out, 0, sizeof(span->sync_out));
        if (state->live >> SY_VCO_SYNC & 1)
            memcpy(span->sync_out, state->sync_out, sizeof(state->sync_out));
    }
}

SY_INLINE void store_state(const SyVcoSpan *span, SyVcoState *state, uint32_t n)
{
    memcpy(state->phase, span->phase + SY_VCO_HEARD + n, sizeof(state->phase));
    if (sy_vco_heard(span, SY_VCO_PULSE))
        memcpy(state->width, span->width + SY_VCO_HEARD + n, sizeof(state->width));
    memcpy(state->step, &span->step[NEW - SY_VCO_STEPS + n], sizeof(state->step));
    const uint32_t syncs = state->marks[SY_MARK_SYNC] | state->marks[SY_MARK_TURN];
    for (uint32_t i = 0; i < SY_BLEP_LOOK; i++)
        state->sync_late[i] = syncs >> i & 1 ? span->sync_late[n + i] : 0.0f;
    for (int o = 0; o < SY_VCO_OUTPUTS; o++) {
        if (sy_vco_heard(span, o))
            memcpy(sy_vco_residue(state, o), span->residue[o] + n, sizeof(state->saw));
    }
    if (sy_vco_heard(span, SY_VCO_SYNC))
        memcpy(state->sync_out, span->sync_out + n, sizeof(state->sync_out));
    state->live = span->heard;
}

/* Moves a voice on by n frames, up to the marks. */
SY_INLINE void begin_span(SyVcoSpan *span, const SyTables *tables, const SyVcoVoice *voice,
                          uint32_t at, uint32_t n)
{
    load_state(span, voice->state);
    const bool constant = fill_steps(span, tables, voice, at, n);
    if (sy_vco_heard(span, SY_VCO_PULSE))
        fill_widths(span, voice, at, n);
    fill_marks(span, voice, fill_all_phases(span, voice, constant, at, n), n);
}

SY_INLINE void end_span(SyVcoSpan *span, const SyVcoVoice *voice, uint32_t at, uint32_t n)
{
    write_outputs(span, voice, at, n);
    store_state(span, voice->state, n);
    voice->state->octaves =
        sy_vco_is_moved(voice) ? __builtin_nanf("") : sy_vco_octaves(voice, at + n - 1);
    voice->state->sync_in = voice->sync ? voice->sync[at + n - 1] : 0.0f;
}

/* Up to TOGETHER voices go through each stage together: an edge is a chain of operations that wait
 * for each other, and those of another voice fill the gaps. */
SY_INLINE void run_spans(const SyTables *tables, const SyVcoVoice *const *voices, uint32_t n_voices,
                         uint32_t at, uint32_t n)
{
    SyVcoSpan spans[TOGETHER];
    for (uint32_t v = 0; v < n_voices; v++) {
        choose_phase(&spans[v], tables, voices[v]);
        begin_span(&spans[v], tables, voices[v], at, n);
    }
    for (uint32_t v = 0; v < n_voices; v++)
        SY_KERNEL(vco_edges)(&spans[v]);
    for (uint32_t v = 0; v < n_voices; v++)
        end_span(&spans[v], voices[v], at, n);
}

/* Whole spans are compiled apart, with loops whose length is known. */
static void run_whole_spans(const SyTables *tables, const SyVcoVoice *const *voices,
                            uint32_t n_voices, uint32_t at)
{
    run_spans(tables, voices, n_voices, at, SY_SPAN);
}

static void run_parts(const SyTables *tables, const SyVcoVoice *const *voices, uint32_t n_voices,
                      uint32_t at, uint32_t n)
{
    run_spans(tables, voices, n_voices, at, n);
}

/* The frames from `at` on that can be taken the shorter way. */
SY_INLINE uint32_t saw_alone(const SyTables *tables, const SyVcoVoice *voice, uint32_t at,
                             uint32_t n_frames)
{
    if (voice->heard != 1u << SY_VCO_SAW)
        return 0;
    return SY_VCO_SAW_ALONE(tables, voice, at, n_frames - at);
}

/* One span of voices, but those that are ahead. ahead[v]: the first frame that is left to do. */
static void run_voices(const SyTables *tables, const SyVcoVoice *voices, uint32_t n_voices,
                       uint32_t ahead[TOGETHER], uint32_t at, uint32_t n)
{
    const SyVcoVoice *left[TOGETHER];
    uint32_t n_left = 0;
    for (uint32_t v = 0; v < n_voices; v++) {
        if (ahead[v] > at)
            continue;
        left[n_left++] = &voices[v];
        ahead[v] += n;
    }
    if (n_left > 0 && n == SY_SPAN)
        run_whole_spans(tables, left, n_left, at);
    else if (n_left > 0)
        run_parts(tables, left, n_left, at, n);
}

/* Voices that have been taken the shorter way until `ahead`, and on from there. */
static void run_on(const SyTables *tables, const SyVcoVoice *voices, uint32_t n_voices,
                   uint32_t ahead[TOGETHER], uint32_t n_frames)
{
    for (uint32_t at = 0; at < n_frames; at += SY_SPAN) {
        run_voices(tables, voices, n_voices, ahead, at, sy_less(n_frames - at, SY_SPAN));
        for (uint32_t v = 0; v < n_voices; v++) {
            if (ahead[v] == at + SY_SPAN)
                ahead[v] += saw_alone(tables, &voices[v], ahead[v], n_frames);
        }
    }
}

void SY_KERNEL(vco)(const SyTables *tables, const SyVcoVoice *voices, uint32_t n_voices,
                    uint32_t n_frames)
{
    for (uint32_t first = 0; first < n_voices; first += TOGETHER) {
        const uint32_t together = sy_less(n_voices - first, TOGETHER);
        uint32_t ahead[TOGETHER], least = n_frames;
        for (uint32_t v = 0; v < together; v++) {
            ahead[v] = saw_alone(tables, &voices[first + v], 0, n_frames);
            least = sy_less(least, ahead[v]);
        }
        if (least < n_frames)
            run_on(tables, voices + first, together, ahead, n_frames);
        for (uint32_t v = 0; v < together; v++)
            voices[first + v].state->frames += n_frames;
    }
}
