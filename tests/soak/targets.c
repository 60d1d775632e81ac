#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "tests/rig/check.h"
#include "tests/soak/soak.h"

#define BIRTH_US     4000 /* how long a worker's start takes, and a little more */
#define NOBODY_COMES 100  /* looks in vain */

uint32_t sy_soak_random(uint64_t *seed, uint32_t below)
{
    /* splitmix64 */
    uint64_t z = *seed += 0x9e3779b97f4a7c15u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return below ? (uint32_t)((z ^ (z >> 31)) % below) : 0;
}

uint64_t sy_soak_kills_of(const SySoakToll *toll)
{
    return toll->workers + toll->zygotes;
}

static bool read_file(const char *path, char *text, size_t size)
{
    const int fd = open(path, O_RDONLY | O_CLOEXEC);
    const ssize_t n = fd < 0 ? -1 : read(fd, text, size - 1);

    if (fd >= 0) {
        close(fd);
    }
    text[n > 0 ? n : 0] = '\0';
    return n > 0;
}

/* Quicker by far than a look through all of /proc, which would set the pace. */
static size_t children_of(pid_t pid, pid_t *list, size_t room)
{
    char path[64], text[8192];
    size_t n = 0;

    snprintf(path, sizeof(path), "/proc/%d/task/%d/children", (int)pid, (int)pid);
    if (pid <= 0 || !read_file(path, text, sizeof(text))) {
        return 0;
    }
    for (char *at = text, *end; n < room; at = end) {
        const long child = strtol(at, &end, 10);
        if (end == at) {
            break;
        }
        list[n++] = (pid_t)child;
    }
    return n;
}

static bool is_named(pid_t pid, const char *name)
{
    char path[64], text[32];

    snprintf(path, sizeof(path), "/proc/%d/comm", (int)pid);
    return read_file(path, text, sizeof(text)) && strncmp(text, name, strlen(name)) == 0;
}

static bool is_among(pid_t pid, const pid_t *list, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (list[i] == pid) {
            return true;
        }
    }
    return false;
}

static bool was_shot(const SySoakTargets *targets, pid_t pid)
{
    const size_t n = targets->n_shot < SY_SOAK_SHOT ? targets->n_shot : SY_SOAK_SHOT;
    return is_among(pid, targets->shot, n);
}

/* Children of the keeper: the zygote, the engine, and workers whose zygote has died. */
static size_t look_at_keeper(SySoakTargets *targets, pid_t *pids)
{
    pid_t children[SY_SYNTH_WORKERS_MAX];
    const size_t n = children_of(targets->keeper, children, SY_SYNTH_WORKERS_MAX);
    size_t n_workers = 0;

    if (!is_among(targets->zygote, children, n) || was_shot(targets, targets->zygote)) {
        targets->zygote = 0;
    }
    for (size_t i = 0; i < n; i++) {
        if (children[i] == targets->zygote || was_shot(targets, children[i])) {
            continue;
        }
        if (is_named(children[i], "sy-worker")) {
            pids[n_workers++] = children[i];
        } else if (is_named(children[i], "sy-zygote")) {
            targets->zygote = children[i];
        }
    }
    return n_workers;
}

static void count_lives(SySoakTargets *targets, const pid_t *pids, size_t n, SySoakToll *toll)
{
    for (size_t i = 0; i < n; i++) {
        toll->lives += !is_among(pids[i], targets->seen, targets->n_seen);
    }
    memcpy(targets->seen, pids, n * sizeof(*pids));
    targets->n_seen = n;
}

size_t sy_soak_look(SySoakTargets *targets, pid_t *pids, SySoakToll *toll)
{
    size_t n = look_at_keeper(targets, pids);
    const size_t n_all =
        n + children_of(targets->zygote, pids + n, (size_t)SY_SYNTH_WORKERS_MAX - n);

    for (size_t i = n; i < n_all; i++) {
        if (!was_shot(targets, pids[i])) {
            pids[n++] = pids[i];
        }
    }
    count_lives(targets, pids, n, toll);
    return n;
}

static bool shoot_one(SySoakTargets *targets, pid_t pid)
{
    if (pid <= 0 || kill(pid, SIGKILL) != 0) {
        return false;
    }
    targets->shot[targets->n_shot++ % SY_SOAK_SHOT] = pid;
    return true;
}

/* One who was not there a look ago, some time after that. A first one has to make place for it, and
 * another whenever nobody comes. */
static void shoot_newborn(SySoakTargets *targets, uint64_t *seed, SySoakToll *toll)
{
    pid_t pids[SY_SYNTH_WORKERS_MAX], known[SY_SYNTH_WORKERS_MAX];
    const size_t n_known = targets->n_seen;

    memcpy(known, targets->seen, n_known * sizeof(*known));
    const size_t n = sy_soak_look(targets, pids, toll);
    for (size_t i = 0; i < n; i++) {
        if (!is_among(pids[i], known, n_known)) {
            usleep(sy_soak_random(seed, BIRTH_US));
            toll->workers += shoot_one(targets, pids[i]);
            toll->volleys = 0;
            return;
        }
    }
    if (n > 0 && ++toll->volleys % NOBODY_COMES == 0) {
        toll->workers += shoot_one(targets, pids[sy_soak_random(seed, (uint32_t)n)]);
    }
}

static void fire_volley(SySoakTargets *targets, const SySoakFire *fire, uint64_t *seed,
                        SySoakToll *toll)
{
    pid_t pids[SY_SYNTH_WORKERS_MAX];

    if (fire->young) {
        shoot_newborn(targets, seed, toll);
        return;
    }
    size_t n = sy_soak_look(targets, pids, toll);
    if (fire->zygotes && toll->volleys++ % 2 == 0) {
        toll->zygotes += shoot_one(targets, targets->zygote);
        return;
    }
    size_t at_once = fire->at_once == SY_SOAK_ALL_BUT_ONE ? (n > 0 ? n - 1 : 0) : fire->at_once;
    for (; at_once > 0 && n > 0; at_once--) {
        const uint32_t which = sy_soak_random(seed, (uint32_t)n);
        toll->workers += shoot_one(targets, pids[which]);
        pids[which] = pids[--n];
    }
}

static void sleep_until(int64_t ns)
{
    const struct timespec at = {.tv_sec = ns / 1000000000, .tv_nsec = ns % 1000000000};
    clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &at, NULL);
}

void sy_soak_shoot(SySoakTargets *targets, const SySoakFire *fire, const SySoakEnd *end,
                   uint64_t *seed, SySoakToll *toll)
{
    const int64_t begun = sy_stage_now_ns(), ns_before = toll->ns;
    int64_t next = begun;

    while (sy_process_lives(targets->keeper) && (!end->ns || toll->ns < end->ns)) {
        fire_volley(targets, fire, seed, toll);
        toll->ns = ns_before + sy_stage_now_ns() - begun;
        if (end->kills && sy_soak_kills_of(toll) >= end->kills) {
            break; /* at once: what comes of the last kill is measured */
        }
        const int64_t pause =
            fire->steady ? fire->pause_ns : sy_soak_random(seed, (uint32_t)(2 * fire->pause_ns));
        next = fire->steady ? next + pause : sy_stage_now_ns() + pause;
        sleep_until(next);
        toll->ns = ns_before + sy_stage_now_ns() - begun;
    }
}
