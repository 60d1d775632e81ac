#include "tests/instructions/stepper.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/user.h>
#include <sys/wait.h>

#include "tests/instructions/patchwork.h"

#define LOOK_US 200
#define LOOKS   50000 /* 10 s */

/* Set by the linker. */
extern const char __executable_start;

Stepper stepper_fork(SySegment *segment, uint32_t index, uint32_t incarnation,
                     const SyWorkerTables *tables)
{
    Stepper stepper = {.segment = segment, .index = index, .incarnation = incarnation};

    atomic_store(&segment->workers[index].state, SY_WORKER_STARTING);
    atomic_store(&segment->workers[index].seat, incarnation);
    stepper.pid = fork();
    if (stepper.pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        _exit(sy_worker_run(segment, index, incarnation, tables));
    }
    demand(stepper.pid > 0, "fork a worker");
    stepper_await_park(&stepper);
    return stepper;
}

void stepper_await_park(const Stepper *stepper)
{
    for (int i = 0; i < LOOKS; i++) {
        if (atomic_load(&stepper->segment->workers[stepper->index].state) == SY_WORKER_PARKED) {
            return;
        }
        usleep(LOOK_US);
    }
    demand(false, "get a worker to park");
}

static void await_stop(const Stepper *stepper)
{
    int status = 0;
    const pid_t pid = waitpid(stepper->pid, &status, __WALL);

    demand(pid == stepper->pid && WIFSTOPPED(status) && WSTOPSIG(status) == SIGTRAP,
           "step a worker: it has ended, or got a signal");
}

bool stepper_stop(const Stepper *stepper)
{
    if (ptrace(PTRACE_SEIZE, stepper->pid, NULL, (void *)PTRACE_O_EXITKILL) < 0) {
        return false;
    }
    demand(ptrace(PTRACE_INTERRUPT, stepper->pid, NULL, NULL) == 0, "stop a worker");
    await_stop(stepper);
    return true;
}

void stepper_step(const Stepper *stepper)
{
    demand(ptrace(PTRACE_SINGLESTEP, stepper->pid, NULL, NULL) == 0, "step a worker");
    await_stop(stepper);
}

static struct user_regs_struct registers(const Stepper *stepper)
{
    struct user_regs_struct found;
    demand(ptrace(PTRACE_GETREGS, stepper->pid, NULL, &found) == 0, "read registers");
    return found;
}

uint64_t stepper_at(const Stepper *stepper)
{
    return registers(stepper).rip;
}

uint64_t stepper_offset(uint64_t address)
{
    return address - (uintptr_t)&__executable_start;
}

static bool write_code(const Stepper *stepper, uint64_t address, long code)
{
    return ptrace(PTRACE_POKETEXT, stepper->pid, (void *)address, (void *)code) == 0;
}

static void on_alarm(int signal_number)
{
    (void)signal_number; /* waitpid() returns, and that is all */
}

/* Waits for the breakpoint; stops the worker if it does not come to it. */
static bool await_breakpoint(const Stepper *stepper)
{
    const struct sigaction action = {.sa_handler = on_alarm};
    int status = 0;

    sigaction(SIGALRM, &action, NULL);
    alarm(1);
    const pid_t pid = waitpid(stepper->pid, &status, __WALL);
    alarm(0);
    if (pid == stepper->pid) {
        demand(WIFSTOPPED(status) && WSTOPSIG(status) == SIGTRAP, "run a worker: it has ended");
        return true;
    }
    demand(ptrace(PTRACE_INTERRUPT, stepper->pid, NULL, NULL) == 0, "stop a worker");
    await_stop(stepper);
    return false;
}

/* Back in front of the instruction that the breakpoint stood in for. */
static void back_up(const Stepper *stepper, uint64_t address)
{
    struct user_regs_struct now = registers(stepper);

    now.rip = address;
    demand(ptrace(PTRACE_SETREGS, stepper->pid, NULL, &now) == 0, "write registers");
}

bool stepper_run_to(const Stepper *stepper, uint64_t address, uint32_t nth)
{
    const long code = ptrace(PTRACE_PEEKTEXT, stepper->pid, (void *)address, NULL);
    const long trap = (code & ~0xffl) | 0xcc;
    bool there = true;

    for (uint32_t i = 0; there && i < nth; i++) {
        if (!write_code(stepper, address, trap)) {
            return false;
        }
        demand(ptrace(PTRACE_CONT, stepper->pid, NULL, NULL) == 0, "run a worker");
        there = await_breakpoint(stepper);
        demand(write_code(stepper, address, code), "write code back");
        if (there) {
            back_up(stepper, address);
            if (i + 1 < nth) {
                stepper_step(stepper);
            }
        }
    }
    return there;
}

/* The worker was forked from here, so its code is where it is here. */
static bool is_system_call(uint64_t instruction)
{
    return memcmp((const void *)instruction, "\x0f\x05", 2) == 0;
}

bool stepper_is_at_rest(const Stepper *stepper, uint64_t epoch)
{
    const SySegment *segment = stepper->segment;
    const SyWorkerShared *worker = &segment->workers[stepper->index];

    if (atomic_load(&segment->block_shared.done) < epoch ||
        atomic_load(&worker->state) != SY_WORKER_PARKED || atomic_load(&worker->reading) != 0) {
        return false;
    }
    const struct user_regs_struct now = registers(stepper);
    return is_system_call(now.rip) && now.rax == SYS_futex &&
           now.rdi == (uintptr_t)&worker->doorbell;
}

void stepper_kill(const Stepper *stepper)
{
    kill(stepper->pid, SIGKILL);
    demand(waitpid(stepper->pid, NULL, __WALL) == stepper->pid, "see a worker end");
}
