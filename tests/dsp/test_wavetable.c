/* What is heard of the wavetable oscillator: its waves, its aliases, and nothing where levels meet.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "tests/dsp/bench.h"

#define FRAMES SY_ANALYSE_FRAMES
#define CYCLE  SY_WAVETABLE_CYCLE
#define SAW    1.0f /* positions in the built-in table */
#define SINE   0.0f

/* With a file's table, to be freed by the caller, or NULL for the built-in one. */
static SyRig *new_wavetable(double hz, float position, const void *file)
{
    SyRig *rig = sy_rig_new("wavetable", NULL, 1, FRAMES);
    sy_rig_load(rig, file);
    sy_rig_set(rig, "freq", (float)hz);
    sy_rig_set(rig, "position", position);
    return rig;
}

static uint64_t phase_of(const SyRig *rig)
{
    return ((const SyWavetableState *)rig->state)->phase;
}

/* The frequency it runs at, as its phase has it. */
static double exact_hz(SyRig *rig)
{
    const uint64_t before = phase_of(rig);
    sy_rig_run(rig, 0, 1);
    return (double)(phase_of(rig) - before) * SY_RIG_RATE * 0x1p-64;
}

static void *new_table(const float *frames, uint32_t n)
{
    SyRig *rig = sy_rig_new("wavetable", NULL, 1, 1);
    void *file = sy_rig_prepare(rig, &frames, 1, n);
    sy_rig_free(rig);
    return file;
}

static double worst_db(double hz, float position, const void *file)
{
    SyRig *rig = new_wavetable(hz, position, file);
    const double f0 = exact_hz(rig);
    sy_rig_run_all(rig);
    const double db =
        sy_analyse_aliases(sy_rig_out(rig, 0, "out"), SY_RIG_RATE, f0, 20000.0).worst_db;
    sy_rig_free(rig);
    return db;
}

static void built_in_waves_alias_below_110_db(void **state)
{
    (void)state;
    for (double hz = 21.3; hz < 12000.0; hz *= 1.31) {
        for (float position = 0.0f; position <= 1.0f; position += 0.25f)
            assert_below(worst_db(hz, position, NULL), -110.0);
    }
}

/* All harmonics as strong as each other, at chance phases: the hardest that a file can hold. */
static void any_wave_aliases_below_90_db(void **state)
{
    (void)state;
    static float frames[CYCLE];
    for (uint32_t i = 0; i < CYCLE; i++)
        frames[i] = sy_analyse_noise(i);
    void *file = new_table(frames, CYCLE);
    for (double hz = 19.7; hz < 12000.0; hz *= 1.237)
        assert_below(worst_db(hz, 0.0f, file), hz < 110.0 ? -90.0 : -100.0);
    free(file);
}

static void saw_has_all_its_harmonics_to_18_khz(void **state)
{
    (void)state;
    for (double hz = 30.0; hz < 18000.0; hz *= 1.7) {
        SyRig *rig = new_wavetable(hz, SAW, NULL);
        const double f0 = exact_hz(rig);
        sy_rig_run_all(rig);
        for (int h = 1; h * f0 < 18000.0; h += 1 + h / 3) {
            const double line = sy_analyse_line(sy_rig_out(rig, 0, "out"), SY_RIG_RATE, h * f0);
            assert_near(20.0 * log10(line * M_PI / 2.0 * h), 0.0, 0.01);
        }
        sy_rig_free(rig);
    }
}

/* Through all levels, up and down, with FM through zero on top: a sine stays the sine of its phase.
 */
static void levels_meet_without_a_seam(void **state)
{
    (void)state;
    static float pitch[FRAMES], fm[FRAMES];
    for (uint32_t i = 0; i < FRAMES; i++) {
        pitch[i] = (float)(5.5 * sin(2.0 * M_PI * i / 60000.0));
        fm[i] = (float)sin(0.01 * i);
    }
    SyRig *rig = new_wavetable(261.6256, SINE, NULL);
    sy_rig_patch(rig, "pitch", pitch);
    sy_rig_patch(rig, "fm", fm);
    sy_rig_set(rig, "fm", 1.5f);
    for (uint32_t i = 0; i < FRAMES; i++) {
        const double phase = (double)(phase_of(rig) >> 32) * 0x1p-32;
        sy_rig_run(rig, i, i + 1);
        assert_near(sy_rig_out(rig, 0, "out")[i], sin(2.0 * M_PI * phase), 1e-6);
    }
    sy_rig_free(rig);
}

static void pitch_is_right_to_a_hundredth_of_a_cent(void **state)
{
    (void)state;
    for (double hz = 0.1; hz < 20000.0; hz *= 2.7) {
        SyRig *rig = new_wavetable(hz, SINE, NULL);
        assert_near(1200.0 * log2(exact_hz(rig) / hz), 0.0, 0.01);
        sy_rig_free(rig);
    }
}

