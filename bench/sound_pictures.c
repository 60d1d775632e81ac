/* The pictures of docs/sound.md. They are drawn from the same modules and by the same analyser as
 * the figures; gnuplot only makes lines of the points it is handed. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "bench/sound.h"

#define BUCKETS    900 /* points of a spectrum: the highest line in each */
#define FLOOR_DB   (-160.0)
#define CURVE      160 /* points of a filter's curve */
#define RESPONSE   65536
#define NOTE_HZ    4186.0
#define CARRIER_HZ 1180.0
#define FM_DEPTH   4.0f

/* gnuplot. */

static FILE *plot_begin(const char *folder, const char *name, int width, int height)
{
    FILE *plot = popen("gnuplot", "w");

    if (plot) {
        fprintf(plot,
                "set terminal svg size %d,%d fixed font 'sans-serif,12' background 'white'\n"
                "set output '%s/%s.svg'\n"
                "set border 3 lc rgb '#606060'; set tics nomirror; set key bottom left\n"
                "set grid lc rgb '#e0e0e0' lt 1\n",
                width, height, folder, name);
    }
    return plot;
}

static bool plot_end(FILE *plot)
{
    if (plot && pclose(plot) == 0) {
        return true;
    }
    fprintf(stderr, "synthbench: gnuplot, which draws the pictures, fails or is not installed "
                    "(package gnuplot-nox)\n");
    return false;
}

/* Hands a spectrum over as $name, in kHz and dB against its strongest line. */
static void give_spectrum(FILE *plot, const char *name, const float *signal)
{
    static double levels[SY_ANALYSE_POINTS / 2 + 1];
    const size_t each = SY_ANALYSE_POINTS / 2 / BUCKETS;
    double peak = 0.0;

    sy_analyse_spectrum(levels, signal);
    for (size_t i = SY_ANALYSE_GUARD + 1; i <= SY_ANALYSE_POINTS / 2; i++) {
        peak = fmax(peak, levels[i]);
    }
    fprintf(plot, "$%s << EOD\n", name);
    for (size_t b = 0; b < BUCKETS; b++) {
        double highest = 0.0;
        for (size_t i = b * each; i < (b + 1) * each; i++) {
            highest = fmax(highest, i > SY_ANALYSE_GUARD ? levels[i] : 0.0);
        }
        fprintf(plot, "%.3f %.1f\n", ((double)b + 0.5) * 24.0 / BUCKETS,
                fmax(sy_db(highest / peak), FLOOR_DB));
    }
    fprintf(plot, "EOD\n");
}

/* Two spectra below each other: what a plain one does, what ours does. */
static bool plot_pair(const char *folder, const char *name, const float *plain, const float *ours,
                      const char *const titles[2])
{
    FILE *plot = plot_begin(folder, name, 760, 520);

    if (plot) {
        give_spectrum(plot, "plain", plain);
        give_spectrum(plot, "ours", ours);
        fprintf(plot,
                "set multiplot layout 2,1\nset xrange [0:24]; set yrange [%g:5]; set ytics 40\n"
                "set ylabel 'dB'; unset key\n"
                "set title '%s'\nplot $plain with lines lc rgb '#c04030' lw 1\n"
                "set xlabel 'kHz'\n"
                "set title '%s'\nplot $ours with lines lc rgb '#2060a0' lw 1\nunset multiplot\n",
                FLOOR_DB, titles[0], titles[1]);
    }
    return plot_end(plot);
}

/* What is drawn. */

static bool draw_saw(const char *folder)
{
    static const char *const titles[2] = {"a naive saw of 4186 Hz (the top C of a piano)",
                                          "the same note from vco"};
    float *naive = sy_sound_signal(SY_ANALYSE_FRAMES, 0.0f);
    SySpecimen *vco = sy_sound_specimen("vco", SY_ANALYSE_FRAMES);

    sy_sound_naive_saw(naive, NOTE_HZ);
    sy_specimen_set(vco, "freq", (float)NOTE_HZ);
    sy_specimen_run(vco);
    const bool ok = plot_pair(folder, "saw", naive, sy_specimen_out(vco, 0, "saw"), titles);
    sy_specimen_free(vco);
    free(naive);
    return ok;
}

/* Linear FM through zero with a sine of three quarters of the frequency. */
static bool draw_fm(const char *folder)
{
    static const char *const titles[2] = {
        "a naive saw of 1180 Hz, its frequency swung by four times itself, through zero",
        "the same from vco"};
    float *naive = sy_sound_signal(SY_ANALYSE_FRAMES, 0.0f);
    float *modulator = sy_sound_signal(SY_ANALYSE_FRAMES, 0.0f);
    SySpecimen *vco = sy_sound_specimen("vco", SY_ANALYSE_FRAMES);
    double phase = 0.0;

    for (int i = 0; i < SY_ANALYSE_FRAMES; i++) {
        const double turn = CARRIER_HZ / SY_SPECIMEN_RATE;
        modulator[i] = (float)sin(2.0 * M_PI * 0.75 * turn * i);
        phase += turn * (1.0 + (double)FM_DEPTH * (double)modulator[i]);
        phase -= floor(phase);
        naive[i] = (float)(2.0 * phase - 1.0);
    }
    sy_specimen_set(vco, "freq", (float)CARRIER_HZ);
    sy_specimen_set(vco, "fm", FM_DEPTH);
    sy_specimen_patch(vco, "fm", modulator);
    sy_specimen_run(vco);
    const bool ok = plot_pair(folder, "fm", naive, sy_specimen_out(vco, 0, "saw"), titles);
    sy_specimen_free(vco);
    free(modulator);
    free(naive);
    return ok;
}

