#include "osc/trace_json.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "osc/replace.h"
#include "osc/trace_format.h"

#define WORKERS    256
#define LOOK_ITEMS 4096 /* written between two looks at `stop` */

/* How each of our files begins; nothing else is overwritten. */
static const char opening[] = "{\"otherData\":{\"program\":\"synthd\"";

typedef struct Writing {
    FILE *file;
    int64_t base_ns; /* what the file counts from */
    bool any;        /* something is in the list already */
} Writing;

static void put(Writing *writing, struct json_object *event)
{
    fputs(writing->any ? ",\n" : "\n", writing->file);
    fputs(json_object_to_json_string_ext(event,
                                         JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE),
          writing->file);
    writing->any = true;
    json_object_put(event);
}

/* Tracks. */

static void put_track(Writing *writing, int track, const char *name)
{
    put(writing, sy_trace_json_name("thread_name", track, name));
    put(writing, sy_trace_json_place(track));
}

static void note_worker(bool *there, int64_t worker)
{
    if (worker >= 0 && worker < WORKERS) {
        there[worker] = true;
    }
}

static bool has_worker(const SyTraceItem *item)
{
    return item->kind == SY_TRACE_TASK || item->kind == SY_TRACE_NODE;
}

static void put_tracks(Writing *writing, const SyTrace *trace)
{
    bool there[WORKERS] = {false};
    for (size_t i = 0; i < trace->n_items; i++) {
        note_worker(there, has_worker(&trace->items[i]) ? trace->items[i].worker : -1);
    }
    for (size_t i = 0; i < trace->n_events; i++) {
        note_worker(there,
                    sy_trace_event_is_of_worker(&trace->events[i]) ? trace->events[i].worker : -1);
    }
    put(writing, sy_trace_json_name("process_name", 0, "synthd"));
    put_track(writing, SY_TRACK_EVENTS, "engine");
    put_track(writing, SY_TRACK_BLOCKS, "blocks");
    for (int i = 0; i < WORKERS; i++) {
        char name[32];
        snprintf(name, sizeof name, "worker %d", i);
        if (there[i]) {
            put_track(writing, sy_trace_track_of_worker(i), name);
        }
    }
}

/* What holds others comes before them. */
static int by_time(const void *a, const void *b)
{
    const SyTraceItem *first = a, *second = b;
    if (first->begin_ns != second->begin_ns) {
        return first->begin_ns < second->begin_ns ? -1 : 1;
    }
    if (first->duration_ns != second->duration_ns) {
        return first->duration_ns > second->duration_ns ? -1 : 1;
    }
    return (int)first->kind - (int)second->kind;
}

static void put_opening(Writing *writing, const SyTrace *trace)
{
    fprintf(writing->file,
            "%s,\"version\":\"%s\",\"blocks\":%llu,\"dropped\":%llu},\n"
            "\"displayTimeUnit\":\"ns\",\"traceEvents\":[",
            opening, SY_VERSION, (unsigned long long)trace->n_blocks,
            (unsigned long long)trace->n_dropped);
}

/* False when it is to stop. */
static bool put_all(Writing *writing, const SyTrace *trace, const atomic_bool *stop)
{
    size_t event = 0;
    for (size_t i = 0; i < trace->n_items; i++) {
        for (; event < trace->n_events && trace->events[event].at_ns <= trace->items[i].begin_ns;
             event++) {
            put(writing, sy_trace_json_event(&trace->events[event], writing->base_ns));
        }
        put(writing, sy_trace_json_item(&trace->items[i], writing->base_ns));
        if (i % LOOK_ITEMS == 0 && atomic_load(stop)) {
            return false;
        }
    }
    for (; event < trace->n_events; event++) {
        put(writing, sy_trace_json_event(&trace->events[event], writing->base_ns));
    }
    return true;
}

static bool write_file(int fd, SyTrace *trace, const atomic_bool *stop)
{
    const int copy = dup(fd);
    Writing writing = {.file = copy < 0 ? NULL : fdopen(copy, "w"), .base_ns = trace->from_ns};
    if (!writing.file) {
        return false;
    }
    qsort(trace->items, trace->n_items, sizeof trace->items[0], by_time);
    if (trace->n_items > 0 && trace->items[0].begin_ns < writing.base_ns) {
        writing.base_ns = trace->items[0].begin_ns; /* its block was on its way already */
    }
    put_opening(&writing, trace);
    put_tracks(&writing, trace);
    const bool all = put_all(&writing, trace, stop);
    fputs("\n]}\n", writing.file);
    const bool failed = ferror(writing.file) != 0;
    const int reason = failed ? EIO : all ? 0 : ECANCELED;
    const bool closed = fclose(writing.file) == 0;
    errno = reason ? reason : errno;
    return closed && !failed && all;
}

static bool begins_as_ours(int fd)
{
    char begins[sizeof opening];
    return read(fd, begins, sizeof opening - 1) == (ssize_t)sizeof opening - 1 &&
           memcmp(begins, opening, sizeof opening - 1) == 0;
}

/* Opens a regular file only; anything else could make a reader wait for ever. */
static SyStatus check_replaceable(const char *path, SyError *error)
{
    struct stat info;
    const int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (fd < 0) {
        return errno == ENOENT ? SY_OK : sy_file_problem(error, "write", path);
    }
    const bool ours = fstat(fd, &info) == 0 && S_ISREG(info.st_mode) && begins_as_ours(fd);
    close(fd);
    return ours ? SY_OK
                : sy_problem(error, SY_ERR_FILE,
                             "%.200s is there and is not a trace; remove it or take another name",
                             path);
}

static SyStatus open_beside(SyReplace *replace, const char *path, SyError *error)
{
    SyStatus status = sy_replace_find(replace, path, error);
    if (status == SY_OK) {
        status = check_replaceable(replace->path, error);
    }
    return status == SY_OK ? sy_replace_open(replace, error) : status;
}

SyStatus sy_trace_check(const char *path, SyError *error)
{
    SyReplace replace;
    const SyStatus status = open_beside(&replace, path, error);
    if (status == SY_OK) {
        sy_replace_close(&replace, false, NULL);
    }
    return status;
}

SyStatus sy_trace_write(const char *path, SyTrace *trace, const atomic_bool *stop, SyError *error)
{
    SyReplace replace;
    const SyStatus status = open_beside(&replace, path, error);
    return status == SY_OK ? sy_replace_close(&replace, write_file(replace.fd, trace, stop), error)
                           : status;
}
