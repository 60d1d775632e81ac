/* The journal of a running engine: what is written when, and by whom.
 *
 *     an edit        by control, before it is answered
 *     values         by control, those that have changed, at most VALUES_NS after they were set:
 * they go from osc to audio without passing here, and there can be thousands a second fdatasync by
 * a thread of its own, at most SYNC_NS after something was written a snapshot     by control, when
 * it starts, when a whole patch was loaded, and when the edits have grown long
 *
 * A journal that cannot be written is no reason to stop playing: it is said, and tried anew. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/control_edit.h"
#include "engine/journal.h"
#include "engine/thread.h"
#include "modules/registry.h"

#define VALUES_NS    100000000
#define SYNC_NS      100000000
#define RETRY_NS     5000000000
#define QUIET_NS     1000000000           /* without an edit: time to make it short */
#define GROWN_BYTES  (256u << 10)         /* beyond the snapshot: worth it then */
#define GROWN_ALWAYS ((uint64_t)64 << 20) /* quiet or not */

struct SyJournalist {
    SyJournal *journal;
    const SyScribe *scribe;
    pthread_t thread;
    bool runs; /* the thread */
    _Atomic bool stopping;
    SyFutex bell; /* rung when something was written */
    _Atomic bool sync_failed;
    _Atomic bool begun; /* the first snapshot is written */

    /* control's own */
    bool broken; /* the journal lacks something */
    int64_t tried_ns, wrote_ns, values_ns;
    uint64_t snapshot_bytes;
    float kept[SY_MODULES_MAX][SY_PARAMS_MAX]; /* values as the journal has them */
};

/* The thread that waits for the disk, so that nobody else has to. */
static void *sync_always(void *argument)
{
    SyJournalist *journalist = argument;
    const struct timespec pause = {.tv_nsec = SYNC_NS};
    uint32_t synced = 0; /* the bell as it was then, which is odd; 0 not yet */
    char error[256];

    while (!atomic_load(&journalist->stopping)) {
        const uint32_t seen = sy_bell_listen(&journalist->bell);
        if (seen != synced) {
            const bool good = sy_journal_sync(journalist->journal, error, sizeof(error)) == SY_OK;
            if (!good) {
                atomic_store(&journalist->sync_failed, true);
            }
            synced = good ? seen : 0;
        }
        if (atomic_load(&journalist->stopping)) {
            break;
        }
        sy_bell_sleep(&journalist->bell, seen, RETRY_NS);
        if ((atomic_load(&journalist->bell) | 1) != seen) {
            nanosleep(&pause, NULL); /* so that a burst of edits costs one wait */
        }
    }
    return NULL;
}

static void complain(SyControl *control, const char *text)
{
    char whole[384];

    snprintf(whole, sizeof(whole), "the journal lacks the latest edits: %s", text);
    fprintf(stderr, "synthd: %s; playing on, and trying again\n", whole);
    const SyNotice notice = {.kind = SY_NOTICE_JOURNAL, .text = whole};
    sy_control_notify(control, &notice);
}

static void note_result(SyControl *control, SyStatus status, const char *error)
{
    SyJournalist *journalist = control->journalist;
    const bool was_broken = journalist->broken;

    journalist->broken = status != SY_OK;
    journalist->wrote_ns = sy_now_ns();
    if (status == SY_OK) {
        sy_bell_ring(&journalist->bell);
    } else if (!was_broken) {
        complain(control, error);
    }
}

/* What the journal has of the values, once it has a module as it is now. */
static void keep_values(SyControl *control, uint32_t slot)
{
    const SyLive *live = &control->audio->live[slot];

    for (uint32_t p = 0; p < SY_PARAMS_MAX; p++) {
        control->journalist->kept[slot][p] = atomic_load(&live->written[p]);
    }
}

typedef struct Snapshot {
    const SyScribe *scribe;
    char *text;
    size_t size;
} Snapshot;

static void take_snapshot(void *user, const SyGraphView *graph)
{
    Snapshot *snapshot = user;
    snapshot->text = snapshot->scribe->patch(graph, &snapshot->size);
}

/* Puts a journal with just the patch as it is in the place of this one. */
static void write_snapshot(SyControl *control)
{
    SyJournalist *journalist = control->journalist;
    Snapshot snapshot = {.scribe = journalist->scribe};
    char error[256] = "no memory for it";
    SyStatus status = SY_ERR_MEMORY;

    journalist->tried_ns = sy_now_ns();
    if (sy_control_view_graph(control, take_snapshot, &snapshot) && snapshot.text) {
        status = sy_journal_compact(journalist->journal, snapshot.text, snapshot.size, error,
                                    sizeof(error));
    }
    free(snapshot.text);
    note_result(control, status, error);
    if (status == SY_OK) {
        journalist->snapshot_bytes = sy_journal_size(journalist->journal);
        atomic_store(&journalist->sync_failed, false);
        for (uint32_t i = 0; i < control->graph->module_top; i++) {
            keep_values(control, i);
        }
    }
    atomic_store(&journalist->begun, true);
}

static void append(SyControl *control, const SyCommand *commands, size_t n)
{
    SyJournalist *journalist = control->journalist;
    char error[256] = "no memory for it";
    size_t size = 0;
    char *text = journalist->scribe->edits(commands, n, &size);

    if (text && size == 0) { /* nothing that changes the patch */
        free(text);
        return;
    }
    const SyStatus status = text ? sy_journal_append(journalist->journal, SY_JOURNAL_EDIT, text,
                                                     size, error, sizeof(error))
                                 : SY_ERR_MEMORY;
    free(text);
    note_result(control, status, error);
}

