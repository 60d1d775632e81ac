#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/control_files.h"
#include "modules/registry.h"

#define LOAD_WINDOW_NS 1000000000

static void answer_memory(SyTransaction *transaction, size_t index)
{
    const SyAnswer answer = {.status = SY_ERR_FAILED, .text = "no memory for the answer"};
    transaction->answer(transaction, index, &answer);
}

static float cost_us(const SyControl *control, uint32_t slot)
{
    return (float)atomic_load_explicit(&control->segment->work[slot].cost_ns,
                                       memory_order_relaxed) *
           1e-3f;
}

const char *sy_control_file_of(const SyControl *control, uint32_t slot)
{
    const SyGraphModule *module = &control->graph->modules[slot];
    const uint32_t file = module->file || !module->needs_file ? module->file : module->wanted_file;

    return file ? control->graph->files[file - 1].path : "";
}

static void view_module(const SyControl *control, uint32_t slot, SyModuleView *view)
{
    const SyGraphModule *module = &control->graph->modules[slot];
    const SyModule *type = sy_registry_at(module->ref.type);

    *view = (SyModuleView){.ref = module->ref,
                           .voices = module->voices,
                           .n_params = type->n_params,
                           .file = sy_control_file_of(control, slot),
                           .worker = (int)module->home,
                           .cost_us = cost_us(control, slot),
                           .quarantined = sy_control_is_quarantined(control, slot),
                           .n_late = atomic_load(&control->segment->nodes[slot].n_late),
                           .n_wild = atomic_load(&control->segment->work[slot].n_wild)};
    sy_control_fault_text(control, slot, view->fault, sizeof(view->fault));
    for (uint32_t i = 0; i < type->n_params; i++) {
        view->written[i] = atomic_load(&control->audio->live[slot].written[i]);
    }
}

typedef struct Ordered {
    uint64_t order;
    uint32_t slot;
} Ordered;

static int by_order(const void *a, const void *b)
{
    const Ordered *x = a, *y = b;
    return x->order < y->order ? -1 : x->order > y->order;
}

static size_t list_modules(const SyControl *control, Ordered *ordered, SyModuleView *views)
{
    const SyGraph *graph = control->graph;
    size_t n = 0;

    for (uint32_t i = 0; i < graph->module_top; i++) {
        if (graph->modules[i].used && !graph->modules[i].dying) {
            ordered[n++] = (Ordered){graph->modules[i].order, i};
        }
    }
    qsort(ordered, n, sizeof(*ordered), by_order);
    for (size_t i = 0; i < n; i++) {
        view_module(control, ordered[i].slot, &views[i]);
    }
    return n;
}

static size_t list_cables(const SyControl *control, Ordered *ordered, SyCableView *views)
{
    const SyGraph *graph = control->graph;
    size_t n = 0;

    for (uint32_t i = 0; i < graph->cable_top; i++) {
        const SyGraphCable *cable = &graph->cables[i];
        if (cable->used && !cable->dying && !cable->sink) {
            ordered[n++] = (Ordered){cable->order, i};
        }
    }
    qsort(ordered, n, sizeof(*ordered), by_order);
    for (size_t i = 0; i < n; i++) {
        const SyGraphCable *cable = &graph->cables[ordered[i].slot];
        views[i] = (SyCableView){
            .from = {.module = graph->modules[cable->from].ref, .port = cable->from_port},
            .to = {.module = graph->modules[cable->to].ref, .port = cable->to_port},
            .gain = cable->gain};
    }
    return n;
}

bool sy_control_view_graph(const SyControl *control,
                           void (*use)(void *user, const SyGraphView *graph), void *user)
{
    const SyGraph *graph = control->graph;
    const size_t most = graph->n_modules > graph->n_cables ? graph->n_modules : graph->n_cables;
    Ordered *ordered = malloc((most + 1) * sizeof(*ordered));
    SyModuleView *modules = malloc((graph->n_modules + 1) * sizeof(*modules));
    SyCableView *cables = malloc((graph->n_cables + 1) * sizeof(*cables));
    const bool enough = ordered && modules && cables;

    if (enough) {
        SyGraphView view = {.modules = modules, .cables = cables};
        view.n_modules = list_modules(control, ordered, modules);
        view.n_cables = list_cables(control, ordered, cables);
        use(user, &view);
    }
    free(ordered);
    free(modules);
    free(cables);
    return enough;
}

typedef struct Asked {
    SyTransaction *transaction;
    size_t index;
} Asked;

static void answer_graph(void *user, const SyGraphView *graph)
{
    const Asked *asked = user;
    const SyAnswer answer = {.status = SY_OK, .text = "", .graph = graph};
    asked->transaction->answer(asked->transaction, asked->index, &answer);
}

void sy_control_answer_graph(SyControl *control, SyTransaction *transaction, size_t index)
{
    Asked asked = {transaction, index};
    if (!sy_control_view_graph(control, answer_graph, &asked)) {
        answer_memory(transaction, index);
    }
}

static void view_worker(const SyControl *control, uint32_t place, SyWorkerView *view)
{
    const SyWorkerShared *worker = &control->segment->workers[place];
    const uint32_t state = atomic_load(&worker->state);
    const SyGraph *graph = control->graph;

    *view = (SyWorkerView){.index = (int)place,
                           .pid = atomic_load(&control->segment->places[place].pid),
                           .state = SY_WORKER_STARTING,
                           .incarnation = control->segment->places[place].spawned,
                           .load = control->load.of_worker[place]};
    if (sy_pool_is_ready(&control->pool, place)) {
        view->state = state == SY_WORKER_PARKED ? SY_WORKER_PARKED : SY_WORKER_RUNNING;
    }
    for (uint32_t i = 0; i < graph->module_top; i++) {
        view->n_modules +=
            graph->modules[i].used && !graph->modules[i].dying && graph->modules[i].home == place;
    }
}

