/* What engine/journal.c, which writes, shares with engine/journal_open.c, which reads and opens. */
#ifndef SY_ENGINE_JOURNAL_PRIVATE_H
#define SY_ENGINE_JOURNAL_PRIVATE_H

#include <limits.h>
#include <stdbool.h>

#include "engine/journal_record.h"

#define SY_JOURNAL_MODE 0666 /* less the umask */

struct SyJournal {
    char path[PATH_MAX]; /* without links, so that a rename replaces the file itself */
    int fd;              /* the same number for life: sync uses it beside compact */
    uint64_t size;       /* where the last whole record ends */
    uint64_t next;       /* sequence number of the next record */
};

/* Says in `error` that `what` went wrong with `path`, and why: errno.
 * Returns SY_ERR_PERMISSION, SY_ERR_FAILED without memory, otherwise SY_ERR_FILE. */
SyStatus sy_journal_fail(const char *path, const char *what, char *error, size_t error_size);

/* Waits until the name of a file is on disk, for which its folder must be. False with errno. */
bool sy_journal_sync_folder(const char *path);

#endif
