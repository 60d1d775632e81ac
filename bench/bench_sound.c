/* synthbench sound: what is heard, in figures: aliases, ripple, tuning, distortion, noise, edges.
 *
 * Modules are run through their own process(), in blocks of 64; bench/analyse.h reads what comes
 * out, and is itself tested first: a naive saw must read what theory says. Nothing here depends on
 * how fast the machine is: the figures are the same each time. */
#include "bench/bench.h"
#include "bench/gnuplot.h"
#include "bench/sound.h"

static void draw(const char *folder, SyReport *report)
{
    static const char *const pictures[][2] = {
        {"saw", "A high note, from a naive saw and from vco"},
        {"fm", "Through zero and back, a naive saw and vco"},
        {"vcf", "vcf at five cutoffs and three resonances"},
        {"ladder", "ladder at five cutoffs and three resonances"},
        {"whistle", "How well the filters are in tune when they whistle"},
    };

    if (!sy_sound_pictures(folder)) {
        sy_report_note(report, "no pictures: " SY_GNUPLOT_ADVICE);
        return;
    }
    for (size_t i = 0; i < sizeof(pictures) / sizeof(*pictures); i++) {
        sy_report_picture(report, pictures[i][0], pictures[i][1]);
    }
}

static bool run(const SyBenchOptions *options, SyReport *report)
{
    sy_dsp_thread_init();
    if (!sy_sound_self_test(report)) {
        sy_report_note(report,
                       "the analyser does not read what it should: nothing else was measured");
        return true;
    }
    sy_sound_alias_table(report);
    sy_sound_vco(report);
    sy_sound_vco_modulated(report);
    sy_sound_wavetable(report);
    sy_sound_ladder_drive(report);
    sy_sound_filter(report, "vcf", "low");
    sy_sound_filter(report, "ladder", "out");
    sy_sound_lfo(report);
    sy_sound_convolver(report);
    sy_report_note(report, "each alias is the worst of its cases; goals of speed are those of "
                           "synthbench dsp and voices");
    if (options->folder) {
        draw(options->folder, report);
    }
    return true;
}

const SyBench sy_bench_sound = {
    .name = "sound",
    .help = "aliases, ripple, tuning, distortion, noise; --report DIR draws pictures of them",
    .run = run,
};
