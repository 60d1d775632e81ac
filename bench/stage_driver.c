#include "bench/stage_driver.h"

#include <errno.h>
#include <semaphore.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "bench/bench.h"
#include "engine/realtime.h"

#define BEHIND_NS 30000000 /* further behind than this, lost time is not made up */
#define KEPT      256      /* plans whose beginnings are remembered */
#define WAIT_S    10

struct SyDriver {
    SyStage *stage;
    pthread_t thread;
    _Atomic bool stopping;
    _Atomic uint64_t reached;           /* the driver: serial of the plan that plays */
    _Atomic uint64_t released_ns[KEPT]; /* the driver: by serial; precedes `reached` */
    sem_t changed;                      /* posted after `reached` */
    float left[SY_BLOCK_MAX], right[SY_BLOCK_MAX];
};

static void sleep_until(int64_t ns)
{
    const struct timespec at = {.tv_sec = ns / 1000000000, .tv_nsec = ns % 1000000000};
    while (ns > sy_now_ns() &&
           clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &at, NULL) == EINTR) {
    }
}

/* Plans are adopted one by one, and none is left out. */
static void note_plan(SyDriver *driver)
{
    const SyAudio *audio = driver->stage->audio;
    const uint64_t adopted = atomic_load_explicit(&audio->adopted, memory_order_relaxed);
    const uint64_t reached = atomic_load_explicit(&driver->reached, memory_order_relaxed);

    if (adopted != reached) {
        atomic_store(&driver->released_ns[adopted % KEPT], (uint64_t)audio->released_ns);
        atomic_store(&driver->reached, adopted);
        sem_post(&driver->changed);
    }
}

static void *drive(void *argument)
{
    SyDriver *driver = argument;
    SyAudio *audio = driver->stage->audio;
    const int64_t block = audio->segment->block, rate = audio->segment->rate;
    int64_t origin = sy_now_ns(), n = 0;

    sy_realtime_enter(SY_PRIORITY_AUDIO);
    while (!atomic_load(&driver->stopping) && sy_audio_take_over(audio, SY_DRIVER_ENGINE)) {
        const int64_t begins = origin + n * block * 1000000000 / rate;
        const int64_t ends = origin + (n + 1) * block * 1000000000 / rate;
        const int64_t deadline = audio->offline ? INT64_MAX / 2 : ends;
        sy_audio_process(audio, driver->left, driver->right, (SyAudioTime){begins, deadline, 0});
        note_plan(driver);
        n++;
        if (ends + BEHIND_NS < sy_now_ns()) {
            origin = sy_now_ns();
            n = 0;
        }
        sleep_until(n == 0 ? origin : ends);
    }
    sy_audio_hand_over(audio, SY_DRIVER_ENGINE);
    return NULL;
}

SyDriver *sy_driver_start(SyStage *stage)
{
    SyDriver *driver = calloc(1, sizeof(*driver));

    if (!driver) {
        sy_bench_fail("driver");
        return NULL;
    }
    driver->stage = stage;
    atomic_store(&driver->reached, atomic_load(&stage->audio->adopted));
    sem_init(&driver->changed, 0, 0);
    atomic_store(&stage->audio->driver_wanted, SY_DRIVER_ENGINE);
    if (pthread_create(&driver->thread, NULL, drive, driver) != 0) {
        sem_destroy(&driver->changed);
        free(driver);
        sy_bench_fail("driver");
        return NULL;
    }
    return driver;
}

void sy_driver_stop(SyDriver *driver)
{
    if (driver) {
        atomic_store(&driver->stopping, true);
        pthread_join(driver->thread, NULL);
        sem_destroy(&driver->changed);
        free(driver);
    }
}

uint64_t sy_driver_wait(SyDriver *driver, uint64_t serial)
{
    struct timespec until;

    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += WAIT_S;
    while (atomic_load(&driver->reached) < serial) {
        if (sem_timedwait(&driver->changed, &until) < 0 && errno != EINTR) {
            return 0;
        }
    }
    return atomic_load(&driver->reached) - serial < KEPT
               ? atomic_load(&driver->released_ns[serial % KEPT])
               : 0;
}
