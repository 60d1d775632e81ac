/* Modules that break the contract, to see that it is noticed. The registry stays as it is: in this
 * program calls of sy_registry_at() come here first. */
#ifndef SY_TESTS_INSTRUCTIONS_MUTANTS_H
#define SY_TESTS_INSTRUCTIONS_MUTANTS_H

#include "tests/instructions/bench.h"

#define N_MUTANTS 4

/* Type number `type`, whose node is in slot CONTROL_SLOT, is mutant number `number` from now on, on
 * both segments. Returns what it does wrong. */
const char *mutant_begin(uint32_t number, uint32_t type, const Bench *bench);
void mutant_end(void);

#endif
