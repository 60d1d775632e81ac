/* Moves modules to the workers that are best to compute them.
 *
 * Where a module is put first is control_home.c's to say: wherever nothing is, so that it is there
 * at once. What it costs is known a moment later. Then it is reckoned how long a block takes with
 * the patch on one worker, and with it spread over as many as there are cores (place.h); to that
 * comes what it takes to wake them (calibrate.h). A worker on the audio thread's own CPU is awake
 * sooner than one on another, so a small patch is best packed onto one that is kept there, and a
 * large one spread.
 *
 * States are in shared memory, so a move is another plan and nothing else: no sample changes. But a
 * plan has to be made for it, so nothing is moved for less than a twentieth of a block's time, or
 * for a few microseconds. */
#include "engine/control_private.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "engine/calibrate.h"

#define SETTLE_BLOCKS   32        /* that a plan has played when costs are believed, */
#define SETTLE_LEAST    4         /* or, where blocks are that long, so many of them */
#define SETTLE_NS       500000000 /* and for so long */
#define TRIAL_BLOCKS    256       /* when a trial is judged: threads take that to find their CPUs */
#define AGAIN_NS        2000000000 /* costs change with what is played: looked at this often */
#define PAUSE_NS        250000000  /* between two moves */
#define GAIN_SHARE      0.05       /* of a block's time: less is no reason to move */
#define SURE_SHARE      0.25       /* less, and what one worker would take has to be tried */
#define SURE_NS         100000.0   /* the same if a block takes less there: caches are most of it */
#define GAIN_NS         3000.0
#define INFLATION_USUAL 1.3 /* until it has been tried */
#define INFLATION_MAX   3.0

/* A worker's modules and their cost. */
typedef struct Home {
    uint32_t n_modules;
    double ns;
} Home;

static void take_costs(SyControl *control)
{
    for (uint32_t i = 0; i < control->graph->module_top; i++) {
        SyGraphModule *module = &control->graph->modules[i];
        if (module->used) {
            module->cost_ns =
                atomic_load_explicit(&control->segment->work[i].cost_ns, memory_order_relaxed);
        }
    }
}

static uint32_t count_homes(const SyControl *control, Home *homes)
{
    uint32_t n = 0;

    memset(homes, 0, SY_WORKERS_MAX * sizeof(*homes));
    for (uint32_t i = 0; i < control->graph->module_top; i++) {
        const SyGraphModule *module = &control->graph->modules[i];
        if (module->used) {
            n += homes[module->home].n_modules == 0;
            homes[module->home].n_modules++;
            homes[module->home].ns += module->cost_ns;
        }
    }
    return n;
}

static uint32_t usable_workers(const SyControl *control)
{
    const uint32_t n_cores = atomic_load(&control->segment->n_cores);
    uint32_t n = 0;

    for (uint32_t i = 0; i < control->pool.n_wanted && n < n_cores; i++) {
        n += sy_pool_is_ready(&control->pool, i);
    }
    return n;
}

/* Blocks of this plan that have been played. */
static uint64_t blocks_played(const SyControl *control)
{
    return atomic_load(&control->audio->blocks) - control->placement.adopted_block;
}

/* The median of the last blocks of this plan, released to done. */
static double measured_ns(const SyControl *control)
{
    uint32_t times[TRIAL_BLOCKS];
    const uint64_t played = blocks_played(control);
    const uint32_t n = sy_control_block_times(
        control, times, played < TRIAL_BLOCKS ? (uint32_t)played : TRIAL_BLOCKS);
    return n > 0 ? times[n / 2] : 0;
}

static bool is_worth(double now_ns, double then_ns)
{
    return then_ns < now_ns * (1 - GAIN_SHARE) && then_ns < now_ns - GAIN_NS;
}

/* The one that has most of the patch, of those that are left. */
static uint32_t next_worker(const SyControl *control, const Home *homes, const bool *taken,
                            bool ready)
{
    uint32_t best = SY_NONE;

    for (uint32_t w = 0; w < control->pool.n_wanted; w++) {
        if (!taken[w] && (!ready || sy_pool_is_ready(&control->pool, w)) &&
            (best == SY_NONE || homes[w].ns > homes[best].ns)) {
            best = w;
        }
    }
    return best;
}

