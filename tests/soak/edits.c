/* Edits of a patch that plays, at random and by the thousand. Sines are plugged in and out, made
 * and taken away; above 2 kHz there is nothing of them but what a fade leaves, so a click shows. */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "tests/rig/check.h"
#include "tests/rig/fade.h"
#include "tests/rig/sound.h"
#include "tests/soak/soak.h"

#define SLOTS     6
#define AT_ONCE   3 /* sines heard at the same time, at the most */
#define BATCH     100
#define TRIES     20   /* of a batch, until there is a recording without a late block */
#define AMPLITUDE 0.12 /* all of them stay below where the limiter begins */
#define FADES     4    /* an edit has two at the most, and two edits may fall into the same block */

static const int pitches_hz[] = {220, 277, 330, 415, 500};

typedef enum Slot { ABSENT, SILENT, HEARD, AMPLIFIED } Slot;

typedef struct Patch {
    Slot slots[SLOTS];
    uint64_t seed;
} Patch;

static bool has_room(const Patch *patch)
{
    int n = 0;
    for (int i = 0; i < SLOTS; i++) {
        n += patch->slots[i] >= HEARD;
    }
    return n < AT_ONCE;
}

/* Each puts an edit of slot i, which is as its name says, into words. */

static void edit_absent(Patch *patch, int i, char *words, size_t size)
{
    const int hz = pitches_hz[sy_soak_random(&patch->seed, 5)];
    const bool heard = has_room(patch) && sy_soak_random(&patch->seed, 2);

    snprintf(words, size,
             heard ? "create vco --id %d --freq %d\nconnect vco/%d/sine out/1/left --gain 0.12"
                   : "create vco --id %d --freq %d",
             i + 2, hz, i + 2);
    patch->slots[i] = heard ? HEARD : SILENT;
}

static void edit_silent(Patch *patch, int i, char *words, size_t size)
{
    const int id = i + 2;

    if (!has_room(patch)) {
        snprintf(words, size, "destroy vco/%d", id);
        patch->slots[i] = ABSENT;
    } else if (sy_soak_random(&patch->seed, 2)) {
        snprintf(words, size, "connect vco/%d/sine out/1/left --gain 0.12", id);
        patch->slots[i] = HEARD;
    } else {
        snprintf(words, size,
                 "create vca --id %d\nconnect vco/%d/sine vca/%d/in --gain 0.12\n"
                 "connect vca/%d/out out/1/left",
                 id, id, id, id);
        patch->slots[i] = AMPLIFIED;
    }
}

static void edit_heard(Patch *patch, int i, char *words, size_t size)
{
    static const struct {
        const char *words;
        Slot then;
    } edits[] = {
        {"disconnect vco/%d/sine out/1/left", SILENT},
        {"destroy vco/%d", ABSENT},
        {"disconnect vco/%d/sine out/1/left\nconnect vco/%d/sine out/1/left --gain 0.12", HEARD},
        {"destroy vco/%d\ncreate vco --id %d --freq 330", SILENT},
    };
    const uint32_t e = sy_soak_random(&patch->seed, 4);

    snprintf(words, size, edits[e].words, i + 2, i + 2);
    patch->slots[i] = edits[e].then;
}

static void edit_amplified(Patch *patch, int i, char *words, size_t size)
{
    const bool all = sy_soak_random(&patch->seed, 2);

    snprintf(words, size, all ? "destroy vco/%d\ndestroy vca/%d" : "destroy vca/%d", i + 2, i + 2);
    patch->slots[i] = all ? ABSENT : SILENT;
}

static void edit(Patch *patch, char *words, size_t size)
{
    static void (*const edits[])(Patch *, int, char *, size_t) = {
        [ABSENT] = edit_absent,
        [SILENT] = edit_silent,
        [HEARD] = edit_heard,
        [AMPLIFIED] = edit_amplified,
    };
    const int i = (int)sy_soak_random(&patch->seed, SLOTS);
    edits[patch->slots[i]](patch, i, words, size);
}

/* `late`: how many blocks were. A late block is a gap, and no fault of an edit. */
static SySound record(SyStage *stage, uint64_t seed, int n_edits, double *late)
{
    Patch patch = {.seed = seed};
    char words[256];
    SySynth *synth =
        sy_synth_start(stage, "--audio clock --block 256 --workers 2 --record edits.wav");

    sy_ctl_lines(synth, "create vco --id 1 --freq 220\ncreate out --id 1\n"
                        "connect vco/1/sine out/1/left --gain 0.12\n");
    sy_stage_pause_ms(30);
    for (int i = 0; i < n_edits; i++) {
        edit(&patch, words, sizeof(words));
        sy_ctl_lines(synth, words);
        sy_stage_pause_ms(12 + (int)sy_soak_random(&patch.seed, 16));
    }
    return sy_sound_end(synth, "edits.wav", late);
}

/* The loudest above 2 kHz that one fade may leave. */
static double loudest_fade(SyFadeShape shape)
{
    double loudest = 0;
    for (size_t i = 0; i < sizeof(pitches_hz) / sizeof(pitches_hz[0]); i++) {
        loudest = fmax(loudest, sy_fade_above(shape, pitches_hz[i], AMPLITUDE));
    }
    return loudest;
}

/* Returns the loudest above 2 kHz in a recording of a batch; or -1 without one. */
static double hear(SyStage *stage, uint64_t seed, int n_edits)
{
    for (int tries = 0; tries < TRIES; tries++) {
        double late;
        const SySound sound = record(stage, seed, n_edits, &late);
        if (late > 0) {
            continue;
        }
        assert_true(sy_sound_above(sound.left, sound.n_frames, 100, SY_FADE_RATE) > AMPLITUDE / 2);
        return sy_sound_above(sound.left, sound.n_frames, 2000, SY_FADE_RATE);
    }
    return -1;
}

void sy_soak_edits(SyStage *stage, uint64_t n, uint64_t seed)
{
    const double fade = loudest_fade(SY_FADE_COSINE), cut = loudest_fade(SY_FADE_CUT);
    double loudest = 0;
    uint64_t done = 0;

    assert_true(cut > 10 * FADES * fade); /* a click would show */
    for (uint64_t batch = 0; done < n; batch++) {
        const int n_edits = (int)(n - done < BATCH ? n - done : BATCH);
        const double heard = hear(stage, seed + batch, n_edits);
        if (heard < 0) {
            print_message("no recording without a late block; nothing can be told\n");
            skip();
        }
        done += (uint64_t)n_edits;
        loudest = fmax(loudest, heard);
        if (heard > FADES * fade) {
            fail_msg("batch %" PRIu64 ": %.2e above 2 kHz is louder than %d fades of %.2e", batch,
                     heard, FADES, fade);
        }
    }
    print_message("edits: %" PRIu64 ", above 2 kHz at most %.2e; a fade leaves %.2e, a cut %.2e\n",
                  done, loudest, fade, cut);
}
