/* What the convolver owes: the convolution itself, at once, to the same bits however it is cut. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "dsp/convolve_parts.h"
#include "tests/dsp/bench.h"

#define LONG (1 << 18)

/* A room of `n` frames that falls by 60 dB in `fall` frames, left and right by `side`. */
static float *new_room(uint32_t n, double fall, unsigned side)
{
    float *room = malloc(n * sizeof(float));
    assert_non_null(room);
    for (uint32_t i = 0; i < n; i++)
        room[i] = (float)(0.1 * sy_analyse_noise(i * 2 + side) * pow(10.0, -3.0 * i / fall));
    return room;
}

static float *new_noise(uint32_t n)
{
    float *noise = malloc(n * sizeof(float));
    assert_non_null(noise);
    for (uint32_t i = 0; i < n; i++)
        noise[i] = sy_analyse_noise(0x1000000 + i);
    return noise;
}

/* A convolver that plays a room's answer alone, to be freed with its file. */
static SyRig *new_convolver(const char *isa, uint32_t n_frames, const float *in, const void *file)
{
    SyRig *rig = sy_rig_new("convolver", isa, 1, n_frames);
    sy_rig_set(rig, "mix", 1.0f);
    sy_rig_load(rig, file);
    sy_rig_patch(rig, "in", in);
    return rig;
}

static void *new_file(const float *left, const float *right, uint32_t n)
{
    const float *channels[] = {left, right};
    SyRig *rig = sy_rig_new("convolver", NULL, 1, 1);
    void *file = sy_rig_prepare(rig, channels, right ? 2 : 1, n);
    sy_rig_free(rig);
    return file;
}

static double direct(const float *in, const float *room, uint32_t n_taps, uint32_t frame)
{
    double sum = 0.0;
    for (uint32_t k = 0; k < n_taps && k <= frame; k++)
        sum += (double)room[k] * in[frame - k];
    return sum;
}

/* The error against the sum itself in dB, over frames 997 apart. */
static double error_db(const float *out, const float *in, uint32_t n_frames, const float *room,
                       uint32_t n_taps)
{
    double error = 0.0, power = 0.0;
    for (uint32_t i = 0; i < n_frames; i += i < 200 ? 1 : 997) {
        const double right = direct(in, room, n_taps, i);
        error += (out[i] - right) * (out[i] - right);
        power += right * right;
    }
    return 10.0 * log10(error / power);
}

static void five_seconds_in_stereo_are_true_to_minus_125_db(void **state)
{
    (void)state;
    const uint32_t n_frames = 330000;
    float *in = new_noise(n_frames), *left = new_room(LONG, 200000.0, 0);
    float *right = new_room(LONG, 100000.0, 1);
    void *file = new_file(left, right, LONG);
    SyRig *rig = new_convolver(NULL, n_frames, in, file);
    sy_rig_run_all(rig);
    assert_below(error_db(sy_rig_out(rig, 0, "left"), in, n_frames, left, LONG), -125.0);
    assert_below(error_db(sy_rig_out(rig, 0, "right"), in, n_frames, right, LONG), -125.0);
    sy_rig_free(rig);
    free(file);
    free(in);
    free(left);
    free(right);
}

/* An impulse comes out as the response, from the first frame on, and nothing after it. */
static void responses_of_any_length_come_out_without_delay(void **state)
{
    (void)state;
    static const uint32_t lengths[] = {1,    63,    64,    65,    1000,  1024,
                                       1025, 16383, 16385, 24575, 24576, 24577};
    const uint32_t n_frames = 30000, at = 77;
    float *in = calloc(n_frames, sizeof(float)), *room = new_room(n_frames, 40000.0, 0);
    assert_non_null(in);
    in[at] = 1.0f;
    for (size_t k = 0; k < sizeof(lengths) / sizeof(lengths[0]); k++) {
        void *file = new_file(room, NULL, lengths[k]);
        SyRig *rig = new_convolver(NULL, n_frames, in, file);
        sy_rig_run_all(rig);
        const float *out = sy_rig_out(rig, 0, "left");
        for (uint32_t i = 0; i < n_frames; i++)
            assert_near(out[i], i >= at && i < at + lengths[k] ? room[i - at] : 0.0, 1e-7);
        assert_memory_equal(out, sy_rig_out(rig, 0, "right"), n_frames * sizeof(float));
        sy_rig_free(rig);
        free(file);
    }
    free(in);
    free(room);
}

