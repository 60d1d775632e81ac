/* What a block leaves behind that anybody will read: wires that are heard, committed states, commit
 * words, claims, and that it is done. Not what is measured of it: times, counts. */
#ifndef SY_TESTS_INSTRUCTIONS_OUTCOME_H
#define SY_TESTS_INSTRUCTIONS_OUTCOME_H

#include <stddef.h>

#include "engine/plan.h"

typedef struct Outcome {
    unsigned char *bytes;
    size_t n_bytes;
} Outcome;

Outcome outcome_of(const SySegment *segment);
void outcome_free(Outcome *outcome);

/* Whether the segment's is the same to the bit; if not, `text` [size] says what is the first thing
 * that is not. */
bool outcome_is(const Outcome *outcome, const SySegment *segment, char *text, size_t size);

#endif
