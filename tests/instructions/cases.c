#include "tests/instructions/cases.h"

#include <math.h>

#include "modules/registry.h"
#include "tests/instructions/records.h"

static uint32_t type_of(const char *name)
{
    const int type = sy_registry_find(name);
    demand(type >= 0, "find a module type");
    return (uint32_t)type;
}

static uint32_t add(Patch *patch, const char *type, uint8_t voices)
{
    return patch_add(patch, type_of(type), voices, 0);
}

static SyBlockEvent note_at(uint32_t offset, float note, float velocity)
{
    return (SyBlockEvent){
        .offset = offset, .kind = SY_EVENT_NOTE, .note = {.note = note, .velocity = velocity}};
}

static SyBlockEvent param_at(const Patch *patch, uint64_t epoch, uint32_t offset, uint8_t param,
                             float to)
{
    const int64_t start = patch_start_of(patch->segment, epoch) + offset;
    const SyRampShared ramp = {.to = to, .slope = to / 24, .length = 24, .start = start};
    return (SyBlockEvent){.offset = offset, .kind = SY_EVENT_PARAM, .param = param, .ramp = ramp};
}

/* A module of any type: something at all its inputs, and all its outputs heard. It is in slot 1. */
static void build_type(const Case *this_case, Patch *patch)
{
    const SyModule *module = sy_registry_at(this_case->type);
    const uint32_t source = add(patch, "noise", 1);
    const uint32_t subject = patch_add(patch, this_case->type, 2, 0);

    for (uint32_t port = 0; port < module->n_inputs; port++) {
        patch_plug(patch, source, port % 3, subject, port);
    }
    if (!module->is_sink) {
        const uint32_t sink = add(patch, "out", 1);
        for (uint32_t port = 0; port < module->n_outputs; port++) {
            patch_plug(patch, subject, port, sink, port & 1);
        }
    }
}

/* A key is held, if there is one. */
static void play(const Case *this_case, Patch *patch, uint64_t epoch)
{
    if (epoch == 2 && sy_registry_at(this_case->type)->event) {
        patch_event(patch, epoch, 1, note_at(3, 57, 0.8f));
    }
}

static void build_loop(const Case *this_case, Patch *patch)
{
    (void)this_case;
    const uint32_t noise = add(patch, "noise", 1), sum = add(patch, "mixer", 1);
    const uint32_t filter = add(patch, "vcf", 1), slew = add(patch, "slew", 1);
    const uint32_t sink = add(patch, "out", 1);

    patch_plug(patch, noise, 0, sum, 0);
    patch_plug(patch, sum, 0, filter, 0);
    patch_plug(patch, filter, 0, slew, 0);
    patch_plug(patch, slew, 0, sum, 1);
    patch_plug(patch, filter, 1, sink, 0);
}

/* Two voices each, and cables that are heard as they are beside one that is added up. */
static void build_poly_loop(const Case *this_case, Patch *patch)
{
    (void)this_case;
    const uint32_t noise = add(patch, "noise", 1), osc = add(patch, "vco", 2);
    const uint32_t filter = add(patch, "vcf", 2), amp = add(patch, "vca", 2);
    const uint32_t sink = add(patch, "out", 1);

    patch_plug_plain(patch, osc, filter);
    patch_plug_plain(patch, filter, amp);
    patch_plug(patch, noise, 0, amp, 1);
    patch_plug(patch, amp, 0, osc, 1);
    patch_plug_plain(patch, amp, sink);
}

/* An amplifier that hears itself, louder every time, until that is no number any more. */
static void build_wild_loop(const Case *this_case, Patch *patch)
{
    const uint32_t noise = add(patch, "noise", 1);
    const uint32_t amp = patch_add(patch, this_case->type, 1, 0);
    const uint32_t sink = add(patch, "out", 1);

    patch_plug(patch, noise, 0, amp, 0);
    for (int i = 0; i < 40; i++) {
        patch_plug_plain(patch, amp, amp);
    }
    patch_plug(patch, amp, 0, sink, 0);
}

static void demand_wildness(const Case *this_case, Patch *patch, uint64_t epoch)
{
    (void)this_case;
    demand(epoch < EPOCH || atomic_load(&patch->segment->work[1].n_wild) > 0,
           "come to what is not a number");
}

static void turn_knob_in_loop(const Case *this_case, Patch *patch, uint64_t epoch)
{
    (void)this_case;
    if (epoch == EPOCH) {
        patch_event(patch, epoch, 2, param_at(patch, epoch, 7, 0, 3));
    }
}

