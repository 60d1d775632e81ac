#include "engine/keeper.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include "engine/compile.h"
#include "engine/device.h"
#include "engine/life.h"
#include "engine/thread.h"
#include "engine/wisdom.h"
#include "engine/zygote.h"
#include "modules/registry.h"

#define OFFLINE_SPIN_NS                                                                            \
    20000 /* offline blocks follow each other at once: a sleep would cost more */

#define EARLY_DEATHS_MAX 20

typedef struct Keeper {
    SySegment *segment;
    SyAudio *audio;
    SyBooks *books;
    SyEngineFunc *run_engine;
    const SyOptions *options;
    sigset_t signals;
    SyLife life;
    pid_t zygote, engine, device, measurer;
    SyWisdom wisdom;
    uint32_t devices_served;
    bool ending;
    int early_deaths;    /* of engines, one after the other */
    int64_t force_at_ns; /* when the end is forced */
    int exit_code;
} Keeper;

static void complain(const char *text)
{
    fprintf(stderr, "synthd: %s\n", text);
}

/* What every child does first: it dies with the keeper, and leaves signals to it. A terminal sends
 * its interrupts to all of them. */
static void become_child(const Keeper *keeper, pid_t parent, const char *name)
{
    sigset_t none;

    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent) {
        _exit(SY_ERR_FAILED);
    }
    signal(SIGINT, SIG_IGN);
    signal(SIGTERM, SIG_IGN);
    signal(SIGHUP, SIG_IGN);
    signal(SIGPIPE, SIG_IGN);
    signal(SIGUSR1, SIG_DFL);
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    sy_process_name(name);
    (void)keeper;
}

static bool fork_zygote(Keeper *keeper)
{
    const pid_t parent = getpid();

    atomic_fetch_add(&keeper->segment->zygotes, 1);
    const pid_t pid = fork();

    if (pid == 0) {
        become_child(keeper, parent, "sy-zygote");
        prctl(PR_SET_PDEATHSIG, SIGUSR2); /* it has children to end first */
        /* The workers have no business with what engine and device process share. */
        sy_audio_unmap(keeper->audio);
        sy_books_unmap(keeper->books);
        _exit(sy_zygote_run(keeper->segment, keeper->options->isa));
    }
    keeper->zygote = pid > 0 ? pid : 0;
    sy_bell_ring(&keeper->segment->control_bell);
    return pid > 0;
}

static bool fork_engine(Keeper *keeper)
{
    const pid_t parent = getpid();
    const pid_t pid = fork();

    if (pid == 0) {
        become_child(keeper, parent, "sy-engine");
        mlockall(MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT);
        exit(keeper->run_engine(keeper->segment, keeper->audio, keeper->books, keeper->options));
    }
    keeper->engine = pid > 0 ? pid : 0;
    return pid > 0;
}

static pid_t fork_device(Keeper *keeper)
{
    const pid_t parent = getpid();
    const pid_t pid = fork();

    if (pid == 0) {
        become_child(keeper, parent, "sy-device");
        /* Nothing of a library that may hang is to run at the end. */
        _exit(sy_device_run(keeper->audio));
    }
    return pid;
}

/* Once, when there is music: who waits for a start is not to wait for this. */
static void measure_once(Keeper *keeper)
{
    const pid_t parent = getpid();

    if (keeper->wisdom != SY_WISDOM_MISSING || keeper->ending ||
        !atomic_load(&keeper->segment->engine_ready)) {
        return;
    }
    keeper->wisdom = SY_WISDOM_READ; /* or it is tried again at the next start */
    const pid_t pid = fork();
    if (pid == 0) {
        become_child(keeper, parent, "sy-wisdom");
        _exit(sy_wisdom_learn() ? 0 : SY_ERR_FILE);
    }
    keeper->measurer = pid > 0 ? pid : 0;
}

static bool map_memory(Keeper *keeper)
{
    const SyOptions *options = keeper->options;
    const SySegmentSize size = {
        .rate = options->rate,
        .block = options->block,
        .n_cores = options->n_cores,
        .offline = options->audio == SY_AUDIO_OFFLINE,
        .spin_ns = options->audio == SY_AUDIO_OFFLINE && options->n_cores > 1 ? OFFLINE_SPIN_NS : 0,
        .plan_bytes = sy_plan_bytes_max(),
        .arena_bytes = (uint64_t)options->memory_mb << 20,
        .library_bytes = (uint64_t)options->files_mb << 20,
    };

    keeper->segment = sy_segment_map(&size);
    if (!keeper->segment) {
        return false;
    }
    if (!keeper->segment->offline) { /* offline it is done when it is known how many it takes */
        sy_segment_use_large_pages_live(keeper->segment);
    }
    const int error = sy_memory_prefault(keeper->segment, keeper->segment->trace_at);
    if (error) {
        errno = error;
        return false;
    }
    keeper->books = sy_books_map();
    keeper->audio = sy_audio_map(keeper->segment);
    if (keeper->audio) {
        keeper->audio->offline = options->audio == SY_AUDIO_OFFLINE;
    }
    return keeper->audio != NULL && keeper->books != NULL;
}

