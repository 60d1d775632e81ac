#include "tests/instructions/bench.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/claim.h"
#include "engine/worker_message.h"
#include "tests/instructions/stepper.h"

#define TOLD_MAX 3 /* differences that are printed of each case */

static void *allocate(size_t bytes)
{
    void *memory = calloc(1, bytes);
    demand(memory != NULL, "allocate");
    return memory;
}

/* As the control thread asks for it. */
static void assign_all(Bench *bench, SyRing *commands)
{
    for (uint32_t slot = 0; slot < bench->patch->graph->module_top; slot++) {
        const SyGraphModule *module = &bench->patch->graph->modules[slot];
        const SyWorkerMessage message = {.kind = SY_MESSAGE_ASSIGN,
                                         .type = module->ref.type,
                                         .voices = module->voices,
                                         .id = module->ref.id,
                                         .slot = slot,
                                         .state_at = module->state_at};
        demand(sy_ring_write(commands, &message), "assign a module");
    }
    demand(host_run(bench->host), "have modules initialised");
}

static void make_rings(const Bench *bench, uint32_t index, SyRing *commands)
{
    const SyPlaceShared *place = &bench->home->places[index];
    SyRing replies;

    sy_ring_init(commands, sy_at(bench->home, place->commands_at), SY_COMMANDS_PER_WORKER,
                 sizeof(SyWorkerMessage));
    sy_ring_init(&replies, sy_at(bench->home, place->replies_at), SY_COMMANDS_PER_WORKER,
                 sizeof(SyWorkerMessage));
}

static void begin_host(Bench *bench)
{
    SyRing commands;

    make_rings(bench, VICTIM_INDEX, &commands);
    make_rings(bench, HEIR_INDEX, &commands);
    bench->host = host_start(bench->home, HEIR_INDEX, HOST, bench->tables);
    assign_all(bench, &commands);
}

static void run(Bench *bench, uint64_t epoch)
{
    patch_release(bench->home, epoch);
    demand(host_run(bench->host), "compute a block");
}

uint64_t bench_last(const Bench *bench, uint32_t later)
{
    return EPOCH + (later + 1) * bench->n_at_once - 1;
}

void bench_release(const Bench *bench, SySegment *segment, uint32_t later)
{
    const uint64_t last = bench_last(bench, later), first = last + 1 - bench->n_at_once;

    patch_release(segment, first);
    for (uint64_t epoch = first + 1; epoch <= last; epoch++) {
        patch_release_ahead(segment, epoch);
    }
}

void bench_begin(Bench *bench)
{
    for (uint32_t i = 0; i < 2; i++) {
        bench_release(bench, bench->home, i);
        demand(host_run(bench->host), "compute a block");
        bench->undisturbed[i] = outcome_of(bench->home);
    }
}

Bench *bench_new(const Case *its_case, uint32_t block, const SyWorkerTables *tables)
{
    Bench *bench = allocate(sizeof(*bench));

    bench->name = its_case->name;
    bench->n_at_once = its_case->ahead ? 2 : 1;
    bench->tables = tables;
    bench->patch = patch_new(block);
    bench->home = bench->patch->segment;
    its_case->build(its_case, bench->patch);
    bench->extra_at = sy_arena_take(bench->patch->arena, 64);
    patch_compile(bench->patch);
    begin_host(bench);
    for (uint64_t epoch = 1; epoch <= EPOCH; epoch++) {
        if (its_case->before) {
            its_case->before(its_case, bench->patch, epoch);
        }
        if (epoch < EPOCH) {
            run(bench, epoch);
        }
    }
    return bench;
}

void bench_lay_field(Bench *bench)
{
    bench->field = patch_map(bench->home->block);
    bench->watch = watch_of(bench->patch, VICTIM_INDEX);
    bench->before = allocate(bench->watch.bytes);
    bench->copy = allocate(bench->watch.bytes);
    bench->drawn = allocate(bench->watch.bytes);
    bench->image = allocate(bench->home->size);
    watch_save(&bench->watch, bench->home, bench->before);
    memcpy(bench->field, bench->home, bench->home->size);
}

void bench_free(Bench *bench)
{
    host_end(bench->host);
    outcome_free(&bench->undisturbed[0]);
    outcome_free(&bench->undisturbed[1]);
    sy_segment_unmap(bench->field);
    patch_free(bench->patch);
    free(bench->before);
    free(bench->copy);
    free(bench->drawn);
    free(bench->path.at);
    free(bench->image);
    free(bench);
}

/* The epoch first: at no moment is there a block that is released and not done. */
void bench_rewind(Bench *bench)
{
    atomic_store(&bench->field->release.epoch, EPOCH - 1);
    watch_load(&bench->watch, bench->before, bench->field);
}

void bench_fence(SySegment *segment, uint32_t index, uint32_t incarnation)
{
    const uint32_t n_tasks = patch_plan(segment)->n_tasks;

    for (uint32_t i = 0; i < n_tasks; i++) {
        _Atomic uint64_t *word = sy_claim_of(segment, i);
        uint64_t seen = atomic_load(word);
        if (sy_claim_state(seen) == SY_CLAIM_CLAIMED &&
            sy_claim_incarnation(seen) == (incarnation & SY_INCARNATION_MASK)) {
            const uint64_t freed = (seen & ~0xffffffull) | SY_CLAIM_CAREFUL | SY_CLAIM_FREE;
            atomic_compare_exchange_strong(word, &seen, freed);
        }
    }
    atomic_store(&segment->workers[index].reading, 0);
    sy_bell_ring(&segment->block_shared.progress);
    sy_bell_ring(&segment->block_shared.done_bell);
}

void bench_note(Bench *bench, uint64_t address)
{
    Path *path = &bench->path;

    if (path->n == path->room) {
        path->room = path->room ? 2 * path->room : 4096;
        path->at = realloc(path->at, path->room * sizeof(*path->at));
        demand(path->at != NULL, "allocate");
    }
    path->at[path->n++] = address;
}

void bench_differs(Bench *bench, const char *what, uint64_t number, uint64_t next)
{
    if (bench->n_differences++ < TOLD_MAX && !bench->quiet) {
        printf("    %s: killed after instruction %" PRIu64 ", before 0x%" PRIx64 ": %s\n",
               bench->name, number, stepper_offset(next), what);
    }
}

bool bench_check(Bench *bench, const SySegment *segment, uint32_t later, uint64_t number,
                 uint64_t next)
{
    char what[100], text[160];

    if (outcome_is(&bench->undisturbed[later], segment, what, sizeof(what))) {
        return true;
    }
    snprintf(text, sizeof(text), "block %s: %s", later ? "after it" : "itself", what);
    bench_differs(bench, text, number, next);
    return false;
}
