/* The CPUs: how many there are for the engine, what it costs to use another, and which one a worker
 * shares with the audio thread. */
#include "engine/control_private.h"

#include <fcntl.h>
#include <sched.h>
#include <unistd.h>

#include "engine/calibrate.h"
#include "engine/cores.h"
#include "engine/realtime.h"

#define CORES_NS       2000000000 /* between two looks at how many there are */
#define WAIT_NS_MAX    100000     /* a real-time thread that spins keeps others from its CPU */
#define PIN_NS         50000000   /* the audio thread may be moved, but not all the time */
#define OFFLINE_PIN_NS 60000      /* of work in a block: beyond, two CPUs gain nothing over one */
#define OFFLINE_LET_NS 48000      /* the same work costs a little more where they are kept */
#define DMA_LATENCY_US 20         /* CPUs may sleep as deep as they can wake from in this time */

/* A CPU that sleeps deep wakes late: as long as the file is open, none does. */
static void keep_cpus_awake(SyControl *control)
{
    const int32_t us = DMA_LATENCY_US;
    const int file = open("/dev/cpu_dma_latency", O_WRONLY | O_CLOEXEC);

    if (file >= 0 && write(file, &us, sizeof(us)) != (ssize_t)sizeof(us)) {
        close(file);
        return;
    }
    control->placement.dma_latency = file;
}

/* A worker that has all of the arena in its memory: one that still goes through it does so
 * whenever it is woken. The last, which is the least likely to have work. SY_NONE if there is none.
 */
static uint32_t rested_worker(const SyControl *control)
{
    const SySegment *segment = control->segment;

    for (uint32_t i = control->pool.n_wanted; i-- > 0;) {
        if (sy_pool_is_ready(&control->pool, i) && control->pool.places[i].n_unanswered == 0 &&
            atomic_load(&segment->workers[i].arena_to) >= segment->library_at) {
            return i;
        }
    }
    return SY_NONE;
}

/* An engine that died may have kept them on a CPU, and this one does not know which. */
static void let_all_go(const SyControl *control)
{
    cpu_set_t allowed;

    if (sched_getaffinity(0, sizeof(allowed), &allowed) < 0) {
        return;
    }
    for (uint32_t i = 0; i < control->pool.n_wanted; i++) {
        if (sy_pool_is_ready(&control->pool, i)) {
            sched_setaffinity(sy_control_thread_of(control, i), sizeof(allowed), &allowed);
        }
    }
    const int audio = atomic_load(&control->audio->thread);
    if (audio > 0) {
        sched_setaffinity(audio, sizeof(allowed), &allowed);
    }
}

void sy_control_prepare_cores(SyControl *control)
{
    if (control->has_books) {
        let_all_go(control);
    }
    control->placement.spin_ns = atomic_load(&control->segment->spin_ns);
    if (control->segment->offline) {
        control->audio->wake = (SyWakeCost){2 * SY_HANDOFF_NS, 2 * SY_HANDOFF_NS, SY_HANDOFF_NS};
    } else {
        keep_cpus_awake(control);
    }
}

void sy_control_leave_cores(SyControl *control)
{
    if (control->placement.dma_latency >= 0) {
        close(control->placement.dma_latency);
        control->placement.dma_latency = -1;
    }
}

bool sy_control_calibrate(SyControl *control)
{
    SySegment *segment = control->segment;
    SyWakeCost *wake = &control->audio->wake;

    if (wake->far_ns == 0) {
        const uint32_t worker = rested_worker(control);
        if (worker == SY_NONE) {
            return false;
        }
        sy_calibrate(&control->pool, worker, sy_control_thread_of(control, worker), wake);
    }
    if (!segment->offline) {
        /* Waiting awake is worth as much as a sleep would cost. With one core it keeps the other
         * from getting done. */
        const int64_t ns = wake->far_ns < WAIT_NS_MAX ? (int64_t)wake->far_ns : WAIT_NS_MAX;
        atomic_store(&segment->wait_ns, atomic_load(&segment->n_cores) > 1 ? ns : 0);
    }
    return true;
}

static void let_go(SyControl *control)
{
    SyPlacementState *state = &control->placement;
    cpu_set_t allowed;

    if (state->pinned_worker != 0 && sched_getaffinity(0, sizeof(allowed), &allowed) == 0) {
        sched_setaffinity(state->pinned_worker, sizeof(allowed), &allowed);
        sched_setaffinity(state->pinned_audio, sizeof(allowed), &allowed);
    }
    state->pinned_worker = state->pinned_audio = 0;
    atomic_store(&control->segment->spin_ns, state->spin_ns);
}

/* The first worker of the crew; SY_NONE without a patch. */
static uint32_t first_home(const SyControl *control)
{
    uint32_t home = SY_NONE;

    for (uint32_t i = 0; i < control->graph->module_top; i++) {
        const SyGraphModule *module = &control->graph->modules[i];
        if (module->used && module->home < home) {
            home = module->home;
        }
    }
    return home;
}

static bool keep(SyKeep how, int worker, int audio, int32_t cpu)
{
    return sy_thread_pin(audio, cpu) &&
           (how == SY_KEEP_TOGETHER ? sy_thread_pin(worker, cpu) : sy_thread_keep_off(worker, cpu));
}

