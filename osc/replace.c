#include "osc/replace.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

SyStatus sy_file_problem(SyError *error, const char *what, const char *path)
{
    const int reason = errno;
    const SyStatus status =
        reason == EACCES || reason == EPERM || reason == EROFS ? SY_ERR_PERMISSION : SY_ERR_FILE;
    return sy_problem(error, status, "cannot %s %.200s: %s", what, path, strerror(reason));
}

SyStatus sy_replace_find(SyReplace *replace, const char *path, SyError *error)
{
    *replace = (SyReplace){.fd = -1};
    if (!realpath(path, replace->path)) {
        if (errno != ENOENT || strlen(path) >= sizeof replace->path) {
            return sy_file_problem(error, "write", path);
        }
        memcpy(replace->path, path, strlen(path) + 1);
    }
    return SY_OK;
}

SyStatus sy_replace_open(SyReplace *replace, SyError *error)
{
    uint64_t random = 0;
    if (getrandom(&random, sizeof random, 0) < 0 ||
        snprintf(replace->beside, sizeof replace->beside, "%s.%016llx", replace->path,
                 (unsigned long long)random) >= (int)sizeof replace->beside) {
        return sy_problem(error, SY_ERR_FILE, "cannot write %.200s: the name is too long",
                          replace->path);
    }
    replace->fd = open(replace->beside, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    return replace->fd < 0 ? sy_file_problem(error, "write", replace->path) : SY_OK;
}

/* So that the new name itself survives a loss of power. */
static void sync_directory(const char *path)
{
    char copy[PATH_MAX];
    snprintf(copy, sizeof copy, "%s", path);
    const int fd = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd >= 0) {
        fsync(fd);
        close(fd);
    }
}

SyStatus sy_replace_close(SyReplace *replace, bool written, SyError *error)
{
    const bool there = written && fsync(replace->fd) == 0;
    const int reason = errno;
    close(replace->fd);
    replace->fd = -1;
    errno = reason;
    if (!there || rename(replace->beside, replace->path) < 0) {
        const SyStatus status = sy_file_problem(error, "write", replace->path);
        unlink(replace->beside);
        return status;
    }
    sync_directory(replace->path);
    return SY_OK;
}
