#include "engine/schedule.h"

#include <string.h>

void sy_schedule_init(SySchedule *schedule, SySegment *segment, const SyLive *live,
                      SyScheduled *heap)
{
    memset(schedule, 0, sizeof(*schedule));
    schedule->segment = segment;
    schedule->live = live;
    schedule->heap = heap;
}

/* The heap: the earliest on top, of equals the one that arrived first. */

static bool is_before(const SyScheduled *a, const SyScheduled *b)
{
    return a->event.when != b->event.when ? a->event.when < b->event.when : a->number < b->number;
}

static void push(SySchedule *schedule, const SyEvent *event)
{
    SyScheduled *heap = schedule->heap;
    const SyScheduled added = {.number = schedule->next_number++, .event = *event};
    uint32_t i = schedule->n_heap++;

    while (i > 0 && is_before(&added, &heap[(i - 1) / 2])) {
        heap[i] = heap[(i - 1) / 2];
        i = (i - 1) / 2;
    }
    heap[i] = added;
}

static SyEvent pop(SySchedule *schedule)
{
    SyScheduled *heap = schedule->heap;
    const SyEvent top = heap[0].event;
    const SyScheduled last = heap[--schedule->n_heap];
    uint32_t i = 0;

    for (;;) {
        uint32_t child = 2 * i + 1;
        if (child >= schedule->n_heap) {
            break;
        }
        if (child + 1 < schedule->n_heap && is_before(&heap[child + 1], &heap[child])) {
            child++;
        }
        if (!is_before(&heap[child], &last)) {
            break;
        }
        heap[i] = heap[child];
        i = child;
    }
    heap[i] = last;
    return top;
}

void sy_schedule_repair(SySchedule *schedule)
{
    const uint32_t n = schedule->n_heap < SY_SCHEDULED_MAX ? schedule->n_heap : SY_SCHEDULED_MAX;

    schedule->n_heap = 0;
    for (uint32_t i = 0; i < n; i++) {
        const SyEvent event = schedule->heap[i].event;
        push(schedule, &event);
    }
}

bool sy_schedule_holds(const SySchedule *schedule, uint32_t slot, uint8_t param)
{
    for (uint32_t i = 0; i < schedule->n_heap && i < SY_SCHEDULED_MAX; i++) {
        const SyEvent *event = &schedule->heap[i].event;
        if (event->slot == slot && event->kind == SY_EVENT_PARAM && event->param == param) {
            return true;
        }
    }
    return false;
}

/* The block's events. */

static SyParamsShared *params_of(const SySchedule *schedule, uint32_t slot)
{
    return sy_at(schedule->segment,
                 atomic_load_explicit(&schedule->live[slot].params_at, memory_order_relaxed));
}

static void count(_Atomic uint64_t *counter)
{
    atomic_store_explicit(counter, atomic_load_explicit(counter, memory_order_relaxed) + 1,
                          memory_order_relaxed);
}

static bool is_current(const SySchedule *schedule, const SyEvent *event)
{
    return event->slot < SY_MODULES_MAX && event->param < SY_PARAMS_MAX &&
           atomic_load_explicit(&schedule->live[event->slot].generation, memory_order_acquire) ==
               event->generation;
}

/* The course that a parameter is on at this point of the block. */
static SyRampShared course(const SySchedule *schedule, uint32_t slot, uint8_t param)
{
    const SyNodeShared *node = &schedule->segment->nodes[slot];
    SyRampShared found = params_of(schedule, slot)->ramps[param];

    if (node->event_epoch == schedule->epoch) {
        for (uint32_t i = node->event_first; i != UINT32_MAX;
             i = schedule->segment->events[i].next) {
            const SyBlockEvent *event = &schedule->segment->events[i];
            if (event->kind == SY_EVENT_PARAM && event->param == param) {
                found = event->ramp;
            }
        }
    }
    return found;
}

static SyRampShared new_course(const SySchedule *schedule, const SyEvent *event, uint32_t offset)
{
    const int64_t frame = schedule->start + offset;
    const SyRampShared old = course(schedule, event->slot, event->param);
    const int32_t length = event->jumps ? 0 : (int32_t)schedule->segment->smooth_frames;
    const float from = event->jumps ? event->value : sy_ramp_value(&old, frame);

    return (SyRampShared){.from = from,
                          .to = event->value,
                          .slope = length ? (event->value - from) / (float)length : 0,
                          .length = length,
                          .start = frame};
}

static void append(SySchedule *schedule, SyBlockEvent event)
{
    SySegment *segment = schedule->segment;
    SyNodeShared *node = &segment->nodes[event.slot];
    const uint32_t index = schedule->n_events;

    event.next = UINT32_MAX;
    segment->events[index] = event;
    schedule->n_events++;
    if (node->event_epoch == schedule->epoch) {
        segment->events[node->event_last].next = index;
    } else {
        node->event_epoch = schedule->epoch;
        node->event_first = index;
    }
    node->event_last = index;
}

static void apply(SySchedule *schedule, const SyEvent *event, uint32_t offset)
{
    SyNodeShared *node = &schedule->segment->nodes[event->slot];

    if (!is_current(schedule, event)) {
        return;
    }
    if (event->kind == SY_EVENT_NOTE) {
        append(schedule, (SyBlockEvent){.offset = offset,
                                        .slot = event->slot,
                                        .kind = SY_EVENT_NOTE,
                                        .note = event->note});
        return;
    }
    const SyRampShared ramp = new_course(schedule, event, offset);
    if (offset == 0 && node->event_epoch != schedule->epoch) {
        /* The node need not be cut. */
        sy_params_set(params_of(schedule, event->slot), event->param, &ramp);
        return;
    }
    append(schedule, (SyBlockEvent){.offset = offset,
                                    .slot = event->slot,
                                    .kind = SY_EVENT_PARAM,
                                    .param = event->param,
                                    .ramp = ramp});
}

bool sy_schedule_has_room(const SySchedule *schedule)
{
    return schedule->n_events < SY_EVENTS_MAX;
}

void sy_schedule_begin(SySchedule *schedule, uint64_t epoch, int64_t start)
{
    for (uint32_t i = 0; i < schedule->n_events; i++) {
        const SyBlockEvent *event = &schedule->segment->events[i];
        if (event->kind == SY_EVENT_PARAM) {
            sy_params_set(params_of(schedule, event->slot), event->param, &event->ramp);
        }
    }
    schedule->n_events = 0;
    schedule->epoch = epoch;
    schedule->start = start;
}

void sy_schedule_take(SySchedule *schedule, const SyEvent *event)
{
    if (event->when <= schedule->start) {
        if (event->when != SY_WHEN_NOW && event->when < schedule->start) {
            count(&schedule->late);
        }
        apply(schedule, event, 0);
    } else if (schedule->n_heap < SY_SCHEDULED_MAX) {
        push(schedule, event);
    } else {
        count(&schedule->dropped);
    }
}

void sy_schedule_due(SySchedule *schedule)
{
    const int64_t end = schedule->start + schedule->segment->block;

    while (schedule->n_heap > 0 && schedule->heap[0].event.when < end &&
           sy_schedule_has_room(schedule)) {
        const SyEvent event = pop(schedule);
        const int64_t offset = event.when - schedule->start;
        apply(schedule, &event, offset > 0 ? (uint32_t)offset : 0);
    }
}
