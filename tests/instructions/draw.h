/* Numbers at random, the same in every run unless another seed is given. */
#ifndef SY_TESTS_INSTRUCTIONS_DRAW_H
#define SY_TESTS_INSTRUCTIONS_DRAW_H

#include <stdint.h>

void draw_from(uint32_t seed);

/* From [0, n). */
uint64_t draw(uint64_t n);

#endif
