/* What a process and all that came of it use up. */
#ifndef SY_BENCH_USAGE_H
#define SY_BENCH_USAGE_H

#include <sys/types.h>

typedef struct SyUsage {
    double cpu_ns;   /* since they began */
    double wake_ups; /* how often a thread of theirs went to sleep */
} SyUsage;

/* Of `root` and its descendants that are alive. Thread: any.  RT: no. */
SyUsage sy_usage_of(pid_t root);

#endif
