/* A parameter on its way from one value to another.
 *
 * A parameter that jumped would click, so every change of one is a straight line over a few
 * milliseconds. The line is kept in closed form instead of being advanced block by block: the value
 * at a frame depends on nothing but the frame, so it is the same to the bit whatever the block size
 * is, wherever a block is cut for an event, and however often a block is computed again after a
 * worker died in the middle of it.
 */
#ifndef SY_DSP_RAMP_H
#define SY_DSP_RAMP_H

#include <stdbool.h>
#include <stdint.h>

typedef struct SyRamp {
    float from;     /* value when the ramp began */
    float to;       /* value from the ramp's end onwards */
    float slope;    /* (to - from) / length, per frame; 0 when length is 0 */
    int32_t length; /* frames from `from` to `to`; 0 for a step */
    int32_t frame;  /* frames since the ramp began, at frame 0 of what is being processed */
} SyRamp;

/* The value at frame i of what is being processed.
 * RT: yes, constant time. Thread: any. */
static inline float sy_ramp_at(const SyRamp *ramp, uint32_t i)
{
    const int32_t at = ramp->frame + (int32_t)i;
    return at < ramp->length ? ramp->from + ramp->slope * (float)at : ramp->to;
}

/* Whether the value is the same for every frame from frame 0 on.
 * RT: yes, constant time. Thread: any. */
static inline bool sy_ramp_is_steady(const SyRamp *ramp)
{
    return ramp->frame >= ramp->length;
}

/* Whether both have the same value at every frame from frame 0 on; some that do are not found out.
 * RT: yes, constant time. Thread: any. */
static inline bool sy_ramp_is_same(const SyRamp *a, const SyRamp *b)
{
    if (a == b)
        return true;
    if (sy_ramp_is_steady(a) && sy_ramp_is_steady(b))
        return a->to == b->to;
    return a->from == b->from && a->to == b->to && a->slope == b->slope && a->length == b->length &&
           a->frame == b->frame;
}

#endif
