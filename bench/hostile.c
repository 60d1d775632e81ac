#include "bench/hostile.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "bench/specimen.h"
#include "bench/yardstick.h"

#define BLOCK    SY_SPECIMEN_BLOCK
#define BLOCKS   SY_HOSTILE_BLOCKS
#define LOUD     128 /* blocks until it dies away */
#define SIGNALS  32  /* that inputs choose from */
#define MADE     16  /* of them made here; the others are what modules put out */
#define REPEATS  3   /* of every block: the shortest time counts */
#define DOUBTS   40  /* more of one that seems to take too long */
#define FILE_LEN 48000
#define DECAY    0.25f /* a block, at the end */
#define PLAYS    4     /* of a patch one of whose blocks takes too long: it must do so each time */

typedef struct Source {
    enum { SQUARE, SINE, NOISE, LEVEL, CLICKS } kind;
    double phase, step;
    float size;
} Source;

typedef struct Player {
    uint64_t random;
    uint32_t n;
    SySpecimen *specimens[SY_HOSTILE_TYPES];
    void *kept[SY_HOSTILE_TYPES]; /* states as they were before the block */
    float signals[SIGNALS][BLOCK];
    Source sources[MADE];
    const float *tapped[SIGNALS - MADE]; /* outputs that are signals too, a block later */
    float loudness;
    double times[SY_HOSTILE_TYPES][BLOCKS];
    double sums[BLOCKS];
} Player;

/* Random, the same on every machine. */

static uint32_t draw(Player *player, uint32_t below)
{
    player->random = player->random * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)((player->random >> 33) % below);
}

static float draw_float(Player *player, float from, float to)
{
    return from + (to - from) * (float)draw(player, 1u << 24) / (float)(1u << 24);
}

/* Making a patch. */

/* The ends of the range as often as all that lies between. */
static float draw_value(Player *player, const SyParamInfo *info)
{
    const uint32_t where = draw(player, 4);
    const float between = info->curve == SY_CURVE_PITCH
                              ? info->min * powf(info->max / info->min, draw_float(player, 0, 1))
                              : draw_float(player, info->min, info->max);
    const float written = where == 0 ? info->min : where == 1 ? info->max : between;
    return sy_param_internal(info, sy_param_clamp(info, written));
}

static void draw_params(Player *player, SySpecimen *specimen)
{
    for (int p = 0; p < specimen->module->n_params; p++) {
        const SyParamInfo *info = &specimen->module->params[p];
        const float from = draw_value(player, info), to = draw_value(player, info);
        const int32_t length = LOUD * BLOCK;
        specimen->params[p] = (SyRamp){.from = from, .to = from};
        if (info->curve != SY_CURVE_STEP && draw(player, 2) == 0) {
            specimen->params[p] = (SyRamp){from, to, (to - from) / (float)length, 0, length};
        }
    }
}

static void draw_inputs(Player *player, SySpecimen *specimen)
{
    for (uint32_t l = 0; l < specimen->n_lanes; l++) {
        for (uint32_t p = 0; p < specimen->module->n_inputs; p++) {
            if (draw(player, 8) > 0) {
                sy_specimen_patch_lane(specimen, l, p, player->signals[draw(player, SIGNALS)]);
            }
        }
    }
}

static void draw_source(Player *player, Source *source)
{
    static const float sizes[] = {10.0f, 10.0f, 5.0f, 1.0f, 1e-3f, 1e-30f};

    *source = (Source){
        .kind = draw(player, 3) ? SQUARE : draw(player, CLICKS + 1),
        .step = pow(2.0, (double)draw_float(player, -11.0f, -1.0f)),
        .size = sizes[draw(player, 6)],
    };
}

/* A file for those that play one: noise that dies away, as a room's. */
static bool load(SySpecimen *specimen)
{
    static float noise[FILE_LEN];
    const float *channels[1] = {noise};
    const uint32_t most = specimen->module->file->frames_max;
    char error[128];

    for (uint32_t i = 0, n = 1; i < FILE_LEN; i++) {
        n = n * 1664525u + 1013904223u;
        noise[i] = 0.05f * (float)(int32_t)n / 2147483648.0f * (1.0f - (float)i / FILE_LEN);
    }
    return sy_specimen_load(specimen,
                            &(SyFileAudio){.channels = channels,
                                           .n_channels = 1,
                                           .n_frames = most < FILE_LEN ? most : FILE_LEN,
                                           .rate = SY_SPECIMEN_RATE},
                            error, sizeof(error));
}