static void block_signals(Keeper *keeper)
{
    sigemptyset(&keeper->signals);
    sigaddset(&keeper->signals, SIGCHLD);
    sigaddset(&keeper->signals, SIGINT);
    sigaddset(&keeper->signals, SIGTERM);
    sigaddset(&keeper->signals, SIGHUP);
    sigaddset(&keeper->signals, SIGUSR1);
    sigprocmask(SIG_BLOCK, &keeper->signals, NULL);
}

/* The end: the engine fades out and ends by itself; who asks twice, or waits too long, gets it at
 * once. */
static void begin_end(Keeper *keeper)
{
    if (keeper->ending) {
        keeper->force_at_ns = sy_now_ns();
        return;
    }
    keeper->ending = true;
    keeper->force_at_ns = sy_now_ns() + (int64_t)(keeper->options->drain_s * 1e9);
    atomic_store(&keeper->segment->ending, 1);
    sy_bell_ring(&keeper->segment->closing_bell);
}

static int exit_code_of(int status)
{
    return WIFEXITED(status) ? WEXITSTATUS(status) : SY_ERR_FAILED;
}

/* One that dies again and again before it plays will not get any further. */
static bool can_restart(Keeper *keeper, int status)
{
    const bool played = atomic_exchange(&keeper->segment->engine_ready, 0);

    keeper->early_deaths = played ? 0 : keeper->early_deaths + 1;
    return WIFSIGNALED(status) && !keeper->ending && !keeper->segment->offline &&
           !sy_spawn_makes_threads() && keeper->early_deaths < EARLY_DEATHS_MAX;
}

static void note_engine(Keeper *keeper, int status)
{
    keeper->engine = 0;
    if (can_restart(keeper, status)) {
        fprintf(stderr, "synthd: the engine was ended by signal %d; there is a new one\n",
                WTERMSIG(status));
        if (fork_engine(keeper)) {
            return;
        }
    }
    if (keeper->exit_code ==
        0) { /* the zygote's end, if it came first, is the reason for this one */
        keeper->exit_code = exit_code_of(status);
    }
    if (WIFSIGNALED(status)) {
        fprintf(stderr, "synthd: the engine was ended by signal %d\n", WTERMSIG(status));
    }
}

/* A zygote that was killed leaves its workers behind, which go on playing; the next one makes those
 * that come after. One that ends with a code has told the engine why, which is about to say so. */
static void note_zygote(Keeper *keeper, int status)
{
    keeper->zygote = 0;
    if (keeper->ending || !keeper->engine) {
        return;
    }
    if (!WIFSIGNALED(status)) {
        keeper->exit_code = exit_code_of(status);
        begin_end(keeper);
        return;
    }
    fprintf(stderr, "synthd: the zygote was ended by signal %d; there is a new one\n",
            WTERMSIG(status));
    fork_zygote(keeper);
}

static void note_device(Keeper *keeper, int status)
{
    SyDeviceShared *device = &keeper->audio->device;
    const uint32_t state = atomic_load(&device->state);

    keeper->device = 0;
    if (state == SY_DEVICE_RUNNING || state == SY_DEVICE_OPENING) {
        snprintf(device->text, sizeof(device->text), "the device process ended (%s %d)",
                 WIFSIGNALED(status) ? "signal" : "code",
                 WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
        atomic_store(&device->state,
                     state == SY_DEVICE_RUNNING ? SY_DEVICE_LOST : SY_DEVICE_FAILED);
    }
    sy_bell_ring(&keeper->segment->control_bell);
}

static void reap(Keeper *keeper)
{
    int status;
    pid_t pid;

    while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
        if (pid == keeper->engine) {
            note_engine(keeper, status);
        } else if (pid == keeper->zygote) {
            note_zygote(keeper, status);
        } else if (pid == keeper->device) {
            note_device(keeper, status);
        } else if (pid == keeper->measurer) {
            keeper->measurer = 0;
        } else {
            sy_zygote_note_end(keeper->segment, pid, status); /* an orphan */
        }
    }
}

static void serve_device(Keeper *keeper)
{
    const uint32_t requests = atomic_load(&keeper->audio->device.requests);

    if (requests == keeper->devices_served || keeper->device || keeper->ending) {
        return;
    }
    keeper->devices_served = requests;
    keeper->device = fork_device(keeper);
    if (keeper->device < 0) {
        keeper->device = 0;
        snprintf(keeper->audio->device.text, sizeof(keeper->audio->device.text),
                 "no process for the device: %s", strerror(errno));
        atomic_store(&keeper->audio->device.state, SY_DEVICE_FAILED);
        sy_bell_ring(&keeper->segment->control_bell);
    }
}

