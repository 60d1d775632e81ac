/* In most blocks nothing happens, and then a shorter way is gone: nodes are not asked one by one,
 * an input that hears one wire points there, a feedback loop is not run in pieces. And offline two
 * blocks may be released at once. */
#ifndef SY_TESTS_INSTRUCTIONS_WAYS_H
#define SY_TESTS_INSTRUCTIONS_WAYS_H

#include "tests/instructions/bench.h"

/* Computes the case of `one` once more for each reason not to go that way; returns whether all
 * leave behind what that has left, undisturbed, and prints what does not. */
bool ways_agree(const Bench *one, const Case *its_case);

#endif
