/* Writes the journal: appends to it and replaces it. What the steps guarantee is in the header. */
#include "engine/journal_private.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/uio.h>
#include <unistd.h>

SyStatus sy_journal_fail(const char *path, const char *what, char *error, size_t error_size)
{
    const int cause = errno;

    snprintf(error, error_size, "%s: %s: %s", path, what, strerror(cause));
    if (cause == ENOMEM) {
        return SY_ERR_FAILED;
    }
    return cause == EACCES || cause == EPERM || cause == EROFS ? SY_ERR_PERMISSION : SY_ERR_FILE;
}

bool sy_journal_sync_folder(const char *path)
{
    char copy[PATH_MAX];

    snprintf(copy, sizeof(copy), "%s", path);
    const int fd = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) {
        return false;
    }
    const bool good = fsync(fd) == 0;
    const int cause = errno;
    close(fd);
    errno = cause;
    return good;
}

/* One writev, but for what the system leaves over; false with errno. */
static bool write_parts(int fd, struct iovec *parts, int n_parts, uint64_t at)
{
    while (n_parts > 0) {
        const ssize_t n = pwritev(fd, parts, n_parts, (off_t)at);
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n < 0) {
            return false;
        }
        size_t left = (size_t)n;
        at += left;
        while (n_parts > 0 && left >= parts->iov_len) {
            left -= parts->iov_len;
            parts++;
            n_parts--;
        }
        if (n_parts > 0) {
            parts->iov_base = (char *)parts->iov_base + left;
            parts->iov_len -= left;
        }
    }
    return true;
}

static bool write_record(int fd, const SyJournalHead *head, const char *text, uint64_t at)
{
    struct iovec parts[] = {
        {.iov_base = (void *)(uintptr_t)head, .iov_len = sizeof(*head)},
        {.iov_base = (void *)(uintptr_t)text, .iov_len = head->length},
    };
    return write_parts(fd, parts, head->length > 0 ? 2 : 1, at);
}

static SyStatus check_length(const SyJournal *journal, size_t size, char *error, size_t error_size)
{
    if (size > SY_JOURNAL_PAYLOAD_MAX) {
        snprintf(error, error_size, "%s: a record of %zu bytes is longer than %zu", journal->path,
                 size, SY_JOURNAL_PAYLOAD_MAX);
        return SY_ERR_LIMIT;
    }
    return SY_OK;
}

SyStatus sy_journal_append(SyJournal *journal, SyJournalKind kind, const char *text, size_t size,
                           char *error, size_t error_size)
{
    const SyStatus status = check_length(journal, size, error, error_size);
    if (status != SY_OK) {
        return status;
    }
    const SyJournalHead head = sy_journal_head(kind, journal->next, text, size);
    if (!write_record(journal->fd, &head, text, journal->size)) {
        const SyStatus failed =
            sy_journal_fail(journal->path, "cannot be written", error, error_size);
        if (ftruncate(journal->fd, (off_t)journal->size) != 0) {
            /* The next record goes over what is left, and until then readers stop before it. */
        }
        return failed;
    }
    journal->size += sizeof(head) + size;
    journal->next++;
    return SY_OK;
}

SyStatus sy_journal_sync(SyJournal *journal, char *error, size_t error_size)
{
    if (fdatasync(journal->fd) != 0) {
        return sy_journal_fail(journal->path, "cannot be written to disk", error, error_size);
    }
    return SY_OK;
}

uint64_t sy_journal_size(const SyJournal *journal)
{
    return journal->size;
}

/* Compacting. */

/* The new file is locked before it has the name, so nobody else gets hold of it. */
static bool replace(const SyJournal *journal, int fd, const SyJournalHead *head, const char *text,
                    const char *beside)
{
    return write_record(fd, head, text, 0) && fdatasync(fd) == 0 &&
           flock(fd, LOCK_EX | LOCK_NB) == 0 && rename(beside, journal->path) == 0;
}

static SyStatus go_on_with(SyJournal *journal, int fd, const SyJournalHead *head, char *error,
                           size_t error_size)
{
    while (dup3(fd, journal->fd, O_CLOEXEC) < 0) {
        /* EBUSY and EINTR pass, and there is no other reason. */
    }
    close(fd);
    journal->size = sizeof(*head) + head->length;
    journal->next = head->sequence + 1;
    if (!sy_journal_sync_folder(journal->path)) {
        return sy_journal_fail(journal->path, "its folder cannot be written to disk", error,
                               error_size);
    }
    return SY_OK;
}

SyStatus sy_journal_compact(SyJournal *journal, const char *text, size_t size, char *error,
                            size_t error_size)
{
    char beside[PATH_MAX + 8];
    const SyStatus status = check_length(journal, size, error, error_size);
    if (status != SY_OK) {
        return status;
    }
    snprintf(beside, sizeof(beside), "%s.new", journal->path);
    const int fd = open(beside, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, SY_JOURNAL_MODE);
    if (fd < 0) {
        return sy_journal_fail(beside, "cannot be made", error, error_size);
    }
    const SyJournalHead head = sy_journal_head(SY_JOURNAL_SNAPSHOT, journal->next, text, size);
    if (!replace(journal, fd, &head, text, beside)) {
        const SyStatus failed = sy_journal_fail(beside, "cannot be written", error, error_size);
        close(fd);
        unlink(beside);
        return failed;
    }
    return go_on_with(journal, fd, &head, error, error_size);
}
