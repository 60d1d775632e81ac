/* Real-time priorities, where the system permits them. */
#ifndef SY_ENGINE_REALTIME_H
#define SY_ENGINE_REALTIME_H

#include <stdbool.h>

/* SCHED_FIFO priorities. The watchdog must be able to interrupt a worker; nothing that handles
 * messages may delay a block. PortAudio's own callback thread keeps what its host API gave it. */
typedef enum SyPriority {
    SY_PRIORITY_NONE = 0,
    SY_PRIORITY_CONTROL = 10,
    SY_PRIORITY_OSC = 12,
    SY_PRIORITY_WORKER = 60,
    SY_PRIORITY_ASSIGN = 62, /* control and a parked worker, for the moment of an assignment */
    SY_PRIORITY_AUDIO = 65,
    SY_PRIORITY_WATCHDOG = 75,
} SyPriority;

/* Makes the calling thread real-time. Returns whether that was permitted.
 * Thread: any, at its start.  RT: no. */
bool sy_realtime_enter(SyPriority priority);

/* Gives a real-time thread of this process or another another priority; one that is not real-time
 * is left alone. `thread` is its tid, 0 for the caller.  Thread: control.  RT: no. */
void sy_realtime_change(int thread, SyPriority priority);

/* Keeps a thread of this process or another on one CPU. `thread` is its tid, 0 for the caller.
 * Returns whether that was permitted.  Thread: control.  RT: no. */
bool sy_thread_pin(int thread, int cpu);

/* Keeps a thread of this process or another off a CPU: it may run on all others that the caller may
 * run on. `thread` is its tid. Returns whether there are others, and that was permitted.
 * Thread: control.  RT: no. */
bool sy_thread_keep_off(int thread, int cpu);

/* Whether this process may have real-time threads, and what to do about it if not: one line for a
 * person, in static storage.  Thread: setup.  RT: no. */
bool sy_realtime_permitted(const char **advice);

#endif
