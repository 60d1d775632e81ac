/* The audio thread's events: those for later in a heap by time, those for this block in chains by
 * node, in the segment, where the workers find them.
 *
 * Nothing here sleeps, allocates or fails in a way that loses sound:
 * an event for which there is no place is counted and dropped.
 *
 * Thread: audio, but for init.  RT: yes, logarithmic in the number of waiting events. */
#ifndef SY_ENGINE_SCHEDULE_H
#define SY_ENGINE_SCHEDULE_H

#include "engine/event.h"

#define SY_SCHEDULED_MAX 32768 /* events that wait for their time */

typedef struct SyScheduled {
    uint64_t number; /* order of arrival: of two for the same frame the first comes first */
    SyEvent event;
} SyScheduled;

typedef struct SySchedule {
    SySegment *segment;
    const SyLive *live;
    SyScheduled *heap; /* [SY_SCHEDULED_MAX] */
    uint32_t n_heap;
    uint64_t next_number;
    uint32_t n_events; /* of the block, in segment->events */
    uint64_t epoch;
    int64_t start; /* the block's first frame */
    _Atomic uint64_t dropped;
    _Atomic uint64_t late; /* whose time had passed when they got here */
} SySchedule;

/* Makes an empty schedule with the caller's heap[SY_SCHEDULED_MAX] and live[SY_MODULES_MAX], which
 * outlive it.  Thread: setup.  RT: yes. */
void sy_schedule_init(SySchedule *schedule, SySegment *segment, const SyLive *live,
                      SyScheduled *heap);

/* Begins block `epoch` at frame `start`: what happened to parameters in the block before it is made
 * their new course. */
void sy_schedule_begin(SySchedule *schedule, uint64_t epoch, int64_t start);

/* Puts the heap in order again after whoever used it was killed: an event may be lost or come
 * twice. Of events for the same frame, those that came first need not come first any more. */
void sy_schedule_repair(SySchedule *schedule);

/* Whether an event for a parameter waits for its time. A look from outside, which may be out of
 * date. Thread: control.  RT: no. */
bool sy_schedule_holds(const SySchedule *schedule, uint32_t slot, uint8_t param);

/* Whether this block can take another event. */
bool sy_schedule_has_room(const SySchedule *schedule);

/* Takes an event that arrived: into this block, or for later. */
void sy_schedule_take(SySchedule *schedule, const SyEvent *event);

/* Moves what is due in this block from the heap into it. */
void sy_schedule_due(SySchedule *schedule);

#endif
