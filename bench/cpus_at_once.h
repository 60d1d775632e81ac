/* What more CPUs are worth by themselves: the same kernel, once on one of them and then on all at
 * once, sharing nothing. CPUs that are two threads of a core, or have one clock or one host, slow
 * each other down, and of no engine more can be expected than this. */
#ifndef SY_BENCH_CPUS_AT_ONCE_H
#define SY_BENCH_CPUS_AT_ONCE_H

#include <stdint.h>

#define SY_CPUS_AT_ONCE_MAX 64

typedef struct SyCpusAtOnce SyCpusAtOnce;

/* Starts a thread on each of the first `n` CPUs that synthbench may use, 2 or more and
 * no more than SY_CPUS_AT_ONCE_MAX are used, each with 16 filters whose cutoff moves. NULL when it
 * could not, having said why on stderr. To be called when nothing is forked any more.  Thread: any.
 * RT: no. */
SyCpusAtOnce *sy_cpus_start(uint32_t n);

/* How many times as much all of them compute in a millisecond or two as one of them does alone,
 * which is another one with each `round`.  Thread: the same.  RT: no. */
double sy_cpus_round(SyCpusAtOnce *cpus, uint32_t round);

/* Takes NULL.  Thread: the same.  RT: no. */
void sy_cpus_stop(SyCpusAtOnce *cpus);

#endif
