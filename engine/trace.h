/* How records of what was run get from the workers to the log.
 *
 *     audio       reserves room for a block's records when it releases the block, and says in
 *                 SyBlockInfo where, and at what level
 *     workers     write the record of a task before its claim word says DONE, the record of a node
 *                 before its commit word
 *     audio       notes the block's times before it counts the block as handed out
 *     collector   reads a block's records when it has been handed out
 *
 * A record has its place from the beginning: that of task t of block E is the t-th of the block's,
 * that of the plan's n-th node follows the tasks. So:
 *
 *   T1  who runs a node again, because a worker died before its commit, writes to the same place:
 *       there is one record, that of the run which was committed
 *   T2  the commit word is released after the record, and `done` after all of them: whoever sees
 *       the block handed out sees a whole record of everything in it
 *   T3  the level is the block's: all of its workers, those that take over too, record the same
 *   T4  room is taken by `next`, which is stored before the release. A record is stored with
 *       release by a worker that has seen the release, and loaded with acquire: a collector that
 *       gets a later block's record from a place therefore sees that `next` has gone round
 *
 * A worker is believed in nothing here but the times: a record that is not what it must be drops
 * the block. */
#ifndef SY_ENGINE_TRACE_H
#define SY_ENGINE_TRACE_H

#include <stdalign.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#define SY_TRACE_BLOCKS  1024 /* whose records may wait for the collector */
#define SY_TRACE_MOMENTS 256

/* What audio says of a block. */
#define SY_TRACE_BUSY (1ull << 63)

typedef struct SyTraceBlock {
    alignas(64) _Atomic uint64_t epoch; /* | SY_TRACE_BUSY while the rest is written */
    _Atomic uint64_t at; /* its first record, counted from the first there ever was */
    _Atomic uint32_t level, n_tasks, n_nodes;
    _Atomic int64_t released_ns, done_ns;
} SyTraceBlock;

typedef enum SyMomentKind { SY_MOMENT_LATE, SY_MOMENT_PLAN } SyMomentKind;

/* What audio says of a moment. */
typedef struct SyMoment {
    _Atomic uint64_t epoch, serial;
    _Atomic int64_t at_ns;
    _Atomic uint32_t kind; /* SyMomentKind */
} SyMoment;

/* In SyAudio. */
typedef struct SyTraceShared {
    _Atomic uint32_t level;     /* osc, setup: SyTraceLevel of the next block */
    _Atomic uint64_t next;      /* audio: records that have been reserved, ever */
    _Atomic uint64_t last;      /* audio: the last block that is recorded */
    _Atomic uint64_t n_moments; /* audio: ever */
    SyMoment moments[SY_TRACE_MOMENTS];
    SyTraceBlock blocks[SY_TRACE_BLOCKS]; /* audio */
} SyTraceShared;

#endif
