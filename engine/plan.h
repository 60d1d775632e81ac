/* A plan: the patch compiled into what workers run, immutable from its publication on.
 *
 * A node is a module instance, a lane one voice of it. A step is a run of nodes of one type and
 * level whose lanes are computed together, or one feedback loop, or some frames of an input that
 * several workers sum up. A task is a list of steps that one worker runs in order; tasks are
 * claimed, nodes are committed.
 *
 *     tasks    sorted so that predecessors come first; task i uses claim word i
 *     steps    of a task in order
 *     nodes    of a step in order
 *     inputs   of a node: one for each input port, naming the cables that end there
 *     cables   of an input in the order of their making, which is the order they are summed in
 *
 * All arrays follow the struct in the same piece of memory. */
#ifndef SY_ENGINE_PLAN_H
#define SY_ENGINE_PLAN_H

#include "engine/segment.h"

typedef struct SyPlanCable {
    uint64_t wires_at; /* source's output: [voices][block] floats */
    uint64_t
        tail_at; /* back only: the same output's last frames, [voices], in the source's state */
    uint64_t tail_stride; /* from there to the other state slot's */
    uint32_t cable;       /* slot in SySegment.cables */
    uint32_t source;      /* slot of the node it comes from */
    float level;          /* what it is heard at, once cables are at rest */
    uint8_t voices;       /* of the source */
    bool back;            /* closes a feedback loop: read one frame late */
    bool dying;           /* fades out, or has */
} SyPlanCable;

/* What a worker has to do for an input. */
typedef enum SyInputKind {
    SY_INPUT_MIXED,  /* cables are to be added up, or a normal stands in */
    SY_INPUT_SILENT, /* nothing is patched in, and that is heard as 0 */
    SY_INPUT_PLAIN,  /* once cables are at rest: it hears one wire as it is */
    SY_INPUT_SUMMED, /* tasks before this one have summed up all that is heard: SySumShared */
} SyInputKind;

typedef struct SyPlanInput {
    uint64_t wires_at; /* plain: as in SyPlanCable; summed: of the frames */
    uint32_t first_cable;
    uint16_t n_cables;
    uint8_t kind;
    bool is_mono; /* plain: all voices hear the same wire */
} SyPlanInput;
_Static_assert(SY_CABLES_MAX <= UINT16_MAX, "n_cables");

typedef struct SyPlanNode {
    uint32_t slot; /* in SySegment.nodes */
    uint16_t type;
    uint16_t id;
    uint8_t voices;
    uint8_t n_lanes;         /* voices, or 1 if the type is per_instance */
    uint32_t patched, heard; /* bit p: input or output p is */
    uint32_t silent, summed; /* bit p: input p is SY_INPUT_SILENT, or SY_INPUT_SUMMED */
    uint32_t first_input;
    uint32_t lane_bytes;  /* state of a lane */
    uint32_t used_bytes;  /* of it, from its beginning, that are carried on from block to block */
    uint32_t state_bytes; /* one state slot: lanes, SyNodeMode, tails[n_outputs][voices] floats */
    uint32_t mode_from, tails_from; /* from the state slot's start */
    uint64_t state_at;              /* two state slots */
    uint64_t page_bytes; /* isolated: from there, all memory of the module; 0 for others */
    uint64_t params_at;  /* SyParamsShared */
    uint64_t wires_at;   /* [n_outputs][voices][block] floats */
    uint64_t tape_at;    /* [n_lanes], one after the other */
    uint64_t tape_bytes; /* of a lane; 0 without one */
    uint64_t file_at;    /* what it reads of a file, in the library; 0 without one */
} SyPlanNode;

typedef struct SyPlanStep {
    uint32_t first_node, n_nodes;
    bool loop;               /* run frame by frame, committed as one */
    bool sums;               /* runs no node, but sums for first_node, which is in a later task */
    uint8_t port, piece;     /* sums: the input, and the number of these frames of it */
    uint16_t from, n_frames; /* sums */
} SyPlanStep;

typedef struct SyPlanTask {
    uint32_t home; /* worker whose modules these are */
    uint32_t first_step, n_steps;
    uint32_t first_pred, n_preds; /* in preds: numbers of tasks */
    bool sinks;                   /* it has nodes whose wires the audio thread reads */
} SyPlanTask;

/* What is heard: a node whose outputs 0 and 1 go to the device, faded like a cable. */
typedef struct SyPlanSink {
    uint64_t order; /* of creation: they are summed in this order */
    uint64_t wires_at;
    uint32_t n_outputs, voices;
    uint32_t cable;
} SyPlanSink;

/* What the audio thread does to the tables at the moment it adopts the plan. */
typedef enum SyPlanOpKind {
    SY_OP_BORN,     /* index: node slot */
    SY_OP_PLUG,     /* index: cable slot; it is new, silent before, and fades in */
    SY_OP_PLUG_NEW, /* index: cable slot; the same, into a module as new as itself */
    SY_OP_UNPLUG,   /* index: cable slot; fades out */
    SY_OP_GAIN,     /* index: cable slot; its gain moves to value */
} SyPlanOpKind;

typedef struct SyPlanOp {
    uint32_t kind;
    uint32_t index;
    float value;
} SyPlanOp;

typedef struct SyPlan {
    uint64_t serial;
    int64_t adopt_at; /* frame, or SY_WHEN_NOW */
    uint32_t n_tasks, n_steps, n_nodes, n_preds, n_inputs, n_cables, n_sinks, n_lasts, n_ops,
        n_homes;
    uint32_t width; /* workers that can be of use at once */
    /* Bytes from the plan's start. */
    uint32_t tasks_from, steps_from, nodes_from, preds_from, inputs_from, cables_from, sinks_from,
        lasts_from, ops_from, homes_from;
} SyPlan;

#define SY_PLAN_ARRAY(name, Type)                                                                  \
    static inline Type *sy_plan_##name(const SyPlan *plan)                                         \
    {                                                                                              \
        return (Type *)((unsigned char *)(uintptr_t)plan + plan->name##_from);                     \
    }

SY_PLAN_ARRAY(tasks, SyPlanTask)
SY_PLAN_ARRAY(steps, SyPlanStep)
SY_PLAN_ARRAY(nodes, SyPlanNode)
SY_PLAN_ARRAY(preds, uint32_t) /* numbers of tasks */
SY_PLAN_ARRAY(inputs, SyPlanInput)
SY_PLAN_ARRAY(cables, SyPlanCable)
SY_PLAN_ARRAY(sinks, SyPlanSink) /* by order */
SY_PLAN_ARRAY(lasts, uint32_t)   /* tasks that nobody waits for: when they are done, all is */
SY_PLAN_ARRAY(ops, SyPlanOp)
SY_PLAN_ARRAY(homes, uint32_t) /* workers with tasks, in the order of their first */

#endif
