/* The envelope.
 *
 * A capacitor charged through a resistor, as in the analogue ones: each frame covers a share of the
 * way from the level to a target,
 *
 *     level += (target - level) * 2 c / (2 time rate + c)
 *
 * with the target 1.287 while attacking, sustain while the gate is high, 0 after it. The fraction
 * is 1 - exp(-c / (time rate)) to within 0.3 % at the shortest time: one division, no exponential.
 * With c = 1.5 and that target the attack reaches 1 after `time`, on a curve that is bent but not
 * lazy; with c = 4.605 decay and release have covered 99 % of their way after it.
 *
 * At 20 seconds a share is 5e-6, and float would round off what is added when the level is near
 * its target: a decay would stop 0.006 short. So what rounding takes away is kept and added the
 * next time (Kahan's summation). Below 1e-6 a release is over, and the level is 0.
 *
 * A gate is high from 0.5 on. Retrigger starts the attack again under a gate that stays high;
 * either way the attack begins at the level that is there, so there is no click.
 *
 * The shares of all three stages are computed apart, so no division waits for the frame before. The
 * stages differ only in their numbers, so all voices of a vector run the
 * same instructions whichever stage each is in.
 */
#include "dsp/kernels.h"
#include "dsp/lanes.h"

#define GATE         0.5f
#define ATTACK_CURVE 1.5f
#define ATTACK_TOP   1.2872161f /* 1 / (1 - exp(-ATTACK_CURVE)) */
#define FALL_CURVE   4.6051702f /* ln 100 */
#define OVER         1e-6f

typedef struct Group {
    SyLanesIn gate, retrigger;
    SyLanesOut out;
    SyLanesParam attack, decay, sustain, release;
    SyF level, rest;
    SyI attacking, was_high, was_retriggered;
    float rate;
    uint32_t base; /* frame of the call at which the ports begin */
} Group;

/* Replaces times by the share of the way that a frame covers. */
static void to_shares(SyLanesValue *times, float rate, float curve, uint32_t n)
{
    for (uint32_t i = 0; i < (times->stride ? n : 1); i++)
        times->value[i] = (2.0f * curve) / (times->value[i] * (2.0f * rate) + curve);
}

static void run_chunk(Group *group, uint32_t at, uint32_t n)
{
    SyLanesValue gate, retrigger, attack, decay, sustain, release;
    SyF out[SY_CHUNK];
    sy_lanes_input(&group->gate, &gate, at, n);
    sy_lanes_input(&group->retrigger, &retrigger, at, n);
    sy_lanes_ramp(&group->attack, &attack, group->base + at, n);
    sy_lanes_ramp(&group->decay, &decay, group->base + at, n);
    sy_lanes_ramp(&group->sustain, &sustain, group->base + at, n);
    sy_lanes_ramp(&group->release, &release, group->base + at, n);
    to_shares(&attack, group->rate, ATTACK_CURVE, n);
    to_shares(&decay, group->rate, FALL_CURVE, n);
    to_shares(&release, group->rate, FALL_CURVE, n);
    SyI was_high = group->was_high, was_retriggered = group->was_retriggered;
    SyI attacking = group->attacking;
    SyF level = group->level, rest = group->rest;
    for (uint32_t i = 0; i < n; i++) {
        const SyI high = gate.value[i * gate.stride] >= GATE;
        const SyI retriggered = retrigger.value[i * retrigger.stride] >= GATE;
        attacking = (attacking | ~was_high | (retriggered & ~was_retriggered)) & high;
        const SyF fall =
            sy_select(high, decay.value[i * decay.stride], release.value[i * release.stride]);
        const SyF share = sy_select(attacking, attack.value[i * attack.stride], fall);
        const SyF held = sy_select(high, sustain.value[i * sustain.stride], sy_f(0.0f));
        const SyF target = sy_select(attacking, sy_f(ATTACK_TOP), held);
        const SyF delta = (target - level) * share + rest;
        const SyF next = level + delta;
        const SyI arrived = attacking & (next >= 1.0f);
        const SyI over = ~high & (next < OVER);
        rest = delta - (next - level);
        rest = sy_select(arrived | over, sy_f(0.0f), rest);
        level = sy_select(arrived, sy_f(1.0f), sy_select(over, sy_f(0.0f), next));
        attacking &= ~arrived;
        was_high = high;
        was_retriggered = retriggered;
        out[i] = level;
    }
    sy_lanes_write(&group->out, out, at, n);
    group->level = level;
    group->rest = rest;
    group->attacking = attacking;
    group->was_high = was_high;
    group->was_retriggered = was_retriggered;
}

/* Takes the ports of n_lanes voices, from frame `at` on, into a group; the rest of it is padded. */
static void gather(Group *group, const SyAdsrLane *lanes, uint32_t n_lanes, uint32_t at,
                   float dropped[SY_LANES_FRAMES])
{
    group->base = at;
    group->gate.patched = group->retrigger.patched = group->out.heard = false;
    group->attack.moves = group->decay.moves = false;
    group->sustain.moves = group->release.moves = false;
    for (uint32_t l = 0; l < SY_WIDTH; l++) {
        const bool real = l < n_lanes;
        const SyAdsrLane *lane = &lanes[real ? l : 0];
        sy_lanes_in(&group->gate, (int)l, real && lane->gate ? lane->gate + at : NULL);
        sy_lanes_in(&group->retrigger, (int)l,
                    real && lane->retrigger ? lane->retrigger + at : NULL);
        sy_lanes_out(&group->out, (int)l, real && lane->out ? lane->out + at : NULL, dropped);
        sy_lanes_param(&group->attack, (int)l, lane->attack);
        sy_lanes_param(&group->decay, (int)l, lane->decay);
        sy_lanes_param(&group->sustain, (int)l, lane->sustain);
        sy_lanes_param(&group->release, (int)l, lane->release);
    }
}

static void load_states(Group *group, const SyAdsrLane *lanes, uint32_t n_lanes)
{
    uint32_t attacking[SY_WIDTH], was_high[SY_WIDTH], was_retriggered[SY_WIDTH];
    for (uint32_t l = 0; l < SY_WIDTH; l++) {
        const SyAdsrState *state = lanes[l < n_lanes ? l : 0].state;
        group->level[l] = state->level;
        group->rest[l] = state->rest;
        attacking[l] = -(uint32_t)state->attacking;
        was_high[l] = -(uint32_t)state->was_high;
        was_retriggered[l] = -(uint32_t)state->was_retriggered;
    }
    group->attacking = (SyI)sy_load_u(attacking);
    group->was_high = (SyI)sy_load_u(was_high);
    group->was_retriggered = (SyI)sy_load_u(was_retriggered);
}

static void store_states(const Group *group, const SyAdsrLane *lanes, uint32_t n_lanes)
{
    for (uint32_t l = 0; l < n_lanes; l++) {
        *lanes[l].state = (SyAdsrState){
            .level = group->level[l],
            .rest = group->rest[l],
            .attacking = group->attacking[l] != 0,
            .was_high = group->was_high[l] != 0,
            .was_retriggered = group->was_retriggered[l] != 0,
        };
    }
}

void SY_KERNEL(adsr)(const SyTables *tables, const SyAdsrLane *lanes, uint32_t n_lanes,
                     uint32_t n_frames)
{
    SY_NARROW(adsr, n_lanes, n_frames, tables, lanes, n_lanes, n_frames)
    float dropped[SY_LANES_FRAMES];
    Group group;
    group.rate = tables->rate;
    for (uint32_t first = 0; first < n_lanes; first += SY_WIDTH) {
        const SyAdsrLane *some = lanes + first;
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
