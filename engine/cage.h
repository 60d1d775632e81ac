/* What a worker may ask of the kernel once it has started: next to nothing.
 *
 * A module that makes any other system call, by mistake or because its code was led astray, ends
 * its worker with SIGSYS and nothing else: no file, no socket, no process, no new mapping. */
#ifndef SY_ENGINE_CAGE_H
#define SY_ENGINE_CAGE_H

/* Makes the filter, for all workers to be forked by this process. Returns 0, or an errno.
 * Thread: zygote, at its start.  RT: no. */
int sy_cage_build(void);

/* Puts the calling process into the cage, for good. Returns 0, or an errno. Without a filter, as in
 * builds with sanitizers, whose run-time libraries need more, it does nothing.
 * Thread: worker, at the end of its start.  RT: no. */
int sy_cage_enter(void);

#endif
