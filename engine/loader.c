#include "engine/loader.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "engine/realtime.h"
#include "modules/registry.h"

#define ANSWER_NS 10000000000 /* after which nobody will answer any more */
#define LOOK_NS   100000000

typedef struct Loader {
    SySegment *segment;
    const SyLoaderAsked *asked;
    SyLoaderTold *told;
    uint32_t ticket;
    const SyContext *context;
    const SyModuleFile *wish;
    char path[SY_PATH_MAX];
} Loader;

static void tell(const Loader *loader, SyLoaderStage stage)
{
    atomic_store_explicit(&loader->told->stage, loader->ticket << 3 | stage, memory_order_release);
}

/* "reason" goes on after the file's name. */
static int fail(const Loader *loader, SyStatus status, const char *reason)
{
    snprintf(loader->told->text, sizeof(loader->told->text), "%.150s %.100s", loader->path, reason);
    loader->told->status = (int32_t)status;
    tell(loader, SY_LOADER_FAILED);
    return (int)status;
}

static int fail_open(const Loader *loader)
{
    const SyStatus status = errno == EACCES || errno == EPERM ? SY_ERR_PERMISSION : SY_ERR_FILE;
    char reason[128];

    snprintf(reason, sizeof(reason), "cannot be opened: %s", strerror(errno));
    return fail(loader, status, reason);
}

static const char *wrong_with(const struct stat *info)
{
    if (S_ISDIR(info->st_mode)) {
        return "is a folder, not a sound file";
    }
    if (!S_ISREG(info->st_mode)) {
        return "is a pipe or a device, not a sound file";
    }
    return info->st_size == 0 ? "is empty" : NULL;
}

/* A pipe must not keep it waiting for who writes to it, nor a terminal become its own. */
static int open_file(const Loader *loader, int *fd)
{
    struct stat info;

    *fd = open(loader->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (*fd < 0 || fstat(*fd, &info) < 0) {
        return fail_open(loader);
    }
    const char *wrong = wrong_with(&info);
    if (wrong) {
        return fail(loader, SY_ERR_FILE, wrong);
    }
    loader->told->identity = (SyFileIdentity){
        .device = info.st_dev,
        .inode = info.st_ino,
        .size = (uint64_t)info.st_size,
        .changed_ns = (int64_t)info.st_mtim.tv_sec * 1000000000 + info.st_mtim.tv_nsec};
    return 0;
}

/* Waits for an answer other than `last`. The page is read only here, so there is no bell: whoever
 * answers wakes those who sleep, whether there are any or not. */
static SyLoaderAnswer await(const Loader *loader, SyLoaderAnswer last)
{
    SyFutex *word = (SyFutex *)(uintptr_t)&loader->asked->answer;
    const int64_t until = sy_now_ns() + ANSWER_NS;

    while (sy_now_ns() < until) {
        const uint32_t seen = atomic_load_explicit(word, memory_order_acquire);
        if (seen >> 2 == loader->ticket && (seen & 3) != (uint32_t)last) {
            return (SyLoaderAnswer)(seen & 3);
        }
        sy_futex_wait(word, seen, LOOK_NS);
    }
    return SY_LOADER_NEEDLESS;
}

static int write_to_place(const Loader *loader, const SyDecoded *decoded, uint64_t bytes)
{
    const uint64_t at = loader->asked->place_at;
    const uint64_t whole = (bytes + SY_PAGE - 1) & ~(uint64_t)(SY_PAGE - 1);
    void *to = sy_at(loader->segment, at);

    if (sy_loader_open_place(loader->segment, at, whole) != 0) {
        return fail(loader, SY_ERR_FAILED, "cannot be kept: no access to the library");
    }
    memset(to, 0, whole);
    loader->wish->prepare(loader->context, &decoded->audio, to);
    tell(loader, SY_LOADER_DONE);
    return 0;
}

/* What is done behind the walls. */
static int take_in(const Loader *loader, int fd)
{
    static SyDecoded decoded;
    char text[128] = "";

    decoded = (SyDecoded){.channels = {NULL}};
    const SyStatus status = sy_loader_decode(fd, loader->wish, (double)loader->context->rate,
                                             &decoded, text, sizeof(text));
    if (status != SY_OK) {
        return fail(loader, status, text);
    }
    if (text[0]) { /* a remark, which is told with the rest */
        snprintf(loader->told->text, sizeof(loader->told->text), "%.150s %.100s", loader->path,
                 text);
    }
    const uint64_t bytes = loader->wish->size(loader->context, &decoded.audio, text, sizeof(text));
    if (bytes == 0) {
        return fail(loader, SY_ERR_FILE, text);
    }
    loader->told->bytes = bytes;
    tell(loader, SY_LOADER_SIZED);
    return await(loader, SY_LOADER_GO) == SY_LOADER_PLACE ? write_to_place(loader, &decoded, bytes)
                                                          : 0;
}

static int load(const Loader *loader)
{
    int fd = -1;
    int code = open_file(loader, &fd);

    if (code == 0) {
        const int error = sy_loader_walls(loader->segment, fd);
        code = error ? fail(loader, SY_ERR_FAILED, "is not read: the loader has no walls") : 0;
    }
    if (code == 0) {
        tell(loader, SY_LOADER_OPENED);
        code = await(loader, SY_LOADER_NO_ANSWER) == SY_LOADER_GO ? take_in(loader, fd) : 0;
    }
    if (fd >= 0) {
        close(fd);
    }
    return code;
}

/* F2 */
static bool take_seat(SyLoaderTold *told, uint32_t ticket)
{
    uint32_t expected = ticket;
    return atomic_compare_exchange_strong(&told->seat, &expected, 0);
}

int sy_loader_run(SySegment *segment, uint32_t ticket, const SyWorkerTables *tables)
{
    static SyLife life;
    const SyContext context = {.rate = (float)segment->rate,
                               .dsp = tables->dsp,
                               .tables = &tables->tables,
                               .fft = &tables->fft};
    const SyModule *type = sy_registry_at(segment->loader_asked.type);
    Loader loader = {.segment = segment,
                     .asked = &segment->loader_asked,
                     .told = &segment->loader,
                     .ticket = ticket,
                     .context = &context};

    if (!take_seat(loader.told, ticket)) {
        return SY_ERR_FAILED;
    }
    sy_life_hold(&life, &loader.told->life);
    memcpy(loader.path, loader.asked->path, sizeof(loader.path));
    loader.path[sizeof(loader.path) - 1] = '\0';
    loader.told->text[0] = '\0';
    loader.told->status = SY_OK;
    loader.wish = type ? type->file : NULL;
    const int code = loader.wish ? load(&loader)
                                 : fail(&loader, SY_ERR_VALUE, "is for a module that takes none");
    sy_life_release(&life);
    return code;
}
