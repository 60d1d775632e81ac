/* One thing of a trace as an object of Chrome's trace events. */
#include "osc/trace_format.h"

#include <stdio.h>

#include "modules/registry.h"
#include "osc/address.h"

#define PROCESS      1
#define TRACK_WORKER 10 /* of worker 0; the others follow */

static void add_text(struct json_object *to, const char *key, const char *text)
{
    json_object_object_add(to, key, json_object_new_string(text));
}

static void add_number(struct json_object *to, const char *key, uint64_t number)
{
    json_object_object_add(to, key, json_object_new_int64((int64_t)number));
}

/* Chrome counts in microseconds; three digits behind the point lose nothing. */
static void add_us(struct json_object *to, const char *key, int64_t ns)
{
    char text[32];
    snprintf(text, sizeof text, "%lld.%03lld", (long long)(ns / 1000), (long long)(ns % 1000));
    json_object_object_add(to, key, json_object_new_double_s((double)ns / 1e3, text));
}

static struct json_object *new_event(const char *phase, const char *name, const char *category,
                                     int track)
{
    struct json_object *event = json_object_new_object();
    add_text(event, "ph", phase);
    add_text(event, "name", name);
    if (category) {
        add_text(event, "cat", category);
    }
    add_number(event, "pid", PROCESS);
    add_number(event, "tid", (uint64_t)track);
    return event;
}

int sy_trace_track_of_worker(int worker)
{
    return TRACK_WORKER + worker;
}

struct json_object *sy_trace_json_name(const char *what, int track, const char *name)
{
    struct json_object *event = new_event("M", what, NULL, track);
    struct json_object *args = json_object_new_object();
    add_text(args, "name", name);
    json_object_object_add(event, "args", args);
    return event;
}

struct json_object *sy_trace_json_place(int track)
{
    struct json_object *event = new_event("M", "thread_sort_index", NULL, track);
    struct json_object *args = json_object_new_object();
    add_number(args, "sort_index", (uint64_t)track);
    json_object_object_add(event, "args", args);
    return event;
}

bool sy_trace_event_is_of_worker(const SyTraceEvent *event)
{
    return event->kind == SY_TRACE_NOTICE &&
           (event->notice == SY_NOTICE_WORKER_DIED || event->notice == SY_NOTICE_WORKER_BACK);
}

/* Items. */

static const char *module_name(char *text, SyModuleRef module)
{
    text[0] = text[1] = '\0';
    if (module.type < sy_registry_count()) {
        sy_address_of_module(text, module);
    }
    return text + 1; /* as synthctl has it, without the slash */
}

static struct json_object *dropped_event(const SyTraceItem *item, int64_t base_ns)
{
    struct json_object *event = new_event("i", "blocks not recorded", "engine", SY_TRACK_BLOCKS);
    struct json_object *args = json_object_new_object();
    add_us(event, "ts", item->begin_ns - base_ns);
    add_text(event, "s", "t");
    add_number(args, "block", item->block);
    add_number(args, "count", item->n_blocks);
    json_object_object_add(event, "args", args);
    return event;
}

static struct json_object *new_slice(const SyTraceItem *item)
{
    char name[SY_ADDRESS_MAX];
    const int track = TRACK_WORKER + item->worker;
    if (item->kind == SY_TRACE_BLOCK) {
        return new_event("X", "block", "block", SY_TRACK_BLOCKS);
    }
    if (item->kind == SY_TRACE_NODE) {
        return new_event("X", module_name(name, item->module), "node", track);
    }
    snprintf(name, sizeof name, "task %u", item->task);
    return new_event("X", name, "task", track);
}

struct json_object *sy_trace_json_item(const SyTraceItem *item, int64_t base_ns)
{
    if (item->kind == SY_TRACE_DROPPED) {
        return dropped_event(item, base_ns);
    }
    struct json_object *event = new_slice(item), *args = json_object_new_object();
    add_us(event, "ts", item->begin_ns - base_ns);
    add_us(event, "dur", item->duration_ns);
    add_number(args, "block", item->block);
    if (item->kind == SY_TRACE_NODE) {
        add_number(args, "task", item->task);
    }
    json_object_object_add(event, "args", args);
    return event;
}

/* Events. */

static void name_cable(char *text, size_t size, const char *what, const SyTraceEvent *event)
{
    char from[SY_ADDRESS_MAX], to[SY_ADDRESS_MAX];
    sy_address_of_output(from, event->from);
    sy_address_of_input(to, event->to);
    snprintf(text, size, "%s %s %s", what, from + 1, to + 1);
}

static void name_notice(char *text, size_t size, const SyTraceEvent *event)
{
    static const char *const words[] = {
        [SY_NOTICE_CREATED] = "created",
        [SY_NOTICE_DESTROYED] = "destroyed",
        [SY_NOTICE_CONNECTED] = "connected",
        [SY_NOTICE_DISCONNECTED] = "disconnected",
        [SY_NOTICE_SET] = "set",
        [SY_NOTICE_WORKER_DIED] = "worker died",
        [SY_NOTICE_WORKER_BACK] = "worker back",
        [SY_NOTICE_QUARANTINED] = "quarantined",
        [SY_NOTICE_REVIVED] = "revived",
        [SY_NOTICE_WILD] = "not a number",
        [SY_NOTICE_MEMORY] = "memory",
        [SY_NOTICE_AUDIO] = "audio",
        [SY_NOTICE_FILE] = "file",
    };
    const size_t n = sizeof words / sizeof words[0];
    const char *word = (size_t)event->notice < n ? words[event->notice] : NULL;
    char module[SY_ADDRESS_MAX];

    if (event->notice == SY_NOTICE_CONNECTED || event->notice == SY_NOTICE_DISCONNECTED) {
        name_cable(text, size, word, event);
    } else if (event->module.id != 0) {
        snprintf(text, size, "%s %s", word ? word : "notice", module_name(module, event->module));
    } else {
        snprintf(text, size, "%s", word ? word : "notice");
    }
}

static void name_event(char *text, size_t size, const SyTraceEvent *event)
{
    switch (event->kind) {
    case SY_TRACE_NOTICE:
        name_notice(text, size, event);
        break;
    case SY_TRACE_LATE:
        snprintf(text, size, "late block");
        break;
    case SY_TRACE_PLAN:
        snprintf(text, size, "new plan");
        break;
    case SY_TRACE_LOST:
        snprintf(text, size, "events not recorded");
        break;
    }
}

static struct json_object *event_args(const SyTraceEvent *event)
{
    struct json_object *args = json_object_new_object();
    if (event->block) {
        add_number(args, "block", event->block);
    }
    if (event->kind == SY_TRACE_PLAN || event->kind == SY_TRACE_LOST) {
        add_number(args, event->kind == SY_TRACE_PLAN ? "plan" : "count", event->serial);
    }
    if (event->text[0]) {
        add_text(args, "text", event->text);
    }
    return args;
}

struct json_object *sy_trace_json_event(const SyTraceEvent *event, int64_t base_ns)
{
    char name[3 * SY_ADDRESS_MAX];
    const int track =
        sy_trace_event_is_of_worker(event) ? TRACK_WORKER + event->worker : SY_TRACK_EVENTS;
    name_event(name, sizeof name, event);
    struct json_object *instant = new_event("i", name, "engine", track);
    add_us(instant, "ts", event->at_ns - base_ns);
    add_text(instant, "s", "t");
    json_object_object_add(instant, "args", event_args(event));
    return instant;
}
