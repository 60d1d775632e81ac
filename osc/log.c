#include "osc/log.h"

#include <poll.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#define OFTEN 10 /* lines a second */

/* Clients choose what is logged, but not what the terminal does. */
static void disarm(char *text, int n)
{
    for (int i = 0; i < n; i++) {
        const unsigned char c = (unsigned char)text[i];
        text[i] = c < 0x20 || c == 0x7f ? '?' : text[i];
    }
}

static void log_line(const char *format, va_list args)
{
    char line[1024];
    struct pollfd out = {.fd = STDERR_FILENO, .events = POLLOUT};
    int n = snprintf(line, sizeof line, "synthd: ");
    const int more = vsnprintf(line + n, sizeof line - (size_t)n - 1, format, args);
    n = more < 0 ? n : n + more;
    n = n < (int)sizeof line - 2 ? n : (int)sizeof line - 2;
    disarm(line, n);
    line[n++] = '\n';
    /* A stopped terminal or a full pipe would hold the caller; a line less is better. */
    if (poll(&out, 1, 0) == 1 && (out.revents & POLLOUT) &&
        write(STDERR_FILENO, line, (size_t)n) < 0) {
        return;
    }
}

void sy_log(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    log_line(format, args);
    va_end(args);
}

/* Whether one more line may be written; stores how many were not since the last that was. */
static int may_log(unsigned *left_out)
{
    static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
    static time_t second;
    static unsigned lines, suppressed;
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    pthread_mutex_lock(&lock);
    lines = now.tv_sec == second ? lines + 1 : 1;
    second = now.tv_sec;
    const int may = lines <= OFTEN;
    suppressed += !may;
    *left_out = may ? suppressed : 0;
    suppressed = may ? 0 : suppressed;
    pthread_mutex_unlock(&lock);
    return may;
}

void sy_log_often(const char *format, ...)
{
    unsigned left_out;
    if (!may_log(&left_out)) {
        return;
    }
    if (left_out > 0) {
        sy_log("%u lines left out", left_out);
    }
    va_list args;
    va_start(args, format);
    log_line(format, args);
    va_end(args);
}
