#include "bench/stage.h"

#include <semaphore.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include "engine/zygote.h"

#define LIVE_ARENA_BYTES (8 << 20)
#define OFFLINE_SPIN_NS  20000 /* as the keeper has it */

static bool map(SyStage *stage, const SySegmentSize *size)
{
    stage->segment = sy_segment_map(size);
    stage->audio = stage->segment ? sy_audio_map(stage->segment) : NULL;
    if (!stage->audio) {
        perror("synthbench: shared memory");
        return false;
    }
    stage->audio->offline = size->offline;
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

static bool start_workers(SyStage *stage, uint32_t n_workers)
{
    const SyOptions options = {
        .rate = 48000, .block = 64, .n_cores = stage->segment->n_cores, .n_workers = n_workers};
    char error[256];

    stage->control = sy_control_new(stage->segment, stage->audio, NULL, &options);
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

static bool open_sized(SyStage *stage, uint32_t n_workers, const SySegmentSize *size)
{
    memset(stage, 0, sizeof(*stage));
    if (map(stage, size) && fork_zygote(stage) && start_workers(stage, n_workers)) {
        return true;
    }
    sy_stage_close(stage);
    return false;
}

bool sy_stage_open(SyStage *stage, uint32_t n_workers)
{
    return open_sized(stage, n_workers,
                      &(SySegmentSize){.rate = 48000,
                                       .block = 64,
                                       .n_cores = 2,
                                       .plan_bytes = sy_plan_bytes_max(),
                                       .arena_bytes = LIVE_ARENA_BYTES});
}

bool sy_stage_open_offline(SyStage *stage, uint32_t n_workers, uint32_t arena_mb)
{
    return open_sized(stage, n_workers,
                      &(SySegmentSize){.rate = 48000,
                                       .block = 64,
                                       .n_cores = n_workers,
                                       .offline = true,
                                       .spin_ns = OFFLINE_SPIN_NS,
                                       .plan_bytes = sy_plan_bytes_max(),
                                       .arena_bytes = (uint64_t)arena_mb << 20});
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
    sy_audio_unmap(stage->audio);
    sy_segment_unmap(stage->segment);
    memset(stage, 0, sizeof(*stage));
}

typedef struct Wish {
    sem_t done;
    bool refused;
} Wish;

static void on_answer(SyTransaction *transaction, size_t index, const SyAnswer *answer)
{
    Wish *wish = transaction->user;
    (void)index;
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

bool sy_stage_edit(SyStage *stage, SyCommand *commands, size_t n)
{
    Wish wish = {.refused = false};
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
    return !wish.refused;
}

pid_t sy_stage_worker(const SyStage *stage, uint32_t index)
{
    return atomic_load(&stage->segment->places[index].pid);
}
