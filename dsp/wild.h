/* Finding what is not a number. */
#ifndef SY_DSP_WILD_H
#define SY_DSP_WILD_H

#include <stdbool.h>
#include <stdint.h>

/* Whether one of wires[n_wires][n_frames] is NaN or infinite.
 * Thread: worker.  RT: yes, linear in n_wires times n_frames. */
typedef bool SyWildFunc(const float *const *wires, uint32_t n_wires, uint32_t n_frames);

#endif
