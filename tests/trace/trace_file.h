/* A trace file, read back. */
#ifndef SY_TESTS_TRACE_TRACE_FILE_H
#define SY_TESTS_TRACE_TRACE_FILE_H

#include "tests/rig/synth.h"

#define TRACE_NAMES_MAX 128

typedef struct TraceSlice {
    char kind; /* 'b' block, 't' task, 'n' node */
    int64_t from_ns, to_ns;
    int64_t block;
    int worker; /* of a task or node, by its track's name; or -1 */
    int name;   /* of a node: its number in TraceFile.names */
} TraceSlice;

typedef struct TraceFile {
    TraceSlice *slices; /* [n_slices] in the order of the file; the stage's */
    size_t n_slices;
    const char *names[TRACE_NAMES_MAX]; /* of nodes */
    int n_names;
    int64_t n_blocks, n_dropped; /* as the file says */
    struct json_object *json;
} TraceFile;

/* Reads a file of the stage's folder; whatever is not as it must be fails the test. Everything has
 * to be in the order of time, and each track's slices one after the other, or one in the other. */
TraceFile *trace_read(SyStage *stage, const char *name);

/* How many instants have a name that begins so. */
int trace_count(const TraceFile *file, const char *name);

/* Fails unless blocks follow each other without a gap, each with its tasks 0, 1 and so on, and
 * with every one of `n_modules` nodes once; if tasks alone are asked for, with none. Returns the
 * number of blocks. */
int64_t trace_assert_whole(const TraceFile *file, int n_modules);

#endif
