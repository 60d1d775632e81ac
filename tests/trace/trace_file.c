#include "tests/trace/trace_file.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/rig/check.h"

#define TRACKS 300

typedef struct Reading {
    SyStage *stage;
    TraceFile *file;
    const char *tracks[TRACKS];
    int64_t last_ns;             /* of everything in the file */
    int64_t track_to_ns[TRACKS]; /* where the last slice of tasks or blocks ends */
    int64_t node_to_ns[TRACKS];
} Reading;

static struct json_object *get(struct json_object *from, const char *key)
{
    struct json_object *value = json_object_object_get(from, key);
    if (!value) {
        fail_msg("no %s in %s", key, json_object_to_json_string(from));
    }
    return value;
}

static const char *word(struct json_object *from, const char *key)
{
    return json_object_get_string(get(from, key));
}

static int64_t ns(struct json_object *event, const char *key)
{
    return llround(json_object_get_double(get(event, key)) * 1e3);
}

static int track_of(struct json_object *event)
{
    const int track = json_object_get_int(get(event, "tid"));
    assert_true(track >= 0 && track < TRACKS);
    return track;
}

static void take_name(Reading *reading, struct json_object *event)
{
    if (strcmp(word(event, "name"), "thread_name") == 0) {
        reading->tracks[track_of(event)] = word(get(event, "args"), "name");
    }
}

static int number_of_name(TraceFile *file, const char *name)
{
    for (int i = 0; i < file->n_names; i++) {
        if (strcmp(file->names[i], name) == 0) {
            return i;
        }
    }
    assert_true(file->n_names < TRACE_NAMES_MAX);
    file->names[file->n_names] = name;
    return file->n_names++;
}

static int worker_of(const Reading *reading, int track)
{
    int worker = -1;
    assert_non_null(reading->tracks[track]);
    if (sscanf(reading->tracks[track], "worker %d", &worker) != 1) {
        fail_msg("a task or node on the track '%s'", reading->tracks[track]);
    }
    return worker;
}

/* A worker does one thing after the other. */
static void check_track(Reading *reading, const TraceSlice *slice, int track)
{
    int64_t *to_ns = slice->kind == 'n' ? reading->node_to_ns : reading->track_to_ns;
    if (slice->from_ns < to_ns[track]) {
        fail_msg("%s: a slice of kind %c of block %lld begins %lld ns before the last one's end",
                 reading->tracks[track], slice->kind, (long long)slice->block,
                 (long long)(to_ns[track] - slice->from_ns));
    }
    to_ns[track] = slice->to_ns;
}

static void take_slice(Reading *reading, struct json_object *event)
{
    TraceFile *file = reading->file;
    TraceSlice *slice = &file->slices[file->n_slices++];
    const int track = track_of(event);
    const int64_t duration_ns = ns(event, "dur");

    assert_true(duration_ns >= 0);
    *slice = (TraceSlice){.kind = word(event, "cat")[0],
                          .from_ns = ns(event, "ts"),
                          .to_ns = ns(event, "ts") + duration_ns,
                          .block = json_object_get_int64(get(get(event, "args"), "block")),
                          .worker = -1};
    if (slice->kind != 'b') {
        slice->worker = worker_of(reading, track);
    }
    if (slice->kind == 'n') {
        slice->name = number_of_name(file, word(event, "name"));
    }
    if (slice->kind == 't') {
        assert_int_equal(sscanf(word(event, "name"), "task %d", &slice->name), 1);
    }
    check_track(reading, slice, track);
}

static void take_event(Reading *reading, struct json_object *event)
{
    const char phase = word(event, "ph")[0];
    if (phase == 'M') {
        take_name(reading, event);
        return;
    }
    assert_true(ns(event, "ts") >= reading->last_ns);
    reading->last_ns = ns(event, "ts");
    if (phase == 'X') {
        take_slice(reading, event);
    } else {
        assert_int_equal(phase, 'i');
    }
}

TraceFile *trace_read(SyStage *stage, const char *name)
{
    TraceFile *file = sy_stage_keep(stage, calloc(1, sizeof(*file)));
    Reading *reading = sy_stage_keep(stage, calloc(1, sizeof(*reading)));

    *reading = (Reading){.stage = stage, .file = file};
    file->json = json_tokener_parse(sy_stage_read(stage, name, NULL));
    assert_non_null(file->json);
    struct json_object *other = get(file->json, "otherData"),
                       *list = get(file->json, "traceEvents");
    const size_t n = json_object_array_length(list);
    file->n_blocks = json_object_get_int64(get(other, "blocks"));
    file->n_dropped = json_object_get_int64(get(other, "dropped"));
    file->slices = sy_stage_keep(stage, calloc(n + 1, sizeof(*file->slices)));
    for (size_t i = 0; i < n; i++) {
        take_event(reading, json_object_array_get_idx(list, i));
    }
    return file;
}

int trace_count(const TraceFile *file, const char *name)
{
    struct json_object *list = get(file->json, "traceEvents");
    int count = 0;

    for (size_t i = 0; i < json_object_array_length(list); i++) {
        struct json_object *event = json_object_array_get_idx(list, i);
        count +=
            word(event, "ph")[0] == 'i' && strncmp(word(event, "name"), name, strlen(name)) == 0;
    }
    return count;
}

/* What is there of a block. */
typedef struct Tally {
    int blocks, tasks, nodes;
    uint8_t task[TRACE_NAMES_MAX], node[TRACE_NAMES_MAX];
} Tally;

static void count_slice(Tally *tally, const TraceSlice *slice)
{
    if (slice->kind == 'b') {
        tally->blocks++;
    } else if (slice->kind == 't') {
        assert_true(slice->name >= 0 && slice->name < TRACE_NAMES_MAX);
        tally->tasks++;
        tally->task[slice->name]++;
    } else {
        tally->nodes++;
        tally->node[slice->name]++;
    }
}

static void assert_tally(const Tally *tally, int64_t block, int n_modules)
{
    if (tally->blocks != 1 || tally->nodes != n_modules || tally->tasks == 0) {
        fail_msg("block %lld is there %d times, with %d nodes of %d and %d tasks", (long long)block,
                 tally->blocks, tally->nodes, n_modules, tally->tasks);
    }
    for (int i = 0; i < n_modules; i++) {
        assert_int_equal(tally->node[i], 1);
    }
    for (int i = 0; i < tally->tasks; i++) {
        assert_int_equal(tally->task[i], 1);
    }
}

int64_t trace_assert_whole(const TraceFile *file, int n_modules)
{
    int64_t first = INT64_MAX, last = -1;

    for (size_t i = 0; i < file->n_slices; i++) {
        const int64_t block = file->slices[i].block;
        first = block < first ? block : first;
        last = block > last ? block : last;
    }
    assert_true(last >= first && last - first < 1000000);
    Tally *tallies = calloc((size_t)(last - first + 1), sizeof(*tallies));
    assert_non_null(tallies);
    for (size_t i = 0; i < file->n_slices; i++) {
        count_slice(&tallies[file->slices[i].block - first], &file->slices[i]);
    }
    for (int64_t block = first; block <= last; block++) {
        assert_tally(&tallies[block - first], block, n_modules);
    }
    free(tallies);
    assert_int_equal(last - first + 1, file->n_blocks);
    return last - first + 1;
}
