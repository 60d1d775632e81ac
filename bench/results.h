/* What a run of synthbench found, as synthbench.json keeps it: {"date": UTC as ISO 8601 has it,
 * "version", "machine", "benches": [...]} with one object of bench/report.h for each, to which
 * "took_s" and, if the bench could not measure, "failed" are added.
 * Thread: any.  RT: no. */
#ifndef SY_BENCH_RESULTS_H
#define SY_BENCH_RESULTS_H

#include <stddef.h>
#include <stdio.h>

#include "bench/report.h"

/* Results of a run that begins now; the caller's, to be given back with json_object_put(). */
struct json_object *sy_results_new(void);

/* Adds what a report has by now. The report is no longer to be changed, but can be freed. */
void sy_results_add(struct json_object *results, const SyReport *report, double took_s, bool ok);

/* The reports that there are, in their order. */
struct json_object *sy_results_benches(struct json_object *results);

/* How many goals there are, and how many of them were met. */
typedef struct SyResultsGoals {
    uint32_t n, met;
} SyResultsGoals;
SyResultsGoals sy_results_goals(struct json_object *results);

/* Writes them to a file: all, or what was there stays. False when it cannot, with errno. */
bool sy_results_write(struct json_object *results, const char *path);

/* Reads such a file. NULL when it cannot be read, is no JSON, or is the JSON of something else:
 * then `error` says which, with the path. The caller's. */
struct json_object *sy_results_read(const char *path, char *error, size_t error_size);

#endif
