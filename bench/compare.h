/* A run of synthbench beside an earlier one: figure by figure, and which of them moved. */
#ifndef SY_BENCH_COMPARE_H
#define SY_BENCH_COMPARE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <json-c/json_types.h>

typedef enum SyMove {
    SY_MOVE_NONE,     /* no more than the noise can have done */
    SY_MOVE_BETTER,   /* beyond the noise */
    SY_MOVE_WORSE,    /* beyond the noise */
    SY_MOVE_HIGHER,   /* beyond the noise, of a figure of which nobody says what is good */
    SY_MOVE_LOWER,    /* the same */
    SY_MOVE_UNJUDGED, /* too few samples to say */
} SyMove;

/* Which way a figure should go. */
typedef enum SyGood {
    SY_GOOD_UNKNOWN,
    SY_GOOD_LOW,
    SY_GOOD_HIGH,
} SyGood;

/* One figure in both runs. What is not known is NAN. */
typedef struct SyPair {
    double was, is;
    double noise_was, noise_is; /* the noise row of either run at the same percentile */
    double spread;              /* how far the noise of a run spreads, of the run with more */
    double beyond;              /* how many samples lie above it, in the run that has fewer */
    bool is_level;              /* in dB: what counts is the difference */
    SyGood good;
} SyPair;

/* Moved is what is off by more than a tenth (in dB: by more than half a dB) and, where there is a
 * noise row, by more than that moved at the same percentile and by more than it spreads; a
 * percentile with fewer than 10 samples above it is not judged.  Thread: any.  RT: no. */
SyMove sy_compare_judge(const SyPair *pair);

typedef struct SyChange {
    const char *bench, *table, *name, *figure; /* "failover", "", "kill to fenced", "p99" */
    const char *unit;                          /* "ns" for what is a duration */
    double was, is;
    double ratio; /* is / was; NAN for levels, and where one is 0 or they differ in sign */
    SyMove move;
} SyChange;

typedef struct SyComparison {
    SyChange *changes; /* [n] in the order of the newer run */
    size_t n;
    size_t n_moved;   /* beyond the noise */
    size_t n_missing; /* figures that only the newer run has */
} SyComparison;

/* Compares `newer` with `older`, both as bench/results.h has them, by the names of figures. The
 * texts belong to `newer`, which has to outlive it. NULL without memory.  Thread: any.  RT: no. */
SyComparison *sy_compare(struct json_object *older, struct json_object *newer);

/* Takes NULL. */
void sy_compare_free(SyComparison *comparison);

/* The change of one figure, or NULL; `table` is "" but for cells. */
const SyChange *sy_compare_find(const SyComparison *comparison, const char *bench,
                                const char *table, const char *name, const char *figure);

/* "as before", "better", "worse", "higher", "lower", "too few samples". */
const char *sy_compare_word(SyMove move);

/* What makes the comparison less than fair, in sentences, or "": another machine or version, and
 * runs in which the machine was so busy that the noise had a p99 above 1 ms. */
void sy_compare_circumstances(struct json_object *older, struct json_object *newer, char *text,
                              size_t size);

#endif
