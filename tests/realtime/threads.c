#include "tests/realtime/threads.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/rig/check.h"

#define WARM_NS 1000000000

static bool is_realtime(const char *name)
{
    return strncmp(name, "sy-worker-", 10) == 0 || strcmp(name, "sy-audio") == 0 ||
           strcmp(name, "sy-watchdog") == 0;
}

/* "1234 (name) S ...": minflt is field 10 and majflt field 12, see proc(5). */
static bool look_at(SyThread *thread)
{
    char path[64], text[512];

    snprintf(path, sizeof(path), "/proc/%d/task/%d/stat", (int)thread->pid, (int)thread->tid);
    FILE *file = fopen(path, "re");
    if (!file) {
        return false;
    }
    text[fread(text, 1, sizeof(text) - 1, file)] = '\0';
    fclose(file);
    const char *from = strchr(text, '('), *to = strrchr(text, ')');
    unsigned long long minor = 0, major = 0;
    if (!from || !to ||
        sscanf(to + 1, " %*c %*d %*d %*d %*d %*d %*u %llu %*u %llu", &minor, &major) != 2) {
        return false;
    }
    snprintf(thread->name, sizeof(thread->name), "%.*s", (int)(to - from - 1), from + 1);
    thread->faults = minor + major;
    return true;
}

static size_t threads_of(pid_t pid, SyThread *list, size_t room)
{
    char path[64];
    size_t n = 0;

    snprintf(path, sizeof(path), "/proc/%d/task", (int)pid);
    DIR *folder = opendir(path);
    for (const struct dirent *entry; folder && n < room && (entry = readdir(folder));) {
        list[n] = (SyThread){.pid = pid, .tid = atoi(entry->d_name)};
        n += list[n].tid > 0 && look_at(&list[n]) && is_realtime(list[n].name);
    }
    if (folder) {
        closedir(folder);
    }
    return n;
}

size_t sy_threads(const SySynth *synth, SyThread *list)
{
    static SyProcess processes[SY_PROCESSES_MAX];
    const size_t n_processes = sy_synth_processes(synth, processes);
    size_t n = 0;

    for (size_t i = 0; i < n_processes && n < SY_THREADS_MAX; i++) {
        n += threads_of(processes[i].pid, list + n, SY_THREADS_MAX - n);
    }
    return n;
}

static uint64_t faults_of_all(const SySynth *synth)
{
    static SyThread list[SY_THREADS_MAX];
    const size_t n = sy_threads(synth, list);
    uint64_t faults = 0;

    for (size_t i = 0; i < n; i++) {
        faults += list[i].faults;
    }
    return faults;
}

void sy_threads_await_warm(const SySynth *synth)
{
    const int64_t until = sy_stage_now_ns() + SY_PATIENCE_NS;
    int64_t since = sy_stage_now_ns();
    uint64_t faults = faults_of_all(synth);

    while (sy_stage_now_ns() < since + WARM_NS) {
        sy_stage_pause_ms(50);
        const uint64_t now = faults_of_all(synth);
        if (now != faults) {
            faults = now;
            since = sy_stage_now_ns();
        }
        if (since > until) {
            fail_msg("page faults do not end");
        }
    }
}
