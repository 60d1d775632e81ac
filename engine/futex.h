/* The futex calls that the engine makes, all of them shared between processes.
 *
 * Every wait here can return early and for no reason: callers look again at what they wait for. */
#ifndef SY_ENGINE_FUTEX_H
#define SY_ENGINE_FUTEX_H

#include <errno.h>
#include <limits.h>
#include <linux/futex.h>
#include <stdatomic.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

typedef _Atomic uint32_t SyFutex;

/* Sleeps while *word is `seen`, at most `timeout_ns`.
 * Thread: any.  RT: yes, it is the one system call of the real-time path. */
static inline void sy_futex_wait(SyFutex *word, uint32_t seen, int64_t timeout_ns)
{
    const struct timespec timeout = {.tv_sec = timeout_ns / 1000000000,
                                     .tv_nsec = timeout_ns % 1000000000};
    syscall(SYS_futex, (uintptr_t)word, FUTEX_WAIT, seen, &timeout, NULL, 0);
}

/* Wakes at most n that sleep on *word.  Thread: any.  RT: yes. */
static inline void sy_futex_wake(SyFutex *word, int n)
{
    syscall(SYS_futex, (uintptr_t)word, FUTEX_WAKE, n, NULL, NULL, 0);
}

/* A bell: a futex that counts rings in steps of 2, with bit 0 saying that somebody may be asleep on
 * it, so that ringing costs no system call while everybody is awake.
 *
 *     seen = sy_bell_listen(bell);
 *     if (there is nothing to do) sy_bell_sleep(bell, seen, timeout);
 *
 * A ring between the two lines changes the word and the sleep returns at once. A ringer that is
 * killed between changing the word and waking leaves the sleepers to their timeout: give one
 * always. */
static inline uint32_t sy_bell_listen(SyFutex *bell)
{
    return atomic_fetch_or_explicit(bell, 1, memory_order_seq_cst) | 1;
}

/* Thread: any.  RT: yes. */
static inline void sy_bell_sleep(SyFutex *bell, uint32_t seen, int64_t timeout_ns)
{
    sy_futex_wait(bell, seen, timeout_ns);
}

/* Wakes everybody who listens.  Thread: any.  RT: yes. */
static inline void sy_bell_ring(SyFutex *bell)
{
    if (atomic_fetch_add_explicit(bell, 2, memory_order_seq_cst) & 1) {
        atomic_fetch_and_explicit(bell, ~1u, memory_order_relaxed);
        sy_futex_wake(bell, INT_MAX);
    }
}

/* The same, and wakes those too whose ring was lost with its ringer.  Thread: any.  RT: yes. */
static inline void sy_bell_rouse(SyFutex *bell)
{
    atomic_fetch_add_explicit(bell, 2, memory_order_seq_cst);
    sy_futex_wake(bell, INT_MAX);
}

/* CLOCK_MONOTONIC in nanoseconds.  Thread: any.  RT: yes (no system call on the usual clocks). */
static inline int64_t sy_now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

/* Tells the CPU that this is a spinning loop.  Thread: any.  RT: yes. */
static inline void sy_spin_pause(void)
{
#if defined(__x86_64__) || defined(__i386__)
    __builtin_ia32_pause();
#endif
}

#endif
