#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "engine/realtime.h"
#include "engine/worker.h"
#include "engine/worker_message.h"

#define STACK_BYTES (128 * 1024)

SyStatus sy_worker_tables_init(SyWorkerTables *tables, const SySegment *segment, const char *isa)
{
    tables->dsp = sy_dsp_select(isa);
    if (!tables->dsp) {
        return SY_ERR_VALUE;
    }
    sy_tables_init(&tables->tables, segment->rate);
    return SY_OK;
}

/* The kernel walks this list of one when the thread ends, however it ends, and marks the life word:
 * see set_robust_list(2). FUTEX_WAITERS makes it wake the watchdog too. Only then may anyone assume
 * that this worker has made its last store. */
static int hold_life(SyWorker *worker)
{
    SyWorkerShared *self = worker->self;
    const uint32_t tid = (uint32_t)syscall(SYS_gettid);

    worker->robust.list.next = &worker->life_link;
    worker->life_link.next = &worker->robust.list;
    worker->robust.list_op_pending = NULL;
    worker->robust.futex_offset = (long)((intptr_t)&self->life - (intptr_t)&worker->life_link);
    atomic_store_explicit(&self->life, tid | FUTEX_WAITERS, memory_order_release);
    return syscall(SYS_set_robust_list, &worker->robust, sizeof(worker->robust)) < 0 ? errno : 0;
}

/* A worker that ends in good order leaves its life word as the kernel would have. */
static void release_life(SyWorker *worker)
{
    worker->robust.list.next = &worker->robust.list;
    atomic_store_explicit(&worker->self->life, FUTEX_OWNER_DIED, memory_order_release);
    sy_futex_wake(&worker->self->life, INT_MAX);
}

/* Deep enough for anything the block path does. */
__attribute__((noinline)) static void touch_stack(void)
{
    volatile unsigned char stack[STACK_BYTES];
    for (size_t i = 0; i < sizeof(stack); i += 4096) {
        stack[i] = 0;
    }
}

static float *carve(float **memory, size_t n_floats)
{
    float *piece = *memory;
    *memory += n_floats;
    return piece;
}

/* One mapping for all scratch; present before the first block. */
static int take_memory(SyWorker *worker)
{
    const size_t plane = worker->block;
    const size_t planes = (size_t)SY_LANES_MAX * SY_PORTS_MAX * plane;
    const size_t bytes = (2 * planes + 3 * plane) * sizeof(float);
    float *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    if (memory == MAP_FAILED) {
        return errno;
    }
    worker->memory = memory;
    worker->memory_bytes = bytes;
    const int error = sy_memory_prefault(memory, bytes);
    if (error) {
        return error;
    }
    worker->in_planes = carve(&memory, planes);
    worker->out_planes = carve(&memory, planes);
    worker->absence = carve(&memory, plane);
    worker->kept_absence = carve(&memory, plane);
    worker->normal = carve(&memory, plane);
    touch_stack();
    sy_memory_prefault_code();
    worker->present_to = worker->segment->used_to;
    return sy_memory_prefault(worker->segment, worker->present_to);
}

static int fail(SyWorker *worker, SyWorkerStage stage, int error)
{
    atomic_store_explicit(&worker->self->stage, stage, memory_order_relaxed);
    atomic_store_explicit(&worker->self->error, error, memory_order_release);
    return error;
}

int sy_worker_setup(SyWorker *worker, const SyWorkerTables *tables)
{
    SySegment *segment = worker->segment;
    SyWorkerShared *self = worker->self;
    const SyPlaceShared *place = worker->place;

    worker->block = segment->block;
    worker->spin_ns = segment->spin_ns;
    worker->context =
        (SyContext){.rate = (float)segment->rate, .dsp = tables->dsp, .tables = &tables->tables};
    sy_ring_attach(&worker->commands, sy_at(segment, place->commands_at), SY_COMMANDS_PER_WORKER,
                   sizeof(SyWorkerMessage));
    sy_ring_attach(&worker->replies, sy_at(segment, place->replies_at), SY_COMMANDS_PER_WORKER,
                   sizeof(SyWorkerMessage));
    sy_dsp_thread_init();

    int error = hold_life(worker);
    if (error) {
        return fail(worker, SY_STAGE_LIFE, error);
    }
    error = take_memory(worker);
    if (error) {
        return fail(worker, SY_STAGE_MEMORY, error);
    }
    sy_realtime_enter(SY_PRIORITY_WORKER); /* runs all the same without it */
    atomic_store_explicit(&self->stage, SY_STAGE_READY, memory_order_release);
    return 0;
}

int sy_worker_run(SySegment *segment, uint32_t index, uint32_t incarnation,
                  const SyWorkerTables *tables)
{
    SyWorker *worker = aligned_alloc(64, (sizeof(SyWorker) + 63) & ~(size_t)63);
    if (!worker) {
        return ENOMEM;
    }
    memset(worker, 0, sizeof(*worker));
    worker->segment = segment;
    worker->self = &segment->workers[index];
    worker->place = &segment->places[index];
    worker->index = index;
    worker->incarnation = incarnation;

    const int error = sy_worker_setup(worker, tables);
    if (!error) {
        sy_worker_loop(worker);
    }
    if (worker->memory) {
        munmap(worker->memory, worker->memory_bytes);
    }
    release_life(worker);
    free(worker);
    return error;
}