void sy_control_answer_workers(SyControl *control, SyTransaction *transaction, size_t index)
{
    SyWorkerView views[SY_WORKERS_MAX];
    size_t n = 0;

    for (uint32_t i = 0; i < SY_WORKERS_MAX; i++) {
        if (control->pool.places[i].wanted) {
            view_worker(control, i, &views[n++]);
        }
    }
    const SyAnswer answer = {.status = SY_OK, .text = "", .workers = views, .n_workers = n};
    transaction->answer(transaction, index, &answer);
}

static int by_size(const void *a, const void *b)
{
    const uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return x < y ? -1 : x > y;
}

uint32_t sy_control_block_times(const SyControl *control, uint32_t *times, uint32_t n_last)
{
    const SyAudio *audio = control->audio;
    const uint64_t counted = atomic_load_explicit(&audio->n_times, memory_order_acquire);
    const uint32_t n = counted < n_last ? (uint32_t)counted : n_last;

    for (uint32_t i = 0; i < n; i++) {
        times[i] = atomic_load_explicit(&audio->times_ns[(counted - 1 - i) % SY_TIMES_KEPT],
                                        memory_order_relaxed);
    }
    qsort(times, n, sizeof(*times), by_size);
    return n;
}

/* Percentiles over the blocks that are remembered. */
static void view_times(const SyControl *control, SyEngineView *view)
{
    static uint32_t times[SY_TIMES_KEPT];
    const uint32_t n = sy_control_block_times(control, times, SY_TIMES_KEPT);

    if (n > 0) {
        view->block_us_p50 = (float)times[n / 2] * 1e-3f;
        view->block_us_p99 = (float)times[n * 99 / 100] * 1e-3f;
        view->block_us_max = (float)times[n - 1] * 1e-3f;
    }
}

static const char *audio_text(const SyControl *control)
{
    if (control->audio->offline) {
        return "offline";
    }
    return atomic_load(&control->audio->driver) == SY_DRIVER_DEVICE ? control->audio->device.text
                                                                    : "clock";
}

static uint32_t count_quarantined(const SyControl *control)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < control->graph->module_top; i++) {
        n += sy_control_is_quarantined(control, i);
    }
    return n;
}

void sy_control_answer_status(SyControl *control, SyTransaction *transaction, size_t index)
{
    SyAudio *audio = control->audio;
    SyEngineView view = {
        .n_modules = (uint32_t)control->n_modules_alive,
        .n_workers = control->pool.n_wanted,
        .rate = control->segment->rate,
        .block = control->segment->block,
        .blocks = atomic_load(&audio->blocks),
        .late = atomic_load(&audio->late),
        .clock_moves = sy_timebase_moves(&audio->timebase),
        .worker_deaths = control->pool.deaths,
        .n_quarantined = count_quarantined(control),
        .events_dropped = atomic_load(&audio->schedule.dropped),
        .events_late = atomic_load(&audio->schedule.late),
        .load = control->load.of_engine,
        .peak_left = atomic_exchange(&audio->peak_left, 0),
        .peak_right = atomic_exchange(&audio->peak_right, 0),
        .memory_used = sy_arena_used(control->arena),
        .memory_size = sy_arena_size(control->arena),
        .files_used = sy_arena_used(control->files->library),
        .files_size = sy_arena_size(control->files->library),
        .uptime_s = (double)(sy_now_ns() - control->started_ns) * 1e-9,
        .audio = audio_text(control),
        .placement = sy_placement_name(control->options.placement),
    };

    for (uint32_t i = 0; i < control->graph->cable_top; i++) {
        const SyGraphCable *cable = &control->graph->cables[i];
        view.n_cables += cable->used && !cable->dying && !cable->sink;
    }
    snprintf(view.placement_why, sizeof(view.placement_why), "%s", control->placement.why);
    view_times(control, &view);
    const SyAnswer answer = {.status = SY_OK, .text = "", .engine = &view};
    transaction->answer(transaction, index, &answer);
}

/* Once a second: what the modules of each worker cost, as a share of real time, and how long the
 * blocks took. The shares are those of the modules' homes, whoever computed them. */
void sy_control_measure_load(SyControl *control)
{
    const int64_t now = sy_now_ns();
    const SyAudio *audio = control->audio;
    const double period_ns = 1e9 * control->segment->block / control->segment->rate;
    const uint64_t counted = atomic_load_explicit(&audio->n_times, memory_order_acquire);
    const uint64_t n = counted < 512 ? counted : 512;
    double sum = 0;

    if (now - control->load.at_ns < LOAD_WINDOW_NS) {
        return;
    }
    control->load.at_ns = now;
    memset(control->load.of_worker, 0, sizeof(control->load.of_worker));
    for (uint32_t i = 0; i < control->graph->module_top; i++) {
        const SyGraphModule *module = &control->graph->modules[i];
        if (module->used) {
            control->load.of_worker[module->home] += (float)(cost_us(control, i) * 1e3 / period_ns);
        }
    }
    for (uint64_t i = 0; i < n; i++) {
        sum += atomic_load_explicit(&audio->times_ns[(counted - 1 - i) % SY_TIMES_KEPT],
                                    memory_order_relaxed);
    }
    control->load.of_engine = n ? (float)(sum / (double)n / period_ns) : 0;
}
