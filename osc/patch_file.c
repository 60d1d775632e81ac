/* Patch files on disk: read with suspicion, written whole or not at all. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "osc/patch.h"
#include "osc/replace.h"

/* Opens a regular file; anything else could make a reader wait for ever. */
static SyStatus open_regular(const char *path, int *fd, size_t *size, SyError *error)
{
    struct stat info;
    *fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (*fd < 0 || fstat(*fd, &info) < 0) {
        const SyStatus status = sy_file_problem(error, "read", path);
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
        status = sy_file_problem(error, "read", path);
        free(*text);
        *text = NULL;
    }
    close(fd);
    *size = n > 0 ? (size_t)n : 0;
    return status;
}

/* A path in a patch counts from the patch's folder, so that both can be moved together. */
static SyStatus make_absolute(const char *patch, SyCommandList *list, SyError *error)
{
    char folder[PATH_MAX], whole[2 * PATH_MAX];
    SyStatus status = SY_OK;
    if (!realpath(patch, folder)) {
        return sy_file_problem(error, "read", patch);
    }
    *strrchr(folder, '/') = '\0';
    for (size_t i = 0; i < list->n && status == SY_OK; i++) {
        const char **path = sy_command_path(&list->items[i]);
        if (path && *path && (*path)[0] != '/') {
            snprintf(whole, sizeof whole, "%s/%s", folder, *path);
            status = sy_command_take_path(&list->items[i], whole);
        }
    }
    return status == SY_OK ? SY_OK : sy_problem(error, status, "out of memory");
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
    if (status == SY_OK) {
        status = make_absolute(path, list, error);
    }
    if (status != SY_OK) {
        sy_commands_clear(list);
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

SyStatus sy_patch_write(const char *path, const char *text, size_t size, SyError *error)
{
    SyReplace replace;
    SyStatus status = sy_replace_find(&replace, path, error);
    if (status == SY_OK) {
        status = check_replaceable(replace.path, error);
    }
    if (status == SY_OK) {
        status = sy_replace_open(&replace, error);
    }
    return status == SY_OK ? sy_replace_close(&replace, write_all(replace.fd, text, size), error)
                           : status;
}
