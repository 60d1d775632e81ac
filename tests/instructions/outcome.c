#include "tests/instructions/outcome.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/claim.h"
#include "modules/registry.h"
#include "tests/instructions/patchwork.h"

#define PARTS_MAX 512

typedef struct Part {
    const char *what;
    uint32_t of; /* task or slot */
    const void *at;
    size_t bytes;
} Part;

typedef struct Parts {
    uint32_t n;
    Part part[PARTS_MAX];
} Parts;

static void add(Parts *parts, const char *what, uint32_t of, const void *at, size_t bytes)
{
    demand(parts->n < PARTS_MAX, "compare so large a patch");
    parts->part[parts->n++] = (Part){what, of, at, bytes};
}

/* What a sink has left in the last two blocks. */
static void add_set_aside(Parts *parts, const SySegment *segment, const SyPlanNode *node)
{
    const uint64_t epoch = atomic_load(&segment->release.epoch);
    const size_t bytes = (size_t)sy_registry_at(node->type)->n_outputs * node->voices *
                         segment->block * sizeof(float);

    for (uint64_t of = epoch - 1; of <= epoch; of++) {
        add(parts, "what is set aside of node", node->slot,
            sy_at(segment, node->wires_at + sy_sink_place(segment, of) * bytes), bytes);
    }
}

static void add_node(Parts *parts, const SySegment *segment, const SyPlanNode *node)
{
    const _Atomic uint64_t *commit = &segment->work[node->slot].commit;
    const size_t wire = (size_t)node->voices * segment->block * sizeof(float);
    const unsigned slot = sy_commit_slot(atomic_load(commit));

    add(parts, "commit word of node", node->slot, (const void *)(uintptr_t)commit, sizeof(*commit));
    add(parts, "committed state of node", node->slot,
        sy_at(segment, node->state_at + (uint64_t)slot * node->state_bytes), node->state_bytes);
    for (uint32_t port = 0; port < sy_registry_at(node->type)->n_outputs; port++) {
        if (node->heard >> port & 1) {
            add(parts, "wire of node", node->slot, sy_at(segment, node->wires_at + port * wire),
                wire);
        }
    }
    if (sy_registry_at(node->type)->is_sink) {
        add_set_aside(parts, segment, node);
    }
}

static void find(Parts *parts, const SySegment *segment)
{
    const SyPlan *plan = patch_plan(segment);

    parts->n = 0;
    add(parts, "block that is done", 0, (const void *)(uintptr_t)&segment->block_shared.done,
        sizeof(segment->block_shared.done));
    for (uint32_t i = 0; i < plan->n_tasks; i++) {
        add(parts, "claim of task", i, (const void *)(uintptr_t)sy_claim_of(segment, i),
            sizeof(uint64_t));
    }
    for (uint32_t i = 0; i < plan->n_nodes; i++) {
        add_node(parts, segment, &sy_plan_nodes(plan)[i]);
    }
}

Outcome outcome_of(const SySegment *segment)
{
    static Parts parts;
    Outcome outcome = {0};

    find(&parts, segment);
    for (uint32_t i = 0; i < parts.n; i++) {
        outcome.n_bytes += parts.part[i].bytes;
    }
    outcome.bytes = malloc(outcome.n_bytes);
    demand(outcome.bytes != NULL, "allocate");
    unsigned char *to = outcome.bytes;
    for (uint32_t i = 0; i < parts.n; i++) {
        memcpy(to, parts.part[i].at, parts.part[i].bytes);
        to += parts.part[i].bytes;
    }
    return outcome;
}

void outcome_free(Outcome *outcome)
{
    free(outcome->bytes);
    *outcome = (Outcome){0};
}

static size_t first_difference(const unsigned char *x, const unsigned char *y)
{
    size_t i = 0;
    while (x[i] == y[i]) {
        i++;
    }
    return i;
}

bool outcome_is(const Outcome *outcome, const SySegment *segment, char *text, size_t size)
{
    static Parts parts;
    const unsigned char *wanted = outcome->bytes;

    find(&parts, segment);
    for (uint32_t i = 0; i < parts.n; i++) {
        const Part *part = &parts.part[i];
        if (memcmp(wanted, part->at, part->bytes) != 0) {
            snprintf(text, size, "%s %u, byte %zu", part->what, part->of,
                     first_difference(wanted, part->at));
            return false;
        }
        wanted += part->bytes;
    }
    return true;
}
