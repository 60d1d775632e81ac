/* What the tests of the journal share: a folder of their own, numbered edits, and a reader that
 * checks them. */
#ifndef SY_TESTS_ENGINE_JOURNAL_RIG_H
#define SY_TESTS_ENGINE_JOURNAL_RIG_H

#include "engine/journal_record.h"

#define N_EDITS 200

typedef struct Rig {
    char folder[64], path[96];
    char error[8192];
} Rig;

/* What a reader was given: how many records, in their order, and whether they began with the
 * snapshot. */
typedef struct Taken {
    uint32_t n_edits, n_snapshots, n_wrong;
    uint32_t next; /* number of the edit that must come next */
} Taken;

int set_up(void **state);
int tear_down(void **state);

/* Fails the test if there is no journal to be had. */
SyJournal *opened(Rig *rig);

SyStatus append_edit(Rig *rig, SyJournal *journal, uint32_t number);
void append_edits(Rig *rig, SyJournal *journal, uint32_t first, uint32_t end);

/* The snapshot says that edit `before` comes next. */
SyStatus compact(Rig *rig, SyJournal *journal, uint32_t before);

/* A SyJournalTake; `user` is a Taken. */
SyStatus take(void *user, SyJournalKind kind, const char *text, size_t size);

SyStatus read_back(Rig *rig, Taken *taken);

/* Fails the test if reading gives anything else. */
void expect(Rig *rig, uint32_t n_edits, uint32_t n_snapshots);

/* All of a file, up to `size` bytes; how many there were. */
size_t slurp(const char *path, unsigned char *bytes, size_t size);
void spit(const char *path, const void *bytes, size_t size);

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

#endif
