/* Long runs of deaths and of edits: what is done, how it goes, and what has to come of it. main.c
 * says how to run them. Whatever is not as it should be fails the test, as in tests/rig. */
#ifndef SY_TESTS_SOAK_SOAK_H
#define SY_TESTS_SOAK_SOAK_H

#include "tests/rig/osc.h"
#include "tests/soak/census.h"

#define SY_SOAK_PATCH       "every-type.synth"
#define SY_SOAK_ALL_BUT_ONE UINT32_MAX
#define SY_SOAK_SHOT        64

/* Reproducible up to the moment at which a kill arrives. */
uint32_t sy_soak_random(uint64_t *seed, uint32_t below);

/* How it is shot. */
typedef struct SySoakFire {
    uint32_t at_once; /* workers in a volley, or SY_SOAK_ALL_BUT_ONE */
    int64_t pause_ns; /* from one volley to the next, on average */
    bool steady;      /* always exactly so long */
    bool zygotes;     /* every other volley is one zygote instead */
    bool young;       /* only those who have just been born, and at any moment of their start */
} SySoakFire;

/* How long: what comes first ends it; 0 is no end. */
typedef struct SySoakEnd {
    uint64_t kills;
    int64_t ns;
} SySoakEnd;

/* What it has cost. */
typedef struct SySoakToll {
    uint64_t workers, zygotes, volleys;
    uint64_t lives; /* workers that were seen */
    int64_t ns;     /* under fire */
} SySoakToll;

uint64_t sy_soak_kills_of(const SySoakToll *toll);

/* The processes of a synthd that can be shot. Nobody is shot twice: what is counted has lived. */
typedef struct SySoakTargets {
    pid_t keeper, zygote;
    pid_t shot[SY_SOAK_SHOT];
    size_t n_shot;
    pid_t seen[SY_SYNTH_WORKERS_MAX];
    size_t n_seen;
} SySoakTargets;

/* Looks who is there now. Returns how many workers that have not been shot are in
 * pids[SY_SYNTH_WORKERS_MAX]; they may still be starting. Counts new ones in toll->lives. */
size_t sy_soak_look(SySoakTargets *targets, pid_t *pids, SySoakToll *toll);

/* Shoots until the end is reached, or the keeper has ended. */
void sy_soak_shoot(SySoakTargets *targets, const SySoakFire *fire, const SySoakEnd *end,
                   uint64_t *seed, SySoakToll *toll);

/* Writes SY_SOAK_PATCH into the stage: the file of that name, and a module of every type of the
 * registry that is not in it, so that a new type is shot at on the day it is added. */
void sy_soak_write_patch(SyStage *stage);

/* Renders the patch offline, again and again, until there have been so many kills; what is heard
 * must be what an undisturbed render gives. `what` is for the report. */
void sy_soak_offline(SyStage *stage, const char *what, int n_workers, const SySoakFire *fire,
                     const SySoakEnd *end, uint64_t seed);

/* A live engine with SY_SOAK_PATCH, or another one, on the system's clock. */
typedef struct SySoakLive {
    SySynth *synth;
    SyOsc osc;
    int n_workers;
    SySoakTargets targets;
    SySoakCensus before;
} SySoakLive;

/* Starts it, lets some workers die so that what is made at the first death is there, and takes the
 * census. */
SySoakLive *sy_soak_live_start(SyStage *stage, const char *patch, int n_workers);

/* Waits until every worker is there and ready. Returns how long that took, in ms. */
double sy_soak_live_await_strength(SySoakLive *live);

/* Waits until so many more blocks have been handed out. */
void sy_soak_live_await_blocks(SySoakLive *live, double n);

/* Full strength, the same census as before, sound that goes on: prints both, and ends it. */
void sy_soak_live_end(SySoakLive *live, const char *what, const SySoakToll *toll);

/* Edits of a playing patch, n of them: none may click. */
void sy_soak_edits(SyStage *stage, uint64_t n, uint64_t seed);

/* Live parts. */
void sy_soak_live_kills(SyStage *stage, uint64_t n, uint64_t seed);
void sy_soak_live_storm(SyStage *stage, int seconds, uint64_t seed);
void sy_soak_live_zygotes(SyStage *stage, uint64_t n, uint64_t seed);
void sy_soak_live_faults(SyStage *stage, uint64_t n, uint64_t seed);

#endif