/* Those that have most of the patch already come first, so that little moves. `n` were ready; one
 * may have died since, and then a place does for which there will be another worker soon. */
static void choose_workers(const SyControl *control, const Home *homes, uint32_t n,
                           uint32_t *workers)
{
    bool taken[SY_WORKERS_MAX] = {false};

    for (uint32_t i = 0; i < n; i++) {
        const uint32_t best = next_worker(control, homes, taken, true);
        workers[i] = best != SY_NONE ? best : next_worker(control, homes, taken, false);
        taken[workers[i]] = true;
    }
}

/* The group with most of what lives on a worker goes there, the dearest worker first; groups that
 * are left over take the workers that are. */
static void match_groups(SyControl *control, const uint32_t *workers, uint32_t n,
                         const uint32_t *group, uint32_t *worker_of)
{
    bool taken[SY_WORKERS_MAX] = {false};

    for (uint32_t i = 0; i < n; i++) {
        double shared[SY_WORKERS_MAX] = {0};
        uint32_t best = SY_NONE;
        for (uint32_t slot = 0; slot < control->graph->module_top; slot++) {
            const SyGraphModule *module = &control->graph->modules[slot];
            if (module->used && module->home == workers[i]) {
                shared[group[slot]] += 1.0 + module->cost_ns;
            }
        }
        for (uint32_t g = 0; g < n; g++) {
            if (!taken[g] && (best == SY_NONE || shared[g] > shared[best])) {
                best = g;
            }
        }
        taken[best] = true;
        worker_of[best] = workers[i];
    }
}

static void move_all(SyControl *control, Home *homes, uint32_t n, const uint32_t *group)
{
    uint32_t workers[SY_WORKERS_MAX], worker_of[SY_WORKERS_MAX];

    choose_workers(control, homes, n, workers);
    match_groups(control, workers, n, group, worker_of);
    for (uint32_t slot = 0; slot < control->graph->module_top; slot++) {
        SyGraphModule *module = &control->graph->modules[slot];
        if (module->used && module->assigned && module->home != worker_of[group[slot]]) {
            module->home = worker_of[group[slot]];
            control->dirty = true;
        }
    }
}

static void say_why(SyControl *control, double packed_ns, double spread_ns, uint32_t n_most)
{
    SyPlacementState *state = &control->placement;

    if (n_most < 2) {
        snprintf(state->why, sizeof(state->why), "one worker: there is no second core for it");
    } else if (state->n_workers == 1) {
        snprintf(state->why, sizeof(state->why),
                 "one worker: a block takes %.0f us there, and would take %.0f us on %u",
                 packed_ns * 1e-3, spread_ns * 1e-3, n_most);
    } else {
        snprintf(state->why, sizeof(state->why),
                 "%u workers: a block takes %.0f us there, and would take %.0f us on one",
                 state->n_workers, spread_ns * 1e-3, packed_ns * 1e-3);
    }
}

/* How long a block takes either way: one of the two as measured, the other as reckoned from it.
 * Modules that hear what another CPU has written, in batches that are not full, cost more than
 * those that are all on one, and how much more is known only when it has been tried. Live there is
 * a wake-up in every block; offline workers have the next one to begin when they are done. */
typedef struct Times {
    double packed_ns, spread_ns;
} Times;

/* What was learned is about a patch, and is not true of another. */
static void forget_others(SyControl *control)
{
    SyPlacementState *state = &control->placement;
    const uint32_t n = control->graph->n_modules, then = state->learned_modules;

    if (n > then + then / 4 || n < then - then / 4) {
        state->inflation = 0;
        state->extra_ns = 0;
        state->learned_modules = n;
    }
}

static void learn(SyControl *control, double sum, double span)
{
    SyPlacementState *state = &control->placement;
    const double inflation = state->packed_sum_ns > 0 ? sum / state->packed_sum_ns : 0;
    const double extra_ns = measured_ns(control) - span;

    state->on_trial = false;
    state->learned_modules = control->graph->n_modules;
    state->inflation = fmin(fmax(inflation, 1), INFLATION_MAX);
    state->extra_ns = fmax(extra_ns, 0);
}

