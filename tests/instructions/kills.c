#include "tests/instructions/kills.h"

#include <linux/futex.h>
#include <signal.h>
#include <sys/wait.h>

#include "tests/instructions/draw.h"
#include "tests/instructions/stepper.h"

#define LOOK_NS 1000000
#define LOOKS   5000 /* 5 s */
#define WALK    1000 /* instructions */

static void freeze(const Stepper *heir)
{
    kill(heir->pid, SIGSTOP);
    demand(waitpid(heir->pid, NULL, WUNTRACED) == heir->pid, "hold a worker back");
}

/* Where a worker is to die: before it comes to `next` for the `nth` time. */
typedef struct Place {
    uint64_t number, next; /* instructions run before that, and address */
    uint32_t nth;
} Place;

/* Instruction `number` of the block, all of them as likely. */
static Place place_at(const Path *path, uint64_t number)
{
    Place place = {.number = number, .next = path->at[number]};

    for (uint64_t i = 0; i <= number; i++) {
        place.nth += path->at[i] == place.next;
    }
    return place;
}

static void walk(const Stepper *victim, uint64_t number, uint64_t last)
{
    for (uint64_t i = 0; i < number && !stepper_is_at_rest(victim, last); i++) {
        stepper_step(victim);
    }
}

/* Has the worker go to a place of the path, or, as a second one goes ways of its own, walk a
 * little, and kills it. What it leaves must be what was there before the kill, but for its life
 * word; by that word its death is to be seen. */
static void die_at(Bench *bench, const Stepper *victim, const Place *place)
{
    _Atomic uint32_t *life = &bench->field->workers[victim->index].life;
    const uint64_t last = bench_last(bench, 0);

    demand(stepper_stop(victim), "trace a worker");
    atomic_store(&bench->field->release.epoch, last);
    sy_bell_ring(&bench->field->workers[victim->index].doorbell);
    if (!place || !stepper_run_to(victim, place->next, place->nth)) {
        walk(victim, draw(WALK), last);
    }
    const uint64_t next = stepper_at(victim), number = place ? place->number : 0;
    const uint32_t alive = atomic_load(life);
    watch_save(&bench->watch, bench->field, bench->copy);
    stepper_kill(victim);

    const uint32_t dead = atomic_exchange(life, alive);
    if (!(dead & FUTEX_OWNER_DIED)) {
        bench_differs(bench, "its life word does not tell that it is dead", number, next);
    }
    if (watch_update(&bench->watch, bench->field, bench->copy)) {
        bench_differs(bench, "memory has changed after the last instruction", number, next);
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

static bool finish(Bench *bench, const Stepper *heir, const Place *place)
{
    SySegment *segment = bench->field;

    kill(heir->pid, SIGCONT);
    for (uint32_t later = 0; later < 2; later++) {
        if (later) {
            bench_release(bench, segment, later);
        }
        sy_bell_ring(&segment->workers[HEIR_INDEX].doorbell);
        if (!await_done(segment, bench_last(bench, later))) {
            bench_differs(bench, "whoever takes over never ends", place->number, place->next);
            return false;
        }
        if (!bench_check(bench, segment, later, place->number, place->next)) {
            break;
        }
    }
    stepper_await_park(heir);
    return true;
}

/* Those that die in it get ready while the block is not released. */
static void die_once(Bench *bench, uint32_t incarnation, const Place *place)
{
    atomic_store(&bench->field->release.epoch, EPOCH - 1);
    const Stepper victim = stepper_fork(bench->field, VICTIM_INDEX, incarnation, bench->tables);
    die_at(bench, &victim, place);
}

uint64_t kills_at_random(Bench *bench, uint32_t n_rounds)
{
    uint64_t n_killed = 0;

    bench_rewind(bench);
    const Stepper heir = stepper_fork(bench->field, HEIR_INDEX, HEIR, bench->tables);
    for (uint32_t round = 0; round < n_rounds; round++) {
        const Place place = place_at(&bench->path, draw(bench->path.n));
        freeze(&heir);
        bench_rewind(bench);
        bench_release(bench, bench->field, 0);
        for (uint32_t death = 0; death <= (round & 1); death++) {
            die_once(bench, VICTIM + death, death == 0 ? &place : NULL);
            n_killed++;
        }
        if (!finish(bench, &heir, &place)) {
            break;
        }
    }
    stepper_kill(&heir);
    return n_killed;
}
