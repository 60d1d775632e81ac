/* Verbs that change the patch: create, destroy, revive, connect, disconnect, set, note, clear. */
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "osc/ctl.h"
#include "osc/line.h"

/* What came back for one line. */
typedef struct Edit {
    SyCtl *ctl;
    struct json_object *json; /* NULL: print */
    struct json_object *clamped;
    char what[160];  /* first argument behind the command */
    double number;   /* second */
    char path[1024]; /* the same, where it is one */
    double third;
} Edit;

static const char *without_slash(const char *address)
{
    return address + (address[0] == '/');
}

/* "/clamped" address asked now */
static void take_clamped(Edit *edit, const SyMessage *item)
{
    char asked[32], now[32];
    const char *address = without_slash(sy_item_word(item, 0));
    if (edit->clamped) {
        struct json_object *entry = json_object_new_object();
        json_object_object_add(entry, "asked", sy_json_float(sy_item_number(item, 1)));
        json_object_object_add(entry, "now", sy_json_float(sy_item_number(item, 2)));
        json_object_object_add(edit->clamped, address, entry);
    } else {
        fprintf(stderr, "synthctl: %s stops at %s (%s asked)\n", address,
                sy_number_text(sy_item_number(item, 2), now),
                sy_number_text(sy_item_number(item, 1), asked));
    }
}

static void take_item(void *user, const SyMessage *item)
{
    Edit *edit = user;
    if (strcmp(item->address, "/clamped") == 0) {
        take_clamped(edit, item);
    } else if (strcmp(item->address, "/remark") == 0) {
        fprintf(stderr, "synthctl: %s\n", sy_item_word(item, 1));
    } else if (strcmp(item->address, "/done") == 0) {
        snprintf(edit->what, sizeof edit->what, "%s", without_slash(sy_item_word(item, 1)));
        edit->number = sy_item_number(item, 2);
        snprintf(edit->path, sizeof edit->path, "%s", sy_item_word(item, 2));
        edit->third = sy_item_number(item, 3);
    }
}

/* The argument of a message that is a file's path, or NULL. */
static SyArg *find_path(SyLine *line)
{
    const size_t n = line->message.n_args;
    if (strcmp(line->address, "/set") == 0 && n > 1 && line->args[1].type == 's') {
        const char *leaf = strrchr(line->args[0].s, '/');
        return leaf && strcmp(leaf, "/file") == 0 ? &line->args[1] : NULL;
    }
    for (size_t i = 2; strcmp(line->address, "/create") == 0 && i + 1 < n; i += 2) {
        if (strcmp(line->args[i].s, "file") == 0 && line->args[i + 1].type == 's') {
            return &line->args[i + 1];
        }
    }
    return NULL;
}

/* The engine may have another folder than we, and takes its time to read a file. */
static SyStatus prepare_path(SyCtl *ctl, SyLine *line, char *whole)
{
    SyArg *path = find_path(line);
    if (!path) {
        return SY_OK;
    }
    const SyStatus status = sy_ctl_absolute(ctl, path->s, whole);
    path->s = whole;
    sy_ctl_be_patient(ctl);
    return status;
}

/* Sends one line and collects what comes back. */
static SyStatus send_line(SyCtl *ctl, char **words, int n, Edit *edit)
{
    SyLine line;
    char path[PATH_MAX];
    *edit = (Edit){.ctl = ctl};
    if (ctl->json) {
        edit->json = json_object_new_object();
        edit->clamped = json_object_new_object();
    }
    SyStatus status = sy_line_message(words, (size_t)n, &line, &ctl->error);
    if (status == SY_OK) {
        status = prepare_path(ctl, &line, path);
    }
    if (status == SY_OK) {
        status = sy_ctl_ask(ctl, &line.message, take_item, edit);
    }
    if (status != SY_OK && ctl->json) {
        json_object_put(edit->json);
        json_object_put(edit->clamped);
    }
    return status;
}

/* Prints what a line brought as JSON. */
static void print_edit(Edit *edit)
{
    if (json_object_object_length(edit->clamped) > 0) {
        json_object_object_add(edit->json, "clamped", edit->clamped);
    } else {
        json_object_put(edit->clamped);
    }
    sy_print_json(edit->json);
}

SyStatus sy_verb_create(SyCtl *ctl, char **words, int n)
{
    Edit edit;
    const SyStatus status = send_line(ctl, words, n, &edit);
    if (status != SY_OK) {
        return status;
    }
    if (!ctl->json) {
        if (!ctl->quiet) {
            printf("%s on worker %d in %.0f us\n", edit.what, (int)edit.number, edit.third);
        }
        return SY_OK;
    }
    json_object_object_add(edit.json, "module", json_object_new_string(edit.what));
    json_object_object_add(edit.json, "worker", json_object_new_int((int)edit.number));
    json_object_object_add(edit.json, "assign_us", sy_json_float(edit.third));
    print_edit(&edit);
    return SY_OK;
}

SyStatus sy_verb_line(SyCtl *ctl, char **words, int n)
{
    Edit edit;
    const SyStatus status = send_line(ctl, words, n, &edit);
    if (status == SY_OK && ctl->json) {
        json_object_object_add(edit.json, "done", json_object_new_string(words[0]));
        print_edit(&edit);
    }
    return status;
}

SyStatus sy_verb_set(SyCtl *ctl, char **words, int n)
{
    Edit edit;
    const SyStatus status = send_line(ctl, words, n, &edit);
    if (status == SY_OK && ctl->json) {
        json_object_object_add(edit.json, "parameter", json_object_new_string(edit.what));
        json_object_object_add(edit.json, "value",
                               edit.path[0] ? json_object_new_string(edit.path)
                                            : sy_json_float(edit.number));
        json_object_object_add(edit.json, "count", json_object_new_int((int)edit.third));
        print_edit(&edit);
    }
    return status;
}

/* One line for each word: destroy vco/1 vcf/1 */
SyStatus sy_verb_many(SyCtl *ctl, char **words, int n)
{
    SyStatus status = SY_OK;
    if (n < 2) {
        return sy_verb_line(ctl, words, n); /* says what is missing */
    }
    for (int i = 1; status == SY_OK && i < n; i++) {
        char *line[] = {words[0], words[i], NULL};
        status = sy_verb_line(ctl, line, 2);
    }
    return status;
}