/* Of a transaction, those commands that were carried out. */
static size_t pick_done(const SyEdit *edit, SyCommand *commands)
{
    size_t n = 0;

    for (size_t i = 0; i < edit->transaction->n_commands; i++) {
        const SyCommand *command = &edit->transaction->commands[i];
        if (edit->outcomes[i].status == SY_OK && command->kind != SY_CMD_SET_FILE) {
            commands[n++] = edit->transaction->commands[i];
        }
    }
    return n;
}

void sy_control_write_file(SyControl *control, SyModuleRef module, const char *path)
{
    const SyCommand command = {.kind = SY_CMD_SET_FILE, .file = {.module = module, .path = path}};

    if (control->journalist && !control->journalist->broken) {
        append(control, &command, 1);
    }
}

static void keep_outcomes(const SyEdit *edit)
{
    for (size_t i = 0; i < edit->transaction->n_commands; i++) {
        const SyOutcome *outcome = &edit->outcomes[i];
        if (edit->transaction->commands[i].kind == SY_CMD_CREATE && outcome->status == SY_OK) {
            keep_values(edit->control, outcome->slot);
        }
    }
}

void sy_edit_write_journal(const SyEdit *edit)
{
    SyControl *control = edit->control;
    const size_t n = edit->transaction->n_commands;

    if (!control->journalist || control->journalist->broken || !edit->structural) {
        return;
    }
    if (edit->quiet) { /* the patch is the same; but what is known of its values was by slot */
        keep_outcomes(edit);
        return;
    }
    if (edit->transaction->replace) {
        write_snapshot(control);
        return;
    }
    SyCommand *commands = malloc((n + 1) * sizeof(*commands));
    if (!commands) {
        note_result(control, SY_ERR_MEMORY, "no memory for it");
        return;
    }
    append(control, commands, pick_done(edit, commands));
    keep_outcomes(edit);
    free(commands);
}

/* The values of one module that the journal does not have. */
static size_t changed_values(SyControl *control, uint32_t slot, SyCommand *commands)
{
    const SyGraphModule *module = &control->graph->modules[slot];
    const SyLive *live = &control->audio->live[slot];
    size_t n = 0;

    for (uint8_t p = 0; p < sy_registry_at(module->ref.type)->n_params; p++) {
        const float written = atomic_load(&live->written[p]);
        if (written != control->journalist->kept[slot][p]) {
            control->journalist->kept[slot][p] = written;
            commands[n++] = (SyCommand){
                .kind = SY_CMD_SET,
                .param = {.module = module->ref, .value = {.param = p, .written = written}}};
        }
    }
    return n;
}

static void write_values(SyControl *control)
{
    const SyGraph *graph = control->graph;
    SyCommand commands[16 * SY_PARAMS_MAX];
    size_t n = 0;

    for (uint32_t i = 0; i < graph->module_top; i++) {
        if (graph->modules[i].used && !graph->modules[i].dying) {
            n += changed_values(control, i, commands + n);
        }
        if (n > sizeof(commands) / sizeof(commands[0]) - SY_PARAMS_MAX) {
            append(control, commands, n);
            n = 0;
        }
    }
    if (n > 0) {
        append(control, commands, n);
    }
}

static bool has_grown(const SyJournalist *journalist, int64_t now)
{
    const uint64_t grown = sy_journal_size(journalist->journal) - journalist->snapshot_bytes;
    const bool quiet = now - journalist->wrote_ns > QUIET_NS;

    return grown > GROWN_ALWAYS || (quiet && grown > GROWN_BYTES + 4 * journalist->snapshot_bytes);
}

void sy_control_look_at_journal(SyControl *control)
{
    SyJournalist *journalist = control->journalist;
    const int64_t now = sy_now_ns();

    if (!journalist) {
        return;
    }
    const bool broken = journalist->broken || atomic_load(&journalist->sync_failed);
    if (!atomic_load(&journalist->begun) || (broken && now - journalist->tried_ns > RETRY_NS) ||
        (!broken && has_grown(journalist, now))) {
        write_snapshot(control);
    }
    if (!journalist->broken && now - journalist->values_ns > VALUES_NS) {
        journalist->values_ns = now;
        write_values(control);
    }
}

SyStatus sy_control_open_journal(SyControl *control, const char *path, const SyScribe *scribe,
                                 char *error, size_t error_size)
{
    SyJournalist *journalist = calloc(1, sizeof(*journalist));

    if (!journalist) {
        snprintf(error, error_size, "no memory for the journal");
        return SY_ERR_MEMORY;
    }
    const SyStatus status = sy_journal_open(&journalist->journal, path, error, error_size);
    if (status != SY_OK) {
        free(journalist);
        return status;
    }
    journalist->scribe = scribe;
    journalist->runs =
        sy_thread_start(&journalist->thread, "sy-journal", sync_always, journalist) == 0;
    atomic_store(&control->journalist, journalist);
    sy_bell_ring(&control->segment->control_bell);
    while (!atomic_load(&journalist->begun)) { /* control's thread writes the first snapshot */
        const struct timespec look = {.tv_nsec = 500000};
        nanosleep(&look, NULL);
    }
    return SY_OK;
}

void sy_control_close_journal(SyControl *control)
{
    SyJournalist *journalist = control->journalist;
    char error[256];

    if (!journalist) {
        return;
    }
    write_values(control);
    atomic_store(&journalist->stopping, true);
    sy_bell_ring(&journalist->bell);
    if (journalist->runs) {
        pthread_join(journalist->thread, NULL);
    }
    if (sy_journal_sync(journalist->journal, error, sizeof(error)) != SY_OK) {
        fprintf(stderr, "synthd: %s\n", error);
    }
    sy_journal_close(journalist->journal);
    free(journalist);
    control->journalist = NULL;
}
