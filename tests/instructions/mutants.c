#include "tests/instructions/mutants.h"

#include <string.h>

#include "engine/claim.h"
#include "modules/registry.h"

typedef void Process(const SyBatch *batch);

static const Bench *bench;
static const SyPlanNode *node;
static Process *sound; /* process() of the type as it is */
static SyModule mutant;
static uint32_t mutated = UINT32_MAX;

/* See meson.build. */
const SyModule *__real_sy_registry_at(uint32_t type);
const SyModule *__wrap_sy_registry_at(uint32_t type);

const SyModule *__wrap_sy_registry_at(uint32_t type)
{
    return type == mutated ? &mutant : __real_sy_registry_at(type);
}

/* The mapping that the batch is in: the field's, or that of the worker at home. */
static SySegment *here(const SyBatch *batch)
{
    const uintptr_t state = (uintptr_t)batch->lanes[0].state;
    const uintptr_t field = (uintptr_t)bench->field;

    return state >= field && state < field + bench->field->size ? bench->field
                                                                : host_view(bench->host);
}

static void add_to_output(const SyBatch *batch, float value)
{
    for (uint32_t i = 0; i < batch->n_frames; i++) {
        batch->lanes[0].out[0][i] += value;
    }
}

/* Like a static variable that all workers share. */
static void keep_a_count_elsewhere(const SyBatch *batch)
{
    float *count = sy_at(here(batch), bench->extra_at);

    *count += 1;
    sound(batch);
    add_to_output(batch, *count);
}

static void change_the_committed_slot(const SyBatch *batch)
{
    SySegment *segment = here(batch);
    const unsigned slot = sy_commit_slot(atomic_load(&segment->work[CONTROL_SLOT].commit));
    unsigned char *state = sy_at(segment, node->state_at + (uint64_t)slot * node->state_bytes);
    float *count = (float *)(void *)(state + node->lane_bytes - sizeof(float));

    *count += 1;
    sound(batch);
    add_to_output(batch, *count);
    memcpy((unsigned char *)batch->lanes[0].state + node->lane_bytes - sizeof(float), count,
           sizeof(float));
}

/* Adds to what was there: overlap-add. */
static void take_the_wire_for_a_memory(const SyBatch *batch)
{
    float *wire = batch->lanes[0].out[0];
    float before[SY_BLOCK_MAX];

    memcpy(before, wire, batch->n_frames * sizeof(float));
    sound(batch);
    for (uint32_t i = 0; i < batch->n_frames; i++) {
        wire[i] += 0.5f * before[i];
    }
}

static void commit_first_and_write_then(const SyBatch *batch)
{
    SySegment *segment = here(batch);
    _Atomic uint64_t *commit = &segment->work[CONTROL_SLOT].commit;
    const uint64_t word = atomic_load(commit);

    atomic_store(commit,
                 sy_commit_word(atomic_load(&segment->release.epoch), sy_commit_slot(word) ^ 1));
    sound(batch);
    atomic_store(commit, word); /* or the worker's own commit would take it back */
}

static const struct {
    const char *wrong;
    Process *process;
} mutants[N_MUTANTS] = {
    {"state outside its slot", keep_a_count_elsewhere},
    {"state in the committed slot", change_the_committed_slot},
    {"a wire as accumulator", take_the_wire_for_a_memory},
    {"committed before written", commit_first_and_write_then},
};

static const SyPlanNode *find_node(const SySegment *segment)
{
    const SyPlan *plan = patch_plan(segment);

    for (uint32_t i = 0; i < plan->n_nodes; i++) {
        if (sy_plan_nodes(plan)[i].slot == CONTROL_SLOT) {
            return &sy_plan_nodes(plan)[i];
        }
    }
    demand(false, "find the node of a control");
    return NULL;
}

const char *mutant_begin(uint32_t number, uint32_t type, const Bench *of)
{
    bench = of;
    node = find_node(of->home);
    mutant = *__real_sy_registry_at(type);
    sound = mutant.process;
    mutant.process = mutants[number].process;
    mutated = type;
    return mutants[number].wrong;
}

void mutant_end(void)
{
    mutated = UINT32_MAX;
}
