/* A run of synthbench: benches one after the other, what is printed of them and what is kept. */
#ifndef SY_BENCH_SESSION_H
#define SY_BENCH_SESSION_H

#include "bench/bench.h"

typedef struct SySession {
    SyBenchOptions options;
    bool json;           /* print JSON instead of tables */
    const char *compare; /* synthbench.json of an earlier run, or NULL */
} SySession;

/* Runs benches[n] and prints each when it is done. With a folder in the options that is made if
 * there is none, and left in it are <bench>.txt for each, synthbench.json, and index.html; more
 * than one bench are run at the lengths of bench/lengths.h. Returns what synthbench ends with: 0; 1
 * if a goal was missed or something could not be measured or written; 2 if the earlier run cannot
 * be read, before anything is measured. What went wrong is said on stderr. Thread: any, the process
 * has no other.  RT: no. */
int sy_session_run(const SySession *session, const SyBench *const *benches, size_t n);

/* Makes the page in `folder` anew from the synthbench.json there, without measuring, and prints the
 * comparison if there is one. Returns 0, 1 if it cannot be written, 2 if a file cannot be read. */
int sy_session_page(const SySession *session, const char *folder);

#endif
