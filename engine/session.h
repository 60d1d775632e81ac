/* What a session of synthd begins with and leaves behind: the patch of --load, the journal of the
 * last session, a journal of its own. For main.c.  Thread: setup.  RT: no. */
#ifndef SY_ENGINE_SESSION_H
#define SY_ENGINE_SESSION_H

#include "engine/control_private.h"

/* How texts become transactions, which the engine does not know: the patch of a file, or the text
 * of a whole patch or of edits. The caller owns the transaction. As sy_patch_read and
 * sy_patch_transaction. */
typedef struct SyReader {
    SyStatus (*file)(const char *path, SyTransaction **out, char *error, size_t error_size);
    SyStatus (*text)(const char *text, size_t size, bool whole, SyTransaction **out, char *error,
                     size_t error_size);
} SyReader;

/* Loads the patch of a file. Returns SY_OK, or the status of what was refused, with file, line and
 * reason in `error`. */
SyStatus sy_session_load(SyControl *control, const char *path, const SyReader *reader, char *error,
                         size_t error_size);

/* Where the journal is: `path` of the options, or the usual place for `port`. Returns false if
 * there is none, because it is off or there is no folder for it. */
bool sy_session_journal_path(const SyOptions *options, char *path, size_t size);

/* Makes the patch that a journal has. Returns SY_OK, or what sy_journal_read returned. Edits that
 * make no sense any more are passed over and said. */
SyStatus sy_session_resume(SyControl *control, const char *path, const SyReader *reader,
                           char *error, size_t error_size);

/* Sees to it that there is a folder for the journal, and, unless it is to go on, that the last
 * session's is kept under the same name with ".old" behind it. */
void sy_session_prepare_journal(const char *path, bool goes_on);

#endif
