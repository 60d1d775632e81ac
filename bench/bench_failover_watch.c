#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "bench/bench_failover.h"
#include "engine/claim.h"
#include "engine/life.h"
#include "engine/realtime.h"
#include "modules/registry.h"

#define WORKERS     4
#define DEADLINE_NS INT64_C(2000000000)
#define PATIENCE_NS INT64_C(5000000000)

void sy_failover_pause(long ns)
{
    const struct timespec pause = {.tv_nsec = ns};
    nanosleep(&pause, NULL);
}

/* The driver. */

static void *drive(void *argument)
{
    SyFailoverRig *rig = argument;
    float left[SY_BLOCK_MAX], right[SY_BLOCK_MAX];

    /* Beside the bench: so whom it wakes is put on another CPU. */
    sy_bench_pin(SY_FAILOVER_CPU);
    sy_realtime_enter(SY_PRIORITY_AUDIO);
    for (;;) {
        while (sem_wait(&rig->asked) < 0) {
        }
        if (atomic_load(&rig->stopping)) {
            return NULL;
        }
        const int64_t now = sy_now_ns();
        sy_audio_process(rig->stage.audio, left, right, (SyAudioTime){now, now + DEADLINE_NS, 0});
        atomic_fetch_add(&rig->driven, 1);
    }
}

static bool await_block(SyFailoverRig *rig)
{
    const int64_t until = sy_now_ns() + PATIENCE_NS;

    while (atomic_load(&rig->driven) < rig->n_asked) {
        if (sy_now_ns() > until) {
            fprintf(stderr, "synthbench: a block does not end\n");
            return false;
        }
        sy_failover_pause(50000);
    }
    return true;
}

/* The patch. */

static uint8_t port_named(const SyPortInfo *ports, uint8_t n, const char *name)
{
    uint8_t i = 0;
    while (i + 1 < n && strcmp(ports[i].name, name) != 0) {
        i++;
    }
    return i;
}

static bool patch_one_loop(SyFailoverRig *rig)
{
    const int type = sy_registry_find("vco");
    const SyModule *vco = sy_registry_at((uint32_t)type);
    const SyModuleRef module = {(uint16_t)type, 1};
    SyCommand commands[] = {
        {.kind = SY_CMD_CREATE, .create = {.module = module, .voices = SY_VOICES_MAX}},
        {.kind = SY_CMD_CONNECT,
         .cable = {.from = {module, port_named(vco->outputs, vco->n_outputs, "sine")},
                   .to = {module, port_named(vco->inputs, vco->n_inputs, "fm")},
                   .gain = 0.5f}},
    };

    if (!sy_stage_edit(&rig->stage, commands, 2)) {
        return false;
    }
    rig->slot = sy_control_slot(rig->stage.control, module);
    return true;
}

/* Looking on. */

static const SyWorkerShared *worker_at(const SyFailoverRig *rig, uint32_t place)
{
    return &rig->stage.segment->workers[place];
}

/* Whether a worker says that it is at the node in this block. */
static bool is_at_node(const SyFailoverRig *rig, uint32_t place, uint64_t epoch)
{
    const SyDoing doing =
        sy_doing_of(atomic_load_explicit(&worker_at(rig, place)->doing, memory_order_acquire));
    return doing.n_nodes > 0 && doing.epoch == (epoch & SY_EPOCH_MASK) && doing.slot == rig->slot;
}

static bool is_committed(const SyFailoverRig *rig, uint64_t epoch)
{
    const uint64_t word =
        atomic_load_explicit(&rig->stage.segment->work[rig->slot].commit, memory_order_acquire);
    return sy_commit_epoch(word) == epoch;
}

static void note(int64_t *when, bool happened)
{
    if (*when == 0 && happened) {
        *when = sy_now_ns();
    }
}

static uint64_t busy_of_others(const SyFailoverRig *rig, uint32_t victim)
{
    uint64_t n = 0;

    for (uint32_t i = 0; i < WORKERS; i++) {
        n += i == victim ? 0 : atomic_load(&worker_at(rig, i)->busy_ns);
    }
    return n;
}

static bool await_begin(const SyFailoverRig *rig, uint64_t epoch, SyFailoverCourse *course)
{
    const int64_t until = sy_now_ns() + PATIENCE_NS;

    while (!is_committed(rig, epoch) && sy_now_ns() < until) {
        for (uint32_t i = 0; i < WORKERS; i++) {
            if (is_at_node(rig, i, epoch)) {
                course->victim = i;
                course->incarnation = atomic_load(&rig->stage.segment->places[i].incarnation);
                course->busy_of_others = busy_of_others(rig, i);
                course->begun_ns = sy_now_ns();
                return true;
            }
        }
    }
    return false;
}

