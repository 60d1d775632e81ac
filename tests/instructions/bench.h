/* One patch on two segments of the same layout: in `home` this process computes it, with a worker
 * of its own; `field` is where real workers run, and die. */
#ifndef SY_TESTS_INSTRUCTIONS_BENCH_H
#define SY_TESTS_INSTRUCTIONS_BENCH_H

#include "tests/instructions/cases.h"
#include "tests/instructions/host.h"
#include "tests/instructions/outcome.h"
#include "tests/instructions/watch.h"

#define VICTIM_INDEX 0 /* the place of those that are to die */
#define HEIR_INDEX   1 /* the place of those that take over */

/* Incarnations. */
enum { NOBODY, VICTIM, SECOND_VICTIM, HEIR = 1000, HOST };

/* The addresses of all instructions of a block, in the order in which they were run. */
typedef struct Path {
    uint64_t *at;
    size_t n, room;
} Path;

typedef struct Bench {
    const char *name;
    Patch *patch; /* on `home` */
    SySegment *home, *field;
    const SyWorkerTables *tables;
    Host *host;
    Watch watch;           /* of the victim */
    uint32_t n_at_once;    /* blocks that are released together, from EPOCH on */
    unsigned char *before; /* copy of what is watched, just before block EPOCH is released */
    unsigned char *copy;   /* the same, at the instruction in hand */
    unsigned char *image;  /* copy of a whole segment */
    Outcome
        undisturbed[2]; /* after the blocks that a victim dies in, and after those behind them */
    Path path;
    unsigned char *drawn; /* copy of what was watched when a victim had run some instruction */
    uint32_t drawn_from;  /* incarnation of that victim */
    uint64_t extra_at;    /* a line in the arena that no module owns */
    bool quiet;           /* differences are counted only */
    uint32_t n_differences;
} Bench;

/* Builds the patch and computes all blocks before EPOCH. */
Bench *bench_new(const Case *its_case, uint32_t block, const SyWorkerTables *tables);

/* Makes `field`, as `home` is then; for the price of thousands of pages, so only where workers are
 * to run. */
void bench_lay_field(Bench *bench);

/* Finds the undisturbed outcomes: with all modules as they are from now on. */
void bench_begin(Bench *bench);

void bench_free(Bench *bench);

/* Releases the blocks that a victim dies in, or, `later`, those behind them. */
void bench_release(const Bench *bench, SySegment *segment, uint32_t later);

/* The last of them. */
uint64_t bench_last(const Bench *bench, uint32_t later);

/* Makes `field` what the segment was just before block EPOCH was released. */
void bench_rewind(Bench *bench);

/* What the watchdog does when it has found a worker dead: see fence() in engine/watchdog.c. */
void bench_fence(SySegment *segment, uint32_t index, uint32_t incarnation);

/* Compares after the blocks that a victim dies in, or those behind them; counts and prints a
 * difference. `next` is the address of the instruction before which a worker was killed, `number`
 * how many it had run of them. */
bool bench_check(Bench *bench, const SySegment *segment, uint32_t later, uint64_t number,
                 uint64_t next);

/* Writes down where a worker is about to go. */
void bench_note(Bench *bench, uint64_t address);

/* Counts a difference of another kind, and prints it. */
void bench_differs(Bench *bench, const char *what, uint64_t number, uint64_t next);

#endif
