/* Reads a journal, and opens one for appending: locks it, checks it, cuts a torn end off. */
#include "engine/journal_private.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "engine/futex.h"
#include "engine/options.h"

typedef struct Contents {
    unsigned char *bytes;
    size_t size;
} Contents;

static bool read_bytes(int fd, Contents *contents)
{
    size_t have = 0;

    while (have < contents->size) {
        const ssize_t n = pread(fd, contents->bytes + have, contents->size - have, (off_t)have);
        if (n < 0 && errno != EINTR) {
            return false;
        }
        if (n == 0) {
            contents->size = have; /* it has become shorter meanwhile */
        }
        have += n > 0 ? (size_t)n : 0;
    }
    return true;
}

/* All of a file, for free(); false with errno. */
static bool read_file(int fd, Contents *contents)
{
    struct stat about;

    if (fstat(fd, &about) != 0) {
        return false;
    }
    contents->size = (size_t)about.st_size;
    contents->bytes = malloc(contents->size + 1);
    if (!contents->bytes) {
        return false;
    }
    if (!read_bytes(fd, contents)) {
        free(contents->bytes);
        return false;
    }
    return true;
}

static bool is_regular(int fd)
{
    struct stat about;
    return fstat(fd, &about) == 0 && S_ISREG(about.st_mode);
}

static SyStatus refuse_foreign(const char *path, char *error, size_t error_size)
{
    snprintf(error, error_size, "%s is not a journal of this version; it is left as it is", path);
    return SY_ERR_FILE;
}

static void tell_what_is_left_out(const char *path, const SyJournalScan *scan, size_t size,
                                  char *error, size_t error_size)
{
    snprintf(error, error_size, "%s: %zu bytes after record %llu are not valid (%s)", path,
             size - scan->size, (unsigned long long)scan->n_records, scan->ended);
}

static SyStatus deliver(int fd, const char *path, SyJournalTake *take, void *user, char *error,
                        size_t error_size)
{
    Contents contents;

    if (!is_regular(fd)) {
        snprintf(error, error_size, "%s is not a file", path);
        return SY_ERR_FILE;
    }
    if (!read_file(fd, &contents)) {
        return sy_journal_fail(path, "cannot be read", error, error_size);
    }
    const SyJournalScan scan = sy_journal_scan(contents.bytes, contents.size);
    SyStatus status = SY_OK;
    if (scan.foreign) {
        status = refuse_foreign(path, error, error_size);
    } else {
        if (scan.ended) {
            tell_what_is_left_out(path, &scan, contents.size, error, error_size);
        }
        status = sy_journal_deliver(contents.bytes, &scan, take, user);
    }
    free(contents.bytes);
    return status;
}

SyStatus sy_journal_read(const char *path, SyJournalTake *take, void *user, char *error,
                         size_t error_size)
{
    /* Without O_NONBLOCK a pipe of that name would hold us up before it can be refused. */
    const int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

    if (error_size > 0) {
        error[0] = '\0';
    }
    if (fd < 0) {
        return sy_journal_fail(path, "cannot be opened", error, error_size);
    }
    const SyStatus status = deliver(fd, path, take, user, error, error_size);
    close(fd);
    return status;
}

/* Opening. */

static bool is_still_at(int fd, const char *path)
{
    struct stat mine, there;
    return fstat(fd, &mine) == 0 && stat(path, &there) == 0 && mine.st_dev == there.st_dev &&
           mine.st_ino == there.st_ino;
}

static SyStatus try_lock(int fd, const char *path, char *error, size_t error_size)
{
    if (!is_regular(fd)) {
        snprintf(error, error_size, "%s is not a file", path);
        return SY_ERR_FILE;
    }
    if (flock(fd, LOCK_EX | LOCK_NB) == 0) {
        return SY_OK;
    }
    if (errno != EWOULDBLOCK) {
        return sy_journal_fail(path, "cannot be locked", error, error_size);
    }
    snprintf(error, error_size, "%s is the journal of another engine that runs", path);
    return SY_ERR_IN_USE;
}

/* SY_ERR_IN_USE if it is locked, or is not at `path` any more, because the engine that had it open
 * has put another in its place: a lock on a file that nobody will find. */
