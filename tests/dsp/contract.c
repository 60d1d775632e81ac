#include "tests/dsp/contract.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#if defined(__x86_64__)
#include <xmmintrin.h>
#endif

#include "tests/dsp/bench.h"

#define FRAMES 768
#define EVERY  96 /* frames between a keyboard's events */

#define FILE_FRAMES (3 * 2048) /* cycles of a wavetable; a response of some stages */
#define FILES_MAX   8          /* modules that take one, and the end */

/* A number in 0..1 that is the same each time. */
static float chance(unsigned n)
{
    return 0.5f + 0.5f * sy_analyse_noise(n);
}

/* What a performer, a mistake or another module might patch in. */
static float hostile(unsigned kind, unsigned seed, uint32_t i)
{
    switch (kind % 7) {
    case 0:
        return 100.0f * sy_analyse_noise(seed * 7919 + i);
    case 1:
        return i / 7 % 2 ? 100.0f : -100.0f;
    case 2:
        return (float)sin(0.03 * i + seed);
    case 3:
        return i % 50 ? 0.0f : 100.0f;
    case 4:
        return 0.5f;
    case 5:
        return (float)(i / (20 + seed % 40) % 2);
    default:
        return sy_analyse_noise(seed * 104729 + i);
    }
}

/* Sets every parameter of a lane somewhere in its range, half of them on their way elsewhere. */
static void scatter_params(SyRig *rig, uint32_t lane, unsigned seed, uint32_t from)
{
    for (int p = 0; p < rig->module->n_params; p++) {
        const SyParamInfo *info = &rig->module->params[p];
        const unsigned n = seed * 64 + (unsigned)p * 4;
        const float range = info->max - info->min;
        const bool moves = info->curve != SY_CURVE_STEP && chance(n) < 0.5f;
        const float start = info->min + range * chance(n + 1);
        const float end = moves ? info->min + range * chance(n + 2) : start;
        const int32_t length = moves ? 1 + (int32_t)(600.0f * chance(n + 3)) : 0;
        const float a = sy_param_internal(info, sy_param_clamp(info, start));
        const float b = sy_param_internal(info, sy_param_clamp(info, end));
        rig->params[lane][p] =
            (SyRamp){a, b, moves ? (b - a) / (float)length : 0.0f, length, -(int32_t)from};
    }
}

/* What a file would have that is made for the module: a stereo sound, made once. */
static const void *file_for(const SyRig *rig)
{
    static float left[FILE_FRAMES], right[FILE_FRAMES];
    static const float *const channels[] = {left, right};
    static struct {
        const SyModule *module;
        void *file;
    } made[FILES_MAX];
    size_t i = 0;
    while (made[i].module && made[i].module != rig->module)
        i++;
    assert_true(i < FILES_MAX);
    for (uint32_t k = 0; k < FILE_FRAMES && !made[i].module; k++) {
        left[k] = 0.1f * sy_analyse_noise(2 * k);
        right[k] = 0.1f * sy_analyse_noise(2 * k + 1);
    }
    if (!made[i].module)
        made[i].file = sy_rig_prepare(rig, channels, 2, FILE_FRAMES);
    made[i].module = rig->module;
    return made[i].file;
}

/* Lanes that differ in everything: one in three has no file. */
static SyRig *new_scene(const SyModule *module, const char *isa, uint32_t n_lanes, unsigned seed)
{
    SyRig *rig = sy_rig_new_of(module, isa, n_lanes, FRAMES);
    for (uint32_t l = 0; l < n_lanes; l++) {
        scatter_params(rig, l, seed + l, 0);
        rig->file[l] = module->file && (seed + l) % 3 != 2 ? file_for(rig) : NULL;
        for (int p = 0; p < module->n_inputs; p++) {
            const unsigned kind = seed + l + 3 * (unsigned)p;
            if (kind % 8 == 7)
                continue;
            rig->patched[l] |= 1u << p;
            for (uint32_t i = 0; i < FRAMES; i++)
                rig->in[l][p][i] = hostile(kind, kind, i);
        }
    }
    return rig;
}

