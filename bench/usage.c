#include "bench/usage.h"

#include <ctype.h>
#include <dirent.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define GENERATIONS 8

/* A number that follows `key` in a file of /proc; 0 if there is none. */
static long number_in(const char *path, const char *key)
{
    FILE *file = fopen(path, "re");
    const size_t length = strlen(key);
    char line[256];
    long found = 0;

    while (file && fgets(line, sizeof(line), file)) {
        if (strncmp(line, key, length) == 0) {
            found = strtol(line + length, NULL, 10);
        }
    }
    if (file) {
        fclose(file);
    }
    return found;
}

static pid_t parent_of(pid_t pid)
{
    char path[64];

    snprintf(path, sizeof(path), "/proc/%d/status", (int)pid);
    return (pid_t)number_in(path, "PPid:");
}

static bool descends(pid_t pid, pid_t root)
{
    for (int i = 0; i < GENERATIONS && pid > 1; i++) {
        if (pid == root) {
            return true;
        }
        pid = parent_of(pid);
    }
    return false;
}

/* The next entry of a folder whose name is a number; 0 at the end. */
static pid_t next_number(DIR *folder)
{
    for (const struct dirent *entry; folder && (entry = readdir(folder));) {
        if (isdigit((unsigned char)entry->d_name[0])) {
            return (pid_t)strtol(entry->d_name, NULL, 10);
        }
    }
    return 0;
}

static double cpu_of(pid_t pid)
{
    clockid_t clock;
    struct timespec time;

    return clock_getcpuclockid(pid, &clock) == 0 && clock_gettime(clock, &time) == 0
               ? (double)time.tv_sec * 1e9 + (double)time.tv_nsec
               : 0;
}

static double wake_ups_of(pid_t pid)
{
    char path[64];
    double sum = 0;

    snprintf(path, sizeof(path), "/proc/%d/task", (int)pid);
    DIR *threads = opendir(path);
    for (pid_t thread; (thread = next_number(threads)) > 0;) {
        snprintf(path, sizeof(path), "/proc/%d/task/%d/status", (int)pid, (int)thread);
        sum += (double)number_in(path, "voluntary_ctxt_switches:");
    }
    if (threads) {
        closedir(threads);
    }
    return sum;
}

SyUsage sy_usage_of(pid_t root)
{
    DIR *processes = opendir("/proc");
    SyUsage usage = {0, 0};

    for (pid_t pid; (pid = next_number(processes)) > 0;) {
        if (descends(pid, root)) {
            usage.cpu_ns += cpu_of(pid);
            usage.wake_ups += wake_ups_of(pid);
        }
    }
    if (processes) {
        closedir(processes);
    }
    return usage;
}
