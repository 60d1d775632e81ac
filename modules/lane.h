/* What a lane has and what it does not: for modules to hand to the kernels. */
#ifndef SY_MODULES_LANE_H
#define SY_MODULES_LANE_H

#include <stddef.h>

#include "modules/module.h"

/* What is patched into an input, or NULL: kernels spare themselves the work for what stays 0. Only
 * for inputs whose normal is 0 and that no other input stands in for. */
static inline const float *sy_lane_in(const SyLane *lane, int input)
{
    return lane->patched >> input & 1 ? lane->in[input] : NULL;
}

/* Where an output goes, or NULL if nobody listens. */
static inline float *sy_lane_out(const SyLane *lane, int output)
{
    return lane->heard >> output & 1 ? lane->out[output] : NULL;
}

#endif
