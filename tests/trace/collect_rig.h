/* A block cycle without processes: the real records, made by workers that are only pretended, and
 * the real collector. */
#ifndef SY_TESTS_TRACE_COLLECT_RIG_H
#define SY_TESTS_TRACE_COLLECT_RIG_H

#include "engine/audio_trace.h"
#include "engine/trace_collect.h"
#include "engine/worker_trace.h"

#define RIG_WORKERS 3

typedef struct Rig {
    SySegment *segment;
    SyAudio *audio;
    SyPlan *plan;
    SyTraceLog log;
    SyTraceCollector collector;
    SyWorker workers[RIG_WORKERS];
    uint32_t seed;
} Rig;

int rig_setup(void **state);
int rig_teardown(void **state);

#define rig_test(name) cmocka_unit_test_setup_teardown(name, rig_setup, rig_teardown)

/* Below `n`; the same in every run. */
uint32_t rig_random(Rig *rig, uint32_t n);

void rig_level(Rig *rig, SyTraceLevel level);

/* A plan with so many tasks and nodes, node i being module number 1 + i of type 0. No tasks: none.
 */
void rig_plan(Rig *rig, uint32_t n_tasks, uint32_t n_nodes);

/* Releases the next block, as audio does; what its workers know of it. */
SyWork rig_release(Rig *rig);

/* Hands the block out, as audio does. */
void rig_hand_out(Rig *rig);

/* Records task `task` of a block with known times: see rig_time(). */
void rig_task(const Rig *rig, const SyWork *work, uint32_t task, uint32_t worker);
int64_t rig_time(uint64_t epoch, uint32_t task);

/* A whole block, in which worker `worker` runs everything. */
void rig_block(Rig *rig, uint32_t worker);

/* An item of the log, counted from the first there ever was. */
const SyTraceItem *rig_item(const Rig *rig, uint64_t at);

/* All that is in the log; sy_trace_clear() frees it. */
SyTrace rig_copy(Rig *rig);

const SyPlanNode *rig_node(const Rig *rig, uint32_t index);

#endif
