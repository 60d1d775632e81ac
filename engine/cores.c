#include "engine/cores.h"

#include <ctype.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PATH_BYTES 4096

uint32_t sy_cores_of_quota(const char *cpu_max)
{
    unsigned long quota = 0, period = 0;

    if (sscanf(cpu_max, "%lu %lu", &quota, &period) != 2 || quota == 0 || period == 0) {
        return 0; /* "max" is no number */
    }
    return (uint32_t)((quota + period - 1) / period);
}

static bool read_line(const char *path, char *line, int size)
{
    FILE *file = fopen(path, "re");
    const bool is_there = file && fgets(line, size, file);

    if (file) {
        fclose(file);
    }
    line[strcspn(line, "\n")] = '\0';
    return is_there;
}

/* Control groups limit all that is below them, so the strictest on the way up holds. */
static uint32_t quota_cores(void)
{
    char group[PATH_BYTES] = "", path[PATH_BYTES + 64], limit[128] = "";
    uint32_t least = 0;

    if (!read_line("/proc/self/cgroup", group, sizeof(group)) || strncmp(group, "0::/", 4) != 0) {
        return 0;
    }
    char *name = group + 3;
    for (;;) {
        snprintf(path, sizeof(path), "/sys/fs/cgroup%s/cpu.max", name);
        const uint32_t n = read_line(path, limit, sizeof(limit)) ? sy_cores_of_quota(limit) : 0;
        least = n > 0 && (least == 0 || n < least) ? n : least;
        char *last = strrchr(name, '/');
        if (!last || *name == '\0') {
            return least;
        }
        *last = '\0';
    }
}

uint32_t sy_cores_usable(void)
{
    cpu_set_t cpus;
    const uint32_t quota = quota_cores();
    const int n = sched_getaffinity(0, sizeof(cpus), &cpus) == 0 ? CPU_COUNT(&cpus) : 1;
    const uint32_t cores = n > 0 ? (uint32_t)n : 1;

    return quota > 0 && quota < cores ? quota : cores;
}

/* A number at *text, which is moved behind it; -1 if there is none, or it is too large. */
static long read_cpu(const char **text)
{
    char *end;

    if (!isdigit((unsigned char)**text)) {
        return -1;
    }
    const unsigned long cpu = strtoul(*text, &end, 10);
    *text = end;
    return cpu < CPU_SETSIZE ? (long)cpu : -1;
}

static bool read_list(const char *list, cpu_set_t *cpus)
{
    CPU_ZERO(cpus);
    for (const char *at = list;; at++) {
        const long first = read_cpu(&at);
        long last = first;
        if (*at == '-') {
            at++;
            last = read_cpu(&at);
        }
        if (first < 0 || last < first) {
            return false;
        }
        for (long cpu = first; cpu <= last; cpu++) {
            CPU_SET((int)cpu, cpus);
        }
        if (*at != ',') {
            return *at == '\0';
        }
    }
}

bool sy_cores_keep_to(const char *list)
{
    cpu_set_t before, wanted, got;

    if (!read_list(list, &wanted) || sched_getaffinity(0, sizeof(before), &before) < 0 ||
        sched_setaffinity(0, sizeof(wanted), &wanted) < 0) {
        return false;
    }
    /* The kernel leaves out those that it does not have. */
    if (sched_getaffinity(0, sizeof(got), &got) == 0 && CPU_EQUAL(&wanted, &got)) {
        return true;
    }
    sched_setaffinity(0, sizeof(before), &before);
    return false;
}
