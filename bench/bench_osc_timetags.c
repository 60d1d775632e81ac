/* The part of synthbench osc that asks for moments: bundles with timetags, and the frames at which
 * they are heard.
 *
 * A gate opens at one time and closes N frames later, asked for by two bundles; both times are of
 * any phase of a period and of a frame, and in doubles, as clients have them. What is heard is an
 * edge up and an edge down. Their distance has to be N, to the frame. And each edge has to be at
 * the frame that its timetag stands for on the engine's clock: within half a frame, or 3/4 where a
 * whole distance was kept (docs/decisions/exact-frames.md).
 *
 * A block that is late puts frames between two others that nobody asked for, a clock that was moved
 * changes what a timetag stands for, and a bundle that the machine has kept until its time was over
 * is played at once: a pair with any of these is not counted. */
#include <lo/lo.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "bench/bench_osc.h"
#include "osc/packet.h"

#define AHEAD_S      0.01
#define APART_MIN    20 /* more than what an edge has to rest */
#define APART_MAX    480
#define BEHIND_NS    2000000 /* until the block with the second edge is handed out */
#define AFTERMATH_NS 100000000
#define SETTLE_NS    500000000
#define NOTE         60
#define LOOK_NS      20000
#define PATIENCE_NS  UINT64_C(1000000000)
#define ALIGN_MAX    0.75 /* frames */
#define UNIT_SHARE   (1.0 / (RAND_MAX + 1.0))

typedef struct Tally {
    uint64_t counted, disturbed, wrong;
    double worst_apart, worst_place; /* frames */
} Tally;

static double unix_now(void)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

static bool send_note(const SyOscRig *rig, double unix_s, float velocity)
{
    const uint64_t tag = sy_timetag_from_unix(unix_s);
    lo_message message = lo_message_new();
    lo_bundle bundle = lo_bundle_new((lo_timetag){(uint32_t)(tag >> 32), (uint32_t)tag});
    char bytes[128];
    size_t size = sizeof(bytes);

    lo_message_add(message, "sif", "keys/1", NOTE, (double)velocity);
    lo_bundle_add_message(bundle, "/note", message);
    const bool ok = lo_bundle_length(bundle) <= size && lo_bundle_serialise(bundle, bytes, &size) &&
                    sy_osc_rig_send(rig, bytes, size);
    lo_bundle_free_recursive(bundle); /* the message, too */
    return ok;
}

/* The engine's frame that the next one of the tape is, asked for just after a block has come. */
static int64_t look_at_offset(SyOscRig *rig)
{
    int64_t heard;

    sy_osc_rig_hear_all(rig);
    heard = rig->moves.n_frames;
    while (rig->moves.n_frames == heard) {
        nanosleep(&(struct timespec){.tv_nsec = LOOK_NS}, NULL);
        sy_osc_rig_hear_all(rig);
    }
    return sy_control_frame_now(rig->stage.control) - rig->moves.n_frames;
}

/* A look from outside can fall between the end of a block and its way to the tape: two that agree
 * count. */
static int64_t offset_of_tape(SyOscRig *rig)
{
    int64_t last = look_at_offset(rig), offset;

    while ((offset = look_at_offset(rig)) != last) {
        last = offset;
    }
    return offset;
}

/* How far an edge is from its timetag's place, in frames. The osc thread, which has the difference
 * of the two clocks, is at rest. */
static double displacement(const SyOscRig *rig, int64_t frame, double unix_s)
{
    const double monotonic_s = unix_s - rig->stage.control->rounder.wall_ahead_s;
    return (double)frame - sy_timebase_frame(&rig->stage.audio->timebase, monotonic_s);
}

/* Waits for the two edges: where the machine was away for a while, they come later. Where something
 * disturbs them, they may never. */
static bool hear_pair(SyOscRig *rig, uint64_t before, int64_t at[2])
{
    const uint64_t until = sy_bench_now() + PATIENCE_NS;
    int n = 0;

    while (n < 2 && sy_bench_now() < until && sy_osc_rig_disturbances(rig) == before) {
        if (!sy_osc_rig_hear(rig)) {
            nanosleep(&(struct timespec){.tv_nsec = LOOK_NS}, NULL);
        } else if (sy_move_leads_on(&rig->moves.move)) {
            at[n++] = rig->moves.move.at;
        }
    }
    return n == 2;
}

static void judge(Tally *tally, const SyOscRig *rig, const int64_t at[2], const double asked[2],
                  int apart, int64_t offset)
{
    const double error = fabs((double)(at[1] - at[0] - apart));

    tally->counted++;
    tally->wrong += error > 0;
    tally->worst_apart = fmax(tally->worst_apart, error);
    for (int i = 0; i < 2; i++) {
        const double off = fabs(displacement(rig, at[i] + offset, asked[i]));
        tally->worst_place = fmax(tally->worst_place, off);
    }
}

static bool play_pair(SyOscRig *rig, Tally *tally)
{
    const int apart = APART_MIN + rand_r(&rig->seed) % (APART_MAX - APART_MIN);
    const int64_t offset = offset_of_tape(rig);
    const uint64_t before = sy_osc_rig_disturbances(rig);
    const double first =
        unix_now() + AHEAD_S + rand_r(&rig->seed) * UNIT_SHARE * SY_OSC_RIG_PERIOD_NS * 1e-9;
    const double asked[2] = {first, first + (double)apart / SY_OSC_RIG_RATE};
    int64_t at[2];

    if (!send_note(rig, asked[0], 100) || !send_note(rig, asked[1], 0)) {
        return false;
    }
    const long ahead_ns = (long)((asked[1] - unix_now()) * 1e9);
    sy_osc_rig_pause(rig, (ahead_ns > 0 ? ahead_ns : 0) + BEHIND_NS);
    const bool heard = hear_pair(rig, before, at);
    if (sy_osc_rig_disturbances(rig) != before) {
        tally->disturbed++;
        sy_osc_rig_pause(rig, AFTERMATH_NS); /* its edges are not to be taken for the next one's */
        sy_osc_rig_hear_all(rig);
    } else if (heard) {
        judge(tally, rig, at, asked, apart, offset);
    } else {
        fprintf(stderr, "synthbench: two edges were asked for and not heard\n");
        return false;
    }
    return true;
}

bool sy_osc_measure_timetags(SyOscRig *rig, uint64_t n, SyReport *report)
{
    Tally tally = {0};
    bool ok = sy_osc_rig_gate(rig, false);

    sy_osc_packet_value(&rig->knob, 0);
    ok = ok && sy_osc_rig_send(rig, rig->knob.bytes, rig->knob.size);
    sy_osc_rig_pause(rig, SETTLE_NS); /* the engine's clock, too */
    for (uint64_t i = 0; i < n && ok; i++) {
        ok = play_pair(rig, &tally);
    }
    if (!ok) {
        return false;
    }
    sy_report_value(report, "timetags: pairs of edges counted", (double)tally.counted, "");
    sy_report_value(report, "timetags: pairs disturbed, not counted", (double)tally.disturbed, "");
    sy_report_value(report, "timetags: pairs not as far apart as asked", (double)tally.wrong, "");
    sy_report_at_most(report, "timetags: two edges from the distance asked for, worst",
                      tally.counted ? tally.worst_apart : NAN, 0, "frames");
    sy_report_at_most(report, "timetags: an edge from its timetag's place, worst",
                      tally.counted ? tally.worst_place : NAN, ALIGN_MAX, "frames");
    return true;
}
