#include "tests/instructions/records.h"

#include <stdio.h>

#include "engine/claim.h"
#include "engine/tracing.h"

void records_begin(SySegment *segment)
{
    for (uint32_t i = 0; i < 2 * SY_AHEAD; i++) {
        atomic_store(&segment->release.info[i].trace, SY_TRACE_COMPLETE);
        atomic_store(&segment->release.info[i].trace_at, i % 2 * RECORDS_ROOM);
    }
}

bool records_are_kept(const SySegment *segment)
{
    return atomic_load(&segment->release.info[0].trace) != SY_TRACE_BASIC;
}

static bool is_done(const SySegment *segment, uint64_t epoch, uint32_t task)
{
    return atomic_load(sy_claim_of(segment, task)) == sy_claim_word(epoch, 0, SY_CLAIM_DONE);
}

static bool is_committed(const SySegment *segment, uint64_t epoch, const SyPlanNode *node)
{
    return sy_commit_epoch(atomic_load(&segment->work[node->slot].commit)) == epoch;
}

Records records_expected(const SySegment *segment, uint64_t epoch, uint32_t victim, uint32_t heir)
{
    const SyPlan *plan = patch_plan(segment);
    const SyPlanNode *nodes = sy_plan_nodes(plan);
    Records records = {.n = plan->n_tasks + plan->n_nodes};

    demand(records.n <= RECORDS_ROOM, "record so much");
    for (uint32_t i = 0; i < plan->n_tasks; i++) {
        records.worker[i] = is_done(segment, epoch, i) ? victim : heir;
    }
    for (uint32_t s = 0; s < plan->n_steps; s++) {
        const SyPlanStep *step = &sy_plan_steps(plan)[s];
        for (uint32_t i = step->first_node; i < step->first_node + step->n_nodes; i++) {
            /* A loop is committed by its first node. */
            const uint32_t by = step->loop ? step->first_node : i;
            records.worker[plan->n_tasks + i] =
                is_committed(segment, epoch, &nodes[by]) ? victim : heir;
        }
    }
    return records;
}

bool records_are(const Records *expected, const SySegment *segment, uint64_t epoch, char *text,
                 size_t size)
{
    const uint32_t n_tasks = patch_plan(segment)->n_tasks;
    const SyTraceRecord *records = sy_at(segment, segment->trace_at);
    const uint32_t at = atomic_load(&sy_block_info(segment, epoch)->trace_at);

    for (uint32_t i = 0; i < expected->n; i++) {
        const SyTraceRecord *record = &records[at + i];
        const bool is_node = i >= n_tasks;
        if (atomic_load(&record->epoch) != epoch ||
            atomic_load(&record->worker) != expected->worker[i] ||
            (atomic_load(&record->node) != 0) != is_node) {
            snprintf(text, size, "the record of %s %u is of block %llu and worker %u, not %u",
                     is_node ? "node" : "task", is_node ? i - n_tasks : i,
                     (unsigned long long)atomic_load(&record->epoch), atomic_load(&record->worker),
                     expected->worker[i]);
            return false;
        }
    }
    return true;
}