static void turn_knobs(const Case *this_case, Patch *patch, uint64_t epoch)
{
    (void)this_case;
    if (epoch == EPOCH) {
        patch_event(patch, epoch, 1, param_at(patch, epoch, 5, 0, 2));
        patch_event(patch, epoch, 1, param_at(patch, epoch, 11, 0, 1));
    }
}

static void play_in_block(const Case *this_case, Patch *patch, uint64_t epoch)
{
    play(this_case, patch, epoch);
    if (epoch == EPOCH) {
        patch_event(patch, epoch, 1, note_at(4, 64, 1));
        patch_event(patch, epoch, 1, note_at(4, 57, 0));
        patch_event(patch, epoch, 1, note_at(9, 71, 0.5f));
    }
}

static void bear(const Case *this_case, Patch *patch, uint64_t epoch)
{
    (void)this_case;
    if (epoch == EPOCH) {
        patch->segment->nodes[1].born = patch_start_of(patch->segment, epoch) + 7;
        patch_event(patch, epoch, 1, param_at(patch, epoch, 3, 0, 2));
    }
}

static void fade_cable(const Case *this_case, Patch *patch, uint64_t epoch)
{
    (void)this_case;
    if (epoch == EPOCH) {
        const int64_t start = patch_start_of(patch->segment, epoch) - 3;
        for (uint32_t i = 0; i < patch->graph->cable_top; i++) {
            SyCableShared *cable = &patch->segment->cables[i];
            const int32_t length = (int32_t)patch->segment->fade_frames;
            cable->fade = (SyRampShared){.to = 1, .length = length, .start = start};
        }
    }
}

/* Its level goes where no number is. */
static void go_wild(const Case *this_case, Patch *patch, uint64_t epoch)
{
    (void)this_case;
    if (epoch == EPOCH) {
        patch_event(patch, epoch, 1, param_at(patch, epoch, 5, 0, NAN));
    }
}

static void bypass(const Case *this_case, Patch *patch, uint64_t epoch)
{
    (void)this_case;
    atomic_store(&patch->segment->guarded, true);
    atomic_store(&patch->segment->nodes[1].bypassed, epoch == EPOCH);
}

static void bypass_until_now(const Case *this_case, Patch *patch, uint64_t epoch)
{
    (void)this_case;
    atomic_store(&patch->segment->guarded, true);
    atomic_store(&patch->segment->nodes[1].bypassed, epoch < EPOCH && epoch > 2);
}

/* More lanes than one call of process() can get. */
static void build_batch(const Case *this_case, Patch *patch)
{
    const uint32_t noise = add(patch, "noise", 1), sink = add(patch, "out", 1);

    for (uint32_t i = 0; i < 9; i++) {
        const uint32_t subject = patch_add(patch, this_case->type, 2, 0);
        patch_plug(patch, noise, i % 3, subject, 0);
        patch_plug(patch, subject, 0, sink, i & 1);
    }
}

static void turn_knob_in_batch(const Case *this_case, Patch *patch, uint64_t epoch)
{
    (void)this_case;
    if (epoch == EPOCH) {
        patch_event(patch, epoch, 5, param_at(patch, epoch, 5, 0, 2));
    }
}

/* One task after the other: what comes from another worker begins a new one. */
static void build_chain(const Case *this_case, Patch *patch)
{
    (void)this_case;
    const uint32_t noise = add(patch, "noise", 1);
    const uint32_t filter = patch_add(patch, type_of("vcf"), 2, 1);
    const uint32_t sink = add(patch, "out", 1);

    patch_plug(patch, noise, 0, filter, 0);
    patch_plug(patch, filter, 0, sink, 0);
}

/* What is heard is heard as it is, from wires that every other node of the chain writes to. */
static void build_line(const Case *this_case, Patch *patch)
{
    (void)this_case;
    uint32_t last = add(patch, "noise", 1);

    for (int i = 0; i < 5; i++) {
        const uint32_t next = add(patch, "slew", 1);
        patch_plug_plain(patch, last, next);
        last = next;
    }
    patch_plug_plain(patch, last, add(patch, "out", 1));
}

static void demand_shared_wires(const Case *this_case, Patch *patch, uint64_t epoch)
{
    const SyPlan *plan = patch_plan(patch->segment);
    uint32_t n_shared = 0;

    (void)this_case;
    (void)epoch;
    for (uint32_t i = 2; i < plan->n_nodes; i++) {
        const SyPlanNode *node = &sy_plan_nodes(plan)[i];
        n_shared += node->wires_at == node[-2].wires_at;
    }
    demand(n_shared >= 3, "have wires shared");
}