static bool add_type(Player *player, const SyModule *module)
{
    static const uint32_t lanes[] = {1, 3, 8, 16};
    SySpecimen *specimen =
        sy_specimen_new(module, getenv("SYNTHD_ISA"), lanes[draw(player, 4)], BLOCK);
    void *kept = specimen ? malloc(sy_specimen_states_size(specimen)) : NULL;

    player->specimens[player->n] = specimen;
    player->kept[player->n++] = kept;
    if (!kept) {
        return false;
    }
    if (module->file && draw(player, 4) > 0 && !load(specimen)) {
        return false;
    }
    draw_params(player, specimen);
    draw_inputs(player, specimen);
    sy_specimen_hear(specimen, 1u + draw(player, (1u << module->n_outputs) - 1));
    return true;
}

/* Outputs that are heard, of any type, go back to everybody. */
static void tap_outputs(Player *player)
{
    for (int i = 0; i < SIGNALS - MADE; i++) {
        const SySpecimen *from = player->specimens[draw(player, player->n)];
        const SyLane *lane = &from->lanes[draw(player, from->n_lanes)];
        const uint32_t port = draw(player, from->module->n_outputs);
        player->tapped[i] = lane->heard >> port & 1 ? lane->out[port] : NULL;
    }
}

static bool make_patch(Player *player)
{
    bool ok = true;

    for (int i = 0; i < MADE; i++) {
        draw_source(player, &player->sources[i]);
    }
    for (uint32_t t = 0; ok && t < sy_registry_count() && t < SY_HOSTILE_TYPES; t++) {
        ok = add_type(player, sy_registry_at(t));
    }
    if (ok) {
        tap_outputs(player);
    }
    return ok;
}

static void free_patch(Player *player)
{
    for (uint32_t i = 0; i < player->n; i++) {
        sy_specimen_free(player->specimens[i]);
        free(player->kept[i]);
    }
    free(player);
}

/* Playing it. */

static float wave_of(Player *player, const Source *source)
{
    switch (source->kind) {
    case SQUARE:
        return source->phase < 0.5 ? 1.0f : -1.0f;
    case SINE:
        return (float)sin(2.0 * M_PI * source->phase);
    case NOISE:
        return draw_float(player, -1.0f, 1.0f);
    case CLICKS:
        return source->phase < source->step ? 1.0f : 0.0f;
    case LEVEL:
        break;
    }
    return 1.0f;
}

static void make_signals(Player *player)
{
    for (int s = 0; s < MADE; s++) {
        Source *source = &player->sources[s];
        for (int i = 0; i < BLOCK; i++) {
            source->phase += source->step;
            source->phase -= floor(source->phase);
            player->signals[s][i] = player->loudness * source->size * wave_of(player, source);
        }
    }
    for (int s = MADE; s < SIGNALS; s++) {
        const float *out = player->tapped[s - MADE];
        for (int i = 0; i < BLOCK; i++) {
            const float limited =
                out ? fmaxf(fminf(out[i], SY_HOSTILE_LEVEL), -SY_HOSTILE_LEVEL) : 0.0f;
            player->signals[s][i] = player->loudness * limited;
        }
    }
}

static void send_notes(Player *player)
{
    for (uint32_t i = 0; i < player->n; i++) {
        const SySpecimen *specimen = player->specimens[i];
        for (uint32_t l = 0; specimen->module->event && l < specimen->n_lanes; l++) {
            const SyModuleEvent event = {draw_float(player, 0.0f, 127.0f),
                                         draw(player, 3) ? draw_float(player, 0.0f, 1.0f) : 0.0f};
            specimen->module->event(&specimen->context, specimen->lanes[l].state,
                                    specimen->lanes[l].n_voices, &event);
        }
    }
}

static int64_t now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * INT64_C(1000000000) + now.tv_nsec;
}

/* Runs the block once more, from the states before it, and keeps the shortest times. */
static void run_block(Player *player, uint32_t block)
{
    double sum = 0.0;

    for (uint32_t i = 0; i < player->n; i++) {
        SySpecimen *specimen = player->specimens[i];
        memcpy(specimen->states, player->kept[i], sy_specimen_states_size(specimen));
        const int64_t before = now_ns();
        sy_specimen_block(specimen);
        const double took = (double)(now_ns() - before);
        player->times[i][block] = fmin(player->times[i][block], took);
        sum += player->times[i][block];
    }
    player->sums[block] = sum;
}