static void without_transforms_there_is_silence(void **state)
{
    (void)state;
    SyRig *rig = new_wavetable(440.0, SAW, NULL);
    rig->context.fft = NULL;
    sy_rig_run(rig, 0, 64);
    for (uint32_t i = 0; i < 64; i++)
        assert_true(sy_rig_out(rig, 0, "out")[i] == 0.0f);
    sy_rig_free(rig);
}

static void position_moves_from_cycle_to_cycle(void **state)
{
    (void)state;
    static float frames[3 * CYCLE], position[FRAMES];
    for (uint32_t i = 0; i < CYCLE; i++) {
        frames[i] = (float)sin(2.0 * M_PI * i / CYCLE);
        frames[CYCLE + i] = (float)sin(4.0 * M_PI * i / CYCLE);
        frames[2 * CYCLE + i] = (float)sin(6.0 * M_PI * i / CYCLE);
    }
    for (uint32_t i = 0; i < FRAMES; i++)
        position[i] = 0.125f;
    void *file = new_table(frames, 3 * CYCLE);
    SyRig *rig = new_wavetable(440.0, 0.25f, file);
    const double f0 = exact_hz(rig);
    sy_rig_run_all(rig);
    const float *out = sy_rig_out(rig, 0, "out");
    assert_near(sy_analyse_line(out, SY_RIG_RATE, f0), 0.5, 1e-5);
    assert_near(sy_analyse_line(out, SY_RIG_RATE, 2.0 * f0), 0.5, 1e-5);
    sy_rig_patch(rig, "position", position);
    sy_rig_set(rig, "position", 0.5f);
    sy_rig_run_all(rig);
    assert_near(sy_analyse_line(out, SY_RIG_RATE, 2.0 * f0), 0.75, 1e-5);
    assert_near(sy_analyse_line(out, SY_RIG_RATE, 3.0 * f0), 0.25, 1e-5);
    sy_rig_free(rig);
    free(file);
}

/* A file of fewer frames than a cycle has is one cycle; what it holds of a mean is taken out. */
static void short_file_is_one_cycle(void **state)
{
    (void)state;
    float frames[100];
    for (int i = 0; i < 100; i++)
        frames[i] = (float)(0.3 + 0.5 * cos(2.0 * M_PI * i / 100.0) +
                            0.25 * sin(2.0 * M_PI * 40.0 * i / 100.0));
    void *file = new_table(frames, 100);
    SyRig *rig = new_wavetable(200.0, 0.7f, file);
    const double f0 = exact_hz(rig);
    sy_rig_run_all(rig);
    const float *out = sy_rig_out(rig, 0, "out");
    assert_near(sy_analyse_line(out, SY_RIG_RATE, f0), 0.5, 1e-5);
    assert_near(sy_analyse_line(out, SY_RIG_RATE, 40.0 * f0), 0.25, 1e-5);
    double sum = 0.0;
    for (uint32_t i = 0; i < 48000; i++)
        sum += out[i];
    assert_near(sum / 48000.0, 0.0, 1e-4);
    sy_rig_free(rig);
    free(file);
}

static void files_have_cycles_of_2048_frames(void **state)
{
    (void)state;
    static const float frames[260 * CYCLE];
    const uint64_t one = sy_wavetable_size(frames, CYCLE);
    assert_true(one > 0);
    assert_true(sy_wavetable_size(frames, 1) == one);
    assert_true(sy_wavetable_size(frames, 2 * CYCLE - 1) == one);
    assert_true(sy_wavetable_size(frames, 3 * CYCLE) > 2 * one);
    assert_true(sy_wavetable_size(frames, 260 * CYCLE) == sy_wavetable_size(frames, 256 * CYCLE));
    assert_true(sy_wavetable_size(frames, 0) == 0);
    const float wild[] = {0.0f, INFINITY};
    assert_true(sy_wavetable_size(wild, 2) == 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(built_in_waves_alias_below_110_db),
        cmocka_unit_test(any_wave_aliases_below_90_db),
        cmocka_unit_test(saw_has_all_its_harmonics_to_18_khz),
        cmocka_unit_test(levels_meet_without_a_seam),
        cmocka_unit_test(pitch_is_right_to_a_hundredth_of_a_cent),
        cmocka_unit_test(without_transforms_there_is_silence),
        cmocka_unit_test(position_moves_from_cycle_to_cycle),
        cmocka_unit_test(short_file_is_one_cycle),
        cmocka_unit_test(files_have_cycles_of_2048_frames),
    };
    sy_dsp_thread_init();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
