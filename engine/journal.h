/* The journal: what makes a patch outlive the engine.
 *
 * A file of records, one for each acknowledged transaction, in order. Payloads are lines of the
 * patch language; the journal does not look into them. A record is there once append has returned:
 * it outlives the engine from then on, and a power cut from the next sync on.
 *
 * What a crash at each step leaves behind:
 *   J1  in append: a torn record at the end. Readers stop before it, and open cuts it off.
 *   J2  in compact before the rename: the old journal as it was, and a PATH.new that the next
 *       compact writes over.
 *   J3  in compact after the rename: the new journal, whole, because it was on disk before.
 *   J4  in open: the journal as it was, or without its torn end, of which PATH.cut has a copy.
 *
 * Damage in the middle, which no crash makes, ends the journal there in the same way: an edit makes
 * no sense without those before it. */
#ifndef SY_ENGINE_JOURNAL_H
#define SY_ENGINE_JOURNAL_H

#include <stddef.h>
#include <stdint.h>

#include "engine/status.h"

typedef enum SyJournalKind {
    SY_JOURNAL_SNAPSHOT = 1, /* the whole patch: everything before it is superseded */
    SY_JOURNAL_EDIT = 2      /* the lines of one acknowledged transaction */
} SyJournalKind;

#define SY_JOURNAL_PAYLOAD_MAX ((size_t)64 << 20)

typedef struct SyJournal SyJournal;

/* Takes one record: `text[size]`, which is not terminated and is the journal's. What it returns
 * ends the reading, unless it is SY_OK. */
typedef SyStatus SyJournalTake(void *user, SyJournalKind kind, const char *text, size_t size);

/* Opens the journal at `path` for appending, or makes an empty one; no other process can open it
 * then. Open it after the last fork: a child that has inherited it keeps it locked.
 * Returns SY_OK with `*journal`, for sy_journal_close, and `error` empty, or saying what was cut
 * off the end and where it is kept; SY_ERR_IN_USE when another engine has it; SY_ERR_PERMISSION;
 * SY_ERR_FILE when it is not a journal (it is left as it is), not a file, or cannot be read;
 * SY_ERR_FAILED without memory; all with the reason in `error`.
 * Thread: control.  RT: no. */
SyStatus sy_journal_open(SyJournal **journal, const char *path, char *error, size_t error_size);

/* Appends a record of `text[size]`, in bytes, by one write; does not wait for the disk.
 * Returns SY_OK; SY_ERR_LIMIT when it is longer than SY_JOURNAL_PAYLOAD_MAX; SY_ERR_FILE when the
 * disk is full or fails: the journal is then as it was before, and later appends may work.
 * Thread: control.  RT: no. */
SyStatus sy_journal_append(SyJournal *journal, SyJournalKind kind, const char *text, size_t size,
                           char *error, size_t error_size);

/* Waits until everything appended before is on disk: milliseconds as a rule, seconds at worst.
 * Returns SY_OK or SY_ERR_FILE. After a failure nobody knows what is on disk, and another sync does
 * not tell, as the kernel forgets; sy_journal_compact writes all anew.
 * Thread: any, beside append and compact, not beside close.  RT: no. */
SyStatus sy_journal_sync(SyJournal *journal, char *error, size_t error_size);

/* Puts a journal with just a snapshot, `text[size]`, in the place of this one, and goes on with
 * that. Waits for the disk.
 * Returns SY_OK; SY_ERR_LIMIT as append; SY_ERR_FILE or SY_ERR_PERMISSION when it cannot be
 * written: the journal then goes on as it was, or, if only the folder could not be written to disk,
 * with the snapshot, which a power cut might undo: try again.
 * Thread: control.  RT: no. */
SyStatus sy_journal_compact(SyJournal *journal, const char *text, size_t size, char *error,
                            size_t error_size);

/* Bytes in the file, to tell when it is time to compact.  Thread: control.  RT: yes. */
uint64_t sy_journal_size(const SyJournal *journal);

/* Hands the valid records to `take`, in order, beginning with the last snapshot. Locks and changes
 * nothing; do it before sy_journal_open.
 * Returns SY_OK with `error` empty, or saying what is left out at the end; what `take` returned;
 * SY_ERR_PERMISSION; SY_ERR_FILE when there is no such file, it is not a journal or it cannot be
 * read; SY_ERR_FAILED without memory.
 * Thread: any.  RT: no. */
SyStatus sy_journal_read(const char *path, SyJournalTake *take, void *user, char *error,
                         size_t error_size);

/* Closes and unlocks it, without a sync. NULL is fine.  Thread: control.  RT: no. */
void sy_journal_close(SyJournal *journal);

#endif