/* Both sides of a rig played to the end, into `out`. */
static void play_cut(float *out, SyRig *rig, uint32_t n_frames, uint32_t (*cut)(uint32_t at))
{
    for (uint32_t at = 0; at < n_frames;) {
        const uint32_t n = cut(at) < n_frames - at ? cut(at) : n_frames - at;
        sy_rig_run(rig, at, at + n);
        at += n;
    }
    memcpy(out, sy_rig_out(rig, 0, "left"), n_frames * sizeof(float));
    memcpy(out + n_frames, sy_rig_out(rig, 0, "right"), n_frames * sizeof(float));
}

static uint32_t cut_64(uint32_t at)
{
    (void)at;
    return 64;
}

static uint32_t cut_1024(uint32_t at)
{
    (void)at;
    return 1024;
}

static uint32_t cut_anyhow(uint32_t at)
{
    const float chance = 0.5f + 0.5f * sy_analyse_noise(at);
    return chance < 0.3f ? 1 : 1 + (uint32_t)(chance * 300.0f);
}

static void same_bits_however_blocks_are_cut_and_for_every_build(void **state)
{
    (void)state;
    static const char *const isas[] = {"generic", "x86-64", "x86-64-v3", "x86-64-v4"};
    const uint32_t n_frames = 60000;
    float *in = new_noise(n_frames), *room = new_room(40000, 40000.0, 0);
    void *file = new_file(room, room + 1, 39999);
    float *right = malloc(2 * n_frames * sizeof(float)),
          *out = malloc(2 * n_frames * sizeof(float));
    SyRig *rig = new_convolver(NULL, n_frames, in, file);
    play_cut(right, rig, n_frames, cut_64);
    sy_rig_free(rig);
    for (size_t i = 0; i < sizeof(isas) / sizeof(isas[0]); i++) {
        if (!sy_dsp_select(isas[i]))
            continue;
        rig = new_convolver(isas[i], n_frames, in, file);
        play_cut(out, rig, n_frames, i % 2 ? cut_1024 : cut_anyhow);
        assert_memory_equal(out, right, 2 * n_frames * sizeof(float));
        sy_rig_free(rig);
    }
    free(in);
    free(room);
    free(file);
    free(right);
    free(out);
}

/* A worker may die at the end of a block, when all of the tape is written, and the block be
 * computed again: from the state before it, and the tape that the dead one has left. */
static void blocks_that_are_run_again_write_the_same(void **state)
{
    (void)state;
    const uint32_t n_frames = 280 * 1024 + 40;
    float *in = new_noise(n_frames), *room = new_room(LONG, 40000.0, 0);
    void *file = new_file(room, room + 1, LONG - 1);
    SyRig *once = new_convolver(NULL, n_frames, in, file);
    SyRig *twice = new_convolver(NULL, n_frames, in, file);
    for (uint32_t at = 0, n = 40; at < n_frames; at += n, n = SY_CONVOLVE_BLOCK_MAX) {
        uint8_t before[sizeof(SyConvolveState)];
        sy_rig_run(once, at, at + n);
        memcpy(before, twice->state, sizeof(before));
        sy_rig_run(twice, at, at + n);
        memcpy(twice->state, before, sizeof(before));
        sy_rig_run(twice, at, at + n);
    }
    for (int side = 0; side < 2; side++)
        assert_memory_equal(once->out[0][side], twice->out[0][side], n_frames * sizeof(float));
    assert_memory_equal(once->tape, twice->tape, sizeof(SyConvolveTape));
    sy_rig_free(once);
    sy_rig_free(twice);
    free(in);
    free(room);
    free(file);
}

