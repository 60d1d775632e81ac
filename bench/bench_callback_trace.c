#include "bench/bench_callback_trace.h"

#include <json-c/json.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *text_of(struct json_object *object, const char *key)
{
    const char *text = json_object_get_string(json_object_object_get(object, key));
    return text ? text : "";
}

static double number_of(struct json_object *object, const char *key)
{
    return json_object_get_double(json_object_object_get(object, key));
}

static void take(SyTracedBlocks *traced, struct json_object *event)
{
    if (strcmp(text_of(event, "name"), "late block") == 0) {
        traced->n_late++;
    }
    if (strcmp(text_of(event, "cat"), "block") != 0) {
        return;
    }
    struct json_object *args = json_object_object_get(event, "args");
    traced->blocks[traced->n++] = (SyTracedBlock){
        .number = json_object_get_int64(json_object_object_get(args, "block")),
        .begin_ns = number_of(event, "ts") * 1e3,
        .took_ns = number_of(event, "dur") * 1e3,
    };
}

static bool take_all(SyTracedBlocks *traced, struct json_object *trace)
{
    struct json_object *events = json_object_object_get(trace, "traceEvents");
    struct json_object *about = json_object_object_get(trace, "otherData");

    if (!json_object_is_type(events, json_type_array) || !about) {
        return false;
    }
    const size_t n = json_object_array_length(events);
    traced->blocks = calloc(n + 1, sizeof(*traced->blocks));
    for (size_t i = 0; traced->blocks && i < n; i++) {
        take(traced, json_object_array_get_idx(events, i));
    }
    traced->n_dropped = (uint64_t)json_object_get_int64(json_object_object_get(about, "dropped"));
    return traced->blocks != NULL;
}

bool sy_traced_blocks_read(const char *path, SyTracedBlocks *traced)
{
    struct json_object *trace = json_object_from_file(path);

    *traced = (SyTracedBlocks){0};
    const bool ok = json_object_is_type(trace, json_type_object) && take_all(traced, trace);
    json_object_put(trace);
    if (!ok) {
        fprintf(stderr, "synthbench: %s is no trace\n", path);
    }
    return ok;
}

void sy_traced_blocks_clear(SyTracedBlocks *traced)
{
    free(traced->blocks);
    *traced = (SyTracedBlocks){0};
}

void sy_traced_blocks_judge(const SyTracedBlocks *traced, double period_ns, SyHistogram *jitter,
                            SyHistogram *took)
{
    for (size_t i = 0; i < traced->n; i++) {
        const SyTracedBlock *block = &traced->blocks[i], *last = block - 1;
        if (i > 0 && block->number == last->number + 1) {
            const double interval_ns = block->begin_ns - last->begin_ns;
            sy_histogram_record(jitter, (uint64_t)llround(fabs(interval_ns - period_ns)));
        }
        sy_histogram_record(took, (uint64_t)llround(block->took_ns));
    }
}