/* Takes over lane `from` of another rig as lane `to`, with its state and all. */
static void copy_lane(SyRig *rig, uint32_t to, const SyRig *other, uint32_t from)
{
    memcpy(rig->state + to * rig->stride, other->state + from * rig->stride, rig->stride);
    memcpy(rig->params[to], other->params[from], sizeof(rig->params[to]));
    if (rig->tape)
        memcpy(rig->tape + to * rig->tape_stride, other->tape + from * rig->tape_stride,
               rig->tape_stride);
    rig->file[to] = other->file[from];
    rig->patched[to] = other->patched[from];
    rig->heard[to] = other->heard[from];
    for (int p = 0; p < rig->module->n_inputs; p++)
        memcpy(rig->in[to][p], other->in[from][p], FRAMES * sizeof(float));
}

static void send_events(SyRig *rig, uint32_t at)
{
    if (!rig->module->event || at % EVERY != 0)
        return;
    for (uint32_t l = 0; l < rig->n_lanes; l++) {
        const unsigned n = at / EVERY;
        sy_rig_event(rig, l, 48.0f + (float)(n * 5 % 12), n % 3 == 2 ? 0.0f : 0.7f);
    }
}

/* Frames `from` to `to`; cuts == 0: in blocks of 64; else cut by chance, to 1 to 40 frames. */
static void play(SyRig *rig, uint32_t from, uint32_t to, unsigned cuts)
{
    for (uint32_t at = from; at < to;) {
        uint32_t n = cuts ? 1 + (uint32_t)(39.0f * chance(cuts * 8191 + at)) : 64;
        send_events(rig, at);
        if (cuts && chance(cuts * 31 + at) < 0.3f)
            n = 1;
        if (rig->module->event && n > EVERY - at % EVERY)
            n = EVERY - at % EVERY;
        n = n < to - at ? n : to - at;
        sy_rig_run(rig, at, at + n);
        at += n;
    }
}

static bool same_outputs(const SyRig *a, uint32_t lane_a, const SyRig *b, uint32_t lane_b,
                         uint32_t from)
{
    for (int o = 0; o < a->module->n_outputs; o++) {
        if (!(a->heard[lane_a] & b->heard[lane_b] & 1u << o))
            continue;
        for (uint32_t v = 0; v < a->n_voices; v++) {
            const size_t at = (size_t)v * FRAMES + from;
            if (memcmp(a->out[lane_a][o] + at, b->out[lane_b][o] + at,
                       (FRAMES - from) * sizeof(float)) != 0)
                return false;
        }
    }
    return true;
}

static bool same_state(const SyRig *a, uint32_t lane_a, const SyRig *b, uint32_t lane_b)
{
    return memcmp(a->state + lane_a * a->stride, b->state + lane_b * b->stride,
                  a->module->state_size) == 0;
}

bool sy_contract_state_is_all(const SyModule *module)
{
    SyRig *here = new_scene(module, NULL, 1, 5), *there = new_scene(module, NULL, 1, 5);
    SyRig *other = new_scene(module, NULL, 3, 11);
    play(here, 0, FRAMES / 2, 0);
    memset(there->state, 0x55, there->stride);
    copy_lane(there, 0, here, 0);
    play(other, 0, FRAMES / 2, 0);
    play(there, FRAMES / 2, FRAMES, 0);
    play(other, FRAMES / 2, FRAMES, 3);
    play(here, FRAMES / 2, FRAMES, 0);
    const bool kept = same_outputs(here, 0, there, 0, FRAMES / 2) && same_state(here, 0, there, 0);
    sy_rig_free(here);
    sy_rig_free(there);
    sy_rig_free(other);
    return kept;
}

/* Runs lanes `first` to `first` + n of `scene`, back to front if asked to, in a rig of their own,
 * cut as play() has it, and compares with what they did in `played`. */
static bool part_agrees(const SyRig *scene, const SyRig *played, uint32_t first, uint32_t n,
                        bool backwards, unsigned cuts)
{
    SyRig *part = sy_rig_new_of(scene->module, NULL, n, FRAMES);
    bool agrees = true;
    for (uint32_t l = 0; l < n; l++)
        copy_lane(part, backwards ? n - 1 - l : l, scene, first + l);
    play(part, 0, FRAMES, cuts);
    for (uint32_t l = 0; l < n; l++) {
        const uint32_t at = backwards ? n - 1 - l : l;
        agrees = agrees && same_outputs(part, at, played, first + l, 0) &&
                 same_state(part, at, played, first + l);
    }
    sy_rig_free(part);
    return agrees;
}

