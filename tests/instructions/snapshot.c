#include "tests/instructions/snapshot.h"

#include <stdio.h>
#include <string.h>

#include "tests/instructions/stepper.h"

/* Blocks EPOCH, from the copy on, and EPOCH + 1. */
static void run_on(Bench *bench, bool fenced, uint64_t number, uint64_t where)
{
    patch_release(bench->home, EPOCH);
    watch_load(&bench->watch, bench->copy, bench->home);
    if (fenced) {
        bench_fence(bench->home, VICTIM_INDEX, VICTIM);
    }
    if (!host_run(bench->host)) {
        bench_differs(bench, "whoever takes over waits for ever", number, where);
        return;
    }
    if (bench_check(bench, bench->home, 0, number, where)) {
        patch_release(bench->home, EPOCH + 1);
        if (!host_run(bench->host)) {
            bench_differs(bench, "the block after it never ends", number, where);
            return;
        }
        bench_check(bench, bench->home, 1, number, where);
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

Steps snapshot_all(Bench *bench, bool fenced)
{
    Steps steps = {0};

    bench_rewind(bench);
    const Stepper victim = stepper_fork(bench->field, VICTIM_INDEX, VICTIM, bench->tables);
    if (!stepper_stop(&victim)) {
        stepper_kill(&victim);
        return steps;
    }
    patch_release(bench->field, EPOCH);
    sy_bell_ring(&bench->field->workers[VICTIM_INDEX].doorbell);
    memcpy(bench->image, bench->field, bench->field->size);
    watch_save(&bench->watch, bench->field, bench->copy);
    do {
        stepper_step(&victim);
        steps.instructions++;
        if (watch_update(&bench->watch, bench->field, bench->copy)) {
            steps.states++;
            run_on(bench, fenced, steps.instructions, stepper_where(&victim));
        }
    } while (!stepper_is_at_rest(&victim, EPOCH));
    check_strays(bench);
    stepper_kill(&victim);
    return steps;
}
