/* What a process that runs code of others may ask of the kernel: next to nothing.
 *
 * A module that makes any other system call, by mistake or because its code was led astray, ends
 * its worker with SIGSYS and nothing else: no file, no socket, no process, no new mapping. The
 * loader's cage is wider, for it has to read and to allocate: see loader_walls.c. */
#ifndef SY_ENGINE_CAGE_H
#define SY_ENGINE_CAGE_H

#include <linux/filter.h>

#define SY_CAGE_INSTRUCTIONS 512

/* A filter as the kernel takes it; zeroed it forbids nothing. */
typedef struct SyCageProgram {
    struct sock_filter instructions[SY_CAGE_INSTRUCTIONS];
    unsigned short n;
} SyCageProgram;

/* Adds what is allowed to a filter of libseccomp's that forbids everything. Returns 0 or what
 * libseccomp returned. */
typedef int SyCageRules(void *filter);

/* Makes a program. Returns 0, or an errno. In builds with sanitizers, whose run-time libraries need
 * more, it is one that forbids nothing.  Thread: zygote, at its start.  RT: no. */
int sy_cage_make(SyCageRules *rules, SyCageProgram *program);

/* Puts the calling process under a program, for good. Returns 0, or an errno.
 * Thread: worker, loader.  RT: no. */
int sy_cage_apply(const SyCageProgram *program);

/* Makes the filter for all workers to be forked by this process. Returns 0, or an errno.
 * Thread: zygote, at its start.  RT: no. */
int sy_cage_build(void);

/* Puts the calling process into the workers' cage. Returns 0, or an errno.
 * Thread: worker, at the end of its start.  RT: no. */
int sy_cage_enter(void);

#endif
