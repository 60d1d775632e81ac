/* The verb trace: at what level the engine takes down what it does, and files of that. */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/tracing.h"
#include "osc/ctl.h"
#include "osc/value.h"

#define SECONDS   5.0  /* unless --seconds says something else */
#define WRITING_S 60.0 /* that a large file may take to be written */

typedef struct Options {
    const char *level, *out, *seconds;
} Options;

static const char **option_named(Options *options, const char *name)
{
    if (strcmp(name, "--level") == 0) {
        return &options->level;
    }
    if (strcmp(name, "--seconds") == 0) {
        return &options->seconds;
    }
    return strcmp(name, "-o") == 0 || strcmp(name, "--output") == 0 ? &options->out : NULL;
}

static SyStatus read_options(SyCtl *ctl, char **words, int n, Options *options)
{
    for (int i = 1; i < n; i++) {
        const char **value = option_named(options, words[i]);
        if (value && i + 1 < n) {
            *value = words[++i];
        } else if (value) {
            return sy_problem(&ctl->error, SY_ERR_USAGE, "%s needs a value", words[i]);
        } else {
            return sy_problem(&ctl->error, SY_ERR_USAGE,
                              "trace does not take '%.40s'; `synthctl trace --help` says what it "
                              "takes",
                              words[i]);
        }
    }
    if (options->seconds && !options->out) {
        return sy_problem(&ctl->error, SY_ERR_USAGE, "--seconds needs a file: -o trace.json");
    }
    return SY_OK;
}

static SyStatus read_seconds(SyCtl *ctl, const char *text, double *seconds)
{
    char *end;
    *seconds = text ? strtod(text, &end) : SECONDS;
    if (text && (end == text || *end != '\0')) {
        return sy_problem(&ctl->error, SY_ERR_VALUE, "--seconds wants a number, not '%.40s'", text);
    }
    return SY_OK;
}

/* What the engine says of it. */
typedef struct Told {
    char level[16];
    double blocks, dropped, events;
} Told;

static void take_level(void *user, const SyMessage *item)
{
    Told *told = user;
    if (strcmp(item->address, "/done") == 0) {
        snprintf(told->level, sizeof told->level, "%s", sy_item_word(item, 1));
    }
}

static void take_recording(void *user, const SyMessage *item)
{
    Told *told = user;
    if (strcmp(item->address, "/done") == 0) {
        told->blocks = sy_item_number(item, 2);
        told->dropped = sy_item_number(item, 3);
        told->events = sy_item_number(item, 4);
    }
}

static SyStatus ask_level(SyCtl *ctl, const char *level)
{
    const SyArg arg = {.type = 's', .s = level};
    const SyMessage message = {"/trace", &arg, level ? 1 : 0};
    Told told = {.level = ""};
    const SyStatus status = sy_ctl_ask(ctl, &message, take_level, &told);
    if (status == SY_OK && ctl->json) {
        struct json_object *object = json_object_new_object();
        json_object_object_add(object, "level", json_object_new_string(told.level));
        sy_print_json(object);
    } else if (status == SY_OK && !ctl->quiet) {
        printf("%s\n", told.level);
    }
    return status;
}

static void print_recording(const SyCtl *ctl, const char *path, const Told *told)
{
    if (ctl->json) {
        struct json_object *object = json_object_new_object();
        json_object_object_add(object, "traced", json_object_new_string(path));
        json_object_object_add(object, "blocks", json_object_new_int64((int64_t)told->blocks));
        json_object_object_add(object, "dropped", json_object_new_int64((int64_t)told->dropped));
        json_object_object_add(object, "events", json_object_new_int64((int64_t)told->events));
        sy_print_json(object);
        return;
    }
    printf("%s: %.0f events, %.0f blocks", path, told->events, told->blocks);
    if (told->dropped > 0) {
        printf("; %s%.0f blocks are missing%s", sy_bold(ctl), told->dropped, sy_plain(ctl));
    }
    printf("\n");
}

/* A connection keeps the patience that it was opened with. */
static SyStatus ask_patiently(SyCtl *ctl, const SyMessage *message, double more_s, Told *told)
{
    sy_client_close(&ctl->client);
    ctl->options.timeout_s += more_s;
    const SyStatus status = sy_ctl_ask(ctl, message, take_recording, told);
    ctl->options.timeout_s -= more_s;
    sy_client_close(&ctl->client);
    return status;
}

static SyStatus record(SyCtl *ctl, const Options *options)
{
    char path[PATH_MAX];
    double seconds = 0;
    Told told = {.level = ""};
    SyStatus status = read_seconds(ctl, options->seconds, &seconds);
    if (status == SY_OK) {
        status = sy_ctl_absolute(ctl, options->out, path);
    }
    if (status != SY_OK) {
        return status;
    }
    const SyArg args[] = {
        {.type = 's', .s = path}, {.type = 'd', .d = seconds}, {.type = 's', .s = options->level}};
    const SyMessage message = {"/trace.record", args, options->level ? 3 : 2};
    status = ask_patiently(ctl, &message, seconds + WRITING_S, &told);
    if (status == SY_OK) {
        print_recording(ctl, options->out, &told);
    }
    return status;
}

SyStatus sy_verb_trace(SyCtl *ctl, char **words, int n)
{
    Options options = {NULL, NULL, NULL};
    const SyStatus status = read_options(ctl, words, n, &options);
    if (status != SY_OK) {
        return status;
    }
    return options.out ? record(ctl, &options) : ask_level(ctl, options.level);
}
