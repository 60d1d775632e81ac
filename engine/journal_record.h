/* The records of a journal, as bytes: what engine/journal.c writes, and finds again.
 *
 * A record is a head and its payload, without padding, in the machine's byte order: a journal from
 * a machine of the other order has the wrong magic, and is refused. */
#ifndef SY_ENGINE_JOURNAL_RECORD_H
#define SY_ENGINE_JOURNAL_RECORD_H

#include <stdbool.h>

#include "engine/journal.h"

#define SY_JOURNAL_MAGIC 0x314a7953u /* "SyJ1" */

typedef struct SyJournalHead {
    uint32_t magic;
    uint32_t kind;
    uint64_t sequence; /* one more than that of the record before */
    uint32_t length;   /* of the payload, bytes */
    uint32_t crc;      /* of all above and of the payload */
} SyJournalHead;

typedef struct SyJournalScan {
    bool foreign;       /* not a journal at all */
    uint64_t n_records; /* valid ones, from the start */
    uint64_t sequence;  /* of the last of them; 0 if there is none */
    size_t size;        /* where the last of them ends, bytes */
    size_t snapshot;    /* where the last snapshot begins; 0 if there is none */
    const char *ended;  /* why the next is not valid; NULL at the end of the file */
} SyJournalScan;

/* The head of a record of `text[size]`.  Thread: any.  RT: no. */
SyJournalHead sy_journal_head(SyJournalKind kind, uint64_t sequence, const char *text, size_t size);

/* Finds the valid records at the start of `bytes[size]`.  Thread: any.  RT: no. */
SyJournalScan sy_journal_scan(const unsigned char *bytes, size_t size);

/* Hands the records of `scan`, made of the same bytes, to `take`, from the last snapshot on.
 * Returns SY_OK, or what `take` returned.  Thread: any.  RT: no. */
SyStatus sy_journal_deliver(const unsigned char *bytes, const SyJournalScan *scan,
                            SyJournalTake *take, void *user);

#endif
