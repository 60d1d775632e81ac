#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "engine/loader.h"
#include "engine/thread.h"
#include "engine/zygote.h"

#define LOADER_NICENESS 5

#define SPIN_SOFT_US 1000000 /* of real-time CPU without a pause: SIGXCPU */
#define SPIN_HARD_US 1200000 /* and SIGKILL */

static SySegment *rung_by_children;

/* Only touches the bell: a signal that comes just before the zygote goes to sleep changes the word
 * it is about to sleep on, and is not missed. */
static void on_child(int signal_number)
{
    (void)signal_number;
    sy_bell_ring(&rung_by_children->zygote_bell);
}

bool sy_spawn_makes_threads(void)
{
    return false;
}

void sy_spawn_init(SySegment *segment)
{
    struct sigaction action = {.sa_handler = on_child, .sa_flags = SA_NOCLDSTOP};

    rung_by_children = segment;
    sigemptyset(&action.sa_mask);
    sigaction(SIGCHLD, &action, NULL);
    sigaction(SIGUSR2, &action, NULL); /* the keeper has died */
}

/* What a worker may use up. One that spins is ended by the kernel even if nobody watches over it;
 * offline a block may take long without a pause. */
static int limit_child(const SySegment *segment)
{
    const struct rlimit nothing = {0, 0};
    const struct rlimit spinning = {SPIN_SOFT_US, SPIN_HARD_US};

    if (setrlimit(RLIMIT_CORE, &nothing) < 0) {
        return errno;
    }
    return !segment->offline && setrlimit(RLIMIT_RTTIME, &spinning) < 0 ? errno : 0;
}

/* A worker has no files: nothing to read, nothing to write to, nothing to hold open for others. */
static void close_files(void)
{
    if (SY_CAGE) { /* sanitizers report to standard error */
        close_range(0, ~0u, 0);
    }
}

/* A child catches nothing: what kills it, kills it. */
static void reset_signals(void)
{
    const int defaults[] = {SIGCHLD, SIGUSR2, SIGSEGV, SIGBUS,  SIGFPE,
                            SIGILL,  SIGABRT, SIGTERM, SIGPIPE, SIGSYS};
    sigset_t none;

    for (size_t i = 0; i < sizeof(defaults) / sizeof(defaults[0]); i++) {
        signal(defaults[i], SIG_DFL);
    }
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
}

/* A worker leaves no core: that would take the arena with it and keep its place occupied for
 * seconds. It outlives its zygote, so that the sound does; the keeper is its parent then. */
static int settle_child(void)
{
    reset_signals();
    return prctl(PR_SET_PDEATHSIG, 0) < 0 || prctl(PR_SET_DUMPABLE, 0) < 0 ? errno : 0;
}

static void live(SySegment *segment, uint32_t index, uint32_t incarnation,
                 const SyWorkerTables *tables)
{
    char name[16];

    snprintf(name, sizeof(name), "sy-worker-%02u", index);
    sy_process_name(name);
    int error = settle_child();
    error = error ? error : limit_child(segment);
    close_files();
    if (error) {
        atomic_store_explicit(&segment->workers[index].stage, SY_STAGE_SIGNALS,
                              memory_order_relaxed);
        atomic_store_explicit(&segment->workers[index].error, error, memory_order_release);
    } else {
        mlockall(MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT);
        error = sy_worker_run(segment, index, incarnation, tables);
    }
    _exit(error ? SY_ERR_WORKER : 0);
}

static void note(SyPlaceShared *place, uint32_t incarnation, pid_t pid)
{
    atomic_store_explicit(&place->forked, incarnation, memory_order_relaxed);
    atomic_store_explicit(&place->pid, pid, memory_order_release);
}

int sy_spawn(SySegment *segment, uint32_t index, uint32_t incarnation, const SyWorkerTables *tables)
{
    const pid_t pid = fork();

    if (pid == 0) {
        live(segment, index, incarnation, tables);
    }
    if (pid < 0) {
        return -errno;
    }
    note(&segment->places[index], incarnation, pid);
    return pid;
}

/* F3 of loader.h: unlike a worker it is not to outlive its zygote. */
static void live_as_loader(SySegment *segment, pid_t zygote, uint32_t ticket,
                           const SyWorkerTables *tables)
{
    sy_process_name("sy-loader");
    reset_signals();
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != zygote || setpriority(PRIO_PROCESS, 0, LOADER_NICENESS) < 0) {
        _exit(SY_ERR_FAILED);
    }
    _exit(sy_loader_run(segment, ticket, tables));
}

int sy_spawn_loader(SySegment *segment, uint32_t ticket, const SyWorkerTables *tables)
{
    const pid_t zygote = getpid(), pid = fork();

    if (pid == 0) {
        live_as_loader(segment, zygote, ticket, tables);
    }
    return pid < 0 ? -errno : pid;
}

void sy_spawn_note(SySegment *segment, uint32_t index, uint32_t incarnation)
{
    note(&segment->places[index], incarnation, getpid());
}

int sy_spawn_reap(int *exit_status)
{
    const pid_t pid = waitpid(-1, exit_status, WNOHANG);
    return pid > 0 ? pid : 0;
}

void sy_spawn_kill(int pid)
{
    kill(pid, SIGKILL);
}
