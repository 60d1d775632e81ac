/* The patches that a worker is killed in. */
#ifndef SY_TESTS_INSTRUCTIONS_CASES_H
#define SY_TESTS_INSTRUCTIONS_CASES_H

#include "tests/instructions/patchwork.h"

/* Blocks before this one are there to bring the states away from where they began. */
#define EPOCH 6

typedef struct Case Case;

struct Case {
    const char *name;
    uint32_t type; /* of the module it is about, if it is about one */
    bool ahead;    /* two blocks are released at once */
    void (*build)(const Case *this_case, Patch *patch);
    void (*before)(const Case *this_case, Patch *patch, uint64_t epoch); /* NULL, or what the audio
                                                                            thread does there */
};

/* Case number `number`: one for every module type of the registry, then those that are about
 * something else. Returns false when there are no more. */
bool case_at(uint32_t number, Case *found);

/* A plain chain through the vca, which the negative controls are made of; it is in slot 1. */
extern const Case case_of_controls;
#define CONTROL_SLOT 1

#endif
