/* What the processes that stay hold: it must be the same before and after. */
#ifndef SY_TESTS_SOAK_CENSUS_H
#define SY_TESTS_SOAK_CENSUS_H

#include "tests/rig/synth.h"

enum { SY_SOAK_KEEPER, SY_SOAK_ZYGOTE, SY_SOAK_ENGINE, SY_SOAK_PROCESSES };

typedef struct SySoakCensus {
    pid_t engine; /* nobody shoots at it: another one means that it died by itself */
    int descriptors[SY_SOAK_PROCESSES];
    int maps[SY_SOAK_PROCESSES];
    long own_kb[SY_SOAK_PROCESSES];
    char threads[SY_SOAK_PROCESSES][256];
    size_t n_processes, n_zombies;
    double memory_used; /* of the arena, bytes */
} SySoakCensus;

SySoakCensus sy_soak_census(const SySynth *synth);
void sy_soak_census_print(const SySoakCensus *census, const char *when);

/* Fails if something has come to stay. */
void sy_soak_census_compare(const SySoakCensus *before, const SySoakCensus *after);

#endif
