/* Which node is at fault when a worker dies of its own.
 *
 * Only deaths that a module can have brought about count: a signal other than SIGKILL, an exit, or
 * a kill for hanging. A SIGKILL from anybody else says nothing about the module that was running.
 *
 *     strike      the worker died while it ran this node alone, and the node was not committed
 *     quarantine  2 strikes on the same block, or 3 within 5 seconds
 */
#ifndef SY_ENGINE_BLAME_H
#define SY_ENGINE_BLAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SY_STRIKES_ON_BLOCK 2
#define SY_STRIKES          3
#define SY_STRIKES_NS       5000000000

typedef enum SyFaultKind {
    SY_FAULT_NONE,
    SY_FAULT_SIGNAL, /* `detail` is its number */
    SY_FAULT_EXIT,   /* `detail` is the exit code */
    SY_FAULT_HANG,
} SyFaultKind;

/* What a node did to deserve quarantine. */
typedef struct SyFault {
    uint64_t epoch; /* the block */
    int64_t born;   /* of the module, to tell it from another that gets its slot */
    uint32_t slot;  /* the node's */
    uint32_t worker;
    uint32_t kind; /* SyFaultKind */
    int32_t detail;
} SyFault;

/* A node's record. Zeroed is clean. */
typedef struct SyBlame {
    int64_t born;
    uint64_t epoch;
    uint32_t on_block;
    int64_t at_ns[SY_STRIKES]; /* the latest first */
    uint32_t n;
} SyBlame;

/* Enters a strike against the module born at `born`, in block `epoch`. Returns whether it is to be
 * quarantined; its record is clean again then.  Thread: watchdog.  RT: yes. */
bool sy_blame_strike(SyBlame *blame, int64_t born, uint64_t epoch, int64_t now_ns);

/* How a worker ended, from what wait() said of it; SY_FAULT_NONE if no module can be blamed.
 * `hung`: it was to be killed because it hung; it may have ended in another way before.  Thread:
 * watchdog.  RT: yes. */
SyFault sy_fault_of_exit(int exit_status, bool hung);

/* A fault in words: "SIGSEGV in block 4711 on worker 2".  Thread: any.  RT: no. */
void sy_fault_text(const SyFault *fault, char *text, size_t size);

#endif
