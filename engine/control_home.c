/* Which worker a module is at home with. */
#include "engine/control_private.h"
#include "engine/zygote.h"

int sy_control_thread_of(const SyControl *control, uint32_t home)
{
    return sy_spawn_makes_threads()
               ? (int)(atomic_load(&control->segment->workers[home].life) & FUTEX_TID_MASK)
               : atomic_load(&control->segment->places[home].pid);
}

static double cost_ns(const SyControl *control, uint32_t slot)
{
    return atomic_load_explicit(&control->segment->work[slot].cost_ns, memory_order_relaxed);
}

typedef struct Share {
    uint32_t n_modules;
    double ns;
} Share;

static void share_out(const SyControl *control, Share *shares)
{
    for (uint32_t i = 0; i < control->graph->module_top; i++) {
        const SyGraphModule *module = &control->graph->modules[i];
        if (module->used && !module->dying) {
            shares[module->home].n_modules++;
            shares[module->home].ns += cost_ns(control, i);
        }
    }
}

/* An idle worker, or the one with the least measured load; of equals the one with fewer modules. */
static uint32_t best_home(const SyControl *control, const Share *shares, uint32_t n_workers)
{
    uint32_t best = 0;
    bool found = false;

    for (uint32_t i = 0; i < n_workers; i++) {
        if (!sy_pool_is_ready(&control->pool, i)) {
            continue;
        }
        if (shares[i].n_modules == 0) {
            return i;
        }
        /* What has not run yet has no cost: count it as a little. */
        const double mine = shares[i].ns + 100.0 * shares[i].n_modules;
        const double bests = shares[best].ns + 100.0 * shares[best].n_modules;
        if (!found || mine < bests) {
            best = i;
            found = true;
        }
    }
    return best;
}

uint32_t sy_control_choose_home(const SyControl *control)
{
    Share shares[SY_WORKERS_MAX] = {{0, 0}};
    share_out(control, shares);
    return best_home(control, shares, control->pool.n_wanted);
}

void sy_control_move_home(SyControl *control, uint32_t n_workers)
{
    SyGraph *graph = control->graph;

    for (uint32_t i = 0; i < graph->module_top; i++) {
        if (graph->modules[i].used && graph->modules[i].home >= n_workers) {
            Share shares[SY_WORKERS_MAX] = {{0, 0}};
            share_out(control, shares);
            graph->modules[i].home = best_home(control, shares, n_workers);
        }
    }
}

void sy_control_wait_for_pool(SyControl *control)
{
    const int64_t until = sy_now_ns() + 5000000000;

    while (sy_pool_ready_count(&control->pool) != control->pool.n_wanted && sy_now_ns() < until) {
        const uint32_t seen = sy_bell_listen(&control->segment->control_bell);
        sy_control_look_at_pool(control);
        if (sy_pool_ready_count(&control->pool) != control->pool.n_wanted) {
            sy_bell_sleep(&control->segment->control_bell, seen, 10000000);
        }
    }
}
