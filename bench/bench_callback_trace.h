/* The blocks of a trace that synthd has recorded, and how regular they are. */
#ifndef SY_BENCH_BENCH_CALLBACK_TRACE_H
#define SY_BENCH_BENCH_CALLBACK_TRACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bench/histogram.h"

typedef struct SyTracedBlock {
    int64_t number;
    double begin_ns; /* its release, counted from the trace's beginning */
    double took_ns;  /* from there until it was handed out */
} SyTracedBlock;

typedef struct SyTracedBlocks {
    SyTracedBlock *blocks; /* [n], by time */
    size_t n;
    uint64_t n_dropped; /* that the trace lacks */
    uint64_t n_late;    /* events among them that say of a block that it was late */
} SyTracedBlocks;

/* Reads the file of a recording, of any level above basic. False when there is no such file, or
 * none that can be understood, having said so on stderr; sy_traced_blocks_clear() is right in
 * either case.  Thread: any, as all below.  RT: no. */
bool sy_traced_blocks_read(const char *path, SyTracedBlocks *traced);
void sy_traced_blocks_clear(SyTracedBlocks *traced);

/* Counts in `jitter` how far the distance of the releases of any two blocks that follow each other
 * is from `period_ns`, and in `took` how long each block took.  RT: no. */
void sy_traced_blocks_judge(const SyTracedBlocks *traced, double period_ns, SyHistogram *jitter,
                            SyHistogram *took);

#endif
