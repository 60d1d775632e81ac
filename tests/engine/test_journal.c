/* What a journal gives back, and whose files it leaves alone. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include <pthread.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/engine/journal_rig.h"

static void what_was_appended_is_read_in_order(void **state)
{
    Rig *rig = *state;
    SyJournal *journal = opened(rig);

    assert_string_equal(rig->error, "");
    expect(rig, 0, 0);
    append_edits(rig, journal, 0, N_EDITS);
    assert_int_equal(sy_journal_sync(journal, rig->error, sizeof(rig->error)), SY_OK);
    expect(rig, N_EDITS, 0);
    assert_string_equal(rig->error, "");
    sy_journal_close(journal);

    journal = opened(rig);
    append_edits(rig, journal, N_EDITS, N_EDITS + 5);
    sy_journal_close(journal);
    expect(rig, N_EDITS + 5, 0);
}

static void reading_begins_with_the_last_snapshot(void **state)
{
    Rig *rig = *state;
    SyJournal *journal = opened(rig);

    append_edits(rig, journal, 0, 10);
    for (uint32_t i = 0; i < 2; i++) {
        assert_int_equal(sy_journal_append(journal, SY_JOURNAL_SNAPSHOT, "# before 10\n", 12,
                                           rig->error, sizeof(rig->error)),
                         SY_OK);
    }
    append_edits(rig, journal, 10, 14);
    expect(rig, 4, 1);

    const uint64_t size = sy_journal_size(journal);
    assert_int_equal(compact(rig, journal, 14), SY_OK);
    assert_true(sy_journal_size(journal) < size);
    append_edits(rig, journal, 14, 17);
    sy_journal_close(journal);
    expect(rig, 3, 1);
    journal = opened(rig);
    append_edits(rig, journal, 17, 18);
    sy_journal_close(journal);
    expect(rig, 4, 1);
}

typedef struct Syncer {
    SyJournal *journal;
    _Atomic bool stop;
    uint32_t n_failed;
} Syncer;

static void *sync_all_the_time(void *argument)
{
    Syncer *syncer = argument;

    do {
        syncer->n_failed += sy_journal_sync(syncer->journal, NULL, 0) != SY_OK;
    } while (!syncer->stop);
    return NULL;
}

static void sync_is_safe_beside_append_and_compact(void **state)
{
    Rig *rig = *state;
    Syncer syncer = {.journal = opened(rig)};
    pthread_t thread;

    assert_int_equal(pthread_create(&thread, NULL, sync_all_the_time, &syncer), 0);
    for (uint32_t i = 0; i < 50; i++) {
        append_edits(rig, syncer.journal, i * 10, i * 10 + 10);
        assert_int_equal(compact(rig, syncer.journal, i * 10 + 10), SY_OK);
    }
    append_edits(rig, syncer.journal, 500, 505);
    syncer.stop = true;
    pthread_join(thread, NULL);
    sy_journal_close(syncer.journal);
    assert_int_equal(syncer.n_failed, 0);
    expect(rig, 5, 1);
}

static SyStatus refuse_third(void *user, SyJournalKind kind, const char *text, size_t size)
{
    (void)kind, (void)text, (void)size;
    return ++*(uint32_t *)user == 3 ? SY_ERR_SYNTAX : SY_OK;
}

static void whoever_takes_can_stop(void **state)
{
    Rig *rig = *state;
    SyJournal *journal = opened(rig);
    uint32_t n = 0;

    append_edits(rig, journal, 0, 10);
    sy_journal_close(journal);
    assert_int_equal(sy_journal_read(rig->path, refuse_third, &n, rig->error, sizeof(rig->error)),
                     SY_ERR_SYNTAX);
    assert_int_equal(n, 3);
}

static void empty_and_overlong_payloads(void **state)
{
    Rig *rig = *state;
    SyJournal *journal = opened(rig);
    Taken taken;

    assert_int_equal(
        sy_journal_append(journal, SY_JOURNAL_EDIT, NULL, 0, rig->error, sizeof(rig->error)),
        SY_OK);
    assert_int_equal(sy_journal_append(journal, SY_JOURNAL_EDIT, "", SY_JOURNAL_PAYLOAD_MAX + 1,
                                       rig->error, sizeof(rig->error)),
                     SY_ERR_LIMIT);
    assert_int_equal(sy_journal_compact(journal, "", SY_JOURNAL_PAYLOAD_MAX + 1, NULL, 0),
                     SY_ERR_LIMIT);
    sy_journal_close(journal);
    assert_int_equal(read_back(rig, &taken), SY_OK);
    assert_int_equal(taken.n_edits, 1);
}

/* Others. */

