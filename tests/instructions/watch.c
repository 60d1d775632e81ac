#include "tests/instructions/watch.h"

#include <string.h>

#include "engine/ring.h"
#include "tests/instructions/records.h"

static void add(Watch *watch, uint64_t at, uint64_t bytes)
{
    watch->ranges[watch->n_ranges++] = (Range){at, bytes};
    watch->bytes += bytes;
}

Watch watch_of(const Patch *patch, uint32_t index)
{
    const SySegment *segment = patch->segment;
    const uint64_t bells = offsetof(SySegment, control_bell);
    Watch watch = {0};

    add(&watch, bells, offsetof(SySegment, workers) - bells);
    add(&watch, offsetof(SySegment, workers) + index * sizeof(SyWorkerShared),
        sizeof(SyWorkerShared));
    add(&watch, offsetof(SySegment, work), patch->graph->module_top * sizeof(SyNodeWork));
    add(&watch, offsetof(SySegment, claims), patch_plan(segment)->n_tasks * sizeof(SyClaimShared));
    add(&watch, offsetof(SySegment, sums), 2 * sizeof(SySumShared));
    add(&watch, segment->places[index].commands_at, sizeof(SyRingIndexes));
    add(&watch, segment->places[index].replies_at, sizeof(SyRingIndexes));
    if (records_are_kept(segment)) {
        add(&watch, segment->trace_at, 2 * RECORDS_ROOM * sizeof(SyTraceRecord));
    }
    add(&watch, segment->used_to, sy_arena_used(patch->arena));
    return watch;
}

void watch_save(const Watch *watch, const SySegment *segment, unsigned char *copy)
{
    for (uint32_t i = 0; i < watch->n_ranges; i++) {
        memcpy(copy, sy_at(segment, watch->ranges[i].at), watch->ranges[i].bytes);
        copy += watch->ranges[i].bytes;
    }
}

void watch_load(const Watch *watch, const unsigned char *copy, SySegment *segment)
{
    for (uint32_t i = 0; i < watch->n_ranges; i++) {
        memcpy(sy_at(segment, watch->ranges[i].at), copy, watch->ranges[i].bytes);
        copy += watch->ranges[i].bytes;
    }
}

bool watch_update(const Watch *watch, const SySegment *segment, unsigned char *copy)
{
    bool changed = false;

    for (uint32_t i = 0; i < watch->n_ranges; i++) {
        const void *now = sy_at(segment, watch->ranges[i].at);
        if (memcmp(copy, now, watch->ranges[i].bytes) != 0) {
            memcpy(copy, now, watch->ranges[i].bytes);
            changed = true;
        }
        copy += watch->ranges[i].bytes;
    }
    return changed;
}

static uint64_t first_difference(const SySegment *segment, const unsigned char *image,
                                 uint64_t from, uint64_t to)
{
    const unsigned char *bytes = sy_at(segment, 0);

    if (memcmp(bytes + from, image + from, to - from) == 0) {
        return 0;
    }
    while (bytes[from] == image[from]) {
        from++;
    }
    return from;
}

uint64_t watch_stray(const Watch *watch, const SySegment *segment, const unsigned char *image)
{
    uint64_t from = 0, found = 0;

    for (uint32_t i = 0; i < watch->n_ranges && !found; i++) {
        found = first_difference(segment, image, from, watch->ranges[i].at);
        from = watch->ranges[i].at + watch->ranges[i].bytes;
    }
    return found ? found : first_difference(segment, image, from, segment->size);
}
