#include "engine/cage.h"

#include <errno.h>
#include <seccomp.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <unistd.h>

static SyCageProgram workers_program;

/* The block path needs futex alone. The rest: a futex that is interrupted, the clock where it is no
 * plain memory, making the arena present piece by piece, the walls around an isolated module, and
 * the end. */
static int add_rules(void *filter)
{
    static const int free_calls[] = {
        SCMP_SYS(futex), SCMP_SYS(restart_syscall), SCMP_SYS(clock_gettime),
        SCMP_SYS(exit),  SCMP_SYS(exit_group),      SCMP_SYS(mlock2),
    };
    int error = 0;

    for (size_t i = 0; i < sizeof(free_calls) / sizeof(free_calls[0]) && !error; i++) {
        error = seccomp_rule_add(filter, SCMP_ACT_ALLOW, free_calls[i], 0);
    }
    if (!error) { /* to read only, or to read and write; never to execute */
        error =
            seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(mprotect), 1,
                             SCMP_A2(SCMP_CMP_MASKED_EQ, ~(uint64_t)(PROT_READ | PROT_WRITE), 0));
    }
    static const int advices[] = {MADV_POPULATE_READ, MADV_POPULATE_WRITE};
    for (size_t i = 0; i < sizeof(advices) / sizeof(advices[0]) && !error; i++) {
        const struct scmp_arg_cmp populate = {
            .arg = 2, .op = SCMP_CMP_EQ, .datum_a = (scmp_datum_t)advices[i]};
        error = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(madvise), 1, populate);
    }
    return error;
}

/* libseccomp hands a program over by file only. */
static int read_program(scmp_filter_ctx filter, SyCageProgram *program)
{
    const size_t room = sizeof(program->instructions);
    const int fd = memfd_create("filter", MFD_CLOEXEC);
    if (fd < 0) {
        return errno;
    }
    int error = seccomp_export_bpf(filter, fd);
    const ssize_t bytes = error ? 0 : pread(fd, program->instructions, room, 0);
    close(fd);
    if (error || bytes <= 0 || (size_t)bytes == room) {
        return error ? -error : EFBIG;
    }
    program->n = (unsigned short)((size_t)bytes / sizeof(program->instructions[0]));
    return 0;
}

int sy_cage_make(SyCageRules *rules, SyCageProgram *program)
{
    if (!SY_CAGE) {
        return 0;
    }
    scmp_filter_ctx filter = seccomp_init(SCMP_ACT_KILL_PROCESS);
    if (!filter) {
        return ENOMEM;
    }
    int error = -rules(filter);
    error = error ? error : read_program(filter, program);
    seccomp_release(filter);
    return error;
}

int sy_cage_apply(const SyCageProgram *program)
{
    const struct sock_fprog whole = {
        .len = program->n, .filter = (struct sock_filter *)(uintptr_t)program->instructions};

    if (program->n == 0) {
        return 0;
    }
    return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ||
                   prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &whole) < 0
               ? errno
               : 0;
}

int sy_cage_build(void)
{
    return sy_cage_make(add_rules, &workers_program);
}

int sy_cage_enter(void)
{
    return sy_cage_apply(&workers_program);
}
