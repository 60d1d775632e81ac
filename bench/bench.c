#include "bench/bench.h"

#include <errno.h>
#include <libgen.h>
#include <limits.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

uint64_t sy_bench_now(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * UINT64_C(1000000000) + (uint64_t)now.tv_nsec;
}

char *sy_bench_sibling(const char *name)
{
    char self[PATH_MAX];
    const ssize_t length = readlink("/proc/self/exe", self, sizeof self - 1);
    if (length < 0)
        return NULL;
    self[length] = '\0';
    char *path;
    return asprintf(&path, "%s/%s", dirname(self), name) < 0 ? NULL : path;
}

/* The CPUs that were usable at the start, before anything was pinned. */
static const cpu_set_t *usable_cpus(void)
{
    static cpu_set_t usable;
    if (CPU_COUNT(&usable) == 0)
        sched_getaffinity(0, sizeof usable, &usable);
    return &usable;
}

bool sy_bench_pin(unsigned nth)
{
    const cpu_set_t *usable = usable_cpus();
    for (int cpu = 0; cpu < CPU_SETSIZE; cpu++) {
        if (!CPU_ISSET(cpu, usable) || nth-- > 0)
            continue;
        cpu_set_t one;
        CPU_ZERO(&one);
        CPU_SET(cpu, &one);
        return sched_setaffinity(0, sizeof one, &one) == 0;
    }
    return false;
}

void sy_bench_unpin(void)
{
    sched_setaffinity(0, sizeof(cpu_set_t), usable_cpus());
}

bool sy_bench_fail(const char *what)
{
    fprintf(stderr, "synthbench: %s: %s\n", what, strerror(errno));
    return false;
}