/* |H| at `hz`, from the response to one frame of 1. */
static double gain_at(const float *response, double hz)
{
    const double turn = 2.0 * M_PI * hz / SY_SPECIMEN_RATE, c = cos(turn), s = sin(turn);
    double re = 0.0, im = 0.0, x = 1.0, y = 0.0;

    for (int i = 0; i < RESPONSE; i++) {
        re += (double)response[i] * x;
        im += (double)response[i] * y;
        const double turned = x * c - y * s;
        y = x * s + y * c;
        x = turned;
    }
    return sqrt(re * re + im * im);
}

/* What a click makes of a filter's output; its whisper, which is the same without a click, is taken
 * away. The click is so small that no curve in the filter is felt. Returns the response to 1. */
static float *response_of(const char *type, const char *output, float cutoff_hz, float resonance)
{
    const float small = 1e-2f;
    float *response = sy_sound_signal(RESPONSE, 0.0f), *click = sy_sound_signal(RESPONSE, 0.0f);

    for (int clicked = 1; clicked >= 0; clicked--) {
        SySpecimen *filter = sy_sound_specimen(type, RESPONSE);
        const float *out = sy_specimen_out(filter, 0, output);
        click[0] = clicked ? small : 0.0f;
        sy_specimen_set(filter, "cutoff", cutoff_hz);
        sy_specimen_set(filter, "resonance", resonance);
        sy_specimen_patch(filter, "in", click);
        sy_specimen_run(filter);
        for (int i = 0; i < RESPONSE; i++) {
            response[i] += (clicked ? out[i] : -out[i]) / small;
        }
        sy_specimen_free(filter);
    }
    free(click);
    return response;
}

static void give_curve(FILE *plot, const char *type, const char *output, float cutoff_hz,
                       float resonance)
{
    float *response = response_of(type, output, cutoff_hz, resonance);

    for (int i = 0; i < CURVE; i++) {
        const double hz = 20.0 * pow(1000.0, (double)i / (CURVE - 1));
        fprintf(plot, "%.5g %.2f\n", hz, sy_db(gain_at(response, hz)));
    }
    fprintf(plot, "\n\n");
    free(response);
}

/* Up to `most` resonance, which is to be below where it whistles. */
static bool draw_filter(const char *folder, const char *type, const char *output, float most)
{
    static const float cutoffs[] = {60.0f, 250.0f, 1000.0f, 4000.0f, 16000.0f};
    const float resonances[] = {0.0f, 0.5f, most};
    FILE *plot = plot_begin(folder, type, 760, 360);

    if (plot) {
        fprintf(plot, "$curves << EOD\n");
        for (int c = 0; c < 5; c++) {
            for (int r = 0; r < 3; r++) {
                give_curve(plot, type, output, cutoffs[c], resonances[r]);
            }
        }
        fprintf(plot,
                "EOD\n"
                "set logscale x; set xrange [20:20000]; set yrange [-72:30]; set ytics 12\n"
                "set xlabel 'Hz'; set ylabel 'dB'\n"
                "set title '%s: cutoff 60, 250, 1000, 4000, 16000 Hz'\n"
                "plot for [i=0:14] $curves index i with lines lw 1.5 "
                "lc rgb word('#90b0d0 #2060a0 #c04030', i %% 3 + 1) "
                "title i < 3 ? 'resonance '.word('0 0.5 %.2g', i + 1) : ''\n",
                type, (double)most);
    }
    return plot_end(plot);
}

static void give_whistle(FILE *plot, const char *type, const char *output)
{
    fprintf(plot, "$%s << EOD\n", type);
    for (int n = 0; n <= 48; n++) {
        const double hz = 20.0 * pow(1000.0, n / 48.0);
        fprintf(plot, "%.5g %.5f\n", hz, sy_sound_whistle_error(type, output, hz));
    }
    fprintf(plot, "EOD\n");
}

static bool draw_whistle(const char *folder)
{
    const bool ladder = sy_registry_find("ladder") >= 0;
    FILE *plot = plot_begin(folder, "whistle", 760, 300);

    if (plot) {
        give_whistle(plot, "vcf", "low");
        if (ladder) {
            give_whistle(plot, "ladder", "out");
        }
        fprintf(
            plot,
            "set logscale x; set xrange [20:20000]; set yrange [-1:1]\n"
            "set xlabel 'cutoff in Hz'; set ylabel 'cents'\n"
            "set title 'how far the whistle is out of tune (a cent: a hundredth of a semitone)'\n"
            "plot $vcf with lines lw 1.5 lc rgb '#2060a0' title 'vcf'%s\n",
            ladder ? ", $ladder with lines lw 1.5 lc rgb '#c04030' title 'ladder'" : "");
    }
    return plot_end(plot);
}

bool sy_sound_pictures(const char *folder)
{
    return draw_saw(folder) && draw_fm(folder) && draw_filter(folder, "vcf", "low", 0.9f) &&
           (sy_registry_find("ladder") < 0 || draw_filter(folder, "ladder", "out", 0.8f)) &&
           draw_whistle(folder);
}
