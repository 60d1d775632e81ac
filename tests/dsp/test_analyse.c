/* The analyser is tested before anything is tested with it. */
#include <math.h>
#include <stdint.h>

#include "tests/dsp/bench.h"

static float signal[SY_ANALYSE_FRAMES];

static double fill_naive_saw(double hz)
{
    const uint32_t step = (uint32_t)(hz / 48000.0 * 4294967296.0);
    uint32_t phase = 0;
    for (size_t i = 0; i < SY_ANALYSE_FRAMES; i++) {
        phase += step;
        signal[i] = (float)(phase / 2147483648.0 - 1.0);
    }
    return step * 48000.0 / 4294967296.0;
}

/* Harmonic 27 of the one and 7 of the other are the first to fold back below 20 kHz. */
static void naive_saw_reads_the_aliases_of_theory(void **state)
{
    (void)state;
    double f0 = fill_naive_saw(1046.5);
    assert_near(sy_analyse_aliases(signal, 48000, f0, 20000).worst_db, -28.8, 0.4);
    f0 = fill_naive_saw(4186.0);
    assert_near(sy_analyse_aliases(signal, 48000, f0, 20000).worst_db, -16.6, 0.4);
}

static void pure_sine_reads_nothing_else(void **state)
{
    (void)state;
    for (size_t i = 0; i < SY_ANALYSE_FRAMES; i++)
        signal[i] = (float)sin(2.0 * M_PI * 1234.5 / 48000.0 * (double)i);
    assert_below(sy_analyse_aliases(signal, 48000, 1234.5, 20000).worst_db, -150);
    assert_near(sy_analyse_line(signal, 48000, 1234.5), 1.0, 1e-6);
}

static void sine_on_a_bin_reads_its_amplitude(void **state)
{
    (void)state;
    static double levels[SY_ANALYSE_POINTS / 2 + 1];
    const int bin = 5000;
    for (size_t i = 0; i < SY_ANALYSE_FRAMES; i++)
        signal[i] = 0.25f * (float)sin(2.0 * M_PI * bin / SY_ANALYSE_POINTS * (double)i);
    sy_analyse_spectrum(levels, signal);
    assert_near(levels[bin], 0.25, 1e-6);
    assert_below(levels[bin + SY_ANALYSE_GUARD + 1], 1e-8);
}

static void small_line_off_the_grid_is_found_and_measured(void **state)
{
    (void)state;
    for (size_t i = 0; i < SY_ANALYSE_FRAMES; i++)
        signal[i] = (float)(sin(2.0 * M_PI * 1000.0 / 48000.0 * (double)i) +
                            1e-6 * sin(2.0 * M_PI * 3300.0 / 48000.0 * (double)i));
    const SyAliases aliases = sy_analyse_aliases(signal, 48000, 1000, 20000);
    assert_near(aliases.worst_db, -120.0, 0.5);
    assert_near(aliases.worst_hz, 3300.0, 0.5);
}

static void frequency_is_read_to_a_thousandth_of_a_cent(void **state)
{
    (void)state;
    const double hz = 997.123;
    for (size_t i = 0; i < SY_ANALYSE_FRAMES; i++)
        signal[i] = (float)sin(2.0 * M_PI * hz / 48000.0 * (double)i);
    const double read = sy_analyse_frequency(signal, 16384, 4096, 48000, 997.0);
    assert_near(1200.0 * log2(read / hz), 0.0, 0.001);
}

static void white_noise_has_the_density_of_its_variance(void **state)
{
    (void)state;
    for (unsigned i = 0; i < SY_ANALYSE_FRAMES; i++)
        signal[i] = sy_analyse_noise(i); /* uniform in +-1: variance 1/3 */
    SyDensity density;
    sy_analyse_density(&density, signal, SY_ANALYSE_FRAMES);
    assert_near(sy_density_db(&density, 48000, 5000), 10.0 * log10(1.0 / 3.0), 0.3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(naive_saw_reads_the_aliases_of_theory),
        cmocka_unit_test(pure_sine_reads_nothing_else),
        cmocka_unit_test(sine_on_a_bin_reads_its_amplitude),
        cmocka_unit_test(small_line_off_the_grid_is_found_and_measured),
        cmocka_unit_test(frequency_is_read_to_a_thousandth_of_a_cent),
        cmocka_unit_test(white_noise_has_the_density_of_its_variance),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