/* A patch that has just been made has several homes, but is not well spread yet: what is measured
 * then would be less by as much as the reckoned times differ. `span`: of the homes as they are. */
static double spread_well(double measured, double span, double spread)
{
    const double left = span > spread ? measured - (span - spread) : measured;
    return left > spread ? left : spread;
}

static Times reckon_times(const SyControl *control, bool packed, double sum, double span,
                          double spread)
{
    const SyPlacementState *state = &control->placement;
    const SyWakeCost wake = control->audio->offline ? (SyWakeCost){0} : control->audio->wake;
    const bool known = state->inflation > 0;

    if (packed) {
        return (Times){measured_ns(control),
                       known ? spread * state->inflation + state->extra_ns : spread + wake.far_ns};
    }
    return (Times){known ? sum / state->inflation + state->packed_extra_ns
                         : sum / INFLATION_USUAL + wake.near_ns,
                   spread_well(measured_ns(control), span, spread)};
}

/* On how many workers the patch is to be; `now` is how many it is on. */
static uint32_t choose_number(const SyControl *control, uint32_t now, Times times, uint32_t n_most)
{
    if (control->options.placement == SY_PLACEMENT_PACK || n_most < 2) {
        return 1;
    }
    if (control->options.placement == SY_PLACEMENT_SPREAD) {
        return n_most;
    }
    if (now == 1) {
        return is_worth(times.packed_ns, times.spread_ns) ? n_most : 1;
    }
    if (control->placement.inflation == 0) {
        const bool is_sure =
            times.packed_ns > SURE_NS && times.spread_ns < times.packed_ns * (1 - SURE_SHARE);
        return is_sure ? n_most : 1;
    }
    return is_worth(times.spread_ns, times.packed_ns) ? 1 : n_most;
}

/* More homes than cores are no slower, as whoever is awake takes whatever there is; but every home
 * is another cut through the patch. */
static bool is_to_move(const SyControl *control, uint32_t n_homes, uint32_t n, bool worth)
{
    if (n == 1) {
        return n_homes > 1;
    }
    return n_homes < n || worth || (n_homes > n && control->options.placement == SY_PLACEMENT_AUTO);
}

/* How many workers a patch can be spread over with a gain: not all that there are, if its longest
 * way, or its dearest module, is what takes the time. */
static uint32_t enough_workers(SyControl *control, uint32_t n_most)
{
    SyPlacementState *state = &control->placement;
    const double least = sy_placer_spread(state->placer, n_most, state->group);

    for (uint32_t n = 2; n < n_most; n *= 2) {
        if (sy_placer_spread(state->placer, n, state->group) < least * (1 + GAIN_SHARE)) {
            return n;
        }
    }
    return n_most;
}

static void reckon(SyControl *control, uint32_t n_most)
{
    SyPlacementState *state = &control->placement;
    const SyPlaceCosts costs = {
        .handoff_ns = control->audio->wake.handoff_ns,
        .fetch_ns = SY_FETCH_NS * control->segment->block,
        .n_workers = n_most,
    };
    Home homes[SY_WORKERS_MAX];

    take_costs(control);
    forget_others(control);
    const uint32_t n_homes = count_homes(control, homes);
    const double sum = sy_placer_read(state->placer, control->graph, &costs);
    const double span = sy_placer_span(state->placer, n_most);
    if (n_homes == 1) {
        state->packed_sum_ns = sum;
        state->packed_extra_ns = fmax(measured_ns(control) - sum, 0);
        state->packed_modules = control->graph->n_modules;
    } else if (state->on_trial && state->packed_modules == control->graph->n_modules) {
        learn(control, sum, span);
    }
    const uint32_t n_spread = enough_workers(control, n_most);
    const double spread = sy_placer_spread(state->placer, n_spread, state->group);
    const Times times = reckon_times(control, n_homes == 1, sum, span, spread);
    const uint32_t n = choose_number(control, n_homes, times, n_spread);
    const bool worth =
        is_worth(span, spread) || sy_placer_mends(state->placer, span, spread, state->group);

    if (n == 1) {
        memset(state->group, 0, SY_MODULES_MAX * sizeof(*state->group));
    }
    const bool moves = is_to_move(control, n_homes, n, worth);
    if (moves) {
        move_all(control, homes, n, state->group);
        state->on_trial = n_homes == 1 && n > 1;
    }
    state->n_workers = moves ? count_homes(control, homes) : n_homes;
    state->pinned_ns = 0; /* at once */
    say_why(control, times.packed_ns, times.spread_ns, n_spread);
}

