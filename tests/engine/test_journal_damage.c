/* What is left of a journal after damage and on a full disk. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/engine/journal_rig.h"

typedef struct Damaged {
    unsigned char *bytes;
    size_t size;
    size_t ends[N_EDITS + 1]; /* where record i begins */
} Damaged;

static Damaged journal_of_edits(Rig *rig)
{
    Damaged damaged = {.bytes = malloc(1 << 16)};
    SyJournal *journal = opened(rig);

    for (uint32_t i = 0; i < N_EDITS; i++) {
        damaged.ends[i] = sy_journal_size(journal);
        append_edits(rig, journal, i, i + 1);
    }
    damaged.ends[N_EDITS] = sy_journal_size(journal);
    sy_journal_close(journal);
    damaged.size = slurp(rig->path, damaged.bytes, 1 << 16);
    assert_int_equal(damaged.size, damaged.ends[N_EDITS]);
    return damaged;
}

static uint32_t records_before(const Damaged *damaged, size_t at)
{
    uint32_t n = 0;
    while (n < N_EDITS && damaged->ends[n + 1] <= at) {
        n++;
    }
    return n;
}

/* In a block of just that size, so that a read beyond it is caught. */
static void expect_prefix(const unsigned char *bytes, size_t size, uint32_t n_records)
{
    Taken taken = {0};
    const SyJournalScan scan = sy_journal_scan(bytes, size);

    assert_false(scan.foreign);
    assert_int_equal(scan.n_records, n_records);
    assert_int_equal(sy_journal_deliver(bytes, &scan, take, &taken), SY_OK);
    assert_int_equal(taken.n_edits, n_records);
    assert_int_equal(taken.n_wrong, 0);
}

static void every_truncation_leaves_the_records_before_it(void **state)
{
    Damaged damaged = journal_of_edits(*state);

    for (size_t size = 0; size <= damaged.size; size++) {
        unsigned char *cut = malloc(size + 1);
        memcpy(cut + 1, damaged.bytes, size); /* unaligned as well */
        expect_prefix(cut + 1, size, records_before(&damaged, size));
        free(cut);
    }
    free(damaged.bytes);
}

static void every_flipped_bit_leaves_the_records_before_it(void **state)
{
    Damaged damaged = journal_of_edits(*state);

    for (size_t bit = 0; bit < damaged.size * 8; bit++) {
        damaged.bytes[bit / 8] ^= (unsigned char)(1 << bit % 8);
        if (bit < 32) { /* the first magic is what tells a journal */
            assert_true(sy_journal_scan(damaged.bytes, damaged.size).foreign);
        } else {
            expect_prefix(damaged.bytes, damaged.size, records_before(&damaged, bit / 8));
        }
        damaged.bytes[bit / 8] ^= (unsigned char)(1 << bit % 8);
    }
    free(damaged.bytes);
}

static void a_missing_record_ends_the_journal(void **state)
{
    Damaged damaged = journal_of_edits(*state);
    const size_t *ends = damaged.ends;

    memmove(damaged.bytes + ends[7], damaged.bytes + ends[8], damaged.size - ends[8]);
    expect_prefix(damaged.bytes, damaged.size - (ends[8] - ends[7]), 7);
    free(damaged.bytes);
}

static void a_torn_end_is_cut_off_and_kept(void **state)
{
    Rig *rig = *state;
    Damaged damaged = journal_of_edits(rig);
    char aside[128];
    unsigned char kept[64];
    const size_t torn = damaged.size - damaged.ends[N_EDITS - 1] - 1;

    spit(rig->path, damaged.bytes, damaged.size - 1);
    expect(rig, N_EDITS - 1, 0);
    assert_non_null(strstr(rig->error, "after record 199"));

    SyJournal *journal = opened(rig);
    assert_non_null(strstr(rig->error, "cut off; they are kept"));
    snprintf(aside, sizeof(aside), "%s.cut", rig->path);
    assert_int_equal(slurp(aside, kept, sizeof(kept)), torn);
    assert_memory_equal(kept, damaged.bytes + damaged.ends[N_EDITS - 1], torn);
    append_edits(rig, journal, N_EDITS - 1, N_EDITS + 3);
    sy_journal_close(journal);
    expect(rig, N_EDITS + 3, 0);
    free(damaged.bytes);
}

/* A full disk. */

/* The limit makes a write short that begins below it, as a disk does that fills up. */
static void limit_files(rlim_t bytes)
{
    struct rlimit limit;

    signal(SIGXFSZ, SIG_IGN);
    getrlimit(RLIMIT_FSIZE, &limit);
    limit.rlim_cur = bytes < limit.rlim_max ? bytes : limit.rlim_max;
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

static void a_full_disk_loses_nothing_acknowledged(void **state)
{
    Rig *rig = *state;

    for (rlim_t room = 1; room < 120; room++) {
        SyJournal *journal = opened(rig);
        uint32_t n = 0;

        append_edits(rig, journal, 0, 10);
        limit_files(sy_journal_size(journal) + room);
        for (n = 10; append_edit(rig, journal, n) == SY_OK; n++) {
        }
        assert_int_equal(append_edit(rig, journal, n), SY_ERR_FILE);
        struct stat about;
        assert_int_equal(stat(rig->path, &about), 0);
        assert_int_equal(about.st_size, sy_journal_size(journal));
        limit_files(RLIM_INFINITY);
        append_edits(rig, journal, n, n + 3);
        sy_journal_close(journal);
        expect(rig, n + 3, 0);
        unlink(rig->path);
    }
}

static void a_snapshot_without_room_leaves_the_journal(void **state)
{
    Rig *rig = *state;
    SyJournal *journal = opened(rig);
    char beside[128];

    append_edits(rig, journal, 0, 10);
    limit_files(30);
    assert_int_equal(compact(rig, journal, 10), SY_ERR_FILE);
    limit_files(RLIM_INFINITY);
    snprintf(beside, sizeof(beside), "%s.new", rig->path);
    assert_int_not_equal(access(beside, F_OK), 0);
    expect(rig, 10, 0);
    append_edits(rig, journal, 10, 12);
    assert_int_equal(compact(rig, journal, 12), SY_OK);
    sy_journal_close(journal);
    expect(rig, 0, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(every_truncation_leaves_the_records_before_it),
        TEST(every_flipped_bit_leaves_the_records_before_it),
        TEST(a_missing_record_ends_the_journal),
        TEST(a_torn_end_is_cut_off_and_kept),
        TEST(a_full_disk_loses_nothing_acknowledged),
        TEST(a_snapshot_without_room_leaves_the_journal),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