static void expect_refused(Rig *rig, const char *path, SyStatus status, const char *reason)
{
    SyJournal *journal = NULL;

    assert_int_equal(sy_journal_open(&journal, path, rig->error, sizeof(rig->error)), status);
    assert_null(journal);
    if (!strstr(rig->error, reason)) {
        fail_msg("\"%s\" does not say \"%s\"", rig->error, reason);
    }
}

static void only_one_may_have_it_open(void **state)
{
    Rig *rig = *state;
    SyJournal *journal = opened(rig);

    append_edits(rig, journal, 0, 3);
    expect_refused(rig, rig->path, SY_ERR_IN_USE, "another engine");
    assert_int_equal(compact(rig, journal, 3), SY_OK);
    expect_refused(rig, rig->path, SY_ERR_IN_USE, "another engine");
    expect(rig, 0, 1);
    sy_journal_close(journal);
    sy_journal_close(opened(rig));
    sy_journal_close(NULL);
}

static void a_link_to_a_journal_stays_a_link(void **state)
{
    Rig *rig = *state;
    char other[128];
    struct stat about;

    snprintf(other, sizeof(other), "%s.kept", rig->path);
    assert_int_equal(symlink(other, rig->path), 0);
    SyJournal *journal = opened(rig);
    assert_int_equal(compact(rig, journal, 0), SY_OK);
    sy_journal_close(journal);
    assert_int_equal(lstat(rig->path, &about), 0);
    assert_true(S_ISLNK(about.st_mode));
    expect(rig, 0, 1);
}

static void other_files_are_refused_and_left_alone(void **state)
{
    Rig *rig = *state;
    const char patch[] = "create vco 1\ncreate vcf 2\n";
    unsigned char after[64];
    Taken taken;

    spit(rig->path, patch, sizeof(patch));
    expect_refused(rig, rig->path, SY_ERR_FILE, "not a journal");
    assert_int_equal(read_back(rig, &taken), SY_ERR_FILE);
    assert_int_equal(slurp(rig->path, after, sizeof(after)), sizeof(patch));
    assert_memory_equal(after, patch, sizeof(patch));

    expect_refused(rig, rig->folder, SY_ERR_FILE, "directory");
    expect_refused(rig, "/nowhere/journal", SY_ERR_FILE, "No such file");
    unlink(rig->path);
    assert_int_equal(read_back(rig, &taken), SY_ERR_FILE);
    assert_int_equal(mkfifo(rig->path, 0600), 0);
    expect_refused(rig, rig->path, SY_ERR_FILE, "not a file");
    assert_int_equal(read_back(rig, &taken), SY_ERR_FILE);
}

static void missing_permission_is_told(void **state)
{
    Rig *rig = *state;
    const uid_t mine = geteuid();
    Taken taken;

    sy_journal_close(opened(rig));
    chmod(rig->path, 0);
    chmod(rig->folder, 0755);
    assert_int_equal(mine == 0 ? seteuid(65534) : 0, 0); /* root may do all */
    SyJournal *journal = NULL;
    const SyStatus at_open = sy_journal_open(&journal, rig->path, rig->error, sizeof(rig->error));
    const SyStatus at_read = read_back(rig, &taken);
    assert_int_equal(seteuid(mine), 0);
    assert_int_equal(at_open, SY_ERR_PERMISSION);
    assert_int_equal(at_read, SY_ERR_PERMISSION);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(what_was_appended_is_read_in_order),
        TEST(reading_begins_with_the_last_snapshot),
        TEST(sync_is_safe_beside_append_and_compact),
        TEST(whoever_takes_can_stop),
        TEST(empty_and_overlong_payloads),
        TEST(only_one_may_have_it_open),
        TEST(a_link_to_a_journal_stays_a_link),
        TEST(other_files_are_refused_and_left_alone),
        TEST(missing_permission_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
