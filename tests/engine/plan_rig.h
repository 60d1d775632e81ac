/* What the tests of plans share: a patch that is made by hand, and what is true of every plan. */
#ifndef SY_TESTS_ENGINE_PLAN_RIG_H
#define SY_TESTS_ENGINE_PLAN_RIG_H

#include "engine/compile.h"
#include "modules/registry.h"
#include "tests/rig/check.h"

#define BLOCK 64

typedef struct Patch {
    SySegment *segment;
    SyArena *arena;
    SyGraph *graph;
    SyCompiler *compiler;
    SyPlan *plan;
    unsigned seed;
    int vca;
    uint32_t n_summed; /* inputs that are summed by several, of all plans that were checked */
} Patch;

/* Where a slot is in the plan. */
typedef struct Where {
    uint32_t task, step, node;
    bool loop;
} Where;

int set_up(void **state);
int tear_down(void **state);

/* A module of one voice with its defaults, and its slot. */
uint32_t add(Patch *patch, const char *type, uint16_t id, uint32_t home);

/* A cable from the first output, and its number. */
uint32_t plug(Patch *patch, uint32_t from, uint32_t to, uint8_t port);

const SyPlan *compile(Patch *patch);

/* `where` has a place for every slot. */
void locate(const SyPlan *plan, Where *where);

bool has_pred(const SyPlan *plan, uint32_t task, uint32_t pred);

/* Nodes that have the wires of another. */
uint32_t count_shared_wires(const SyPlan *plan);

/* That all modules are in it once, behind what they hear, and that no wire is written to while it
 * is needed. */
void check(Patch *patch, const SyPlan *plan);

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

#endif