/* The tape too, so that no later block can differ. */
bool sy_contract_blocks_can_be_run_again(const SyModule *module)
{
    SyRig *once = new_scene(module, NULL, 3, 6), *twice = new_scene(module, NULL, 3, 6);
    uint8_t *before = malloc(3 * twice->stride);
    bool kept = true;
    assert_non_null(before);
    for (uint32_t at = 0; at < FRAMES; at += EVERY) {
        send_events(once, at);
        send_events(twice, at);
        memcpy(before, twice->state, 3 * twice->stride);
        sy_rig_run(twice, at, at + EVERY);
        memcpy(twice->state, before, 3 * twice->stride);
        sy_rig_run(twice, at, at + EVERY);
        sy_rig_run(once, at, at + EVERY);
    }
    for (uint32_t l = 0; l < 3; l++)
        kept = kept && same_outputs(once, l, twice, l, 0) && same_state(once, l, twice, l);
    if (once->tape)
        kept = kept && memcmp(once->tape, twice->tape, 3 * once->tape_stride) == 0;
    free(before);
    sy_rig_free(once);
    sy_rig_free(twice);
    return kept;
}

bool sy_contract_lanes_are_independent(const SyModule *module)
{
    SyRig *scene = new_scene(module, NULL, SY_LANES_MAX, 3);
    SyRig *played = new_scene(module, NULL, SY_LANES_MAX, 3);
    bool kept = true;
    play(played, 0, FRAMES, 0);
    for (uint32_t l = 0; l < SY_LANES_MAX; l++)
        kept = kept && part_agrees(scene, played, l, 1, false, l);
    kept = kept && part_agrees(scene, played, 0, SY_LANES_MAX, true, 0);
    kept = kept && part_agrees(scene, played, 3, 5, true, 0) &&
           part_agrees(scene, played, 7, 9, false, 0);
    sy_rig_free(scene);
    sy_rig_free(played);
    return kept;
}

/* Voices that are alike, as those of a poly module, but for what `own` names, and for one parameter
 * of the last voice, if there is such a parameter. */
static SyRig *new_choir(const SyModule *module, const char *isa, uint32_t n_lanes, unsigned seed,
                        uint32_t own, int odd)
{
    SyRig *rig = new_scene(module, isa, n_lanes, seed);
    const SyRamp *ramps = rig->params[n_lanes - 1];
    const SyRamp other = odd < module->n_params ? ramps[odd] : (SyRamp){0};
    for (uint32_t l = 1; l < n_lanes; l++) {
        memcpy(rig->params[l], rig->params[0], sizeof(rig->params[l]));
        rig->file[l] = rig->file[0];
        for (int p = 0; p < module->n_inputs; p++) {
            if (own >> p & 1)
                continue;
            memcpy(rig->in[l][p], rig->in[0][p], FRAMES * sizeof(float));
            rig->patched[l] = (rig->patched[l] & ~(1u << p)) | (rig->patched[0] & 1u << p);
        }
    }
    if (odd < module->n_params)
        rig->params[n_lanes - 1][odd] = other;
    return rig;
}

/* In blocks, cut by chance, or in one go. */
static void sing(SyRig *rig, unsigned way)
{
    if (way < 2 || rig->module->event)
        play(rig, 0, FRAMES, way);
    else
        sy_rig_run(rig, 0, FRAMES);
}

