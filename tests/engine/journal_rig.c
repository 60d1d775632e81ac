#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <dirent.h>
#include <fcntl.h>
#include <unistd.h>

#include "tests/engine/journal_rig.h"

int set_up(void **state)
{
    Rig *rig = calloc(1, sizeof(*rig));

    snprintf(rig->folder, sizeof(rig->folder), "/tmp/sy-journal-XXXXXX");
    assert_non_null(mkdtemp(rig->folder));
    snprintf(rig->path, sizeof(rig->path), "%s/journal", rig->folder);
    *state = rig;
    return 0;
}

int tear_down(void **state)
{
    Rig *rig = *state;
    DIR *folder = opendir(rig->folder);

    for (struct dirent *entry = readdir(folder); entry; entry = readdir(folder)) {
        if (entry->d_name[0] != '.') {
            unlinkat(dirfd(folder), entry->d_name, 0);
            unlinkat(dirfd(folder), entry->d_name, AT_REMOVEDIR);
        }
    }
    closedir(folder);
    rmdir(rig->folder);
    free(rig);
    return 0;
}

/* Edits are numbered, and of many lengths. */
static size_t edit_text(uint32_t number, char *text, size_t size)
{
    return (size_t)snprintf(text, size, "set vcf.%u cutoff %0*u\n", number, 1 + (int)(number % 23),
                            number);
}

/* A snapshot says which edit comes after it. */
SyStatus take(void *user, SyJournalKind kind, const char *text, size_t size)
{
    Taken *taken = user;
    char expected[64], copy[64] = "";
    unsigned number;

    memcpy(copy, text, size < sizeof(copy) - 1 ? size : sizeof(copy) - 1);
    if (kind == SY_JOURNAL_SNAPSHOT) {
        taken->n_snapshots++;
        taken->n_wrong += sscanf(copy, "# before %u", &number) != 1;
        taken->next = number;
    } else {
        const size_t length = edit_text(taken->next++, expected, sizeof(expected));
        taken->n_edits++;
        taken->n_wrong += size != length || memcmp(text, expected, length) != 0;
    }
    return SY_OK;
}

SyStatus read_back(Rig *rig, Taken *taken)
{
    *taken = (Taken){0};
    return sy_journal_read(rig->path, take, taken, rig->error, sizeof(rig->error));
}

SyJournal *opened(Rig *rig)
{
    SyJournal *journal = NULL;

    if (sy_journal_open(&journal, rig->path, rig->error, sizeof(rig->error)) != SY_OK) {
        fail_msg("%s", rig->error);
    }
    return journal;
}

SyStatus append_edit(Rig *rig, SyJournal *journal, uint32_t number)
{
    char text[64];
    const size_t size = edit_text(number, text, sizeof(text));
    return sy_journal_append(journal, SY_JOURNAL_EDIT, text, size, rig->error, sizeof(rig->error));
}

void append_edits(Rig *rig, SyJournal *journal, uint32_t first, uint32_t end)
{
    for (uint32_t i = first; i < end; i++) {
        assert_int_equal(append_edit(rig, journal, i), SY_OK);
    }
}

SyStatus compact(Rig *rig, SyJournal *journal, uint32_t before)
{
    char text[64];
    const int size = snprintf(text, sizeof(text), "# before %u\n", before);
    return sy_journal_compact(journal, text, (size_t)size, rig->error, sizeof(rig->error));
}

void expect(Rig *rig, uint32_t n_edits, uint32_t n_snapshots)
{
    Taken taken;

    assert_int_equal(read_back(rig, &taken), SY_OK);
    assert_int_equal(taken.n_wrong, 0);
    assert_int_equal(taken.n_edits, n_edits);
    assert_int_equal(taken.n_snapshots, n_snapshots);
}

size_t slurp(const char *path, unsigned char *bytes, size_t size)
{
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    const size_t n = fread(bytes, 1, size, file);
    fclose(file);
    return n;
}

void spit(const char *path, const void *bytes, size_t size)
{
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, size, file), size);
    assert_int_equal(fclose(file), 0);
}
