/* How late this machine is without any doing of ours: the wake-up of a timer, as cyclictest
 * measures it.  Taken in slices between the rounds of a bench, so that both saw the same machine.
 */
#ifndef SY_BENCH_NOISE_H
#define SY_BENCH_NOISE_H

#include "bench/histogram.h"

#define SY_NOISE_ROW "noise: a timer's wake-up, late by"

/* Sleeps `n` times until a time half a millisecond ahead, and records how much later it was.
 * Thread: any, and it is this thread's policy and CPU that are measured.  RT: no. */
void sy_noise_measure(SyHistogram *histogram, unsigned n);

#endif
