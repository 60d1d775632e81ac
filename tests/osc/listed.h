/* A patch as the engine lists it, for tests of what is made of it: message by message, through the
 * decoder that synthctl has. */
#ifndef SY_TESTS_OSC_LISTED_H
#define SY_TESTS_OSC_LISTED_H

#include "osc/decode.h"

void listed_module(SyListing *listing, const char *name, int worker, double cost_us);

/* One with something to tell: voices, why it is in quarantine, blocks that were muted. */
void listed_faulty(SyListing *listing, const char *name, int voices, const char *fault, int n_wild);

void listed_cable(SyListing *listing, const char *from, const char *to, double gain);

/* The end of the answer, which counts `n_lost` modules more than have come. */
void listed_end(SyListing *listing, int n_lost);

#endif
