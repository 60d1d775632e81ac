/* The part of a segment that one worker writes, and copies of it.
 *
 * Comparing it all after every instruction takes a fraction of a microsecond, and misses nothing,
 * whatever the instruction was. That it is all is checked too, once at the end of every block. */
#ifndef SY_TESTS_INSTRUCTIONS_WATCH_H
#define SY_TESTS_INSTRUCTIONS_WATCH_H

#include "tests/instructions/patchwork.h"

#define RANGES_MAX 10

typedef struct Range {
    uint64_t at, bytes; /* in the segment */
} Range;

typedef struct Watch {
    Range ranges[RANGES_MAX]; /* by offset */
    uint32_t n_ranges;
    size_t bytes; /* of a copy */
} Watch;

/* What worker `index` may write while it runs the patch. */
Watch watch_of(const Patch *patch, uint32_t index);

void watch_save(const Watch *watch, const SySegment *segment, unsigned char *copy);
void watch_load(const Watch *watch, const unsigned char *copy, SySegment *segment);

/* Brings the copy up to date; returns whether anything had changed. */
bool watch_update(const Watch *watch, const SySegment *segment, unsigned char *copy);

/* Offset of the first byte outside the watch that differs from `image`, a copy of the whole
 * segment; 0 if there is none. */
uint64_t watch_stray(const Watch *watch, const SySegment *segment, const unsigned char *image);

#endif
