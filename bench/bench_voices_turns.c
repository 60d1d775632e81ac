#include "bench/bench_voices_turns.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "bench/bench.h"
#include "bench/crowd.h"
#include "bench/stage_player.h"
#include "bench/yardstick.h"
#include "engine/realtime.h"
#include "modules/registry.h"

#define ARENA_MB   512
#define NAIVE_RUNS 256                   /* of a block, beside each round */
#define SETTLE_NS  UINT64_C(60000000000) /* when it is given up */
#define PIN_NS     UINT64_C(150000000)   /* after it has settled, until CPUs are chosen too */
#define PAUSE_NS   1000000

/* Times of an engine, one a round. */
typedef struct Rounds {
    double *wall, *cpu, *naive;
} Rounds;

typedef struct Engine {
    SyPlayer *player;
    uint32_t n_modules;
    Rounds rounds;
} Engine;

typedef struct Engines {
    SyTurn *turns;
    uint32_t n, n_rounds;
    SyStage stages[SY_TURNS_MAX];
    Engine engine[SY_TURNS_MAX];
    SyHistogram *round;
} Engines;

static double workers_cpu_ns(const SyStage *stage, uint32_t n_workers)
{
    double sum = 0;

    for (uint32_t i = 0; i < n_workers; i++) {
        clockid_t clock;
        struct timespec now;
        if (clock_getcpuclockid(sy_stage_worker(stage, i), &clock) == 0 &&
            clock_gettime(clock, &now) == 0) {
            sum += (double)now.tv_sec * 1e9 + (double)now.tv_nsec;
        }
    }
    return sum;
}

static double time_naive(void)
{
    static float out[SY_LIVE_BLOCK];
    static uint32_t phase;
    const int64_t before = sy_thread_cpu_ns();

    for (int i = 0; i < NAIVE_RUNS; i++) {
        phase = sy_naive_saw(out, SY_LIVE_BLOCK, phase, 93631234);
    }
    return (double)(sy_thread_cpu_ns() - before) / (NAIVE_RUNS * SY_LIVE_BLOCK);
}

static void play_round(Engines *engines, uint32_t i)
{
    sy_histogram_reset(engines->round);
    sy_player_round(engines->engine[i].player, engines->round);
}

/* All have all modules, and have them where they want them. */
static bool are_settled(Engines *engines)
{
    const struct timespec pause = {.tv_nsec = PAUSE_NS};
    bool settled = true;

    for (uint32_t i = 0; i < engines->n; i++) {
        play_round(engines, i);
        settled = sy_stage_is_settled(&engines->stages[i], engines->engine[i].n_modules) && settled;
    }
    nanosleep(&pause, NULL); /* the control threads' turn */
    return settled;
}

static bool settle(Engines *engines)
{
    const uint64_t start = sy_bench_now();
    uint64_t since = 0, now = start;

    while (now < start + SETTLE_NS) {
        const bool settled = are_settled(engines);
        now = sy_bench_now();
        since = !settled ? 0 : since == 0 ? now : since;
        if (settled && now >= since + PIN_NS) {
            return true;
        }
    }
    fprintf(stderr, "synthbench: the patch does not come to play\n");
    return false;
}

static void measure(Engines *engines, uint32_t i, uint32_t round)
{
    const SyStage *stage = &engines->stages[i];
    const Rounds *rounds = &engines->engine[i].rounds;
    const uint32_t n_workers = engines->turns[i].n_workers;
    const _Atomic uint64_t *blocks = &stage->audio->blocks;

    rounds->naive[round] = time_naive();
    const uint64_t blocks_before = atomic_load(blocks);
    const double cpu_before = workers_cpu_ns(stage, n_workers);
    play_round(engines, i);
    rounds->cpu[round] = (workers_cpu_ns(stage, n_workers) - cpu_before) /
                         (double)(atomic_load(blocks) - blocks_before);
    rounds->wall[round] = (double)sy_histogram_percentile(engines->round, 50);
    engines->turns[i].n_blocks += (double)sy_histogram_count(engines->round);
}

