#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "engine/cage.h"
#include "engine/jail.h"
#include "engine/realtime.h"
#include "engine/worker_message.h"
#include "engine/zygote.h"

#define STACK_BYTES (128 * 1024)

SyStatus sy_worker_tables_init(SyWorkerTables *tables, const SySegment *segment, const char *isa)
{
    tables->dsp = sy_dsp_select(isa);
    if (!tables->dsp) {
        return SY_ERR_VALUE;
    }
    sy_tables_init(&tables->tables, segment->rate);
    return sy_fft_init(&tables->fft) ? SY_OK : SY_ERR_MEMORY;
}

/* Takes the place, unless another has been asked for in the meantime. */
static bool take_seat(const SyWorker *worker)
{
    uint32_t expected = worker->incarnation;
    return atomic_compare_exchange_strong(&worker->self->seat, &expected,
                                          worker->incarnation | SY_SEAT_TAKEN);
}

/* Deep enough for anything the block path does. */
__attribute__((noinline)) static void touch_stack(void)
{
    volatile unsigned char stack[STACK_BYTES];
    for (size_t i = 0; i < sizeof(stack); i += 4096) {
        stack[i] = 0;
    }
}

static size_t planes_bytes(const SySegment *segment)
{
    return (size_t)SY_LANES_MAX * SY_PORTS_MAX * segment->block * sizeof(float);
}

static size_t whole_pages(size_t bytes)
{
    return (bytes + SY_PAGE - 1) & ~(size_t)(SY_PAGE - 1);
}

static const float *fill_ones(float *plane, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++) {
        plane[i] = 1;
    }
    return plane;
}

/* The worker and all its scratch are one mapping; what outputs may be written to comes last. */
static SyWorker *make_worker(SySegment *segment, uint32_t index, uint32_t incarnation)
{
    const size_t planes = planes_bytes(segment), plane = segment->block * sizeof(float);
    const size_t own = whole_pages(sizeof(SyWorker) + planes + 5 * plane);
    const size_t bytes = own + whole_pages(planes);
    unsigned char *memory =
        mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    if (memory == MAP_FAILED) {
        return NULL;
    }
    SyWorker *worker = (SyWorker *)(void *)memory;
    float *scratch = (float *)(void *)(memory + sizeof(SyWorker));
    *worker = (SyWorker){.segment = segment,
                         .self = &segment->workers[index],
                         .place = &segment->places[index],
                         .index = index,
                         .incarnation = incarnation,
                         .block = segment->block,
                         .own_bytes = own,
                         .memory_bytes = bytes,
                         .in_planes = scratch,
                         .out_planes = (float *)(void *)(memory + own)};
    worker->absence = scratch + planes / sizeof(float);
    worker->kept_absence = worker->absence + segment->block;
    worker->normal = worker->kept_absence + segment->block;
    worker->zeros = worker->normal + segment->block;
    worker->ones = fill_ones(worker->normal + 2 * segment->block, segment->block);
    return worker;
}

/* The rest of the segment is made present when the worker is parked; offline, where a page fault
 * harms nobody, when it is used. */
static void start_prefault(SyWorker *worker)
{
    const SySegment *segment = worker->segment;

    worker->arena_to = segment->offline ? segment->library_at : segment->trace_at;
    worker->library_to = segment->offline ? segment->size : segment->library_at;
    atomic_store(&worker->self->arena_to, worker->arena_to);
    atomic_store(&worker->self->library_to, worker->library_to);
}

/* Everything is present before the first block, and what is not to be written cannot be. */
static int settle_memory(SyWorker *worker)
{
    int error = sy_memory_prefault(worker, worker->memory_bytes);
    if (error) {
        return error;
    }
    touch_stack();
    errno = 0; /* where the C library notes that a sleep has timed out: a page of its own */
    sy_memory_prefault_code();
    start_prefault(worker);
    error = sy_memory_prefault_shared(worker->segment, worker->segment->trace_at);
    return error ? error : sy_jail_protect_tables(worker);
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

    worker->context = (SyContext){.rate = (float)segment->rate,
                                  .dsp = tables->dsp,
                                  .tables = &tables->tables,
                                  .fft = &tables->fft};
    sy_ring_attach(&worker->commands, sy_at(segment, place->commands_at), SY_COMMANDS_PER_WORKER,
                   sizeof(SyWorkerMessage));
    sy_ring_attach(&worker->replies, sy_at(segment, place->replies_at), SY_COMMANDS_PER_WORKER,
                   sizeof(SyWorkerMessage));
    sy_dsp_thread_init();

    int error = sy_life_hold(&worker->life, &self->life);
    if (error) {
        return fail(worker, SY_STAGE_LIFE, error);
    }
    error = settle_memory(worker);
    if (error) {
        return fail(worker, SY_STAGE_MEMORY, error);
    }
    if (!segment->offline) { /* where nobody waits, the machine may do other things too */
        sy_realtime_enter(SY_PRIORITY_WORKER); /* runs all the same without it */
    }
    error = sy_cage_enter();
    if (error) {
        return fail(worker, SY_STAGE_CAGE, error);
    }
    atomic_store_explicit(&self->stage, SY_STAGE_READY, memory_order_release);
    return 0;
}

int sy_worker_run(SySegment *segment, uint32_t index, uint32_t incarnation,
                  const SyWorkerTables *tables)
{
    SyWorker *worker = make_worker(segment, index, incarnation);
    if (!worker) {
        return ENOMEM;
    }
    int error = ESTALE;
    if (take_seat(worker)) {
        sy_spawn_note(segment, index, incarnation);
        error = sy_worker_setup(worker, tables);
        if (!error) {
            sy_worker_loop(worker);
        }
        sy_life_release(&worker->life);
    }
    if (sy_spawn_makes_threads()) { /* a process is about to end anyway, and may no more do this */
        munmap(worker, worker->memory_bytes);
    }
    return error;
}
