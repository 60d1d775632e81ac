/* Finding what is not a number. */
#ifndef SY_DSP_WILD_H
#define SY_DSP_WILD_H

#include <stdbool.h>
#include <stdint.h>

/* Whether one of in[n_frames] is NaN or infinite.  Thread: worker.  RT: yes, linear in n_frames. */
typedef bool SyWildFunc(const float *in, uint32_t n_frames);

#endif
