/* How long each bench takes as one of all. */
#ifndef SY_BENCH_LENGTHS_H
#define SY_BENCH_LENGTHS_H

#include "bench/bench.h"

/* Shortens a bench that takes long by itself, so that all together end within five minutes: sets
 * what `options` leave to the bench. Nothing for a bench that is quick, or not known here.
 * Thread: any.  RT: no. */
void sy_lengths_of_all(const char *bench, SyBenchOptions *options);

#endif
