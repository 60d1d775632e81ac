/* What is left above a frequency of a sine that goes away: how loud an edit may be heard. */
#ifndef SY_TESTS_RIG_FADE_H
#define SY_TESTS_RIG_FADE_H

#define SY_FADE_RATE   48000
#define SY_FADE_FRAMES 240 /* of a cable's fade and of a parameter's ramp: 5 ms */

typedef enum SyFadeShape { SY_FADE_CUT, SY_FADE_LINE, SY_FADE_COSINE } SyFadeShape;

/* The loudest sample above 2 kHz of a sine of `hz` and `amplitude` that goes away within
 * SY_FADE_FRAMES, or at once, at the worst of its phases. */
double sy_fade_above(SyFadeShape shape, double hz, double amplitude);

#endif
