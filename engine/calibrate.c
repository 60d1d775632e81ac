#include "engine/calibrate.h"

#include <sched.h>
#include <stdlib.h>

#include "engine/realtime.h"

#define PINGS       9
#define PAUSE_NS    100000   /* until it is parked again */
#define PATIENCE_NS 50000000 /* the machine may be taken away for a while */

/* Medians of nine starts on a machine with two CPUs: docs/decisions/placement.md. */
#define USUAL_NEAR_NS 8000
#define USUAL_FAR_NS  51000

static int by_size(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y;
}

/* From sending to the answer's being here, this thread asleep in between; 0 without an answer. */
static int64_t ping(SyPool *pool, uint32_t place)
{
    SyFutex *bell = &pool->segment->control_bell;
    SyWorkerMessage message = {.kind = SY_MESSAGE_PING}, reply = {.kind = 0};
    const int64_t sent = sy_now_ns();
    const uint32_t ticket = sy_pool_send(pool, place, &message);

    while (ticket != 0 && sy_now_ns() < sent + PATIENCE_NS) {
        const uint32_t seen = sy_bell_listen(bell);
        if (sy_pool_receive(pool, place, &reply) && reply.ticket == ticket) {
            return sy_now_ns() - sent;
        }
        sy_bell_sleep(bell, seen, PATIENCE_NS);
    }
    return 0;
}

/* The median of some, or 0 when not all were answered. */
static double ping_often(SyPool *pool, uint32_t place)
{
    double took[PINGS];

    for (int i = 0; i < PINGS; i++) {
        nanosleep(&(struct timespec){.tv_nsec = PAUSE_NS}, NULL);
        took[i] = (double)ping(pool, place);
        if (took[i] == 0) {
            return 0;
        }
    }
    qsort(took, PINGS, sizeof(*took), by_size);
    return took[PINGS / 2];
}

/* Another CPU than `cpu` of those allowed, or `cpu` if it is the only one. */
static int another(const cpu_set_t *allowed, int cpu)
{
    for (int i = 0; i < CPU_SETSIZE; i++) {
        if (i != cpu && CPU_ISSET(i, allowed)) {
            return i;
        }
    }
    return cpu;
}

void sy_calibrate(SyPool *pool, uint32_t place, int worker, SyWakeCost *cost)
{
    const int here = sched_getcpu();
    cpu_set_t allowed;

    *cost = (SyWakeCost){USUAL_NEAR_NS, USUAL_FAR_NS, SY_HANDOFF_NS};
    if (here < 0 || worker <= 0 || sched_getaffinity(0, sizeof(allowed), &allowed) < 0) {
        return;
    }
    if (sy_thread_pin(0, here) && sy_thread_pin(worker, here)) {
        const double near = ping_often(pool, place);
        cost->near_ns = near > 0 ? near : cost->near_ns;
    }
    if (sy_thread_pin(worker, another(&allowed, here))) {
        const double far = ping_often(pool, place);
        cost->far_ns = far > 0 ? far : cost->far_ns;
    }
    sched_setaffinity(worker, sizeof(allowed), &allowed);
    sched_setaffinity(0, sizeof(allowed), &allowed);
}