/* Until the node is committed, or the victim is fenced: whatever `last` points to in `course`. */
static void look_on(const SyFailoverRig *rig, uint64_t epoch, SyFailoverCourse *course,
                    const int64_t *last)
{
    const _Atomic uint32_t *fenced = &rig->stage.control->pool.fenced[course->victim];
    const SyFutex *life = &worker_at(rig, course->victim)->life;
    const int64_t until = sy_now_ns() + PATIENCE_NS;

    while (*last == 0 && sy_now_ns() < until) {
        note(&course->dead_ns, sy_life_is_over(life));
        note(&course->fenced_ns, atomic_load(fenced) == course->incarnation);
        note(&course->committed_ns, is_committed(rig, epoch));
    }
}

/* The driver had the block before the bench saw it, when the bench had to wait for a CPU; but it
 * may not have written down yet when that was, and the time that is there be that of the block
 * before. */
static void correct(const SyFailoverRig *rig, SyFailoverCourse *course)
{
    const SyAudio *audio = rig->stage.audio;
    const uint64_t last = atomic_load(&audio->n_times) - 1;
    const int64_t done = audio->released_ns + atomic_load(&audio->times_ns[last % SY_TIMES_KEPT]);

    if (done > course->begun_ns && done < course->committed_ns) {
        course->committed_ns = done;
    }
}

static void take_priority(int priority)
{
    const struct sched_param parameters = {.sched_priority = priority};
    sched_setscheduler(0, priority ? SCHED_FIFO | SCHED_RESET_ON_FORK : SCHED_OTHER, &parameters);
}

static bool watch(SyFailoverRig *rig, int64_t kill_at_ns, SyFailoverLook look,
                  SyFailoverCourse *course)
{
    const uint64_t epoch = atomic_load(&rig->stage.audio->blocks) + 1;

    memset(course, 0, sizeof(*course));
    rig->n_asked++;
    sem_post(&rig->asked);
    if (!await_begin(rig, epoch, course)) {
        return false;
    }
    if (kill_at_ns >= 0) {
        const pid_t pid = atomic_load(&rig->stage.segment->places[course->victim].pid);
        while (sy_now_ns() < course->begun_ns + kill_at_ns) {
        }
        if (is_committed(rig, epoch) || pid <= 0) {
            return false;
        }
        course->killed_ns = sy_now_ns();
        kill(pid, SIGKILL);
        if (look == SY_FAILOVER_COMMIT) {
            take_priority(1);
        }
    }
    const int64_t *last = look == SY_FAILOVER_FENCE ? &course->fenced_ns : &course->committed_ns;
    look_on(rig, epoch, course, last);
    return *last != 0;
}

int64_t sy_failover_busy_ns(const SyFailoverRig *rig, const SyFailoverCourse *course)
{
    return (int64_t)(busy_of_others(rig, course->victim) - course->busy_of_others);
}

bool sy_failover_block(SyFailoverRig *rig, int64_t kill_at_ns, SyFailoverLook look,
                       SyFailoverCourse *course, bool *seen)
{
    take_priority(SY_PRIORITY_WORKER + 1);
    *seen = watch(rig, kill_at_ns, look, course);
    take_priority(0);
    if (!await_block(rig)) {
        return false;
    }
    if (*seen) {
        correct(rig, course);
    }
    return true;
}

int64_t sy_failover_await_replacement(const SyFailoverRig *rig, const SyFailoverCourse *course)
{
    const _Atomic uint32_t *incarnation = &rig->stage.segment->places[course->victim].incarnation;
    const _Atomic bool *alive = &rig->stage.audio->alive[course->victim];
    const int64_t until = sy_now_ns() + PATIENCE_NS;

    while (atomic_load(incarnation) == course->incarnation || !atomic_load(alive)) {
        if (sy_now_ns() > until) {
            fprintf(stderr, "synthbench: no worker comes in place of a killed one\n");
            return 0;
        }
        sy_failover_pause(100000);
    }
    return sy_now_ns();
}

bool sy_failover_open(SyFailoverRig *rig)
{
    memset(rig, 0, sizeof(*rig));
    if (!sy_stage_open(&rig->stage, WORKERS)) {
        return false;
    }
    sem_init(&rig->asked, 0, 0);
    if (patch_one_loop(rig) && pthread_create(&rig->driver, NULL, drive, rig) == 0) {
        return true;
    }
    sy_stage_close(&rig->stage);
    return false;
}

void sy_failover_close(SyFailoverRig *rig)
{
    atomic_store(&rig->stopping, true);
    sem_post(&rig->asked);
    pthread_join(rig->driver, NULL);
    sem_destroy(&rig->asked);
    sy_stage_close(&rig->stage);
}
