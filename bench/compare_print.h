/* A comparison for people who look at a terminal. */
#ifndef SY_BENCH_COMPARE_PRINT_H
#define SY_BENCH_COMPARE_PRINT_H

#include <stdio.h>

#include "bench/compare.h"

#define SY_CHANGE_TEXT 48

/* One of a change's two values, with its unit: "12.3 us", "8000 voices".  Thread: any.  RT: no. */
void sy_change_format(char text[SY_CHANGE_TEXT], const SyChange *change, double value);

/* How far it went: "1.25" times, or "+0.8 dB"; "-" where neither means anything. */
void sy_change_format_ratio(char text[SY_CHANGE_TEXT], const SyChange *change);

/* Prints every figure of a bench that both runs have, the earlier one beside it, and a word where
 * it moved beyond the noise. Nothing when there is none. `date`: the earlier run's. */
void sy_compare_print(const SyComparison *comparison, const char *bench, const char *date,
                      FILE *file);

#endif
