#include "tests/rig/process.h"

#include <ctype.h>
#include <dirent.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/wait.h>
#include <unistd.h>

/* Reads a file of a process; false if there is no such process any more. */
static bool read_file(pid_t pid, const char *name, char *text, size_t size)
{
    char path[128];
    snprintf(path, sizeof(path), "/proc/%d/%s", (int)pid, name);
    FILE *file = fopen(path, "re");
    if (!file) {
        return false;
    }
    const size_t n = fread(text, 1, size - 1, file);
    fclose(file);
    text[n] = '\0';
    return n > 0;
}

/* "1234 (name) S 1 ...": the name may hold anything, so the last bracket counts. */
static bool look_at(pid_t pid, SyProcess *process)
{
    char text[512];
    int parent = 0;

    *process = (SyProcess){.pid = pid};
    if (!read_file(pid, "stat", text, sizeof(text))) {
        return false;
    }
    const char *from = strchr(text, '('), *to = strrchr(text, ')');
    if (!from || !to || sscanf(to + 1, " %c %d", &process->state, &parent) != 2) {
        return false;
    }
    process->parent = parent;
    snprintf(process->name, sizeof(process->name), "%.*s", (int)(to - from - 1), from + 1);
    return true;
}

static size_t look_at_all(SyProcess **all)
{
    DIR *folder = opendir("/proc");
    size_t n = 0, room = 0;

    *all = NULL;
    for (const struct dirent *entry; folder && (entry = readdir(folder));) {
        if (!isdigit((unsigned char)entry->d_name[0])) {
            continue;
        }
        if (n == room) {
            room = room ? 2 * room : 256;
            SyProcess *more = realloc(*all, room * sizeof(SyProcess));
            if (!more) {
                break;
            }
            *all = more;
        }
        n += look_at((pid_t)atoi(entry->d_name), &(*all)[n]);
    }
    if (folder) {
        closedir(folder);
    }
    return n;
}

size_t sy_process_below(pid_t ancestor, SyProcess *list)
{
    SyProcess *all = NULL;
    const size_t n_all = ancestor > 0 ? look_at_all(&all) : 0;
    size_t n = 0;
    pid_t parent = ancestor;

    for (size_t next = 0;; next++) {
        for (size_t i = 0; i < n_all && n < SY_PROCESSES_MAX; i++) {
            if (all[i].parent == parent) {
                list[n++] = all[i];
            }
        }
        if (next >= n) {
            break;
        }
        parent = list[next].pid;
    }
    free(all);
    return n;
}

bool sy_process_await_end(pid_t pid, int64_t patience_ns)
{
    struct pollfd end = {.fd = pidfd_open(pid, 0), .events = POLLIN};
    if (end.fd < 0) {
        return true;
    }
    const bool ended = poll(&end, 1, (int)(patience_ns / 1000000)) == 1;
    close(end.fd);
    return ended;
}

bool sy_process_lives(pid_t pid)
{
    SyProcess process;
    return look_at(pid, &process) && process.state != 'Z' && process.state != 'X';
}

/* Children that may end in good order, which is how a JACK server takes its shared memory away. */
static void ask_to_end(pid_t parent, SyProcess *list)
{
    const size_t n = sy_process_below(parent, list);

    for (size_t i = 0; i < n; i++) {
        if (list[i].parent == parent) {
            kill(list[i].pid, SIGTERM);
        }
    }
    for (size_t i = 0; i < n; i++) {
        if (list[i].parent == parent && list[i].state != 'Z') {
            sy_process_await_end(list[i].pid, 2000000000);
        }
    }
}

void sy_process_end_all(pid_t ancestor)
{
    static SyProcess list[SY_PROCESSES_MAX];
    size_t n;

    ask_to_end(ancestor, list);
    while ((n = sy_process_below(ancestor, list)) > 0) {
        for (size_t i = 0; i < n; i++) {
            kill(list[i].pid, SIGKILL);
        }
        /* The children of those that end become the caller's, and come next. */
        for (size_t i = 0; i < n; i++) {
            if (list[i].parent == ancestor) {
                waitpid(list[i].pid, NULL, 0);
            }
        }
    }
}

/* Calls a function for each thread. */
static void each_thread(pid_t pid, void (*each)(pid_t pid, pid_t thread, void *user), void *user)
{
    char path[64];
    snprintf(path, sizeof(path), "/proc/%d/task", (int)pid);
    DIR *folder = opendir(path);
    for (const struct dirent *entry; folder && (entry = readdir(folder));) {
        if (isdigit((unsigned char)entry->d_name[0])) {
            each(pid, (pid_t)atoi(entry->d_name), user);
        }
    }
    if (folder) {
        closedir(folder);
    }
}

typedef struct Names {
    char *text;
    size_t size;
} Names;

static void add_name(pid_t pid, pid_t thread, void *user)
{
    const Names *names = user;
    const size_t used = strlen(names->text);
    char file[64], name[32];

    snprintf(file, sizeof(file), "task/%d/comm", (int)thread);
    if (read_file(pid, file, name, sizeof(name))) {
        name[strcspn(name, "\n")] = '\0';
        snprintf(names->text + used, names->size - used, "%s%s", used ? " " : "", name);
    }
}

void sy_process_threads(pid_t pid, char *names, size_t size)
{
    Names list = {names, size};
    names[0] = '\0';
    each_thread(pid, add_name, &list);
}

void sy_process_command(pid_t pid, char *text, size_t size)
{
    text[0] = '\0';
    read_file(pid, "cmdline", text, size);
}

int sy_process_descriptors(pid_t pid)
{
    char path[64];
    int n = 0;

    snprintf(path, sizeof(path), "/proc/%d/fd", (int)pid);
    DIR *folder = opendir(path);
    for (const struct dirent *entry; folder && (entry = readdir(folder));) {
        n += isdigit((unsigned char)entry->d_name[0]) != 0;
    }
    if (folder) {
        closedir(folder);
    }
    return n;
}

static void add_cpu(pid_t pid, pid_t thread, void *user)
{
    char file[64], text[128];
    snprintf(file, sizeof(file), "task/%d/schedstat", (int)thread);
    if (read_file(pid, file, text, sizeof(text))) {
        *(int64_t *)user += strtoll(text, NULL, 10);
    }
}

int64_t sy_process_cpu_ns(pid_t pid)
{
    int64_t ns = 0;
    each_thread(pid, add_cpu, &ns);
    return ns;
}

/* The number behind "name:" in a file; 0 if it is not there. */
static long number_in(pid_t pid, const char *file, const char *name)
{
    char text[4096], start[64];
    snprintf(start, sizeof(start), "\n%s:", name);
    if (!read_file(pid, file, text, sizeof(text))) {
        return 0;
    }
    const char *at = strstr(text, start);
    return at ? strtol(at + strlen(start), NULL, 10) : 0;
}

long sy_process_status_kb(pid_t pid, const char *field)
{
    return number_in(pid, "status", field);
}

long sy_process_own_kb(pid_t pid)
{
    return number_in(pid, "smaps_rollup", "Private_Clean") +
           number_in(pid, "smaps_rollup", "Private_Dirty");
}

bool sy_process_maps(pid_t pid, const char *text)
{
    char path[64], line[512];
    bool found = false;

    snprintf(path, sizeof(path), "/proc/%d/maps", (int)pid);
    FILE *file = fopen(path, "re");
    while (file && !found && fgets(line, sizeof(line), file)) {
        found = strstr(line, text) != NULL;
    }
    if (file) {
        fclose(file);
    }
    return found;
}
