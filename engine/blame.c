#include "engine/blame.h"

#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

bool sy_blame_strike(SyBlame *blame, int64_t born, uint64_t epoch, int64_t now_ns)
{
    if (blame->born != born) {
        *blame = (SyBlame){.born = born};
    }
    blame->on_block = blame->n > 0 && blame->epoch == epoch ? blame->on_block + 1 : 1;
    blame->epoch = epoch;
    memmove(blame->at_ns + 1, blame->at_ns, sizeof(blame->at_ns) - sizeof(blame->at_ns[0]));
    blame->at_ns[0] = now_ns;
    blame->n += blame->n < SY_STRIKES;
    if (blame->on_block < SY_STRIKES_ON_BLOCK &&
        (blame->n < SY_STRIKES || now_ns - blame->at_ns[SY_STRIKES - 1] > SY_STRIKES_NS)) {
        return false;
    }
    *blame = (SyBlame){.born = born};
    return true;
}

SyFault sy_fault_of_exit(int exit_status, bool hung)
{
    if (WIFSIGNALED(exit_status) && WTERMSIG(exit_status) == SIGKILL) {
        return (SyFault){.kind = hung ? SY_FAULT_HANG : SY_FAULT_NONE};
    }
    if (WIFSIGNALED(exit_status)) {
        return (SyFault){.kind = SY_FAULT_SIGNAL, .detail = WTERMSIG(exit_status)};
    }
    if (WIFEXITED(exit_status)) {
        return (SyFault){.kind = SY_FAULT_EXIT, .detail = WEXITSTATUS(exit_status)};
    }
    return (SyFault){.kind = SY_FAULT_NONE};
}

static const char *signal_name(int number)
{
    const char *name = sigabbrev_np(number);
    return name ? name : "?";
}

void sy_fault_text(const SyFault *fault, char *text, size_t size)
{
    char what[32] = "it brought its worker down";

    if (fault->kind == SY_FAULT_SIGNAL) {
        snprintf(what, sizeof(what), "SIG%s", signal_name(fault->detail));
    } else if (fault->kind == SY_FAULT_EXIT) {
        snprintf(what, sizeof(what), "exit with code %d", (int)fault->detail);
    } else if (fault->kind == SY_FAULT_HANG) {
        snprintf(what, sizeof(what), "hung");
    }
    snprintf(text, size, "%s in block %" PRIu64 " on worker %" PRIu32, what, fault->epoch,
             fault->worker);
}
