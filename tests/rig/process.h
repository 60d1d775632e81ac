/* What /proc says of a process and of those below it. */
#ifndef SY_TESTS_RIG_PROCESS_H
#define SY_TESTS_RIG_PROCESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define SY_PROCESSES_MAX 600

typedef struct SyProcess {
    pid_t pid, parent;
    char state; /* R, S, D, Z... */
    char name[20];
} SyProcess;

/* All processes below `ancestor`, children before their children, zombies included. Returns how
 * many are in list[SY_PROCESSES_MAX]. */
size_t sy_process_below(pid_t ancestor, SyProcess *list);

/* Waits until a process has ended. It need not be a child. Returns false if it lasts longer. */
bool sy_process_await_end(pid_t pid, int64_t patience_ns);

/* Whether there is such a process, and it is no zombie. */
bool sy_process_lives(pid_t pid);

/* Kills all below `ancestor`, which must be the caller, and reaps them. */
void sy_process_end_all(pid_t ancestor);

/* The names of a process's threads, "sy-engine sy-audio ...", in the order of their birth. */
void sy_process_threads(pid_t pid, char *names, size_t size);

/* The command line up to its first 0. */
void sy_process_command(pid_t pid, char *text, size_t size);

/* Open file descriptors. */
int sy_process_descriptors(pid_t pid);

/* CPU time of all threads there are. */
int64_t sy_process_cpu_ns(pid_t pid);

/* "VmRSS" and the like of /proc/PID/status, in kB. */
long sy_process_status_kb(pid_t pid, const char *field);

/* Memory that is this process's alone. */
long sy_process_own_kb(pid_t pid);

/* Whether a file is mapped whose path holds `text`. */
bool sy_process_maps(pid_t pid, const char *text);

#endif