/* Two tasks that wait for nobody, one that waits for both, and one that nobody waits for. */
static void build_diamond(const Case *this_case, Patch *patch)
{
    (void)this_case;
    const uint32_t sink = add(patch, "out", 1);

    for (uint32_t home = 0; home < 3; home++) {
        const uint32_t noise = patch_add(patch, type_of("noise"), 1, home);
        const uint32_t slew = patch_add(patch, type_of("slew"), 1, home);
        patch_plug(patch, noise, 0, slew, 0);
        if (home < 2) {
            patch_plug(patch, slew, 0, sink, home);
        }
    }
}

/* More wires than a single worker is to sum up: tasks that have no node. */
static void build_crowd(const Case *this_case, Patch *patch)
{
    (void)this_case;
    const uint32_t sink = add(patch, "out", 1);

    sy_compiler_set_sum_least(patch->compiler, 4 * patch->segment->block);
    for (uint32_t home = 0; home < 2; home++) {
        const uint32_t noise = patch_add(patch, type_of("noise"), 1, home);
        const uint32_t slew = patch_add(patch, type_of("slew"), 4, home);
        patch_plug(patch, noise, 0, slew, 0);
        patch_plug(patch, slew, 0, sink, 0);
        patch_plug(patch, slew, 0, sink, 1);
    }
}

/* As many tasks as there are pieces, beside those of the two homes and of the sink. */
static void demand_sums(const Case *this_case, Patch *patch, uint64_t epoch)
{
    const uint32_t pieces =
        patch->segment->block / 16 < SY_SUM_PIECES ? patch->segment->block / 16 : SY_SUM_PIECES;

    demand(patch_plan(patch->segment)->n_tasks == 3 + 2 * pieces, "have inputs summed by several");
    if (epoch > 2) {
        fade_cable(this_case, patch, epoch);
    }
}

/* The trace is part of what is committed. */
static void record(const Case *this_case, Patch *patch, uint64_t epoch)
{
    (void)this_case;
    (void)epoch;
    records_begin(patch->segment);
}

typedef struct Named {
    Case its;
    const char *type;
} Named;

static const Named others[] = {
    {{.name = "feedback loop", .build = build_loop}, NULL},
    {{.name = "loop of voices", .build = build_poly_loop}, NULL},
    {{.name = "loop out of numbers", .build = build_wild_loop, .before = demand_wildness}, "vca"},
    {{.name = "loop with an event", .build = build_loop, .before = turn_knob_in_loop}, NULL},
    {{.name = "events at a filter", .build = build_type, .before = turn_knobs}, "vcf"},
    {{.name = "notes in the block", .build = build_type, .before = play_in_block}, "keys"},
    {{.name = "born in the block", .build = build_type, .before = bear}, "slew"},
    {{.name = "cables that fade in", .build = build_type, .before = fade_cable}, "vca"},
    {{.name = "not a number", .build = build_type, .before = go_wild}, "vca"},
    {{.name = "bypassed in the block", .build = build_type, .before = bypass}, "vcf"},
    {{.name = "bypassed until now", .build = build_type, .before = bypass_until_now}, "vcf"},
    {{.name = "two batches", .build = build_batch}, "slew"},
    {{.name = "batch with an event", .build = build_batch, .before = turn_knob_in_batch}, "vca"},
    {{.name = "chain of tasks", .build = build_chain}, NULL},
    {{.name = "wires that are let", .build = build_line, .before = demand_shared_wires}, NULL},
    {{.name = "tasks side by side", .build = build_diamond}, NULL},
    {{.name = "summed by several", .build = build_crowd, .before = demand_sums}, NULL},
    {{.name = "tasks, a block ahead", .ahead = true, .build = build_diamond}, NULL},
    {{.name = "sums, a block ahead", .ahead = true, .build = build_crowd, .before = demand_sums},
     NULL},
    {{.name = "recorded batches", .build = build_batch, .before = record}, "slew"},
    {{.name = "recorded loop", .build = build_loop, .before = record}, NULL},
    {{.name = "recorded tasks", .build = build_diamond, .before = record}, NULL},
};

#define N_OTHERS (sizeof(others) / sizeof(others[0]))

const Case case_of_controls = {.name = "control", .build = build_type};

bool case_at(uint32_t number, Case *found)
{
    const uint32_t n_types = sy_registry_count();

    if (number < n_types) {
        *found = (Case){.name = sy_registry_at(number)->name,
                        .type = number,
                        .build = build_type,
                        .before = play};
        return true;
    }
    if (number - n_types >= N_OTHERS) {
        return false;
    }
    const Named *other = &others[number - n_types];
    *found = other->its;
    found->type = other->type ? type_of(other->type) : 0;
    return true;
}