/* Whatever happens comes with a signal, but for what is given a time. */
static void wait_for_signal(Keeper *keeper)
{
    const bool waits = keeper->ending || keeper->wisdom == SY_WISDOM_MISSING;
    const struct timespec look = {.tv_sec = waits ? 0 : 10, .tv_nsec = waits ? 500000000 : 0};
    const int number = sigtimedwait(&keeper->signals, NULL, &look);

    if (number == SIGINT || number == SIGTERM || number == SIGHUP) {
        begin_end(keeper);
    }
}

static void force(Keeper *keeper)
{
    if (keeper->ending && keeper->engine && sy_now_ns() >= keeper->force_at_ns) {
        complain("the engine takes too long to end; it is ended by force");
        kill(keeper->engine, SIGKILL);
        waitpid(keeper->engine, NULL, 0);
        keeper->engine = 0;
        keeper->exit_code = SY_ERR_TIMEOUT;
    }
}

static void end_child(pid_t *pid)
{
    if (*pid > 0) {
        kill(*pid, SIGKILL);
        waitpid(*pid, NULL, 0);
        *pid = 0;
    }
}

static void kill_workers(const SySegment *segment)
{
    for (uint32_t i = 0; i < SY_WORKERS_MAX && !sy_spawn_makes_threads(); i++) {
        const int pid = atomic_load(&segment->places[i].pid);
        if (pid > 0) {
            kill(pid, SIGKILL);
        }
    }
}

/* Workers whose zygote has gone before them. One that was being forked may not be in its place yet:
 * it ends when it finds that the keeper has. */
static void end_orphans(const Keeper *keeper)
{
    const struct timespec look = {.tv_nsec = 2000000};
    const int64_t until = sy_now_ns() + 1000000000;
    int status = 0;
    pid_t pid;

    kill_workers(keeper->segment);
    while ((pid = waitpid(-1, &status, WNOHANG)) >= 0 && sy_now_ns() < until) {
        if (pid > 0) {
            sy_zygote_note_end(keeper->segment, pid, status);
        } else {
            kill_workers(keeper->segment);
            nanosleep(&look, NULL);
        }
    }
}

/* The zygote ends its workers, and is waited for; whatever does not go is killed, and takes its
 * children with it. */
static void end_children(Keeper *keeper)
{
    const struct timespec look = {.tv_nsec = 5000000};
    const int64_t until = sy_now_ns() + 1000000000;

    atomic_store(&keeper->segment->closing, 1);
    sy_bell_ring(&keeper->segment->zygote_bell);
    sy_bell_ring(&keeper->audio->device.bell);
    while ((keeper->zygote || keeper->device) && sy_now_ns() < until) {
        keeper->ending = true;
        reap(keeper);
        if (keeper->zygote || keeper->device) {
            sigtimedwait(&keeper->signals, NULL, &look);
        }
    }
    end_child(&keeper->engine);
    end_child(&keeper->device);
    end_child(&keeper->zygote);
    end_child(&keeper->measurer);
    end_orphans(keeper);
}

int sy_keeper_run(const SyOptions *options, SyEngineFunc *engine)
{
    Keeper keeper = {.options = options, .run_engine = engine};

    if (!map_memory(&keeper)) {
        fprintf(stderr, "synthd: no memory for %u MB of modules: %s\n", options->memory_mb,
                strerror(errno));
        return SY_ERR_MEMORY;
    }
    block_signals(&keeper);
    prctl(PR_SET_CHILD_SUBREAPER, 1); /* workers outlive their zygote */
    /* See wisdom.h. */
    keeper.wisdom = keeper.segment->offline ? SY_WISDOM_HOMELESS : sy_wisdom_read();
    sy_life_hold(&keeper.life, &keeper.segment->keeper_life);
    if (!(sy_spawn_makes_threads() || fork_zygote(&keeper)) || !fork_engine(&keeper)) {
        fprintf(stderr, "synthd: cannot start a process: %s\n", strerror(errno));
        end_child(&keeper.zygote);
        return SY_ERR_WORKER;
    }
    while (keeper.engine) {
        wait_for_signal(&keeper);
        reap(&keeper);
        serve_device(&keeper);
        measure_once(&keeper);
        force(&keeper);
    }
    end_children(&keeper);
    sy_books_unmap(keeper.books);
    sy_audio_unmap(keeper.audio);
    sy_segment_unmap(keeper.segment);
    return keeper.exit_code;
}
