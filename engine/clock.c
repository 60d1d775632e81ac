#include "engine/clock.h"

#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

#include "engine/realtime.h"
#include "engine/thread.h"

#define OFFLINE_PATIENCE_NS 3600000000000 /* offline a block is late after an hour */
#define BEHIND_NS           30000000      /* further behind than this, lost time is not made up */
#define IDLE_NS             20000000      /* with an empty patch, blocks are made up this late */
#define DORMANT_NS          200000000     /* the same if nothing is on its way either */
#define LOST_NS             500000000     /* further behind, not even those are */
#define AWAY_NS             5000000000    /* while a device drives; the bell is this process's */

struct SyClock {
    SyAudio *audio;
    uint64_t n_blocks; /* offline */
    pthread_t thread;
    _Atomic bool stopping, finished;
    float left[SY_BLOCK_MAX], right[SY_BLOCK_MAX];
};

/* A block every millisecond costs a per cent of a CPU in wake-ups alone. While the patch is empty
 * nobody hears whether they come one by one. Returns whether this thread has slept. */
static bool idle_after(SyAudio *audio, int64_t ns)
{
    const uint32_t seen = sy_bell_listen(&audio->driver_bell);
    const int64_t late_ns = atomic_load(&audio->segment->dormant) ? DORMANT_NS : IDLE_NS;

    if (!sy_audio_is_idle(audio) || atomic_load(&audio->quiet)) {
        return false;
    }
    sy_bell_sleep(&audio->driver_bell, seen, ns + late_ns - sy_now_ns());
    return true;
}

static void sleep_until(int64_t ns)
{
    const struct timespec at = {.tv_sec = ns / 1000000000, .tv_nsec = ns % 1000000000};
    /* Programming a timer for a time that has passed costs as much as for one to come. */
    while (ns > sy_now_ns() &&
           clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &at, NULL) == EINTR) {
    }
}

/* When block n of this run of the clock begins. */
static int64_t begins(const SyClock *clock, int64_t origin_ns, int64_t n)
{
    const SySegment *segment = clock->audio->segment;
    return origin_ns + n * segment->block * 1000000000 / segment->rate;
}

/* Blocks that are over by now. A plan that has come meanwhile begins after them, and has nothing to
 * make up. Returns the next block. */
static int64_t make_up(SyClock *clock, int64_t origin, int64_t n)
{
    const int64_t now = sy_now_ns();

    while (begins(clock, origin, n + 1) <= now && now < begins(clock, origin, n) + LOST_NS &&
           sy_audio_take_over(clock->audio, SY_DRIVER_ENGINE) &&
           sy_audio_make_up(clock->audio, clock->left, clock->right, begins(clock, origin, n))) {
        n++;
    }
    return n;
}

/* One run: from the moment the engine drives until another driver is wanted. */
static void run(SyClock *clock)
{
    int64_t origin = sy_now_ns(), n = 0;

    while (!atomic_load(&clock->stopping) && sy_audio_take_over(clock->audio, SY_DRIVER_ENGINE)) {
        sy_audio_process(clock->audio, clock->left, clock->right,
                         (SyAudioTime){.begins_ns = begins(clock, origin, n),
                                       .deadline_ns = begins(clock, origin, n + 1)});
        n++;
        if (begins(clock, origin, n) > sy_now_ns() &&
            idle_after(clock->audio, begins(clock, origin, n))) {
            n = make_up(clock, origin, n);
        }
        if (begins(clock, origin, n) + BEHIND_NS < sy_now_ns()) {
            origin = sy_now_ns();
            n = 0;
        }
        sleep_until(begins(clock, origin, n));
    }
}

static void *drive(void *argument)
{
    SyClock *clock = argument;
    SyAudio *audio = clock->audio;

    sy_realtime_enter(SY_PRIORITY_AUDIO);
    while (!atomic_load(&clock->stopping)) {
        run(clock);
        const uint32_t seen = sy_bell_listen(&audio->driver_bell);
        if (!atomic_load(&clock->stopping) &&
            atomic_load(&audio->driver_wanted) != SY_DRIVER_ENGINE) {
            sy_bell_sleep(&audio->driver_bell, seen, AWAY_NS);
        }
    }
    sy_audio_hand_over(audio, SY_DRIVER_ENGINE);
    return NULL;
}

static void *drive_offline(void *argument)
{
    SyClock *clock = argument;

    atomic_store(&clock->audio->thread, gettid());
    const int64_t origin = sy_now_ns();
    for (uint64_t i = 0; i < clock->n_blocks && !atomic_load(&clock->stopping); i++) {
        const SyAudioTime time = {.begins_ns = begins(clock, origin, (int64_t)i),
                                  .deadline_ns = sy_now_ns() + OFFLINE_PATIENCE_NS,
                                  .n_more = clock->n_blocks - 1 - i};
        sy_audio_process(clock->audio, clock->left, clock->right, time);
    }
    atomic_store(&clock->finished, true);
    sy_bell_ring(&clock->audio->segment->closing_bell);
    return NULL;
}

SyStatus sy_clock_start(SyClock **result, SyAudio *audio, uint64_t n_blocks)
{
    SyClock *clock = calloc(1, sizeof(*clock));

    *result = NULL;
    if (!clock) {
        return SY_ERR_MEMORY;
    }
    clock->audio = audio;
    clock->n_blocks = n_blocks;
    if (sy_thread_start(&clock->thread, "sy-audio", audio->offline ? drive_offline : drive,
                        clock) != 0) {
        free(clock);
        return SY_ERR_FAILED;
    }
    *result = clock;
    return SY_OK;
}

bool sy_clock_is_finished(const SyClock *clock)
{
    return atomic_load(&clock->finished);
}

void sy_clock_stop(SyClock *clock)
{
    if (clock) {
        atomic_store(&clock->stopping, true);
        sy_bell_ring(&clock->audio->driver_bell);
        pthread_join(clock->thread, NULL);
        free(clock);
    }
}
