/* The real-time threads of a synthd, seen from outside. */
#ifndef SY_TESTS_REALTIME_THREADS_H
#define SY_TESTS_REALTIME_THREADS_H

#include "tests/rig/synth.h"

#define SY_THREADS_MAX 64

typedef struct SyThread {
    pid_t pid, tid;
    char name[20];
    uint64_t faults; /* minor and major page faults so far */
} SyThread;

/* Workers, audio thread and watchdogs that there are now; their number, in list[SY_THREADS_MAX]. */
size_t sy_threads(const SySynth *synth, SyThread *list);

/* Waits until the workers have made all shared memory present, as they do while they are parked:
 * until no real-time thread has had a page fault for a second. */
void sy_threads_await_warm(const SySynth *synth);

#endif