/* Whether it is the same when the voices hear one wire and when they hear wires that are alike. */
static bool choir_agrees(const SyModule *module, const char *isa, unsigned seed)
{
    static const uint32_t sizes[] = {SY_LANES_MAX, 9}, owns[] = {0, 1, 2, 4, 0};
    const uint32_t n_lanes = sizes[seed % 2], own = owns[seed / 2 % 5];
    const int odd = (int)(seed / 3 % (unsigned)(module->n_params + 1));
    SyRig *apart = new_choir(module, isa, n_lanes, seed, own, odd);
    SyRig *together = new_choir(module, isa, n_lanes, seed, own, odd);
    bool agrees = true;
    together->common = ~own;
    sing(apart, seed % 3);
    sing(together, seed % 3);
    for (uint32_t l = 0; l < n_lanes; l++)
        agrees =
            agrees && same_outputs(apart, l, together, l, 0) && same_state(apart, l, together, l);
    sy_rig_free(apart);
    sy_rig_free(together);
    return agrees;
}

bool sy_contract_wires_can_be_shared(const SyModule *module)
{
    static const char *const isas[] = {NULL, "generic"};
    bool kept = true;
    for (unsigned seed = 0; seed < 60; seed++)
        kept = kept && choir_agrees(module, isas[seed / 30], seed);
    return kept;
}

bool sy_contract_cuts_are_inaudible(const SyModule *module)
{
    bool kept = true;
    for (unsigned cuts = 1; cuts <= 4; cuts++) {
        SyRig *whole = new_scene(module, NULL, 9, cuts), *cut = new_scene(module, NULL, 9, cuts);
        play(whole, 0, FRAMES, 0);
        play(cut, 0, FRAMES, cuts);
        for (uint32_t l = 0; l < 9; l++)
            kept = kept && same_outputs(whole, l, cut, l, 0) && same_state(whole, l, cut, l);
        sy_rig_free(whole);
        sy_rig_free(cut);
    }
    return kept;
}

static bool all_within(const SyRig *rig, float limit, uint32_t from)
{
    for (uint32_t l = 0; l < rig->n_lanes; l++) {
        for (int o = 0; o < rig->module->n_outputs; o++) {
            for (uint32_t i = from; i < FRAMES * rig->n_voices; i++) {
                if (!(fabsf(rig->out[l][o][i]) <= limit))
                    return false;
            }
        }
    }
    return true;
}

/* Nothing patched in, everything at its default: one more scene of frames. */
static void rest(SyRig *rig)
{
    for (int p = 0; p < rig->module->n_inputs; p++)
        sy_rig_patch(rig, rig->module->inputs[p].name, NULL);
    for (int p = 0; p < rig->module->n_params; p++)
        sy_rig_set(rig, rig->module->params[p].name, rig->module->params[p].def);
    sy_rig_run_all(rig);
}

bool sy_contract_outputs_are_bounded(const SyModule *module)
{
    bool kept = true;
    for (unsigned seed = 0; seed < 24; seed++) {
        SyRig *rig = new_scene(module, NULL, SY_LANES_MAX, seed);
        for (unsigned round = 0; round < 6; round++) {
            for (uint32_t l = 0; l < rig->n_lanes; l++)
                scatter_params(rig, l, seed * 1000 + round * 20 + l, 0);
            play(rig, 0, FRAMES, 0);
            kept = kept && all_within(rig, 1e6f, 0);
        }
        for (int round = 0; seed % 8 == 0 && round < (int)(2.0 * SY_RIG_RATE / FRAMES); round++)
            rest(rig);
        if (seed % 8 == 0)
            kept = kept && all_within(rig, 4.0f, 0);
        sy_rig_free(rig);
    }
    return kept;
}

/* Plays lanes that hear alike; what state_used() leaves out is spoilt before every block. */
static void play_spoilt(SyRig *rig)
{
    const SyModule *module = rig->module;
    const uint32_t used =
        module->state_used ? module->state_used(rig->heard[0]) : module->state_size;
    for (uint32_t at = 0; at < FRAMES; at += 64) {
        for (uint32_t l = 0; l < rig->n_lanes; l++)
            memset(rig->state + l * rig->stride + used, 0xff, module->state_size - used);
        play(rig, at, at + 64, 0);
    }
}