/* Nor does what happened to be on the tape matter. */
static void work_may_begin_anywhere_in_its_period(void **state)
{
    (void)state;
    static const uint64_t firsts[] = {0, 1, 6, 7, 8, 9, 31, 63, 112, 126, 127};
    const uint32_t n_frames = 40000;
    float *in = new_noise(n_frames), *room = new_room(40000, 40000.0, 0);
    void *file = new_file(room, room + 1, 39999);
    float *right = malloc(2 * n_frames * sizeof(float)),
          *out = malloc(2 * n_frames * sizeof(float));
    for (size_t i = 0; i < sizeof(firsts) / sizeof(firsts[0]); i++) {
        SyRig *rig = new_convolver(NULL, n_frames, in, file);
        *(SyConvolveState *)rig->state = (SyConvolveState){.first = firsts[i]};
        memset(rig->tape, 0xff, sizeof(SyConvolveTape)); /* no numbers */
        play_cut(i == 0 ? right : out, rig, n_frames, cut_anyhow);
        for (uint32_t k = 0; i > 0 && k < 2 * n_frames; k++)
            assert_near(out[k], right[k], 1e-5);
        sy_rig_free(rig);
    }
    free(in);
    free(room);
    free(file);
    free(right);
    free(out);
}

static void another_response_begins_from_silence(void **state)
{
    (void)state;
    const uint32_t n_frames = 20000;
    float *in = new_noise(2 * n_frames), *room = new_room(16000, 40000.0, 0);
    void *first = new_file(room, NULL, 15999), *second = new_file(room + 1, NULL, 15999);
    SyRig *fresh = new_convolver(NULL, n_frames, in + n_frames, second);
    SyRig *used = new_convolver(NULL, 2 * n_frames, in, first);
    sy_rig_run_all(fresh);
    for (uint32_t at = 0; at < n_frames; at += 50)
        sy_rig_run(used, at, at + 50);
    sy_rig_load(used, second);
    for (uint32_t at = n_frames; at < 2 * n_frames; at += 50)
        sy_rig_run(used, at, at + 50);
    assert_memory_equal(sy_rig_out(used, 0, "left") + n_frames, sy_rig_out(fresh, 0, "left"),
                        n_frames * sizeof(float));
    sy_rig_free(fresh);
    sy_rig_free(used);
    free(first);
    free(second);
    free(in);
    free(room);
}

static void without_a_file_only_the_dry_part_is_heard(void **state)
{
    (void)state;
    const uint32_t n_frames = 1000;
    float *in = new_noise(n_frames);
    SyRig *rig = new_convolver(NULL, n_frames, in, NULL);
    sy_rig_set(rig, "mix", 0.25f);
    sy_rig_set(rig, "gain", 6.0206f);
    sy_rig_run_all(rig);
    for (uint32_t i = 0; i < n_frames; i++)
        assert_near(sy_rig_out(rig, 0, "right")[i], 1.5 * in[i], 1e-6);
    sy_rig_set(rig, "mix", 1.0f);
    sy_rig_run_all(rig);
    for (uint32_t i = 0; i < n_frames; i++)
        assert_true(sy_rig_out(rig, 0, "left")[i] == 0.0f);
    sy_rig_free(rig);
    free(in);
}

static void files_that_are_no_sound_are_refused(void **state)
{
    (void)state;
    const float fine[] = {1.0f, 0.5f}, wild[] = {1.0f, NAN}, loud[] = {-1001.0f, 0.0f};
    const float *const both[] = {fine, fine};
    const float *const one[] = {fine, wild}, *const other[] = {loud};
    assert_true(sy_convolve_size(both, 2, 2) > 0);
    assert_true(sy_convolve_size(both, 2, 0) == 0);
    assert_true(sy_convolve_size(both, 0, 2) == 0);
    assert_true(sy_convolve_size(one, 2, 2) == 0);
    assert_true(sy_convolve_size(other, 1, 2) == 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(five_seconds_in_stereo_are_true_to_minus_125_db),
        cmocka_unit_test(responses_of_any_length_come_out_without_delay),
        cmocka_unit_test(same_bits_however_blocks_are_cut_and_for_every_build),
        cmocka_unit_test(blocks_that_are_run_again_write_the_same),
        cmocka_unit_test(work_may_begin_anywhere_in_its_period),
        cmocka_unit_test(another_response_begins_from_silence),
        cmocka_unit_test(without_a_file_only_the_dry_part_is_heard),
        cmocka_unit_test(files_that_are_no_sound_are_refused),
    };
    sy_dsp_thread_init();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
