/* The short way of a saw that is alone and steady: to the bit what the long way gives, wherever the
 * one takes over from the other. */
#include <string.h>

#include "tests/dsp/bench.h"

#define FRAMES 8192
#define SAW    1u
#define ALL    31u

static const char *const isas[] = {"generic", "x86-64", "x86-64-v3", "x86-64-v4"};

static SyRig *new_vco(const char *isa, float hz)
{
    SyRig *rig = sy_rig_new("vco", isa, 1, FRAMES);
    sy_rig_set(rig, "freq", hz);
    rig->heard[0] = SAW;
    return rig;
}

/* Frames `from` to `to` of both: of `whole` in blocks of 64, of `parts` in smaller ones, for which
 * there is no short way. */
static void run_both(SyRig *whole, SyRig *parts, uint32_t from, uint32_t to)
{
    for (uint32_t at = from; at < to; at += 64)
        sy_rig_run(whole, at, at + 64);
    for (uint32_t at = from; at < to; at += 32)
        sy_rig_run(parts, at, at + 32);
}

static void assert_same(const SyRig *a, const SyRig *b)
{
    const float *out_a = sy_rig_out(a, 0, "saw"), *out_b = sy_rig_out(b, 0, "saw");
    assert_memory_equal(out_a, out_b, FRAMES * sizeof(float));
    assert_memory_equal(a->state, b->state, a->module->state_size);
}

static void short_way_gives_the_same_bits(void **state)
{
    (void)state;
    static const float notes[] = {0.3f, 30.0f, 440.0f, 1500.0f, 3000.0f, 12000.0f, 20000.0f};
    for (size_t i = 0; i < sizeof(isas) / sizeof(isas[0]); i++) {
        for (size_t n = 0; sy_dsp_select(isas[i]) && n < sizeof(notes) / sizeof(notes[0]); n++) {
            SyRig *whole = new_vco(isas[i], notes[n]), *parts = new_vco("generic", notes[n]);
            run_both(whole, parts, 0, FRAMES);
            assert_same(whole, parts);
            sy_rig_free(whole);
            sy_rig_free(parts);
        }
    }
}

/* Long calls, of which the pitch input ends the short way wherever it changes: at the beginning of
 * a call, in the middle of a span, and while the level moves. */
static void long_calls_give_the_same_bits(void **state)
{
    (void)state;
    static const uint32_t calls[] = {128, 512, 1024, 1000, 4096};
    static float pitch[FRAMES];
    for (size_t i = 0; i < FRAMES; i++)
        pitch[i] = i < 1024 ? 0.0f : i < 1500 ? 1.25f : i < 1600 ? -2.0f : 0.5f;
    for (size_t i = 0; i < sizeof(isas) / sizeof(isas[0]); i++) {
        for (size_t c = 0; sy_dsp_select(isas[i]) && c < sizeof(calls) / sizeof(calls[0]); c++) {
            SyRig *whole = new_vco(isas[i], 700.0f), *parts = new_vco("generic", 700.0f);
            SyRig *rigs[] = {whole, parts};
            for (int r = 0; r < 2; r++) {
                sy_rig_patch(rigs[r], "pitch", pitch);
                sy_rig_ramp(rigs[r], "level", -6.0f, 0.0f, 3000);
            }
            for (uint32_t at = 0; at < FRAMES; at += calls[c])
                sy_rig_run(whole, at, at + calls[c] < FRAMES ? at + calls[c] : FRAMES);
            for (uint32_t at = 0; at < FRAMES; at += 32)
                sy_rig_run(parts, at, at + 32);
            assert_same(whole, parts);
            sy_rig_free(whole);
            sy_rig_free(parts);
        }
    }
}

static void set_both(SyRig *a, SyRig *b, const char *param, float value)
{
    sy_rig_set(a, param, value);
    sy_rig_set(b, param, value);
}

/* Every reason to leave the short way, and to come back to it. */
static void change(SyRig *rig, const float *signal, uint32_t at)
{
    switch (at / 512) {
    case 1:
        sy_rig_patch(rig, "sync", signal);
        break;
    case 2:
        sy_rig_patch(rig, "sync", NULL);
        break;
    case 3:
        sy_rig_patch(rig, "pitch", signal);
        break;
    case 5:
        sy_rig_patch(rig, "pitch", NULL);
        sy_rig_patch(rig, "fm", signal);
        break;
    case 6:
        sy_rig_patch(rig, "fm", NULL);
        break;
    case 7:
        rig->heard[0] = ALL;
        break;
    case 8:
        rig->heard[0] = SAW;
        break;
    case 9:
        rig->heard[0] = ALL & ~SAW;
        break;
    case 10:
        rig->heard[0] = SAW;
        break;
    case 11:
        sy_rig_ramp(rig, "level", -6.0f, 0.0f, 12 * 512);
        break;
    default:
        break;
    }
}

static void short_way_is_left_and_taken_again_unnoticed(void **state)
{
    (void)state;
    static float signal[FRAMES];
    for (size_t i = 0; i < FRAMES; i++)
        signal[i] = i % 700 < 320 ? 0.7f : -0.3f;
    for (size_t i = 0; i < sizeof(isas) / sizeof(isas[0]); i++) {
        if (!sy_dsp_select(isas[i]))
            continue;
        SyRig *whole = new_vco(isas[i], 2345.0f), *parts = new_vco("generic", 2345.0f);
        for (uint32_t at = 0; at < FRAMES; at += 512) {
            change(whole, signal, at);
            change(parts, signal, at);
            if (at >= 13 * 512)
                set_both(whole, parts, "freq", 100.0f + (float)at);
            run_both(whole, parts, at, at + 512);
        }
        assert_same(whole, parts);
        sy_rig_free(whole);
        sy_rig_free(parts);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(short_way_gives_the_same_bits),
        cmocka_unit_test(long_calls_give_the_same_bits),
        cmocka_unit_test(short_way_is_left_and_taken_again_unnoticed),
    };
    sy_dsp_thread_init();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
