#include "bench/stage_player.h"

#include <semaphore.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "bench/bench.h"
#include "engine/audio_release.h"
#include "engine/realtime.h"

#define COLD        3        /* blocks of a round, the first, that are not counted */
#define BLOCKS      14       /* of a round, live */
#define LONG_BLOCKS 6        /* the same, when they take longer than their period */
#define OFFLINE_NS  2000000  /* offline: how long it is counted at the least, */
#define SETTLE_NS   6000000  /* after this: a render lasts, and its threads have found a CPU each */
#define LONG_NS     1000000  /* blocks that take longer are not released many at a time, */
#define LONGEST_NS  50000000 /* and of those that take as long as this one is enough */

struct SyPlayer {
    SyStage *stage;
    pthread_t thread;
    sem_t turn, played;
    bool stopping;       /* precedes `turn` */
    SyHistogram *blocks; /* precedes `turn` */
};

static void sleep_until(int64_t ns)
{
    const struct timespec at = {.tv_sec = ns / 1000000000, .tv_nsec = ns % 1000000000};
    if (ns > sy_now_ns()) {
        clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &at, NULL);
    }
}

/* Returns how long the block took. */
static uint32_t play_block(SyAudio *audio, int64_t begins_ns)
{
    float left[SY_BLOCK_MAX], right[SY_BLOCK_MAX];
    const uint64_t n = atomic_load(&audio->n_times);

    sleep_until(begins_ns);
    sy_audio_process(audio, left, right, (SyAudioTime){begins_ns, INT64_MAX / 2, 0});
    return atomic_load(&audio->times_ns[n % SY_TIMES_KEPT]);
}

static void play_live(SyAudio *audio, SyHistogram *blocks)
{
    const int64_t period_ns = (int64_t)audio->segment->block * 1000000000 / audio->segment->rate;
    const int64_t start = sy_now_ns();

    for (int i = 0; i < BLOCKS; i++) {
        const uint32_t took_ns = play_block(audio, start + i * period_ns);
        if (i >= COLD) {
            sy_histogram_record(blocks, took_ns);
        }
        if (took_ns > period_ns && i + 1 >= LONG_BLOCKS) {
            break;
        }
    }
}

/* One of many, of which n_more follow for certain. Returns how long it was in hand: since the one
 * before it was done, so that the sum over all is what passes on the wall. */
static uint32_t play_block_offline(SyAudio *audio, uint64_t n_more)
{
    float left[SY_BLOCK_MAX], right[SY_BLOCK_MAX];
    const uint64_t n = atomic_load(&audio->n_times);

    sy_audio_process(audio, left, right, (SyAudioTime){sy_now_ns(), INT64_MAX / 2, n_more});
    return atomic_load(&audio->times_ns[n % SY_TIMES_KEPT]);
}

/* As many blocks as the audio thread takes at a time. What that costs falls on one of them, so
 * their mean counts for each. Returns what they took together. */
static uint64_t play_group(SyAudio *audio, uint32_t n, uint64_t n_more, SyHistogram *blocks)
{
    uint64_t sum_ns = 0;

    for (uint32_t i = 0; i < n; i++) {
        sum_ns += play_block_offline(audio, n_more);
    }
    for (uint32_t i = 0; blocks && i < n; i++) {
        sy_histogram_record(blocks, sum_ns / n);
    }
    return sum_ns;
}

/* The next turn is another player's: no block may be left that is released and not asked for. */
static void play_to_end(SyAudio *audio)
{
    do {
        play_block_offline(audio, 0);
    } while (sy_audio_is_ahead(audio));
}

/* Where a block takes long by itself, caches are nothing to it, and a few blocks are enough. By the
 * clock, because blocks of an empty patch take no time. */
static void play_offline(SyAudio *audio, SyHistogram *blocks)
{
    play_block_offline(audio, 1);
    const bool is_long = play_block_offline(audio, 1) > LONG_NS;
    const uint32_t n = is_long ? 1 : SY_AHEAD / 2;
    const uint64_t n_more = is_long ? 1 : SY_AHEAD;
    const uint64_t begun = sy_bench_now();
    uint64_t last_ns = 0;

    while (sy_bench_now() < begun + SETTLE_NS) {
        last_ns = play_group(audio, n, n_more, NULL);
    }
    const uint32_t n_least = last_ns < LONGEST_NS ? 2 : 1;
    const uint64_t settled = sy_bench_now();
    for (uint32_t i = 0; i < n_least || sy_bench_now() < settled + OFFLINE_NS; i++) {
        play_group(audio, n, n_more, blocks);
    }
    play_to_end(audio);
}

/* Becomes the driver, as engine/clock.c does: offline it is nobody's turn that anybody waits for.
 */
static void take_over(SyAudio *audio)
{
    if (audio->offline) {
        atomic_store(&audio->thread, gettid());
    } else {
        sy_realtime_enter(SY_PRIORITY_AUDIO);
        sy_audio_take_over(audio, SY_DRIVER_ENGINE);
    }
}

static void *play(void *argument)
{
    SyPlayer *player = argument;
    SyAudio *audio = player->stage->audio;

    take_over(audio);
    for (;;) {
        while (sem_wait(&player->turn) < 0) {
        }
        if (player->stopping) {
            break;
        }
        if (audio->offline) {
            play_offline(audio, player->blocks);
        } else {
            play_live(audio, player->blocks);
        }
        sem_post(&player->played);
    }
    sy_audio_hand_over(audio, SY_DRIVER_ENGINE);
    return NULL;
}

SyPlayer *sy_player_start(SyStage *stage)
{
    SyPlayer *player = calloc(1, sizeof(*player));

    if (!player) {
        sy_bench_fail("player");
        return NULL;
    }
    player->stage = stage;
    sem_init(&player->turn, 0, 0);
    sem_init(&player->played, 0, 0);
    if (!stage->audio->offline) {
        atomic_store(&stage->audio->driver_wanted, SY_DRIVER_ENGINE);
    }
    if (pthread_create(&player->thread, NULL, play, player) != 0) {
        sy_bench_fail("player");
        free(player);
        return NULL;
    }
    return player;
}

void sy_player_round(SyPlayer *player, SyHistogram *blocks)
{
    player->blocks = blocks;
    sem_post(&player->turn);
    while (sem_wait(&player->played) < 0) {
    }
}

void sy_player_stop(SyPlayer *player)
{
    if (player) {
        player->stopping = true;
        sem_post(&player->turn);
        pthread_join(player->thread, NULL);
        sem_destroy(&player->turn);
        sem_destroy(&player->played);
        free(player);
    }
}
