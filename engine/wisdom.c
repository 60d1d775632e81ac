#include "engine/wisdom.h"

#include <limits.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "dsp/fft.h"

/* The folder for caches; a path that is not absolute is no path, as the specification has it. */
static bool find_cache(char *path, size_t size)
{
    const char *cache = getenv("XDG_CACHE_HOME"), *home = getenv("HOME");

    if (cache && cache[0]) {
        snprintf(path, size, "%s", cache);
        return cache[0] == '/';
    }
    snprintf(path, size, "%s/.cache", home ? home : "");
    return home && home[0] == '/';
}

static bool find_file(char *path, size_t size, bool make_folders)
{
    char cache[PATH_MAX - 32], folder[PATH_MAX - 16];

    if (!find_cache(cache, sizeof(cache))) {
        return false;
    }
    snprintf(folder, sizeof(folder), "%s/synthd", cache);
    if (make_folders) { /* what cannot be made shows when the file is written */
        mkdir(cache, 0700);
        mkdir(folder, 0700);
    }
    snprintf(path, size, "%s/fftw-wisdom", folder);
    return true;
}

SyWisdom sy_wisdom_read(void)
{
    char path[PATH_MAX];

    if (!find_file(path, sizeof(path), false)) {
        return SY_WISDOM_HOMELESS;
    }
    return sy_fft_read_wisdom(path) ? SY_WISDOM_READ : SY_WISDOM_MISSING;
}

bool sy_wisdom_learn(void)
{
    const struct sched_param plain = {.sched_priority = 0};
    char path[PATH_MAX], beside[PATH_MAX + 16];

    sched_setscheduler(0, SCHED_IDLE, &plain);
    if (!find_file(path, sizeof(path), true)) {
        return false;
    }
    snprintf(beside, sizeof(beside), "%s.%d", path, getpid());
    if (!sy_fft_learn_wisdom(beside) || rename(beside, path) < 0) {
        unlink(beside);
        return false;
    }
    return true;
}
