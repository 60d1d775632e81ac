#include "tests/rig/fade.h"

#include <math.h>

#include "tests/rig/sound.h"

#define LENGTH (SY_FADE_RATE / 10)
#define MIDDLE (LENGTH / 2)
#define PHASES 16

static double level_of(SyFadeShape shape, double at)
{
    return shape == SY_FADE_CUT    ? at < 0
           : shape == SY_FADE_LINE ? 1 - at
                                   : 0.5 + 0.5 * cos(M_PI * at);
}

double sy_fade_above(SyFadeShape shape, double hz, double amplitude)
{
    static float sine[LENGTH];
    double worst = 0;

    for (int phase = 0; phase < PHASES; phase++) {
        for (int i = 0; i < LENGTH; i++) {
            const double at = fmin(1, (double)(i - MIDDLE) / SY_FADE_FRAMES);
            const double level = at < 0 ? 1 : level_of(shape, at);
            const double turns = hz * i / SY_FADE_RATE + (double)phase / PHASES;
            sine[i] = (float)(amplitude * level * sin(2 * M_PI * turns));
        }
        worst = fmax(worst, sy_sound_above(sine, LENGTH, 2000, SY_FADE_RATE));
    }
    return worst;
}
