#include "osc/terminal.h"

#include <math.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <time.h>
#include <unistd.h>

/* Source: XTerm Control Sequences, "DEC Private Mode Set": 1049 the alternate screen, 25 the
 * cursor. */
#define ENTER "\033[?1049h\033[?25l"
#define LEAVE "\033[?25h\033[?1049l"

bool sy_terminal_is_there(void)
{
    const char *kind = getenv("TERM");
    return isatty(STDOUT_FILENO) && kind && strcmp(kind, "dumb") != 0;
}

SySize sy_terminal_size(void)
{
    struct winsize size = {0};
    if (!isatty(STDOUT_FILENO)) {
        return (SySize){0, 0};
    }
    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0 || size.ws_row == 0) {
        return (SySize){80, 24};
    }
    return (SySize){size.ws_col, size.ws_row};
}

/* Those that end a program, or all that are held back. */
static sigset_t held_signals(bool all)
{
    static const int held[] = {SIGINT, SIGTERM, SIGHUP, SIGTSTP, SIGWINCH};
    const size_t n = all ? sizeof held / sizeof held[0] : 3;
    sigset_t set;
    sigemptyset(&set);
    for (size_t i = 0; i < n; i++) {
        sigaddset(&set, held[i]);
    }
    return set;
}

int sy_terminal_hold_signals(void)
{
    const sigset_t all = held_signals(true), ending = held_signals(false);
    sigprocmask(SIG_BLOCK, &all, NULL);
    return signalfd(-1, &ending, SFD_CLOEXEC);
}

void sy_terminal_release_signals(int fd)
{
    const sigset_t all = held_signals(true);
    const struct timespec at_once = {0, 0};
    while (sigtimedwait(&all, NULL, &at_once) > 0) {
    }
    sigprocmask(SIG_UNBLOCK, &all, NULL);
    if (fd >= 0) {
        close(fd);
    }
}

bool sy_terminal_is_ending(void)
{
    sigset_t pending;
    sigpending(&pending);
    return sigismember(&pending, SIGINT) > 0 || sigismember(&pending, SIGTERM) > 0 ||
           sigismember(&pending, SIGHUP) > 0;
}

void sy_terminal_enter(void)
{
    fputs(ENTER, stdout);
    fflush(stdout);
}

void sy_terminal_leave(void)
{
    fputs(LEAVE, stdout);
    fflush(stdout);
}

/* As SIGTSTP would have done it, had it not been held back. */
static void stop(bool entered)
{
    if (entered) {
        sy_terminal_leave();
    }
    raise(SIGSTOP);
    if (entered) {
        sy_terminal_enter();
    }
}

bool sy_terminal_wait(double seconds, bool entered)
{
    const sigset_t set = held_signals(true);
    const double whole = floor(seconds > 0.0 ? seconds : 0.0);
    const struct timespec time = {(time_t)whole,
                                  seconds > 0.0 ? (long)((seconds - whole) * 1e9) : 0};
    const int signal = sigtimedwait(&set, NULL, &time);
    if (signal == SIGTSTP) {
        stop(entered);
    }
    return signal < 0 || signal == SIGTSTP || signal == SIGWINCH;
}
