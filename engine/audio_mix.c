/* The end of the block cycle, in real time too: from the sinks' wires to what is handed out. */
#include <string.h>

#include "engine/audio_mix.h"

#define ROOM_NS 1000000 /* offline: between two looks for room on the tape */

static int64_t start_of(const SyAudio *audio)
{
    return atomic_load_explicit(&audio->frame, memory_order_relaxed);
}

/* Adds a wire at the level of its fade. */
static void add_wire(const SyAudio *audio, const SyRampShared *fade, const float *restrict wire,
                     float *restrict to)
{
    const SySegment *segment = audio->segment;
    const uint32_t block = segment->block;
    const int64_t start = start_of(audio);

    if (start - fade->start >= fade->length) { /* as a rule; so it has a loop that is a fast one */
        const float level = fade->to;
        for (uint32_t i = 0; i < block; i++) {
            to[i] += wire[i] * level;
        }
        return;
    }
    for (uint32_t i = 0; i < block; i++) {
        to[i] += wire[i] * sy_fade_value(segment, fade, start + i);
    }
}

static void mix_sink(const SyAudio *audio, const SyPlanSink *sink, float *left, float *right)
{
    const SySegment *segment = audio->segment;
    const SyRampShared *fade = &segment->cables[sink->cable].fade;
    const size_t place = sy_sink_place(segment, audio->epoch);
    const float *wires = (const float *)sy_at(segment, sink->wires_at) +
                         place * sink->n_outputs * sink->voices * segment->block;

    for (uint32_t voice = 0; voice < sink->voices; voice++) {
        add_wire(audio, fade, wires + (size_t)voice * segment->block, left);
        add_wire(audio, fade, wires + ((size_t)sink->voices + voice) * segment->block, right);
    }
}

void sy_audio_mix(const SyAudio *audio, float *left, float *right)
{
    memset(left, 0, audio->segment->block * sizeof(float));
    memset(right, 0, audio->segment->block * sizeof(float));
    for (uint32_t i = 0; audio->plan && i < audio->plan->n_sinks; i++) {
        mix_sink(audio, &sy_plan_sinks(audio->plan)[i], left, right);
    }
}

#define ONE      0x3f800000 /* the bits of a sample of 1 */
#define INFINITE 0x7f800000 /* those of a sample that is no number are above */
#define SIGN     INT32_MIN

/* Takes out of a side what a loudspeaker must never get; returns the largest sample. Samples
 * without their sign are in the same order as their bits, and with those compilers make a fast
 * loop. */
static float make_safe(float *samples, uint32_t n)
{
    int32_t peak = 0;

    for (uint32_t i = 0; i < n; i++) {
        int32_t bits, size, loud;
        memcpy(&bits, &samples[i], sizeof(bits));
        size = bits & ~SIGN;
        loud = size > INFINITE ? 0 : ONE;
        bits = size > ONE ? (bits & SIGN & -(loud != 0)) | loud : bits;
        size = bits & ~SIGN;
        peak = size > peak ? size : peak;
        memcpy(&samples[i], &bits, sizeof(bits));
    }
    float largest;
    memcpy(&largest, &peak, sizeof(largest));
    return largest;
}

/* How far a fade of `of` frames is after `at` of them: between the points of the shape as well, as
 * a longer fade would be a staircase otherwise. */
static float shape_at(const SySegment *segment, uint32_t at, uint32_t of)
{
    const float *shape = segment->fade_shape;
    const uint64_t place = (uint64_t)at * segment->fade_frames;
    const uint64_t point = place / of;

    if (point >= segment->fade_frames) {
        return 1;
    }
    return shape[point] + (float)(place % of) / (float)of * (shape[point + 1] - shape[point]);
}

/* The fades of the whole output: in again after a late block, out at the end. */
static float master_level(SyAudio *audio, bool quiet)
{
    const SySegment *segment = audio->segment;
    const uint32_t length = segment->fade_frames;
    float level = 1;

    if (audio->fade_in > 0) {
        level = segment->fade_shape[length - audio->fade_in--];
    }
    if (quiet) {
        const uint32_t slow = 4 * length; /* than a cable: 20 ms */
        level *= 1 - shape_at(segment, audio->fade_out, slow);
        audio->fade_out += audio->fade_out < slow;
    }
    return level;
}

static void fade(SyAudio *audio, float *left, float *right, bool quiet)
{
    for (uint32_t i = 0; i < audio->segment->block; i++) {
        const float level = master_level(audio, quiet);
        left[i] *= level;
        right[i] *= level;
    }
}

static void keep_peak(_Atomic float *kept, float peak)
{
    if (peak > atomic_load_explicit(kept, memory_order_relaxed)) {
        atomic_store_explicit(kept, peak, memory_order_relaxed);
    }
}

/* No sink has played, and no fade is on its way that would have to get on. */
static bool is_silence(const SyAudio *audio, bool quiet)
{
    return !quiet && audio->fade_in == 0 && (!audio->plan || audio->plan->n_sinks == 0);
}

void sy_audio_finish(SyAudio *audio, float *left, float *right)
{
    const bool quiet = atomic_load_explicit(&audio->quiet, memory_order_relaxed);
    const uint32_t block = audio->segment->block;

    if (is_silence(audio, quiet)) {
        audio->last_left = audio->last_right = 0;
        return;
    }
    if (quiet || audio->fade_in > 0) {
        fade(audio, left, right, quiet);
    }
    keep_peak(&audio->peak_left, make_safe(left, block));
    keep_peak(&audio->peak_right, make_safe(right, block));
    audio->last_left = left[block - 1];
    audio->last_right = right[block - 1];
    if (quiet && audio->fade_out >= 4 * audio->segment->fade_frames) {
        atomic_store_explicit(&audio->silent, true, memory_order_release);
    }
}

/* In place of a late block: from where the sound was down to silence. */
void sy_audio_fill_gap(SyAudio *audio, float *left, float *right)
{
    const SySegment *segment = audio->segment;

    for (uint32_t i = 0; i < segment->block; i++) {
        const float level = 1 - shape_at(segment, i, segment->block);
        left[i] = audio->last_left * level;
        right[i] = audio->last_right * level;
    }
    audio->last_left = audio->last_right = 0;
    audio->fade_in = segment->fade_frames;
    atomic_store_explicit(&audio->late,
                          atomic_load_explicit(&audio->late, memory_order_relaxed) + 1,
                          memory_order_relaxed);
}

/* What is handed out goes to the tape, if one is running. Offline there is time to wait for room.
 */
void sy_audio_record(SyAudio *audio, const float *left, const float *right)
{
    const uint32_t n = audio->segment->block;
    SyFrame frames[SY_BLOCK_MAX];

    for (uint32_t i = 0; i < n; i++) {
        frames[i] = (SyFrame){left[i], right[i]};
    }
    while (!sy_ring_write_many(&audio->tape_in, frames, n)) {
        if (!audio->offline) {
            atomic_store_explicit(&audio->tape_lost,
                                  atomic_load_explicit(&audio->tape_lost, memory_order_relaxed) + n,
                                  memory_order_relaxed);
            return;
        }
        const uint32_t seen = sy_bell_listen(&audio->tape_room);
        if (sy_ring_writable(&audio->tape_in) < n) {
            sy_bell_sleep(&audio->tape_room, seen, ROOM_NS);
        }
    }
}
