#include "engine/journal_record.h"

#include <string.h>
#include <zlib.h>

static uint32_t crc_of(const SyJournalHead *head, const void *payload)
{
    const uLong crc = crc32(0, (const Bytef *)head, offsetof(SyJournalHead, crc));

    /* zlib takes NULL for a wish to start anew. */
    return (uint32_t)(head->length > 0 ? crc32(crc, payload, head->length) : crc);
}

SyJournalHead sy_journal_head(SyJournalKind kind, uint64_t sequence, const char *text, size_t size)
{
    SyJournalHead head = {.magic = SY_JOURNAL_MAGIC,
                          .kind = (uint32_t)kind,
                          .sequence = sequence,
                          .length = (uint32_t)size};

    head.crc = crc_of(&head, text);
    return head;
}

/* Even a torn record begins like one. */
static bool is_foreign(const unsigned char *bytes, size_t size)
{
    const uint32_t magic = SY_JOURNAL_MAGIC;
    return memcmp(bytes, &magic, size < sizeof(magic) ? size : sizeof(magic)) != 0;
}

static SyJournalHead head_at(const unsigned char *bytes, size_t at)
{
    SyJournalHead head;
    memcpy(&head, bytes + at, sizeof(head)); /* payloads have any length, so it is not aligned */
    return head;
}

/* NULL, or why there is no record in `left` bytes. */
static const char *wrong_with(const unsigned char *bytes, size_t left, const SyJournalScan *scan)
{
    if (left < sizeof(SyJournalHead)) {
        return "incomplete head";
    }
    const SyJournalHead head = head_at(bytes, 0);
    if (head.magic != SY_JOURNAL_MAGIC) {
        return "no record begins there";
    }
    if (head.length > left - sizeof(head)) {
        return "incomplete payload";
    }
    if (head.crc != crc_of(&head, bytes + sizeof(head))) {
        return "wrong checksum";
    }
    if (head.kind != SY_JOURNAL_SNAPSHOT && head.kind != SY_JOURNAL_EDIT) {
        return "unknown kind of record";
    }
    if (scan->n_records > 0 && head.sequence != scan->sequence + 1) {
        return "records are missing before it";
    }
    return NULL;
}

SyJournalScan sy_journal_scan(const unsigned char *bytes, size_t size)
{
    SyJournalScan scan = {.foreign = size > 0 && is_foreign(bytes, size)};

    while (!scan.foreign && scan.size < size) {
        scan.ended = wrong_with(bytes + scan.size, size - scan.size, &scan);
        if (scan.ended) {
            break;
        }
        const SyJournalHead head = head_at(bytes, scan.size);
        if (head.kind == SY_JOURNAL_SNAPSHOT) {
            scan.snapshot = scan.size;
        }
        scan.sequence = head.sequence;
        scan.n_records++;
        scan.size += sizeof(head) + head.length;
    }
    return scan;
}

SyStatus sy_journal_deliver(const unsigned char *bytes, const SyJournalScan *scan,
                            SyJournalTake *take, void *user)
{
    for (size_t at = scan->snapshot; at < scan->size;) {
        const SyJournalHead head = head_at(bytes, at);
        const SyStatus status = take(user, (SyJournalKind)head.kind,
                                     (const char *)bytes + at + sizeof(head), head.length);
        if (status != SY_OK) {
            return status;
        }
        at += sizeof(head) + head.length;
    }
    return SY_OK;
}