/* What the workers have noted of the nodes of a type, kernels and all that is done about them. */
static double account_of(const SyStage *stage, const char *type)
{
    const SyPlan *plan = stage->audio->plan;
    const int number = sy_registry_find(type);
    double sum = 0.0;

    for (uint32_t i = 0; i < plan->n_nodes; i++) {
        const SyPlanNode *node = &sy_plan_nodes(plan)[i];
        if (node->type == number) {
            sum += atomic_load_explicit(&stage->segment->work[node->slot].cost_ns,
                                        memory_order_relaxed);
        }
    }
    return sum;
}

static void take_down(const Engines *engines, uint32_t i)
{
    SyTurn *turn = &engines->turns[i];
    const SyStage *stage = &engines->stages[i];
    const Rounds *rounds = &engines->engine[i].rounds;

    turn->voices = (double)turn->instances * turn->voices_each;
    turn->wall_ns = sy_median(rounds->wall, engines->n_rounds);
    turn->cpu_ns = sy_median(rounds->cpu, engines->n_rounds);
    turn->naive_ns = sy_median(rounds->naive, engines->n_rounds);
    turn->vco_ns = account_of(stage, "vco");
    turn->vcf_ns = account_of(stage, "vcf");
    turn->vca_ns = account_of(stage, "vca");
    turn->out_ns = account_of(stage, "out");
}

static void play_rounds(Engines *engines)
{
    for (uint32_t round = 0; round < engines->n_rounds; round++) {
        for (uint32_t i = 0; i < engines->n; i++) {
            measure(engines, i, round);
        }
    }
    for (uint32_t i = 0; i < engines->n; i++) {
        take_down(engines, i);
    }
}

static bool new_rounds(Rounds *rounds, uint32_t n)
{
    rounds->wall = calloc(n, sizeof(double));
    rounds->cpu = calloc(n, sizeof(double));
    rounds->naive = calloc(n, sizeof(double));
    return (rounds->wall && rounds->cpu && rounds->naive) || sy_bench_fail("rounds");
}

static void close_all(Engines *engines)
{
    for (uint32_t i = 0; i < engines->n; i++) {
        Engine *engine = &engines->engine[i];
        sy_player_stop(engine->player);
        sy_stage_close(&engines->stages[i]);
        free(engine->rounds.wall);
        free(engine->rounds.cpu);
        free(engine->rounds.naive);
    }
}

static bool open_all(Engines *engines, uint32_t block)
{
    SyStageSetup setups[SY_TURNS_MAX];

    for (uint32_t i = 0; i < engines->n; i++) {
        const uint32_t n_workers = engines->turns[i].n_workers;
        setups[i] =
            (SyStageSetup){.n_workers = n_workers,
                           .n_cores = sy_stage_cores(),
                           .arena_mb = ARENA_MB,
                           .block = block,
                           .offline = true,
                           .placement = n_workers > 1 ? SY_PLACEMENT_SPREAD : SY_PLACEMENT_PACK};
    }
    return sy_stage_open_all(engines->stages, setups, engines->n);
}

/* Patches the engine and gives it a thread of its own. */
static bool start(Engines *engines, uint32_t i)
{
    SyStage *stage = &engines->stages[i];
    Engine *engine = &engines->engine[i];
    const SyTurn *turn = &engines->turns[i];

    if (!sy_crowd_patch(stage, turn->instances, turn->voices_each, &engine->n_modules) ||
        !new_rounds(&engine->rounds, engines->n_rounds)) {
        return false;
    }
    sy_stage_loaded(stage);
    engine->player = sy_player_start(stage);
    return engine->player != NULL;
}

static bool play_all(Engines *engines)
{
    bool ok = true;

    for (uint32_t i = 0; i < engines->n && ok; i++) {
        ok = start(engines, i);
    }
    ok = ok && settle(engines);
    if (ok) {
        play_rounds(engines);
    }
    return ok;
}

bool sy_turns_play(SyTurn *turns, uint32_t n, uint32_t block, uint32_t n_rounds)
{
    Engines engines = {.turns = turns, .n = n, .n_rounds = n_rounds, .round = sy_histogram_new()};

    if (!engines.round) {
        return sy_bench_fail("histogram");
    }
    bool ok = open_all(&engines, block);
    if (ok) {
        ok = play_all(&engines);
        close_all(&engines);
    }
    sy_histogram_free(engines.round);
    return ok;
}
