#include "tests/instructions/draw.h"

#include <stdlib.h>

static unsigned state = 1;

void draw_from(uint32_t seed)
{
    state = seed;
}

uint64_t draw(uint64_t n)
{
    return (uint64_t)rand_r(&state) % n;
}
