#include "tests/instructions/snapshot.h"

#include <stdio.h>
#include <string.h>

#include "tests/instructions/draw.h"
#include "tests/instructions/records.h"
#include "tests/instructions/stepper.h"

#define ENDLESS 5000000 /* instructions, ten times what any block takes */

/* Where the patch is recorded: who has committed what the victim had not is the heir. */
static bool check_records(Bench *bench, const Records *expected, uint32_t later, uint64_t number,
                          uint64_t next)
{
    char text[160];

    if (!records_are_kept(bench->home)) {
        return true;
    }
    const Records all = records_expected(bench->home, EPOCH + later + 1, VICTIM_INDEX, HEIR_INDEX);
    if (records_are(later ? &all : expected, bench->home, EPOCH + later, text, sizeof(text))) {
        return true;
    }
    bench_differs(bench, text, number, next);
    return false;
}

static Records expected_of(const Bench *bench)
{
    return records_are_kept(bench->home)
               ? records_expected(bench->home, EPOCH, VICTIM_INDEX, HEIR_INDEX)
               : (Records){.n = 0};
}

/* The blocks that the victim dies in, from the copy on, and those behind them; `dead` is whose
 * claims are to be taken back. */
static void run_on(Bench *bench, uint32_t dead, uint64_t number, uint64_t next)
{
    bench_release(bench, bench->home, 0);
    watch_load(&bench->watch, bench->copy, bench->home);
    const Records expected = expected_of(bench);
    bench_fence(bench->home, VICTIM_INDEX, dead);
    for (uint32_t later = 0; later < 2; later++) {
        if (later) {
            bench_release(bench, bench->home, later);
        }
        if (!host_run(bench->host)) {
            bench_differs(bench, "whoever takes over waits for ever", number, next);
            return;
        }
        if (!bench_check(bench, bench->home, later, number, next) ||
            !check_records(bench, &expected, later, number, next)) {
            return;
        }
    }
}

static void check_strays(Bench *bench)
{
    const uint64_t stray = watch_stray(&bench->watch, bench->field, bench->image);
    char text[80];

    if (stray) {
        snprintf(text, sizeof(text), "it wrote at %#llx, which is not watched",
                 (unsigned long long)stray);
        bench_differs(bench, text, 0, 0);
    }
}

/* Every state is as likely as any other to be the one that is kept. */
static void keep_one(Bench *bench, uint64_t n_states, uint32_t victim)
{
    if (draw(n_states) == 0) {
        bench->drawn_from = victim;
        memcpy(bench->drawn, bench->copy, bench->watch.bytes);
    }
}

/* The victim is stopped asleep, and the block is released. */
static Steps step_through(Bench *bench, const Stepper *victim, uint32_t dead)
{
    Steps steps = {0};

    sy_bell_ring(&bench->field->workers[VICTIM_INDEX].doorbell);
    memcpy(bench->image, bench->field, bench->field->size);
    watch_save(&bench->watch, bench->field, bench->copy);
    bench->path.n = 0;
    bench_note(bench, stepper_at(victim));
    do {
        if (steps.instructions == ENDLESS) {
            bench_differs(bench, "it never comes to rest", steps.instructions, 0);
            break;
        }
        stepper_step(victim);
        const uint64_t next = stepper_at(victim);
        bench_note(bench, next);
        steps.instructions++;
        if (watch_update(&bench->watch, bench->field, bench->copy)) {
            keep_one(bench, ++steps.states, victim->incarnation);
            run_on(bench, dead, steps.instructions, next);
        }
    } while (!stepper_is_at_rest(victim, bench_last(bench, 0)));
    check_strays(bench);
    return steps;
}

Steps snapshot_all(Bench *bench, bool fenced)
{
    Steps steps = {0};

    bench_rewind(bench);
    const Stepper victim = stepper_fork(bench->field, VICTIM_INDEX, VICTIM, bench->tables);
    if (stepper_stop(&victim)) {
        bench_release(bench, bench->field, 0);
        steps = step_through(bench, &victim, fenced ? VICTIM : NOBODY);
    }
    stepper_kill(&victim);
    return steps;
}

/* It takes the dead one's place, so that what it writes is watched. */
Steps snapshot_next(Bench *bench)
{
    const uint32_t dead = bench->drawn_from, incarnation = dead + 1;

    bench_rewind(bench);
    const Stepper victim = stepper_fork(bench->field, VICTIM_INDEX, incarnation, bench->tables);
    demand(stepper_stop(&victim), "trace a worker");
    bench_release(bench, bench->field, 0);
    watch_load(&bench->watch, bench->drawn, bench->field);
    bench_fence(bench->field, VICTIM_INDEX, dead);
    const Steps steps = step_through(bench, &victim, incarnation);
    stepper_kill(&victim);
    return steps;
}
