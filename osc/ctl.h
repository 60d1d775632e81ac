/* What the parts of synthctl share: what the command line asked for, the connection, and the verbs.
 */
#ifndef SY_OSC_CTL_H
#define SY_OSC_CTL_H

#include <json-c/json.h>
#include <stdbool.h>

#include "osc/decode.h"

typedef struct SyCtl {
    SyClientOptions options;
    bool json;
    bool wait;        /* status --wait */
    bool timeout_set; /* --timeout was given */
    bool quiet;       /* a file is run: say only what was asked for */
    bool colour;      /* stdout is a terminal */
    SyClient client;  /* .fd -1 until the first question */
    SyError error;    /* why the verb failed */
} SyCtl;

/* A verb: `words` are what follows the options, words[0] is the verb itself and words[n] is NULL.
 * Returns SY_OK or what went wrong, with the reason in ctl->error. */
typedef SyStatus SyVerbFunc(SyCtl *ctl, char **words, int n);

typedef struct SyVerbInfo {
    const char *name;
    SyVerbFunc *run;
    const char *summary; /* one line, for the list */
    const char *help;    /* the rest, with examples */
} SyVerbInfo;

/* The verbs in the order of the help; ends with a name of NULL. */
extern const SyVerbInfo sy_verbs[];

/* The verb called `name`, or NULL. */
const SyVerbInfo *sy_verb_find(const char *name);

/* Runs one verb.  Used by main and by `run`. */
SyStatus sy_verb_run(SyCtl *ctl, char **words, int n);

/* Asks the engine, connecting first if need be.  As sy_client_ask(). */
SyStatus sy_ctl_ask(SyCtl *ctl, const SyMessage *message, SyItemFunc *item, void *user);

/* Lists the modules that match `pattern` (or NULL: all) and their cables into an empty listing.
 * Returns SY_OK; as sy_client_ask(); SY_ERR_FAILED when part of the answer was lost. */
SyStatus sy_ctl_list(SyCtl *ctl, const char *pattern, SyListing *listing);

/* Fails when there are not `min` to `max` words behind the verb. */
SyStatus sy_ctl_count(SyCtl *ctl, char **words, int n, int min, int max);

/* Waits longer for answers than for others, unless --timeout said how long: files are read. */
void sy_ctl_be_patient(SyCtl *ctl);

/* The whole path of a file (PATH_MAX bytes), for the engine may have another working directory. */
SyStatus sy_ctl_absolute(SyCtl *ctl, const char *path, char *whole);

/* Prints an object or array and frees it. */
void sy_print_json(struct json_object *object);

/* The shortest digits that read back as the same float, as a number for JSON or as text (32 bytes).
 */
struct json_object *sy_json_float(double value);
const char *sy_number_text(double value, char *text);

/* Escape sequences for a terminal, or empty strings. */
const char *sy_bold(const SyCtl *ctl);
const char *sy_dim(const SyCtl *ctl);
const char *sy_plain(const SyCtl *ctl);

/* An argument of an answer, with a default for what is not there or of another kind. */
const char *sy_item_word(const SyMessage *item, size_t index);
double sy_item_number(const SyMessage *item, size_t index);

/* verbs_edit.c */
SyVerbFunc sy_verb_create, sy_verb_line, sy_verb_set, sy_verb_many;
/* verbs_show.c */
SyVerbFunc sy_verb_get, sy_verb_ls, sy_verb_workers;
/* verbs_engine.c */
SyVerbFunc sy_verb_status, sy_verb_quit, sy_verb_version;
/* verbs_top.c */
SyVerbFunc sy_verb_top;
/* verbs_graph.c */
SyVerbFunc sy_verb_graph;
/* verbs_trace.c */
SyVerbFunc sy_verb_trace;
/* verbs_types.c */
SyVerbFunc sy_verb_types, sy_verb_describe;
/* verbs_file.c */
SyVerbFunc sy_verb_save, sy_verb_load, sy_verb_run_file, sy_verb_render;

#endif