/* If it is the only worker, who waits awake on the CPU that the other needs keeps it from getting
 * done. */
static void pin(SyControl *control, SyKeep how, int worker, int audio, int32_t cpu)
{
    SyPlacementState *state = &control->placement;

    state->pinned_worker = worker;
    state->pinned_audio = audio;
    if (!keep(how, worker, audio, cpu)) {
        let_go(control);
        return;
    }
    if (state->n_workers == 1 && how == SY_KEEP_TOGETHER) {
        atomic_store(&control->segment->spin_ns, 0);
    }
}

/* What all modules cost, as of the last blocks. */
static double work_ns(const SyControl *control)
{
    double sum = 0;

    for (uint32_t i = 0; i < control->graph->module_top; i++) {
        if (control->graph->modules[i].used) {
            sum += atomic_load_explicit(&control->segment->work[i].cost_ns, memory_order_relaxed);
        }
    }
    return sum;
}

/* Where a block follows at once, two that stay awake on two CPUs are quicker with a small patch:
 * the worker goes on with the next block, which is released ahead, while this one is mixed. It is
 * judged by what its modules cost, not by how long a block takes: in that would be the two
 * sleeps of one that is kept on a CPU, and it would stay there. */
static SyKeep how_to_keep_one(const SyControl *control)
{
    const double limit =
        control->placement.pinned_how == SY_KEEP_TOGETHER ? OFFLINE_LET_NS : OFFLINE_PIN_NS;

    return atomic_load(&control->segment->n_cores) < 2 || work_ns(control) > limit
               ? SY_KEEP_TOGETHER
               : SY_KEEP_APART;
}

/* Offline, an audio thread that has a core for itself needs no other. */
static SyKeep how_to_keep(const SyControl *control, int32_t cpu)
{
    const SyPlacementState *state = &control->placement;
    const SyAudio *audio = control->audio;

    if (cpu < 0 || state->n_workers == 0) {
        return SY_KEEP_NOT;
    }
    if (!audio->offline) {
        return atomic_load(&audio->driver) != SY_DRIVER_NONE ? SY_KEEP_TOGETHER : SY_KEEP_NOT;
    }
    if (state->n_workers == 1) {
        return how_to_keep_one(control);
    }
    return state->n_workers >= atomic_load(&control->segment->n_cores) ? SY_KEEP_TOGETHER
                                                                       : SY_KEEP_NOT;
}

/* A worker that is woken on the CPU of the thread which wakes it runs as soon as that one sleeps,
 * and the other way round; on another it has to be told by an interrupt, and its CPU to be woken.
 * Both have to be kept there: the kernel gives a real-time thread that is woken where another runs
 * a CPU of its own. And two that are to stay awake on two CPUs may have begun on one, and would get
 * in each other's way until the kernel parts them. Of a patch that is spread, one worker. */
void sy_control_pin(SyControl *control)
{
    SyPlacementState *state = &control->placement;
    const SyAudio *audio = control->audio;
    const int64_t now = sy_now_ns();

    if (now - state->pinned_ns < PIN_NS) {
        return;
    }
    state->pinned_ns = now;
    const int32_t cpu = atomic_load_explicit(&audio->cpu, memory_order_relaxed);
    const int audio_thread = atomic_load_explicit(&audio->thread, memory_order_acquire);
    const SyKeep how = how_to_keep(control, cpu);
    const uint32_t home = how != SY_KEEP_NOT ? first_home(control) : SY_NONE;
    const int worker = home != SY_NONE && sy_pool_is_ready(&control->pool, home)
                           ? sy_control_thread_of(control, home)
                           : 0;

    if (state->pinned_worker == worker && state->pinned_audio == (worker ? audio_thread : 0) &&
        state->pinned_with == state->n_workers && state->pinned_how == how) {
        return;
    }
    let_go(control);
    state->pinned_with = state->n_workers;
    state->pinned_how = how;
    if (worker > 0 && audio_thread > 0) {
        pin(control, how, worker, audio_thread, cpu);
    }
}

bool sy_control_is_pinned_well(const SyControl *control)
{
    const int32_t cpu = atomic_load_explicit(&control->audio->cpu, memory_order_relaxed);
    return how_to_keep(control, cpu) == control->placement.pinned_how;
}

/* Cores that go are not used any more, by anybody. Workers stay: one that is parked costs nothing.
 * For cores that come there are more. */
void sy_control_look_at_cores(SyControl *control)
{
    SyPlacementState *state = &control->placement;
    const int64_t now = sy_now_ns();

    if (control->segment->offline || now - state->cores_ns < CORES_NS) {
        return;
    }
    state->cores_ns = now;
    const uint32_t n_cores = sy_cores_usable();
    if (n_cores == atomic_load(&control->segment->n_cores)) {
        return;
    }
    atomic_store(&control->segment->n_cores, n_cores);
    state->looked_serial = 0;
    if (control->options.workers_by_cores && 2 * n_cores > control->pool.n_wanted &&
        2 * n_cores <= SY_WORKERS_MAX) {
        sy_pool_watch(&control->pool, 2 * n_cores);
        sy_pool_want(&control->pool, 2 * n_cores);
    }
}
