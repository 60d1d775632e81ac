/* Modules in quarantine, and modules whose output was no number: what control tells of them. */
#include <stdio.h>

#include "engine/control_edit.h"
#include "modules/registry.h"

#define WILD_LOOK_NS 1000000000

static bool is_there(const SyControl *control, uint32_t slot)
{
    const SyGraphModule *module = &control->graph->modules[slot];
    return module->used && !module->dying;
}

bool sy_control_is_quarantined(const SyControl *control, uint32_t slot)
{
    return is_there(control, slot) && !control->graph->modules[slot].fresh &&
           atomic_load(&control->segment->nodes[slot].bypassed);
}

void sy_control_fault_text(const SyControl *control, uint32_t slot, char *text, size_t size)
{
    const SyFault *fault = control->books ? &control->books->faults[slot] : NULL;

    text[0] = '\0';
    if (!sy_control_is_quarantined(control, slot)) {
        return;
    }
    if (fault && fault->kind != SY_FAULT_NONE &&
        fault->born == control->segment->nodes[slot].born) {
        sy_fault_text(fault, text, size);
    } else {
        snprintf(text, size, "it brought its workers down");
    }
}

static void complain(const SyNotice *notice)
{
    fprintf(stderr, "synthd: %s/%u: %s; it is bypassed until it is revived\n",
            sy_registry_at(notice->module.type)->name, notice->module.id, notice->text);
}

static void take_faults(SyControl *control)
{
    SyFault fault;

    while (sy_pool_take_fault(&control->pool, &fault)) {
        char text[SY_FAULT_TEXT];
        if (control->books) {
            control->books->faults[fault.slot] = fault;
        }
        if (!is_there(control, fault.slot) ||
            fault.born != control->segment->nodes[fault.slot].born) {
            continue;
        }
        sy_fault_text(&fault, text, sizeof(text));
        const SyNotice notice = {.kind = SY_NOTICE_QUARANTINED,
                                 .module = control->graph->modules[fault.slot].ref,
                                 .text = text};
        complain(&notice);
        sy_control_notify(control, &notice);
    }
}

/* One notice in each look for each module, however many blocks it was. */
static void look_for_wild(SyControl *control)
{
    const SyGraph *graph = control->graph;

    for (uint32_t i = 0; i < graph->module_top; i++) {
        const uint32_t n =
            atomic_load_explicit(&control->segment->work[i].n_wild, memory_order_relaxed);
        const uint32_t seen = control->wild_seen[i];
        const uint32_t more = n >= seen ? n - seen : n; /* another module may have the slot */
        control->wild_seen[i] = n;
        if (more > 0 && is_there(control, i)) {
            char text[64];
            snprintf(text, sizeof(text), "not a number, muted: %u blocks", more);
            const SyNotice notice = {
                .kind = SY_NOTICE_WILD, .module = graph->modules[i].ref, .text = text};
            sy_control_notify(control, &notice);
        }
    }
}

static bool any_is_bypassed(const SyControl *control)
{
    bool any = false;
    for (uint32_t i = 0; i < control->graph->module_top; i++) {
        any = any || atomic_load(&control->segment->nodes[i].bypassed);
    }
    return any;
}

/* When nothing is bypassed any more, workers need not look. The watchdog may come between. */
static void lower_guard(SyControl *control)
{
    _Atomic bool *guarded = &control->segment->guarded;

    if (atomic_load(guarded) && !any_is_bypassed(control)) {
        atomic_store(guarded, false);
        if (any_is_bypassed(control)) {
            atomic_store(guarded, true);
        }
    }
}

void sy_control_look_at_faults(SyControl *control)
{
    const int64_t now = sy_now_ns();

    take_faults(control);
    if (now - control->wild_looked_ns >= WILD_LOOK_NS) {
        control->wild_looked_ns = now;
        look_for_wild(control);
        lower_guard(control);
    }
}

/* The workers see the change at the next block: the module begins anew, faded in. */
void sy_control_revive(SyControl *control, uint32_t slot, const SyTransaction *cause)
{
    if (control->books) {
        control->books->faults[slot] = (SyFault){.kind = SY_FAULT_NONE};
    }
    atomic_store(&control->segment->nodes[slot].bypassed, 0);
    const SyNotice notice = {.kind = SY_NOTICE_REVIVED,
                             .cause = cause,
                             .module = control->graph->modules[slot].ref,
                             .text = ""};
    sy_control_notify(control, &notice);
}
