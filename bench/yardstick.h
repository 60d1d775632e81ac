/* Costs as ratios. A nanosecond is worth nothing on a machine that others use too, and that changes
 * its clock: so the cost of everything is told in N, the cost of a frame of a scalar naive saw, run
 * by turns with what is measured. */
#ifndef SY_BENCH_YARDSTICK_H
#define SY_BENCH_YARDSTICK_H

#include <stdint.h>

#define SY_RATIO_ROUNDS 31

/* CPU time of the calling thread in ns.  Thread: any.  RT: yes (a system call). */
int64_t sy_thread_cpu_ns(void);

/* The yardstick: `n` frames of the cheapest saw there is, one by one, a 32-bit phase that wraps and
 * is made a float. Returns the phase after them.  Thread: any.  RT: yes. */
uint32_t sy_naive_saw(float *out, uint32_t n, uint32_t phase, uint32_t step);

typedef struct SyRatio {
    double in_n;       /* cost of a unit in frames of the naive saw: median of all rounds */
    double ns;         /* cost of a unit, median */
    double naive_ns;   /* cost of a frame of the naive saw, median */
    uint32_t n_rounds; /* that is how many there were */
} SyRatio;

/* Calls `run(user)` so often that a round takes some 200 us, by turns with the naive saw, 31 rounds
 * of each. One call is `units` units of work: lanes times frames, as a rule.
 * Thread: any; it is its CPU time that counts.  RT: no. */
SyRatio sy_ratio_measure(void (*run)(void *user), void *user, double units);

/* The median of values[n], which are put in order. */
double sy_median(double *values, uint32_t n);

#endif
