/* The part of synthbench osc that listens: from send() until a block is handed out in which the
 * sound has changed.
 *
 * A gate that is held is a signal that rests at one value, and a knob behind it that is turned is
 * the only thing that can move it. The bench reads what is handed out from the tape, as the
 * recorder would, and looks for the first sample that is not as the one before it.
 *
 * Packets come at any phase of a block, and are heard from the next one on: so the time is spread
 * over a period, and p99 cannot be below 0.99 of one. What is more than that is made of the way to
 * the ring and of the block's computation. */
#include <sched.h>
#include <stdio.h>

#include "bench/bench_osc.h"
#include "bench/noise.h"
#include "engine/realtime.h"

#define PATIENCE_NS   UINT64_C(1000000000)
#define RAMP_NS       9000000 /* 5 ms of the parameter's, blocks on their way, and a rest */
#define ROUND         50
#define NOISE_A_ROUND 20

/* Waits until the knob's last ramp is over, and what a late block has left. */
static bool await_rest(SyOscRig *rig)
{
    const uint64_t until = sy_bench_now() + PATIENCE_NS;

    do {
        sy_osc_rig_pause(rig, RAMP_NS);
        sy_osc_rig_hear_all(rig);
    } while (rig->moves.moving && sy_bench_now() < until);
    if (rig->moves.moving) {
        fprintf(stderr, "synthbench: the sound does not come to rest\n");
    }
    return !rig->moves.moving;
}

/* Returns when the first change is seen, or 0. Who looks late may see the whole move. */
static uint64_t await_change(SyOscRig *rig, uint64_t sent)
{
    uint64_t now = sent;
    bool seen = false;

    while (!seen && now < sent + PATIENCE_NS) {
        seen = sy_osc_rig_hear(rig) || rig->moves.moving;
        now = sy_bench_now();
    }
    if (!seen) {
        fprintf(stderr, "synthbench: the knob is not heard\n");
    }
    return seen ? now : 0;
}

/* A block that is late changes the sound too: what is measured then is not counted. */
static bool time_block(SyOscRig *rig, float value, SyHistogram *histogram, uint64_t *disturbed)
{
    sy_osc_packet_value(&rig->knob, value);
    if (!await_rest(rig)) {
        return false;
    }
    const uint64_t before = sy_osc_rig_disturbances(rig);
    const uint64_t sent = sy_bench_now();
    if (!sy_osc_rig_send(rig, rig->knob.bytes, rig->knob.size)) {
        return false;
    }
    const uint64_t heard = await_change(rig, sent);
    if (sy_osc_rig_disturbances(rig) != before) {
        (*disturbed)++;
    } else if (heard != 0) {
        sy_histogram_record(histogram, heard - sent);
    }
    return heard != 0;
}

static bool measure(SyOscRig *rig, uint64_t n, SyHistogram *heard, uint64_t *disturbed,
                    SyHistogram *noise)
{
    bool ok = sy_osc_rig_gate(rig, true);

    for (uint64_t i = 0; i < n && ok; i++) {
        if (i % ROUND == 0) {
            sy_noise_measure(noise, NOISE_A_ROUND);
        }
        ok = time_block(rig, i % 2 ? -6.0f : -12.0f, heard, disturbed);
    }
    return ok;
}

bool sy_osc_measure_block(SyOscRig *rig, uint64_t n, SyReport *report, SyHistogram *noise)
{
    SyHistogram *heard = sy_histogram_new();
    uint64_t disturbed = 0;

    if (!heard) {
        return sy_bench_fail("histogram");
    }
    sy_realtime_enter((SyPriority)(SY_PRIORITY_OSC - 1));
    const bool ok = measure(rig, n, heard, &disturbed, noise);
    sched_setscheduler(0, SCHED_OTHER, &(struct sched_param){0});
    if (ok) {
        sy_report_row(report, "packet to a block with the first changed sample", heard, 1);
        sy_report_value(report, "not counted, for a late block", (double)disturbed, "packets");
    }
    sy_histogram_free(heard);
    return ok;
}
