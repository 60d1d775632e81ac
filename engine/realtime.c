#include "engine/realtime.h"

#include <pthread.h>
#include <sched.h>
#include <stddef.h>
#include <sys/resource.h>

bool sy_realtime_enter(SyPriority priority)
{
    const struct sched_param parameters = {.sched_priority = priority};
    return pthread_setschedparam(pthread_self(), SCHED_FIFO | SCHED_RESET_ON_FORK, &parameters) ==
           0;
}

void sy_realtime_change(int thread, SyPriority priority)
{
    const struct sched_param parameters = {.sched_priority = priority};
    if (sched_getscheduler(thread) & SCHED_FIFO) {
        sched_setparam(thread, &parameters);
    }
}

bool sy_thread_pin(int thread, int cpu)
{
    cpu_set_t cpus;
    CPU_ZERO(&cpus);
    CPU_SET(cpu, &cpus);
    return sched_setaffinity(thread, sizeof(cpus), &cpus) == 0;
}

bool sy_thread_keep_off(int thread, int cpu)
{
    cpu_set_t cpus;

    if (sched_getaffinity(0, sizeof(cpus), &cpus) < 0) {
        return false;
    }
    CPU_CLR(cpu, &cpus);
    return CPU_COUNT(&cpus) > 0 && sched_setaffinity(thread, sizeof(cpus), &cpus) == 0;
}

bool sy_realtime_permitted(const char **advice)
{
    struct rlimit limit = {0};
    const struct sched_param parameters = {.sched_priority = SY_PRIORITY_WATCHDOG};
    const struct sched_param plain = {.sched_priority = 0};

    *advice = "";
    if (sched_setscheduler(0, SCHED_FIFO, &parameters) == 0) {
        sched_setscheduler(0, SCHED_OTHER, &plain);
        return true;
    }
    getrlimit(RLIMIT_RTPRIO, &limit);
    *advice = limit.rlim_cur == 0
                  ? "no real-time priority: put '@audio - rtprio 95' and '@audio - memlock "
                    "unlimited' in /etc/security/limits.d/audio.conf, add yourself to the audio "
                    "group, and log in again (or install rtkit)"
                  : "the real-time priority allowed here is too low: rtprio in "
                    "/etc/security/limits.d should be 80 or more";
    return false;
}
