/* How many cores this process may keep busy.
 *
 * Thread: any.  RT: no. */
#ifndef SY_ENGINE_CORES_H
#define SY_ENGINE_CORES_H

#include <stdbool.h>
#include <stdint.h>

/* CPUs that the calling thread may run on and, if its control group limits CPU time, no more than
 * that is good for, rounded up. At least 1. */
uint32_t sy_cores_usable(void);

/* What a control group's cpu.max ("quota period" in microseconds, or "max period") is good for, in
 * cores; 0 when it sets no limit. */
uint32_t sy_cores_of_quota(const char *cpu_max);

/* Keeps the calling thread, and all that it starts from then on, on the CPUs of a list as taskset
 * takes it: "2", "2,3", "0,4-7". Returns false, and nothing has changed, if it is no such list, or
 * names a CPU that there is not, or that this process may not use.  Thread: setup.  RT: no. */
bool sy_cores_keep_to(const char *list);

#endif