static SyStatus open_once(const char *path, int *opened, char *error, size_t error_size)
{
    const int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NONBLOCK, SY_JOURNAL_MODE);
    if (fd < 0) {
        return sy_journal_fail(path, "cannot be opened", error, error_size);
    }
    const SyStatus status = try_lock(fd, path, error, error_size);
    if (status == SY_OK && is_still_at(fd, path)) {
        *opened = fd;
        return SY_OK;
    }
    close(fd);
    if (status == SY_OK) {
        snprintf(error, error_size, "%s is being replaced all the time", path);
    }
    return status == SY_OK ? SY_ERR_IN_USE : status;
}

static SyStatus open_locked(const char *path, int *opened, char *error, size_t error_size)
{
    const struct timespec look = {.tv_nsec = 10000000};
    const int64_t until = sy_now_ns() + SY_HEIR_PATIENCE_NS;
    SyStatus status;

    while ((status = open_once(path, opened, error, error_size)) == SY_ERR_IN_USE &&
           sy_now_ns() < until) {
        nanosleep(&look, NULL);
    }
    return status;
}

/* Best effort: what is not valid is of no use to the engine, but perhaps to its owner. */
static bool keep_aside(const SyJournal *journal, const unsigned char *bytes, size_t size)
{
    char aside[PATH_MAX + 8];

    snprintf(aside, sizeof(aside), "%s.cut", journal->path);
    const int fd = open(aside, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, SY_JOURNAL_MODE);
    if (fd < 0) {
        return false;
    }
    const bool good = write(fd, bytes, size) == (ssize_t)size;
    return close(fd) == 0 && good;
}

static SyStatus cut_off(SyJournal *journal, const Contents *contents, const SyJournalScan *scan,
                        char *error, size_t error_size)
{
    char said[PATH_MAX + 128];
    const bool kept =
        keep_aside(journal, contents->bytes + scan->size, contents->size - scan->size);

    if (ftruncate(journal->fd, (off_t)scan->size) != 0) {
        return sy_journal_fail(journal->path, "cannot be cut off", error, error_size);
    }
    tell_what_is_left_out(journal->path, scan, contents->size, said, sizeof(said));
    snprintf(error, error_size, "%s and were cut off; %s", said,
             kept ? "they are kept beside it in .cut" : "they could not be kept");
    return SY_OK;
}

static SyStatus take_up(SyJournal *journal, char *error, size_t error_size)
{
    Contents contents;
    SyStatus status = SY_OK;

    if (!read_file(journal->fd, &contents)) {
        return sy_journal_fail(journal->path, "cannot be read", error, error_size);
    }
    const SyJournalScan scan = sy_journal_scan(contents.bytes, contents.size);
    if (scan.foreign) {
        status = refuse_foreign(journal->path, error, error_size);
    } else if (scan.ended) {
        status = cut_off(journal, &contents, &scan, error, error_size);
    } else if (contents.size == 0 && !sy_journal_sync_folder(journal->path)) {
        status = sy_journal_fail(journal->path, "cannot be made", error, error_size);
    }
    free(contents.bytes);
    journal->size = scan.size;
    journal->next = scan.sequence + 1;
    return status;
}

SyStatus sy_journal_open(SyJournal **journal, const char *path, char *error, size_t error_size)
{
    SyJournal *made = calloc(1, sizeof(*made));

    if (error_size > 0) {
        error[0] = '\0';
    }
    if (!made) {
        return sy_journal_fail(path, "cannot be opened", error, error_size);
    }
    SyStatus status = open_locked(path, &made->fd, error, error_size);
    if (status != SY_OK) {
        free(made);
        return status;
    }
    if (realpath(path, made->path)) {
        status = take_up(made, error, error_size);
    } else {
        status = sy_journal_fail(path, "cannot be found", error, error_size);
    }
    if (status != SY_OK) {
        sy_journal_close(made);
        return status;
    }
    *journal = made;
    return SY_OK;
}

void sy_journal_close(SyJournal *journal)
{
    if (journal) {
        close(journal->fd);
        free(journal);
    }
}
