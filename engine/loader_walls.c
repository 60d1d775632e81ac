/* The walls around the loader.
 *
 * What stays open is what libsndfile and the C library need to read one file and to allocate. New
 * memory can never be made executable, and never comes from a file: the one file there is can be
 * read, and that is all. A file too large to be taken in runs against the limits. */
#include <errno.h>
#include <seccomp.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "engine/cage.h"
#include "engine/loader.h"
#include "engine/zygote.h"

#define CPU_S        20
#define MEMORY_BYTES ((rlim_t)2 << 30) /* beside the library */

static SyCageProgram program;

static int add_rules(void *filter)
{
    static const int free_calls[] = {
        SCMP_SYS(read),          SCMP_SYS(pread64), SCMP_SYS(lseek),      SCMP_SYS(fstat),
        SCMP_SYS(newfstatat),    SCMP_SYS(close),   SCMP_SYS(brk),        SCMP_SYS(munmap),
        SCMP_SYS(mremap),        SCMP_SYS(madvise), SCMP_SYS(futex),      SCMP_SYS(restart_syscall),
        SCMP_SYS(clock_gettime), SCMP_SYS(exit),    SCMP_SYS(exit_group), SCMP_SYS(getrandom),
        SCMP_SYS(sysinfo),
    };
    const struct scmp_arg_cmp not_to_run =
        SCMP_A2(SCMP_CMP_MASKED_EQ, (scmp_datum_t)PROT_EXEC, (scmp_datum_t)0);
    const struct scmp_arg_cmp of_no_file =
        SCMP_A3(SCMP_CMP_MASKED_EQ, (scmp_datum_t)MAP_ANONYMOUS, (scmp_datum_t)MAP_ANONYMOUS);
    int error = 0;

    for (size_t i = 0; i < sizeof(free_calls) / sizeof(free_calls[0]) && !error; i++) {
        error = seccomp_rule_add(filter, SCMP_ACT_ALLOW, free_calls[i], 0);
    }
    if (!error) { /* libsndfile looks for a resource fork beside a file that it does not know */
        error = seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOENT), SCMP_SYS(openat), 0);
    }
    if (!error) {
        error = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(mprotect), 1, not_to_run);
    }
    if (!error) {
        error = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(mmap), 2, not_to_run, of_no_file);
    }
    return error;
}

int sy_loader_walls_build(void)
{
    return sy_cage_make(add_rules, &program);
}

static int limit(int resource, rlim_t soft, rlim_t hard)
{
    const struct rlimit both = {soft, hard};
    return setrlimit((__rlimit_resource_t)resource, &both) < 0 ? errno : 0;
}

/* Sanitizers map terabytes, and report to standard error. */
static int limit_all(uint64_t mapped)
{
    int error = limit(RLIMIT_CORE, 0, 0);
    error = error ? error : limit(RLIMIT_CPU, CPU_S, CPU_S + 1);
    error = error ? error : limit(RLIMIT_FSIZE, 0, 0);
    if (!error && SY_CAGE) {
        error = limit(RLIMIT_AS, MEMORY_BYTES + mapped, MEMORY_BYTES + mapped);
    }
    return error;
}

static void close_others(int fd)
{
    if (SY_CAGE) {
        close_range(0, (unsigned)fd - 1, 0);
    }
    close_range((unsigned)fd + 1, ~0u, 0);
}

/* Of the segment, what is between the loader's pages and the library, and what is before them. */
static int leave_segment(SySegment *segment)
{
    const uint64_t asked_at = offsetof(SySegment, loader_asked);
    const uint64_t told_at = offsetof(SySegment, loader);
    const uint64_t told_to = told_at + sizeof(SyLoaderTold);
    const uint64_t library_at = segment->library_at, size = segment->size;

    if (mprotect(sy_at(segment, asked_at), told_at - asked_at, PROT_READ) < 0 ||
        (size > library_at &&
         mprotect(sy_at(segment, library_at), size - library_at, PROT_NONE) < 0) ||
        munmap(sy_at(segment, told_to), library_at - told_to) < 0 ||
        (asked_at > 0 && munmap(segment, asked_at) < 0)) {
        return errno;
    }
    return 0;
}

int sy_loader_walls(SySegment *segment, int fd)
{
    const uint64_t mapped = segment->size - segment->library_at;

    if (sy_spawn_makes_threads()) {
        return 0;
    }
    close_others(fd);
    int error = prctl(PR_SET_DUMPABLE, 0) < 0 ? errno : 0;
    error = error ? error : leave_segment(segment);
    error = error ? error : limit_all(mapped);
    return error ? error : sy_cage_apply(&program);
}

int sy_loader_open_place(SySegment *segment, uint64_t at, uint64_t bytes)
{
    if (sy_spawn_makes_threads()) {
        return 0;
    }
    return mprotect(sy_at(segment, at), bytes, PROT_READ | PROT_WRITE) < 0 ? errno : 0;
}
