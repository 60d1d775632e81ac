/* What every bench of synthbench has in common. */
#ifndef SY_BENCH_BENCH_H
#define SY_BENCH_BENCH_H

#include <stdbool.h>
#include <stdint.h>

#include "bench/report.h"

typedef struct SyBenchOptions {
    uint64_t count;     /* how often to measure; 0: as the bench thinks right */
    const char *synthd; /* the engine to start; NULL: the one built beside synthbench */
    const char *folder; /* where pictures go; NULL: none are drawn */
    double seconds;     /* how long to go on; 0: as the bench thinks right */
    uint64_t seed;      /* of what is random */
} SyBenchOptions;

typedef struct SyBench {
    const char *name;
    const char *help; /* one line */
    /* Measures and fills the report.  False when it could not, having said why on stderr. */
    bool (*run)(const SyBenchOptions *options, SyReport *report);
} SyBench;

extern const SyBench sy_bench_assign;
extern const SyBench sy_bench_callback;
extern const SyBench sy_bench_doctor;
extern const SyBench sy_bench_dsp;
extern const SyBench sy_bench_edit;
extern const SyBench sy_bench_failover;
extern const SyBench sy_bench_graph;
extern const SyBench sy_bench_hostile;
extern const SyBench sy_bench_idle;
extern const SyBench sy_bench_load;
extern const SyBench sy_bench_osc;
extern const SyBench sy_bench_ring;
extern const SyBench sy_bench_scale;
extern const SyBench sy_bench_sound;
extern const SyBench sy_bench_spawn;
extern const SyBench sy_bench_voices;
extern const SyBench sy_bench_wake;

/* Nanoseconds on CLOCK_MONOTONIC. */
uint64_t sy_bench_now(void);

/* The path of a program built in the folder of synthbench, or under it or beside it
 * ("../engine/x"); the caller's to free, NULL when there is no memory. */
char *sy_bench_sibling(const char *name);

/* Puts the calling thread on the nth of the CPUs that synthbench may use; false when there are not
 * so many.  To be called, or sy_bench_unpin(), before the first thread or child that calls it. */
bool sy_bench_pin(unsigned nth);

/* Lets the calling thread run on all of them again. */
void sy_bench_unpin(void);

/* Says on stderr that `what` failed, with errno's text, and returns false. */
bool sy_bench_fail(const char *what);

#endif
