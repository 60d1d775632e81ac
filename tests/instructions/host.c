#include "tests/instructions/host.h"

#include <stdarg.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <ucontext.h>

#include "engine/realtime.h"
#include "tests/instructions/patchwork.h"

#define STACK_BYTES   (1024 * 1024)
#define PATIENCE      4         /* waits in a row after which nothing will come any more */
#define OVER_FOR_GOOD INT64_MAX /* as the block that is done */

struct Host {
    SySegment *segment; /* the caller's mapping */
    SySegment *view;    /* the worker's own */
    uint32_t index, incarnation;
    const SyWorkerTables *tables;
    void *stack;
    ucontext_t caller, worker;
    bool parked, ended;
};

static Host *running; /* the one whose stack we are on */

/* These stand in for what they are named after in all that is linked here: see meson.build. */
long __real_syscall(long number, ...);
long __wrap_syscall(long number, ...);
bool __wrap_sy_realtime_enter(SyPriority priority);
int __wrap_clock_gettime(clockid_t clock, struct timespec *now);

/* The usual way reads pages in which the kernel goes on writing, and starts again whenever it has:
 * at a few microseconds an instruction that can go on for ever. A system call is one instruction.
 */
int __wrap_clock_gettime(clockid_t clock, struct timespec *now)
{
    return (int)__real_syscall(SYS_clock_gettime, clock, now);
}

/* Two processes that take turns, and a terminal to stop them from, are better off without. */
bool __wrap_sy_realtime_enter(SyPriority priority)
{
    (void)priority;
    return false;
}

static long sleep_on(const void *word)
{
    Host *host = running;

    host->parked = word == &host->view->workers[host->index].doorbell;
    running = NULL;
    swapcontext(&host->worker, &host->caller);
    return -1; /* awake for no reason, as ever */
}

long __wrap_syscall(long number, ...)
{
    va_list list;
    long arguments[6];

    va_start(list, number);
    for (int i = 0; i < 6; i++) {
        arguments[i] = va_arg(list, long);
    }
    va_end(list);
    if (running && number == SYS_futex && (arguments[1] & FUTEX_CMD_MASK) == FUTEX_WAIT) {
        return sleep_on((const void *)arguments[0]);
    }
    if (running && number == SYS_set_robust_list) {
        return 0; /* this process goes on */
    }
    return __real_syscall(number, arguments[0], arguments[1], arguments[2], arguments[3],
                          arguments[4], arguments[5]);
}

static void live(void)
{
    Host *host = running;

    sy_worker_run(host->view, host->index, host->incarnation, host->tables);
    host->parked = host->ended = true;
    running = NULL;
}

static void resume(Host *host)
{
    if (!host->ended) {
        running = host;
        swapcontext(&host->caller, &host->worker);
    }
}

Host *host_start(SySegment *segment, uint32_t index, uint32_t incarnation,
                 const SyWorkerTables *tables)
{
    Host *host = calloc(1, sizeof(*host));

    demand(host != NULL, "allocate");
    *host = (Host){.segment = segment,
                   .index = index,
                   .incarnation = incarnation,
                   .tables = tables,
                   .view = mremap(segment, 0, segment->size, MREMAP_MAYMOVE),
                   .stack = malloc(STACK_BYTES)};
    demand(host->view != MAP_FAILED && host->stack, "map a segment twice");
    atomic_store(&segment->workers[index].seat, incarnation);
    getcontext(&host->worker);
    host->worker.uc_stack.ss_sp = host->stack;
    host->worker.uc_stack.ss_size = STACK_BYTES;
    host->worker.uc_link = &host->caller;
    makecontext(&host->worker, live, 0);
    resume(host);
    demand(!host->ended, "start a worker in this process");
    return host;
}

void host_end(Host *host)
{
    atomic_store(&host->segment->places[host->index].retire, host->incarnation);
    while (!host->ended) {
        resume(host);
    }
    munmap(host->view, host->segment->size);
    free(host->stack);
    free(host);
}

bool host_run(Host *host)
{
    for (int i = 0; i < PATIENCE; i++) {
        resume(host);
        if (host->parked) {
            return true;
        }
    }
    atomic_store(&host->segment->block_shared.done, OVER_FOR_GOOD);
    while (!host->parked) {
        resume(host);
    }
    return false;
}

SySegment *host_view(const Host *host)
{
    return host->view;
}
