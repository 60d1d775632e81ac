#include "tests/instructions/kills.h"

#include <linux/futex.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>

#include "tests/instructions/stepper.h"

#define LOOK_NS 1000000
#define LOOKS   5000 /* 5 s */

static unsigned seed = 1;

static uint64_t draw(uint64_t n)
{
    return (uint64_t)rand_r(&seed) % n;
}

static void freeze(const Stepper *heir)
{
    kill(heir->pid, SIGSTOP);
    demand(waitpid(heir->pid, NULL, WUNTRACED) == heir->pid, "hold a worker back");
}

/* Has the worker run that many instructions, or all there are, and kills it. What it leaves must be
 * what was there before the kill, but for its life word; by that word its death is to be seen. */
static void die_at(Bench *bench, const Stepper *victim, uint64_t number)
{
    _Atomic uint32_t *life = &bench->field->workers[victim->index].life;

    demand(stepper_stop(victim), "trace a worker");
    atomic_store(&bench->field->release.epoch, EPOCH);
    sy_bell_ring(&bench->field->workers[victim->index].doorbell);
    for (uint64_t i = 0; i < number && !stepper_is_at_rest(victim, EPOCH); i++) {
        stepper_step(victim);
    }
    const uint64_t where = stepper_where(victim);
    const uint32_t alive = atomic_load(life);
    watch_save(&bench->watch, bench->field, bench->copy);
    stepper_kill(victim);

    const uint32_t dead = atomic_exchange(life, alive);
    if (!(dead & FUTEX_OWNER_DIED)) {
        bench_differs(bench, "its life word does not tell that it is dead", number, where);
    }
    if (watch_update(&bench->watch, bench->field, bench->copy)) {
        bench_differs(bench, "memory has changed after the last instruction", number, where);
    }
    atomic_store(life, dead);
    bench_fence(bench->field, victim->index, victim->incarnation);
}

/* As the audio thread waits: it pokes those who may have missed a wake-up. */
static bool await_done(SySegment *segment, uint64_t epoch)
{
    for (int i = 0; i < LOOKS; i++) {
        const uint32_t seen = sy_bell_listen(&segment->block_shared.done_bell);
        if (atomic_load(&segment->block_shared.done) >= epoch) {
            return true;
        }
        sy_bell_sleep(&segment->block_shared.done_bell, seen, LOOK_NS);
        sy_bell_ring(&segment->workers[HEIR_INDEX].doorbell);
    }
    return false;
}

static bool finish(Bench *bench, const Stepper *heir, uint64_t number)
{
    SySegment *segment = bench->field;

    kill(heir->pid, SIGCONT);
    for (uint32_t later = 0; later < 2; later++) {
        if (later) {
            patch_release(segment, EPOCH + later);
        }
        sy_bell_ring(&segment->workers[HEIR_INDEX].doorbell);
        if (!await_done(segment, EPOCH + later)) {
            bench_differs(bench, "whoever takes over never ends", number, 0);
            return false;
        }
        if (!bench_check(bench, segment, later, number, 0)) {
            break;
        }
    }
    stepper_await_park(heir);
    return true;
}

/* Those that die in it get ready while the block is not released. */
static void die_once(Bench *bench, uint32_t incarnation, uint64_t number)
{
    atomic_store(&bench->field->release.epoch, EPOCH - 1);
    const Stepper victim = stepper_fork(bench->field, VICTIM_INDEX, incarnation, bench->tables);
    die_at(bench, &victim, number);
}

uint64_t kills_at_random(Bench *bench, uint64_t n_instructions, uint32_t n_rounds)
{
    uint64_t n_killed = 0;

    bench_rewind(bench);
    const Stepper heir = stepper_fork(bench->field, HEIR_INDEX, HEIR, bench->tables);
    for (uint32_t round = 0; round < n_rounds; round++) {
        const uint64_t number = draw(n_instructions);
        freeze(&heir);
        bench_rewind(bench);
        patch_release(bench->field, EPOCH);
        for (uint32_t death = 0; death <= (round & 1); death++) {
            die_once(bench, VICTIM + death, death == 0 ? number : draw(n_instructions));
            n_killed++;
        }
        if (!finish(bench, &heir, number)) {
            break;
        }
    }
    stepper_kill(&heir);
    return n_killed;
}