bool sy_contract_outputs_are_independent(const SyModule *module)
{
    SyRig *all = new_scene(module, NULL, 5, 2);
    bool kept = true;
    play(all, 0, FRAMES, 0);
    for (int o = 0; o < module->n_outputs; o++) {
        SyRig *one = new_scene(module, NULL, 5, 2);
        for (uint32_t l = 0; l < 5; l++)
            one->heard[l] = 1u << o;
        play_spoilt(one);
        for (uint32_t l = 0; l < 5; l++)
            kept = kept && same_outputs(all, l, one, l, 0);
        sy_rig_free(one);
    }
    sy_rig_free(all);
    return kept;
}

/* Plays frame by frame, with parameters that stand still where `scene` has them on their way. */
static void play_steps(SyRig *rig, const SyRig *scene)
{
    for (uint32_t at = 0; at < FRAMES; at++) {
        for (uint32_t l = 0; l < rig->n_lanes; l++) {
            for (int p = 0; p < rig->module->n_params; p++) {
                const float value = sy_ramp_at(&scene->params[l][p], at);
                rig->params[l][p] = (SyRamp){value, value, 0.0f, 0, 0};
            }
        }
        send_events(rig, at);
        sy_rig_run(rig, at, at + 1);
    }
}

bool sy_contract_ramps_are_exact(const SyModule *module)
{
    SyRig *ramped = new_scene(module, NULL, 6, 4), *stepped = new_scene(module, NULL, 6, 4);
    bool kept = true;
    play(ramped, 0, FRAMES, 0);
    play_steps(stepped, ramped);
    for (uint32_t l = 0; l < 6; l++)
        kept = kept && same_outputs(ramped, l, stepped, l, 0);
    sy_rig_free(ramped);
    sy_rig_free(stepped);
    return kept;
}

bool sy_contract_builds_agree(const SyModule *module)
{
    static const char *const isas[] = {"x86-64", "x86-64-v3", "x86-64-v4"};
    SyRig *plain = new_scene(module, "generic", 13, 8);
    bool kept = true;
    play(plain, 0, FRAMES, 0);
    for (size_t i = 0; i < sizeof(isas) / sizeof(isas[0]); i++) {
        if (!sy_dsp_select(isas[i]))
            continue;
        SyRig *rig = new_scene(module, isas[i], 13, 8);
        play(rig, 0, FRAMES, 0);
        for (uint32_t l = 0; l < 13; l++)
            kept = kept && same_outputs(plain, l, rig, l, 0) && same_state(plain, l, rig, l);
        sy_rig_free(rig);
    }
    sy_rig_free(plain);
    return kept;
}

/* By its bits: a thread that takes denormals as zeros cannot tell by comparing. */
static bool is_denormal(float x)
{
    uint32_t bits;
    memcpy(&bits, &x, sizeof(bits));
    return (bits & 0x7f800000) == 0 && (bits & 0x007fffff) != 0;
}

static bool has_denormal(const SyRig *rig)
{
    for (uint32_t l = 0; l < rig->n_lanes; l++) {
        for (int o = 0; o < rig->module->n_outputs; o++) {
            for (uint32_t i = 0; i < FRAMES * rig->n_voices; i++) {
                if (is_denormal(rig->out[l][o][i]))
                    return true;
            }
        }
    }
    return false;
}

static unsigned fp_mode(void)
{
#if defined(__x86_64__)
    return _mm_getcsr() & ~0x3fu; /* without the flags of what has happened */
#else
    return 0;
#endif
}

/* Noise that dies away to far below what float can hold without denormals. */
bool sy_contract_denormals_are_flushed(const SyModule *module)
{
    SyRig *rig = new_scene(module, NULL, 4, 1);
    const unsigned mode = fp_mode();
    bool kept = true;
    for (int round = 0; round < 8; round++) {
        for (uint32_t l = 0; l < rig->n_lanes; l++) {
            for (int p = 0; p < module->n_inputs; p++) {
                rig->patched[l] |= 1u << p;
                for (uint32_t i = 0; i < FRAMES; i++)
                    rig->in[l][p][i] =
                        ldexpf(sy_analyse_noise(i + l), -(int)(i / 8) - 30 * (round > 0));
            }
        }
        play(rig, 0, FRAMES, 0);
        kept = kept && !has_denormal(rig);
    }
    kept = kept && fp_mode() == mode;
    sy_rig_free(rig);
    return kept;
}
