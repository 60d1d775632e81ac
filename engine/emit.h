/* The second half of compiling: writes the arrays of a plan from units that have their tasks. */
#ifndef SY_ENGINE_EMIT_H
#define SY_ENGINE_EMIT_H

#include "engine/compile.h"
#include "engine/keyed.h"
#include "engine/loops.h"

/* What has one place in the order: a node, or all nodes of a feedback loop.  Named by the slot that
 * leads it. */
typedef struct SyUnit {
    uint32_t lead, level, home, type, phase, task, wave;
    uint64_t order;
    bool loop;
} SyUnit;

typedef struct SyMember {
    uint32_t lead, position, slot;
} SyMember;

/* An input that is summed by several workers, each some of the frames. */
typedef struct SySum {
    uint32_t slot, port, n_pieces;
    uint32_t first_task; /* of n_pieces, before the task of the slot */
} SySum;

#define SY_SIZES_MAX (SY_PORTS_MAX * SY_VOICES_MAX + 1) /* outputs times voices */

struct SyCompiler {
    SyLoops loops;
    uint32_t n_units, n_tasks, n_members, width;
    SyUnit units[SY_MODULES_MAX];     /* by task, wave and level once they have them */
    SyMember members[SY_MODULES_MAX]; /* by lead and position */
    SyUnit unsorted[SY_MODULES_MAX];
    SyKeyed keyed[SY_CABLES_MAX], spare[SY_CABLES_MAX]; /* of what is being sorted */
    uint32_t first_member[SY_MODULES_MAX];              /* by lead */
    uint32_t phase_of[SY_MODULES_MAX];                  /* by lead */
    uint32_t task_of[SY_MODULES_MAX];                   /* by lead */
    uint32_t wave_of[SY_MODULES_MAX];                   /* by lead */
    bool shared[SY_MODULES_MAX]; /* by slot: it hears nobody, and other homes hear it */
    uint32_t stamp[SY_TASKS_MAX];
    bool waited_for[SY_TASKS_MAX];
    /* Of wires.c. */
    uint32_t unit_of[SY_MODULES_MAX];     /* by lead */
    uint32_t heard_last[SY_MODULES_MAX];  /* by unit: the first slot that it is the last to hear */
    uint32_t next_heard[SY_MODULES_MAX];  /* by slot: the next one */
    uint64_t wires_at[SY_MODULES_MAX];    /* by slot, once it is placed */
    uint32_t wires_size[SY_MODULES_MAX];  /* by slot: outputs times voices */
    uint64_t n_let_in;                    /* counts tasks, of all plans */
    uint64_t let_in[SY_SIZES_MAX];        /* by size: the task in which the next is of use */
    uint32_t first_to_let[SY_SIZES_MAX];  /* by size: a slot whose wires nobody reads any more */
    uint32_t next_to_let[SY_MODULES_MAX]; /* by slot: another one of the same size */

    /* Of sums.c. */
    uint32_t sum_least; /* floats of a block that are worth it */
    uint32_t n_sums;
    SySum sums[SY_SUMS_MAX];        /* those of a slot one after the other */
    bool is_summed[SY_MODULES_MAX]; /* by slot: one of its inputs is */

    uint32_t sorted[SY_CABLES_MAX];        /* cables by target, port, order */
    uint32_t first_in[SY_MODULES_MAX + 1]; /* by target slot, in `sorted` */
};

/* Sorts the cables by where they lead.  Thread: control.  RT: no. */
void sy_plan_sort_cables(SyCompiler *compiler, const SyGraph *graph);

/* Thread: control.  RT: no. */
void sy_plan_emit(SyCompiler *compiler, const SyGraph *graph, uint32_t block, SyPlan *plan);

#endif
