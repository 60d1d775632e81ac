/* How fast an oscillator's phase moves: its parameters and inputs as steps, 2^32 being a cycle. */
#ifndef SY_DSP_VCO_PITCH_H
#define SY_DSP_VCO_PITCH_H

#include "dsp/pitch.h"
#include "dsp/vco_drift.h"
#include "dsp/vco_span.h"

/* Cycles a frame, 0.49 of them: beyond it the sign of a step would be ambiguous. */
#define SY_VCO_FASTEST 0x1.f5c28fp30f

/* A step is a whole number. Above this, what is cut off is less than 0.007 cents; below, it is
 * carried on to the next frame, so that a slow phase arrives when it should. */
#define SY_VCO_SLOW 0x1p18f

/* Whether a parameter is anything but 0. */
SY_INLINE bool sy_vco_uses(const SyRamp *param)
{
    return !sy_ramp_is_steady(param) || param->to != 0.0f;
}

/* What the pitch is off by at frames `at`, at + 1, ..., in cents. */
SY_INLINE SyF sy_vco_cents(const SyVcoVoice *voice, uint32_t at)
{
    const SyVcoState *state = voice->state;
    SyF cents = sy_ramp_v(voice->fine, at);
    if (sy_vco_uses(voice->detune))
        cents += sy_ramp_v(voice->detune, at) * sy_drift_spread(state->key);
    if (sy_vco_uses(voice->drift))
        cents += sy_ramp_v(voice->drift, at) *
                 sy_drift(state->key, (SyU)sy_iota() + (state->frames + at));
    return cents;
}

/* The steps to frames `at`, at + 1, ... of which n are left, with their fractions. */
SY_INLINE SyF sy_vco_speeds(const SyTables *tables, const SyVcoVoice *voice, uint32_t at,
                            uint32_t n)
{
    const SyF octaves = sy_ramp_v(voice->freq, at) + sy_vco_cents(voice, at) * (1.0f / 1200.0f);
    const SyPitchInputs inputs = {voice->pitch, voice->fm, voice->fm_depth, voice->exponential};
    return sy_clamp(sy_pitch_speeds(&inputs, octaves, tables->c4_increment, at, n), -SY_VCO_FASTEST,
                    SY_VCO_FASTEST);
}

/* Whether a pitch stands still, as it does for as long as a key is held: the steps then are all the
 * same, and one exponential does for all. Not looked into where only a few frames are asked for. */
SY_INLINE bool sy_vco_is_held(const float *pitch, uint32_t n)
{
    if (n < SY_SPAN)
        return false;
    SyI moved = sy_i(0);
    for (uint32_t i = 0; i < n; i += SY_WIDTH)
        moved |= (SyI)sy_load(pitch + i) ^ (SyI)sy_f(pitch[0]);
    return sy_bits(moved != sy_i(0)) == 0;
}

/* Where the pitch is at frame i, in octaves above C4, if there is neither FM nor drift: the same
 * operations as above. */
SY_INLINE float sy_vco_octaves(const SyVcoVoice *voice, uint32_t i)
{
    float cents = sy_ramp_at(voice->fine, i);
    if (sy_vco_uses(voice->detune))
        cents += sy_ramp_at(voice->detune, i) * sy_drift_spread(voice->state->key);
    const float octaves = sy_ramp_at(voice->freq, i) + cents * (1.0f / 1200.0f);
    return voice->pitch ? octaves + voice->pitch[i] : octaves;
}

/* Whether something other than the parameters and the pitch input moves the pitch. */
SY_INLINE bool sy_vco_is_moved(const SyVcoVoice *voice)
{
    return voice->fm || sy_vco_uses(voice->drift);
}

/* Whether nothing but the pitch input can move the pitch. */
SY_INLINE bool sy_vco_is_set(const SyVcoVoice *voice)
{
    return !sy_vco_is_moved(voice) && sy_ramp_is_steady(voice->freq) &&
           sy_ramp_is_steady(voice->fine) && sy_ramp_is_steady(voice->detune);
}

/* sy_vco_octaves() then, but for the pitch input. */
SY_INLINE float sy_vco_set_octaves(const SyVcoVoice *voice)
{
    float cents = voice->fine->to;
    if (voice->detune->to != 0.0f)
        cents += voice->detune->to * sy_drift_spread(voice->state->key);
    return voice->freq->to + cents * (1.0f / 1200.0f);
}

/* Whether the steps to n frames are all the same. */
SY_INLINE bool sy_vco_is_steady(const SyVcoVoice *voice, uint32_t at, uint32_t n)
{
    return sy_vco_is_set(voice) && (!voice->pitch || sy_vco_is_held(voice->pitch + at, n));
}

#endif
