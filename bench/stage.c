#include "bench/stage.h"

#include <sched.h>
#include <semaphore.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include "bench/bench.h"
#include "engine/zygote.h"

#define LIVE_ARENA_MB   8
#define OFFLINE_SPIN_NS 20000 /* as the keeper has it */
#define SETTLE_BLOCKS   100000
#define WARM_UP         256 /* blocks: longer than any fade */

static bool map(SyStage *stage, const SyStageSetup *setup)
{
    const SySegmentSize size = {.rate = 48000,
                                .block = setup->block ? setup->block : SY_LIVE_BLOCK,
                                .n_cores = setup->n_cores,
                                .offline = setup->offline,
                                .spin_ns = setup->offline ? OFFLINE_SPIN_NS : 0,
                                .plan_bytes = sy_plan_bytes_max(),
                                .arena_bytes = (uint64_t)setup->arena_mb << 20};

    stage->segment = sy_segment_map(&size);
    stage->audio = stage->segment ? sy_audio_map(stage->segment) : NULL;
    stage->books = setup->with_books ? sy_books_map() : NULL;
    if (!stage->audio || (setup->with_books && !stage->books)) {
        perror("synthbench: shared memory");
        return false;
    }
    stage->audio->offline = setup->offline;
    if (!setup->offline) {
        sy_segment_use_large_pages_live(stage->segment);
    }
    sy_memory_prefault(stage->segment, stage->segment->used_to);
    sy_memory_prefault(stage->audio, stage->audio->bytes);
    return true;
}

static bool fork_zygote(SyStage *stage)
{
    const pid_t parent = getpid();

    fflush(NULL);
    stage->zygote = fork();
    if (stage->zygote == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (getppid() != parent) {
            _exit(1);
        }
        _exit(sy_zygote_run(stage->segment, getenv("SYNTHD_ISA")));
    }
    if (stage->zygote < 0) {
        perror("synthbench: fork");
    }
    return stage->zygote > 0;
}

static bool start_workers(SyStage *stage, const SyStageSetup *setup)
{
    const SyOptions options = {.rate = stage->segment->rate,
                               .block = stage->segment->block,
                               .n_cores = setup->n_cores,
                               .n_workers = setup->n_workers,
                               .placement = setup->placement};
    char error[256];

    stage->control = sy_control_new(stage->segment, stage->audio, stage->books, &options);
    if (!stage->control) {
        fprintf(stderr, "synthbench: no memory\n");
        return false;
    }
    if (sy_control_start_workers(stage->control, error, sizeof(error)) != SY_OK) {
        fprintf(stderr, "synthbench: %s\n", error);
        return false;
    }
    return true;
}

/* All are forked before the first thread is started. */
bool sy_stage_open_all(SyStage *stages, const SyStageSetup *setups, size_t n)
{
    bool ok = true;

    memset(stages, 0, n * sizeof(*stages));
    for (size_t i = 0; i < n && ok; i++) {
        ok = map(&stages[i], &setups[i]) && fork_zygote(&stages[i]);
    }
    for (size_t i = 0; i < n && ok; i++) {
        ok = start_workers(&stages[i], &setups[i]);
    }
    for (size_t i = 0; i < n && !ok; i++) {
        sy_stage_close(&stages[i]);
    }
    return ok;
}

bool sy_stage_open(SyStage *stage, uint32_t n_workers)
{
    const SyStageSetup setup = {.n_workers = n_workers, .n_cores = 2, .arena_mb = LIVE_ARENA_MB};
    return sy_stage_open_all(stage, &setup, 1);
}

void sy_stage_close(SyStage *stage)
{
    if (stage->control) {
        sy_control_stop(stage->control);
        sy_control_free(stage->control);
    }
    if (stage->zygote > 0) {
        atomic_store(&stage->segment->closing, 1);
        sy_bell_ring(&stage->segment->zygote_bell);
        waitpid(stage->zygote, NULL, 0);
    }
    sy_books_unmap(stage->books);
    sy_audio_unmap(stage->audio);
    sy_segment_unmap(stage->segment);
    memset(stage, 0, sizeof(*stage));
}

typedef struct Wish {
    const SyStage *stage;
    sem_t done;
    bool refused;
    SyStageAnswer answer;
} Wish;

static void on_answer(SyTransaction *transaction, size_t index, const SyAnswer *answer)
{
    Wish *wish = transaction->user;

    if (index + 1 == transaction->n_commands) {
        wish->answer = (SyStageAnswer){.answered_ns = sy_bench_now(),
                                       .serial = sy_control_next_serial(wish->stage->control)};
    }
    if (answer->status != SY_OK) {
        fprintf(stderr, "synthbench: the engine refuses: %s\n", answer->text);
        wish->refused = true;
    }
}

static void on_release(SyTransaction *transaction)
{
    Wish *wish = transaction->user;
    sem_post(&wish->done);
}

bool sy_stage_edit_timed(SyStage *stage, SyCommand *commands, size_t n, SyStageAnswer *answer)
{
    Wish wish = {.stage = stage};
    SyTransaction transaction = {.when = SY_WHEN_NOW,
                                 .answer = on_answer,
                                 .release = on_release,
                                 .user = &wish,
                                 .n_commands = n,
                                 .commands = commands};

    sem_init(&wish.done, 0, 0);
    if ((!stage->control->running && sy_control_start(stage->control) != SY_OK) ||
        sy_control_submit(stage->control, &transaction) != SY_OK) {
        return false;
    }
    while (sem_wait(&wish.done) < 0) {
    }
    sem_destroy(&wish.done);
    *answer = wish.answer;
    return !wish.refused;
}

bool sy_stage_edit(SyStage *stage, SyCommand *commands, size_t n)
{
    SyStageAnswer ignored;
    return sy_stage_edit_timed(stage, commands, n, &ignored);
}

void sy_stage_run_blocks(SyStage *stage, uint32_t n)
{
    float left[SY_BLOCK_MAX], right[SY_BLOCK_MAX];

    for (uint32_t i = 0; i < n; i++) {
        sy_audio_process(stage->audio, left, right, (SyAudioTime){sy_now_ns(), INT64_MAX / 2, 0});
    }
}

void sy_stage_loaded(SyStage *stage)
{
    if (stage->segment->offline) {
        sy_segment_use_large_pages_loaded(stage->segment);
    }
}

bool sy_stage_settle(SyStage *stage, uint32_t n_modules)
{
    for (int i = 0; i < SETTLE_BLOCKS; i++) {
        sy_stage_run_blocks(stage, 1);
        if (stage->audio->plan && stage->audio->plan->n_nodes == n_modules) {
            sy_stage_run_blocks(stage, WARM_UP);
            return true;
        }
        sched_yield();
    }
    fprintf(stderr, "synthbench: the patch does not come to play\n");
    return false;
}

/* What is read here is the control thread's own, and only ever a moment old. */
bool sy_stage_is_settled(const SyStage *stage, uint32_t n_modules)
{
    const SyControl *control = stage->control;
    const SyPlan *plan = stage->audio->plan;

    return plan && plan->n_nodes == n_modules && plan->serial == control->serial &&
           !control->dirty && control->n_deferred == 0 && !sy_control_is_placing(control);
}

uint32_t sy_stage_cores(void)
{
    cpu_set_t cpus;
    return sched_getaffinity(0, sizeof(cpus), &cpus) == 0 ? (uint32_t)CPU_COUNT(&cpus) : 1;
}

pid_t sy_stage_worker(const SyStage *stage, uint32_t index)
{
    return atomic_load(&stage->segment->places[index].pid);
}
