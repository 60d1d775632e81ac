/* Workers as threads of one process. Threads cannot be killed, so this build shows nothing about
 * failover; it is there because ThreadSanitizer sees nothing across processes, and to measure what
 * the processes cost. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include "engine/loader.h"
#include "engine/thread.h"
#include "engine/zygote.h"

typedef struct Life {
    SySegment *segment;
    uint32_t index, incarnation;
    const SyWorkerTables *tables;
    pthread_t thread;
    _Atomic bool ended;
    struct Life *next;
} Life;

static Life *lives; /* the zygote thread's */

static void *live(void *argument)
{
    Life *life = argument;

    sy_worker_run(life->segment, life->index, life->incarnation, life->tables);
    atomic_store(&life->ended, true);
    sy_bell_ring(&life->segment->zygote_bell);
    return NULL;
}

bool sy_spawn_makes_threads(void)
{
    return true;
}

void sy_spawn_init(SySegment *segment)
{
    (void)segment;
}

void sy_spawn_note(SySegment *segment, uint32_t index, uint32_t incarnation)
{
    (void)segment;
    (void)index;
    (void)incarnation;
}

int sy_spawn(SySegment *segment, uint32_t index, uint32_t incarnation, const SyWorkerTables *tables)
{
    char name[16];
    Life *life = calloc(1, sizeof(*life));
    if (!life) {
        return -ENOMEM;
    }
    snprintf(name, sizeof(name), "sy-worker-%02u", index);
    *life =
        (Life){.segment = segment, .index = index, .incarnation = incarnation, .tables = tables};
    atomic_store_explicit(&segment->places[index].forked, incarnation, memory_order_relaxed);
    atomic_store_explicit(&segment->places[index].pid, (int)index + 1, memory_order_release);
    const int error = sy_thread_start(&life->thread, name, live, life);
    if (error) {
        free(life);
        return -error;
    }
    life->next = lives;
    lives = life;
    return (int)index + 1;
}

/* Has a thread of its own, which nobody can end: it is waited for. */
static void *load(void *argument)
{
    Life *life = argument;

    sy_loader_run(life->segment, life->incarnation, life->tables);
    atomic_store(&life->ended, true);
    sy_bell_ring(&life->segment->zygote_bell);
    return NULL;
}

int sy_spawn_loader(SySegment *segment, uint32_t ticket, const SyWorkerTables *tables)
{
    Life *life = calloc(1, sizeof(*life));
    if (!life) {
        return -ENOMEM;
    }
    *life = (Life){
        .segment = segment, .index = SY_WORKERS_MAX, .incarnation = ticket, .tables = tables};
    const int error = sy_thread_start(&life->thread, "sy-loader", load, life);
    if (error) {
        free(life);
        return -error;
    }
    life->next = lives;
    lives = life;
    return SY_WORKERS_MAX + 1;
}

int sy_spawn_reap(int *exit_status)
{
    *exit_status = 0;
    for (Life **link = &lives; *link; link = &(*link)->next) {
        Life *life = *link;
        if (atomic_load(&life->ended)) {
            const int pid = (int)life->index + 1;
            pthread_join(life->thread, NULL);
            *link = life->next;
            free(life);
            return pid;
        }
    }
    return 0;
}

/* A thread can only be asked to retire. */
void sy_spawn_kill(int pid)
{
    for (Life **link = &lives; *link; link = &(*link)->next) {
        Life *life = *link;
        if ((int)life->index + 1 == pid && life->index < SY_WORKERS_MAX) {
            atomic_store(&life->segment->places[life->index].retire, life->incarnation);
            sy_bell_ring(&life->segment->workers[life->index].doorbell);
            return; /* it is reaped when it has ended */
        }
    }
}
