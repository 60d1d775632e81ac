/* synthbench sound: what is heard, in figures: aliases, ripple, tuning, distortion, noise, edges.
 *
 * Modules are run through their own process(), in blocks of 64; bench/analyse.h reads what comes
 * out, and is itself tested first: a naive saw must read what theory says. Nothing here depends on
 * how fast the machine is: the figures are the same each time. */
#include "bench/bench.h"
#include "bench/sound.h"

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
    return !options->folder || sy_sound_pictures(options->folder);
}

const SyBench sy_bench_sound = {
    .name = "sound",
    .help = "aliases, ripple, tuning, distortion, noise; --report DIR draws pictures of them",
    .run = run,
};