static double median_so_far(const double *times, uint32_t n)
{
    double copy[BLOCKS];
    memcpy(copy, times, n * sizeof(*copy));
    return sy_median(copy, n);
}

static void play_block(Player *player, uint32_t block)
{
    player->loudness = block < LOUD ? 1.0f : player->loudness * DECAY;
    make_signals(player);
    if (draw(player, 4) == 0) {
        send_notes(player);
    }
    for (uint32_t i = 0; i < player->n; i++) {
        memcpy(player->kept[i], player->specimens[i]->states,
               sy_specimen_states_size(player->specimens[i]));
        player->times[i][block] = 1e18;
    }
    for (int r = 0; r < REPEATS; r++) {
        run_block(player, block);
    }
    const double doubtful = block > 4 ? 1.5 * median_so_far(player->sums, block) : 0.0;
    for (int r = 0; r < DOUBTS && player->sums[block] > doubtful; r++) {
        run_block(player, block);
    }
    for (uint32_t i = 0; i < player->n; i++) {
        for (int p = 0; p < player->specimens[i]->module->n_params; p++) {
            player->specimens[i]->params[p].frame += BLOCK;
        }
    }
}

static void look_at_output(const float *out, uint64_t *n_wild, float *highest)
{
    for (int i = 0; i < BLOCK; i++) {
        if (!isfinite(out[i])) {
            ++*n_wild;
        } else {
            *highest = fmaxf(*highest, fabsf(out[i]));
        }
    }
}

static void look_at_block(const Player *player, SyHostile *seen)
{
    for (uint32_t i = 0; i < player->n; i++) {
        const SySpecimen *specimen = player->specimens[i];
        for (uint32_t l = 0; l < specimen->n_lanes; l++) {
            for (uint32_t p = 0; p < specimen->module->n_outputs; p++) {
                if (specimen->lanes[l].heard >> p & 1) {
                    look_at_output(specimen->lanes[l].out[p], &seen->n_wild[i], &seen->highest[i]);
                    seen->n_samples += BLOCK;
                }
            }
        }
    }
    seen->n_blocks++;
}

/* The type whose time in the block is furthest above its own median. */
static uint32_t who_is_late(const Player *player, uint32_t block)
{
    double most = 0.0;
    uint32_t who = 0;

    for (uint32_t i = 0; i < player->n; i++) {
        const double late = player->times[i][block] - median_so_far(player->times[i], BLOCKS);
        who = late > most ? i : who;
        most = fmax(most, late);
    }
    return who;
}

typedef struct Verdict {
    double ratio;
    uint32_t type;
} Verdict;

/* Against the median of the blocks before it dies away. */
static Verdict look_at_times(const Player *player)
{
    const double median = median_so_far(player->sums, LOUD);
    uint32_t worst = 0;

    for (uint32_t b = 0; b < BLOCKS; b++) {
        worst = player->sums[b] > player->sums[worst] ? b : worst;
    }
    return (Verdict){player->sums[worst] / median, who_is_late(player, worst)};
}

static bool play_once(uint64_t seed, SyHostile *seen, Verdict *verdict)
{
    Player *player = calloc(1, sizeof(*player));

    if (!player) {
        return false;
    }
    player->random = seed * 0x9e3779b97f4a7c15u + 1;
    const bool ok = make_patch(player);
    for (uint32_t b = 0; ok && b < BLOCKS; b++) {
        play_block(player, b);
        look_at_block(player, seen);
    }
    if (ok) {
        *verdict = look_at_times(player);
        seen->n_patches++;
    }
    free_patch(player);
    return ok;
}

bool sy_hostile_play(uint64_t seed, SyHostile *seen)
{
    Verdict best = {.ratio = 1e18}, verdict;

    for (int i = 0; i < PLAYS && best.ratio > SY_HOSTILE_RATIO; i++) {
        if (!play_once(seed, seen, &verdict)) {
            return false;
        }
        best = verdict.ratio < best.ratio ? verdict : best;
    }
    if (best.ratio > seen->worst_ratio) {
        seen->worst_ratio = best.ratio;
        seen->worst_seed = seed;
        seen->worst_type = best.type;
    }
    return true;
}
