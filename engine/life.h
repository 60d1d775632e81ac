/* Life words: by them a process tells others, when it dies, that it has.
 *
 * The kernel walks a thread's robust list when the thread ends, however it ends, and sets
 * FUTEX_OWNER_DIED in the words on it, after the thread's last store; FUTEX_WAITERS makes it wake
 * those who wait on them: see set_robust_list(2). */
#ifndef SY_ENGINE_LIFE_H
#define SY_ENGINE_LIFE_H

#include <stdbool.h>

#include "engine/futex.h"

/* A robust list of one word. The holder's own memory, to outlive it. */
typedef struct SyLife {
    struct robust_list_head head;
    struct robust_list link;
    SyFutex *word;
} SyLife;

/* Makes `word` say that the calling thread lives, until it ends. The thread can hold one word.
 * Returns 0 or an errno.  Thread: worker, keeper.  RT: no. */
static inline int sy_life_hold(SyLife *life, SyFutex *word)
{
    const uint32_t tid = (uint32_t)syscall(SYS_gettid);

    life->word = word;
    life->head.list.next = &life->link;
    life->link.next = &life->head.list;
    life->head.list_op_pending = NULL;
    life->head.futex_offset = (long)((intptr_t)word - (intptr_t)&life->link);
    atomic_store_explicit(word, tid | FUTEX_WAITERS, memory_order_release);
    return syscall(SYS_set_robust_list, &life->head, sizeof(life->head)) < 0 ? errno : 0;
}

/* Leaves the word as the kernel would have, for a thread that ends in good order.
 * Thread: the holder.  RT: no. */
static inline void sy_life_release(SyLife *life)
{
    life->head.list.next = &life->head.list;
    atomic_store_explicit(life->word, FUTEX_OWNER_DIED, memory_order_release);
    sy_futex_wake(life->word, INT_MAX);
}

/* Whether the holder of a word has ended.  Thread: any.  RT: yes. */
static inline bool sy_life_is_over(const SyFutex *word)
{
    return atomic_load_explicit(word, memory_order_acquire) & FUTEX_OWNER_DIED;
}

#endif
