/* Plans: made from the graph, published, and what is not in them any more given back. */
#include <stdlib.h>

#include "engine/control_private.h"

uint64_t sy_control_next_serial(const SyControl *control)
{
    return control->serial + 1;
}

/* What is over is given back. */

void sy_control_defer(SyControl *control, SyDeferred deferred)
{
    if (control->n_deferred == control->deferred_room) {
        const size_t room = control->deferred_room ? 2 * control->deferred_room : 256;
        SyDeferred *more = realloc(control->deferred, room * sizeof(*more));
        if (!more) {
            return; /* never given back: a leak in the arena, which is better than a reuse too soon
                     */
        }
        control->deferred = more;
        control->deferred_room = room;
    }
    if (deferred.module != SY_NONE) {
        control->graph->module_held[deferred.module] = 1;
    }
    if (deferred.cable != SY_NONE) {
        control->graph->cable_held[deferred.cable] = 1;
    }
    control->deferred[control->n_deferred++] = deferred;
}

void sy_control_give_back(SyControl *control)
{
    const uint64_t adopted = atomic_load_explicit(&control->audio->adopted, memory_order_seq_cst);
    size_t kept = 0;

    for (size_t i = 0; i < control->n_deferred; i++) {
        const SyDeferred *deferred = &control->deferred[i];
        if (adopted < deferred->serial || !sy_pool_is_past(&control->pool, deferred->serial)) {
            control->deferred[kept++] = *deferred;
            continue;
        }
        if (deferred->module != SY_NONE) {
            control->graph->module_held[deferred->module] = 0;
        }
        if (deferred->cable != SY_NONE) {
            control->graph->cable_held[deferred->cable] = 0;
        }
        sy_arena_give(control->arena, deferred->memory_at, deferred->memory_size);
    }
    control->n_deferred = kept;
}

/* What has faded out is taken away. */

static bool has_faded(const SyControl *control, uint32_t slot)
{
    const SyGraphCable *cable = &control->graph->cables[slot];
    const SyRampShared *fade = &control->segment->cables[slot].fade;

    return cable->fades_since != 0 &&
           atomic_load_explicit(&control->audio->adopted, memory_order_acquire) >=
               cable->fades_since &&
           atomic_load_explicit(&control->audio->frame, memory_order_acquire) >=
               fade->start + fade->length;
}

static void remove_cable(SyControl *control, uint32_t slot)
{
    sy_graph_remove_cable(control->graph, slot);
    sy_control_defer(
        control,
        (SyDeferred){.serial = sy_control_next_serial(control), .module = SY_NONE, .cable = slot});
    control->dirty = true;
}

void sy_control_remove_faded(SyControl *control)
{
    SyGraph *graph = control->graph;

    for (uint32_t i = sy_graph_next_dying_cable(graph, 0); i != SY_NONE;
         i = sy_graph_next_dying_cable(graph, i + 1)) {
        if (has_faded(control, i)) {
            remove_cable(control, i);
        }
    }
    for (uint32_t i = sy_graph_next_dying_module(graph, 0); i != SY_NONE;
         i = sy_graph_next_dying_module(graph, i + 1)) {
        if (!sy_graph_is_heard(graph, i)) {
            sy_control_remove_module(control, i);
        }
    }
}

/* Takes a module away whose sound is over, with the cables at its inputs. */
void sy_control_remove_module(SyControl *control, uint32_t slot)
{
    SyGraph *graph = control->graph;
    const SyGraphModule module = graph->modules[slot];

    while (graph->index.first_out[slot] != 0) {
        remove_cable(control, graph->index.first_out[slot] - 1);
    }
    while (graph->index.first_in[slot] != 0) {
        remove_cable(control, graph->index.first_in[slot] - 1);
    }
    sy_graph_remove_module(graph, slot);
    sy_control_defer(control, (SyDeferred){.serial = sy_control_next_serial(control),
                                           .module = slot,
                                           .cable = SY_NONE,
                                           .memory_at = module.memory_at,
                                           .memory_size = module.memory_size});
    control->dirty = true;
}

/* Plans. */

static bool is_read(const SyControl *control, uint64_t serial)
{
    for (uint32_t i = 0; i < SY_WORKERS_MAX; i++) {
        if (atomic_load_explicit(&control->segment->workers[i].reading, memory_order_seq_cst) ==
            serial) {
            return true;
        }
    }
    return false;
}

/* A place for a plan that nobody reads: neither the one that plays nor one that a worker which was
 * held up still looks at. */
static SyPlan *free_plan(const SyControl *control, uint32_t *place)
{
    for (uint32_t i = 0; i < SY_PLANS; i++) {
        SyPlan *plan = sy_at(control->segment, control->segment->plan_at[i]);
        if (plan->serial == 0 ||
            (plan->serial != control->serial && !is_read(control, plan->serial))) {
            *place = i;
            return plan;
        }
    }
    return NULL;
}

static void mark_published(SyGraph *graph, uint64_t serial)
{
    for (uint32_t i = 0; i < graph->module_top; i++) {
        SyGraphModule *module = &graph->modules[i];
        module->since = module->fresh ? serial : module->since;
        module->fresh = false;
    }
    for (uint32_t i = 0; i < graph->cable_top; i++) {
        SyGraphCable *cable = &graph->cables[i];
        cable->since = cable->fresh ? serial : cable->since;
        cable->gain_since = cable->gain_changed ? serial : cable->gain_since;
        cable->fresh = false;
        cable->gain_changed = false;
        if (cable->used && cable->dying && cable->fades_since == 0) {
            cable->fades_since = serial;
        }
    }
}

void sy_control_write_books(const SyControl *control)
{
    if (control->books) {
        sy_books_write(control->books, control->graph, control->serial);
    }
}

static bool last_plan_plays(const SyControl *control)
{
    return atomic_load_explicit(&control->audio->adopted, memory_order_seq_cst) == control->serial;
}

/* Edits that come while a plan waits to be adopted are gathered into the next one. */
void sy_control_publish(SyControl *control)
{
    uint32_t place = 0;

    if (!control->dirty || !last_plan_plays(control)) {
        return;
    }
    SyPlan *plan = free_plan(control, &place);
    if (!plan) {
        return;
    }
    sy_graph_settle_loops(control->graph);
    sy_plan_compile(control->compiler, control->graph, control->segment->block, plan);
    plan->serial = ++control->serial;
    plan->adopt_at = control->adopt_at;
    mark_published(control->graph, plan->serial);
    control->dirty = false;
    control->adopt_at = SY_WHEN_NOW;
    sy_control_write_books(control); /* before audio can have it */
    atomic_store_explicit(&control->audio->next_plan, 1 + place, memory_order_release);
    if (atomic_load(&control->audio->driver_wanted) == SY_DRIVER_ENGINE) {
        sy_bell_ring(&control->audio->driver_bell); /* an idle clock is late with its blocks */
    }
}
