/* Patch files on disk: read with suspicion, written whole or not at all. */
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "osc/patch.h"

static SyStatus file_problem(SyError *error, const char *what, const char *path)
{
    const int reason = errno;
    const SyStatus status =
        reason == EACCES || reason == EPERM || reason == EROFS ? SY_ERR_PERMISSION : SY_ERR_FILE;
    return sy_problem(error, status, "cannot %s %.200s: %s", what, path, strerror(reason));
}

/* Opens a regular file; anything else could make a reader wait for ever. */
static SyStatus open_regular(const char *path, int *fd, size_t *size, SyError *error)
{
    struct stat info;
    *fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (*fd < 0 || fstat(*fd, &info) < 0) {
        const SyStatus status = file_problem(error, "read", path);
        if (*fd >= 0) {
            close(*fd);
        }
        return status;
    }
    if (!S_ISREG(info.st_mode) || info.st_size > (off_t)SY_PATCH_SIZE_MAX) {
        close(*fd);
        return sy_problem(error, SY_ERR_FILE, "%.200s is %s", path,
                          S_ISREG(info.st_mode) ? "too large for a patch" : "not a regular file");
    }
    *size = (size_t)info.st_size;
    return SY_OK;
}

/* Reads up to `size` bytes; the file may have become shorter. Returns the bytes read, or -1. */
static ssize_t read_all(int fd, char *text, size_t size)
{
    size_t n = 0;
    while (n < size) {
        const ssize_t got = read(fd, text + n, size - n);
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got <= 0) {
            return got < 0 ? -1 : (ssize_t)n;
        }
        n += (size_t)got;
    }
    return (ssize_t)n;
}

/* Reads a file into fresh memory. */
static SyStatus read_file(const char *path, char **text, size_t *size, SyError *error)
{
    int fd;
    SyStatus status = open_regular(path, &fd, size, error);
    if (status != SY_OK) {
        return status;
    }
    *text = malloc(*size + 1);
    if (!*text) {
        close(fd);
        return sy_problem(error, SY_ERR_MEMORY, "out of memory");
    }
    const ssize_t n = read_all(fd, *text, *size);
    if (n < 0) {
        status = file_problem(error, "read", path);
        free(*text);
        *text = NULL;
    }
    close(fd);
    *size = n > 0 ? (size_t)n : 0;
    return status;
}

SyStatus sy_patch_read_commands(const char *path, SyCommandList *list, SyError *error)
{
    char *text = NULL;
    size_t size = 0;
    *list = (SyCommandList){NULL, 0, 0};
    SyStatus status = read_file(path, &text, &size, error);
    if (!text) {
        return status;
    }
    status = sy_patch_parse(text, size, list, error);
    free(text);
    if (status != SY_OK) {
        sy_problem_prefix(error, "%.200s: ", path);
    }
    return status;
}

/* A file that is there may be replaced if it is a patch. */
static SyStatus check_replaceable(const char *path, SyError *error)
{
    SyCommandList list;
    SyError why;
    const SyStatus status = sy_patch_read_commands(path, &list, &why);
    if (status == SY_OK) {
        sy_commands_clear(&list);
        return SY_OK;
    }
    if (access(path, F_OK) < 0 && errno == ENOENT) {
        return SY_OK;
    }
    return sy_problem(error, SY_ERR_FILE,
                      "%.200s is there and is not a patch; remove it or take another name", path);
}

static bool write_all(int fd, const char *text, size_t size)
{
    while (size > 0) {
        const ssize_t n = write(fd, text, size);
        if (n < 0 && errno != EINTR) {
            return false;
        }
        text += n > 0 ? n : 0;
        size -= n > 0 ? (size_t)n : 0;
    }
    return true;
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

/* Writes beside `path` and then takes its name. */
static SyStatus replace(const char *path, const char *text, size_t size, SyError *error)
{
    char beside[PATH_MAX];
    uint64_t random = 0;
    if (getrandom(&random, sizeof random, 0) < 0 ||
        snprintf(beside, sizeof beside, "%s.%016llx", path, (unsigned long long)random) >=
            (int)sizeof beside) {
        return sy_problem(error, SY_ERR_FILE, "cannot write %.200s: the name is too long", path);
    }
    const int fd = open(beside, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (fd < 0) {
        return file_problem(error, "write", path);
    }
    const bool written = write_all(fd, text, size) && fsync(fd) == 0;
    const int reason = errno;
    close(fd);
    errno = reason;
    if (!written || rename(beside, path) < 0) {
        const SyStatus status = file_problem(error, "write", path);
        unlink(beside);
        return status;
    }
    sync_directory(path);
    return SY_OK;
}

SyStatus sy_patch_write(const char *path, const char *text, size_t size, SyError *error)
{
    char target[PATH_MAX]; /* a symbolic link stays one: what it points to is replaced */
    if (!realpath(path, target)) {
        if (errno != ENOENT || strlen(path) >= sizeof target) {
            return file_problem(error, "write", path);
        }
        memcpy(target, path, strlen(path) + 1);
    }
    const SyStatus status = check_replaceable(target, error);
    return status == SY_OK ? replace(target, text, size, error) : status;
}
