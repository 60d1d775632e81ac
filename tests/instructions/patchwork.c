#include "tests/instructions/patchwork.h"

#include <stdio.h>
#include <stdlib.h>

#include "engine/claim.h"
#include "modules/registry.h"

#define RATE        48000
#define ARENA_BYTES (6 << 20)

void demand(bool done, const char *what)
{
    if (!done) {
        fprintf(stderr, "kill-every-instruction: cannot %s\n", what);
        exit(2);
    }
}

/* Nobody spins here: a worker that waits is to go to sleep at once. */
SySegment *patch_map(uint32_t block)
{
    const SySegmentSize size = {.rate = RATE,
                                .block = block,
                                .n_cores = 2,
                                .offline = true,
                                .spin_ns = 0,
                                .plan_bytes = sy_plan_bytes_max(),
                                .arena_bytes = ARENA_BYTES};
    SySegment *segment = sy_segment_map(&size);

    demand(segment != NULL, "map a segment");
    return segment;
}

Patch *patch_new(uint32_t block)
{
    Patch *patch = calloc(1, sizeof(*patch));

    demand(patch != NULL, "allocate");
    patch->segment = patch_map(block);
    patch->arena = sy_arena_new(patch->segment->used_to, ARENA_BYTES);
    patch->graph = calloc(1, sizeof(SyGraph));
    patch->compiler = sy_compiler_new();
    demand(patch->arena && patch->graph && patch->compiler, "allocate");
    return patch;
}

void patch_free(Patch *patch)
{
    sy_compiler_free(patch->compiler);
    free(patch->graph);
    sy_arena_free(patch->arena);
    sy_segment_unmap(patch->segment);
    free(patch);
}

uint32_t patch_add(Patch *patch, uint32_t type, uint8_t voices, uint32_t home)
{
    const SyModule *module = sy_registry_at(type);
    float written[SY_PARAMS_MAX] = {0};
    uint32_t slot = SY_NONE;

    for (uint32_t i = 0; i < module->n_params; i++) {
        written[i] = module->params[i].def;
    }
    const SyModuleRef ref = {(uint16_t)type, ++patch->last_id};
    demand(sy_graph_create(patch->graph, patch->segment, patch->arena, ref, voices, written,
                           &slot) == SY_OK,
           "create a module");
    patch->graph->modules[slot].home = home;
    return slot;
}

static uint32_t plug(Patch *patch, uint32_t from, uint32_t from_port, uint32_t to, uint32_t to_port,
                     float gain)
{
    uint32_t cable = SY_NONE;

    demand(sy_graph_connect(patch->graph, from, (uint8_t)from_port, to, (uint8_t)to_port, gain,
                            &cable) == SY_OK,
           "plug a cable");
    return cable;
}

uint32_t patch_plug(Patch *patch, uint32_t from, uint32_t from_port, uint32_t to, uint32_t to_port)
{
    return plug(patch, from, from_port, to, to_port, 0.75f);
}

uint32_t patch_plug_plain(Patch *patch, uint32_t from, uint32_t to)
{
    return plug(patch, from, 0, to, 0, 1.0f);
}

const SyPlan *patch_plan(const SySegment *segment)
{
    return sy_at(segment, segment->plan_at[0]);
}

/* As the audio thread would have left it some time ago. */
static void settle(SySegment *segment, const SyPlanOp *op)
{
    if (op->kind == SY_OP_BORN) {
        segment->nodes[op->index].born = 0;
    } else {
        segment->cables[op->index] = (SyCableShared){.gain = {.from = op->value, .to = op->value},
                                                     .fade = {.from = 1, .to = 1},
                                                     .covers = op->kind == SY_OP_PLUG_NEW};
    }
}

void patch_compile(Patch *patch)
{
    SyPlan *plan = sy_at(patch->segment, patch->segment->plan_at[0]);

    sy_graph_settle_loops(patch->graph);
    sy_plan_compile(patch->compiler, patch->graph, patch->segment->block, plan);
    plan->serial = 1;
    for (uint32_t i = 0; i < plan->n_ops; i++) {
        settle(patch->segment, &sy_plan_ops(plan)[i]);
    }
}

void patch_event(Patch *patch, uint64_t epoch, uint32_t slot, SyBlockEvent event)
{
    SyNodeShared *node = &patch->segment->nodes[slot];
    const uint32_t index = patch->n_events++;

    event.slot = slot;
    event.next = UINT32_MAX;
    patch->segment->events[index] = event;
    if (node->event_epoch == epoch) {
        patch->segment->events[node->event_last].next = index;
    } else {
        node->event_epoch = epoch;
        node->event_first = index;
    }
    node->event_last = index;
}

int64_t patch_start_of(const SySegment *segment, uint64_t epoch)
{
    return (int64_t)(epoch - 1) * segment->block;
}

/* As the audio thread would know. */
static bool is_at_rest(const SySegment *segment, int64_t frame)
{
    const SyPlan *plan = patch_plan(segment);

    for (uint32_t i = 0; i < plan->n_cables; i++) {
        const SyCableShared *cable = &segment->cables[sy_plan_cables(plan)[i].cable];
        if (frame < cable->gain.start + cable->gain.length ||
            frame < cable->fade.start + cable->fade.length) {
            return false;
        }
    }
    return true;
}

static bool is_quiet(const SySegment *segment, uint64_t epoch, int64_t frame)
{
    const SyPlan *plan = patch_plan(segment);

    for (uint32_t i = 0; i < plan->n_nodes; i++) {
        const SyPlanNode *node = &sy_plan_nodes(plan)[i];
        const SyNodeShared *shared = &segment->nodes[node->slot];
        if (shared->event_epoch == epoch || shared->born > frame) {
            return false;
        }
    }
    return !atomic_load(&segment->guarded);
}

void patch_release(SySegment *segment, uint64_t epoch)
{
    for (uint32_t i = 0; i < patch_plan(segment)->n_tasks; i++) {
        atomic_store(sy_claim_of(segment, i), sy_claim_word(epoch, 0, SY_CLAIM_FREE));
    }
    patch_release_ahead(segment, epoch);
}

void patch_release_ahead(SySegment *segment, uint64_t epoch)
{
    SyBlockInfo *info = sy_block_info(segment, epoch);

    atomic_store(&info->plan_at, segment->plan_at[0]);
    atomic_store(&info->plan_serial, patch_plan(segment)->serial);
    atomic_store(&info->start, patch_start_of(segment, epoch));
    atomic_store(&info->at_rest, is_at_rest(segment, patch_start_of(segment, epoch)));
    atomic_store(&info->quiet, is_quiet(segment, epoch, patch_start_of(segment, epoch)));
    sy_bell_listen(&segment->block_shared.done_bell);
    sy_bell_listen(&segment->block_shared.progress);
    atomic_store(&segment->release.epoch, epoch);
}
