#include "engine/session.h"

#include <errno.h>
#include <semaphore.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "engine/journal.h"

/* A transaction of the engine's own, before there is an osc thread. */
typedef struct Load {
    sem_t done;
    SyStatus status; /* of the first command that was refused */
    uint32_t line;
    char text[256];
    SyReleaseFunc *release;
} Load;

static void on_answer(SyTransaction *transaction, size_t index, const SyAnswer *answer)
{
    Load *load = transaction->user;
    if (answer->status != SY_OK && load->status == SY_OK &&
        strncmp(answer->text, "not done", 8) != 0) {
        load->status = answer->status;
        load->line = transaction->commands[index].line;
        snprintf(load->text, sizeof(load->text), "%s", answer->text);
    }
}

static void on_release(SyTransaction *transaction)
{
    Load *load = transaction->user;
    load->release(transaction);
    sem_post(&load->done);
}

static SyStatus carry_out(SyControl *control, SyTransaction *transaction, Load *load)
{
    *load = (Load){.status = SY_OK, .release = transaction->release};
    sem_init(&load->done, 0, 0);
    transaction->release = on_release;
    transaction->answer = on_answer;
    transaction->user = load;
    if (sy_control_submit(control, transaction) != SY_OK) {
        transaction->release(transaction);
        load->status = SY_ERR_BUSY;
    }
    while (sem_wait(&load->done) < 0) {
    }
    sem_destroy(&load->done);
    return load->status;
}

SyStatus sy_session_load(SyControl *control, const char *path, const SyReader *reader, char *error,
                         size_t error_size)
{
    SyTransaction *transaction;
    Load load;
    SyStatus status = reader->file(path, &transaction, error, error_size);

    if (status == SY_OK) {
        status = carry_out(control, transaction, &load);
        if (status != SY_OK) {
            snprintf(error, error_size, "%s: line %u: %s", path, load.line, load.text);
        }
    }
    return status;
}

typedef struct Resume {
    SyControl *control;
    const SyReader *reader;
    uint32_t n_records, n_refused;
    char refused[256];
} Resume;

static SyStatus take_record(void *user, SyJournalKind kind, const char *text, size_t size)
{
    Resume *resume = user;
    SyTransaction *transaction;
    char error[256];
    Load load;

    resume->n_records++;
    SyStatus status = resume->reader->text(text, size, kind == SY_JOURNAL_SNAPSHOT, &transaction,
                                           error, sizeof(error));
    if (status == SY_OK) {
        transaction->files_may_fail = true; /* better a silent module than no patch */
        status = carry_out(resume->control, transaction, &load);
        snprintf(error, sizeof(error), "%s", load.text);
    }
    if (status != SY_OK && resume->n_refused++ == 0) {
        snprintf(resume->refused, sizeof(resume->refused), "record %u: %.200s", resume->n_records,
                 error);
    }
    return SY_OK;
}

SyStatus sy_session_resume(SyControl *control, const char *path, const SyReader *reader,
                           char *error, size_t error_size)
{
    Resume resume = {.control = control, .reader = reader};
    const SyStatus status = sy_journal_read(path, take_record, &resume, error, error_size);

    if (status == SY_OK && error[0]) {
        fprintf(stderr, "synthd: %s\n", error);
    }
    if (resume.n_refused > 0) {
        fprintf(stderr, "synthd: %s: %u of %u edits could not be made again; %s\n", path,
                resume.n_refused, resume.n_records, resume.refused);
    }
    return status;
}

bool sy_session_journal_path(const SyOptions *options, char *path, size_t size)
{
    const char *state = getenv("XDG_STATE_HOME"), *home = getenv("HOME");

    if (options->audio == SY_AUDIO_OFFLINE) {
        return false;
    }
    if (options->journal) {
        snprintf(path, size, "%s", options->journal);
        return strcmp(options->journal, "off") != 0;
    }
    if (state && state[0] == '/') {
        snprintf(path, size, "%s/synthd/%d.journal", state, options->port);
        return true;
    }
    snprintf(path, size, "%s/.local/state/synthd/%d.journal", home ? home : "", options->port);
    return home && home[0] == '/';
}

/* Every folder above the file. What cannot be made shows when the journal is opened. */
static void make_folders(const char *path)
{
    char folder[4096];

    snprintf(folder, sizeof(folder), "%s", path);
    for (char *slash = strchr(folder + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        mkdir(folder, 0700);
        *slash = '/';
    }
}

void sy_session_prepare_journal(const char *path, bool goes_on)
{
    char old[4096];

    make_folders(path);
    snprintf(old, sizeof(old), "%s.old", path);
    if (!goes_on) {
        rename(path, old);
    }
}