static bool is_settled(const SyControl *control, int64_t now_ns)
{
    const int64_t since_ns = now_ns - control->placement.adopted_ns;
    const uint64_t played = blocks_played(control);

    return played >= (control->placement.on_trial ? TRIAL_BLOCKS : SETTLE_BLOCKS) ||
           (played >= SETTLE_LEAST && since_ns >= SETTLE_NS);
}

static bool is_due(const SyControl *control, int64_t now_ns)
{
    const SyPlacementState *state = &control->placement;
    const SyAudio *audio = control->audio;
    const bool is_new = state->looked_serial != control->serial || state->is_guess;

    const int64_t pause_ns = audio->offline ? 0 : PAUSE_NS;

    return control->graph->n_modules > 0 && !control->dirty && !control->resuming &&
           atomic_load_explicit(&audio->adopted, memory_order_acquire) == control->serial &&
           (is_new ? now_ns - state->moved_ns > pause_ns && is_settled(control, now_ns)
                   : now_ns - state->looked_ns > AGAIN_NS);
}

/* Notes when the last plan began to play: its costs are known some blocks later. */
static void follow_plan(SyControl *control, int64_t now_ns)
{
    SyPlacementState *state = &control->placement;
    const uint64_t adopted = atomic_load_explicit(&control->audio->adopted, memory_order_acquire);

    if (state->adopted_serial != adopted) {
        state->adopted_serial = adopted;
        state->adopted_block = atomic_load(&control->audio->blocks);
        state->adopted_ns = now_ns;
    }
}

bool sy_control_is_placing(const SyControl *control)
{
    const SyPlacementState *state = &control->placement;
    return control->graph->n_modules > 0 &&
           (state->looked_serial != control->serial || state->is_guess);
}

/* A patch that has just been packed was pinned by what it cost before, when it lay about. What a
 * block takes on one worker is to be measured as it would be played there. Returns whether it has
 * to be measured again. */
static bool pin_anew(SyControl *control, int64_t now_ns)
{
    SyPlacementState *state = &control->placement;

    if (!state->is_guess || state->is_pinned_anew || sy_control_is_pinned_well(control)) {
        return false;
    }
    state->is_pinned_anew = true;
    state->pinned_ns = 0;
    sy_control_pin(control);
    state->adopted_block = atomic_load(&control->audio->blocks);
    state->adopted_ns = now_ns;
    return true;
}

void sy_control_look_at_placement(SyControl *control)
{
    SyPlacementState *state = &control->placement;
    const int64_t now = sy_now_ns();

    follow_plan(control, now);
    if (!is_due(control, now)) {
        return;
    }
    if (pin_anew(control, now)) {
        return;
    }
    const uint32_t n_most = usable_workers(control); /* once: they may die at any time */
    if (n_most == 0 || !sy_control_calibrate(control)) {
        return;
    }
    reckon(control, n_most);
    state->is_guess = false;
    state->looked_ns = now;
    state->looked_serial = control->serial;
    if (control->dirty) {
        state->moved_ns = now;
        sy_control_publish(control);
        /* What comes of a move needs no second look, unless it was tried to learn that, or packed
         * a patch by what its modules had cost when they were new and lay about. */
        state->looked_serial = state->on_trial ? 0 : control->serial;
        state->is_guess = state->n_workers == 1 && state->inflation == 0;
        state->is_pinned_anew = false;
    }
}
