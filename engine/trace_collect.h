/* Reads what audio and workers have recorded into a log; see trace.h.
 *
 * Not for several threads: who has it sees to that. */
#ifndef SY_ENGINE_TRACE_COLLECT_H
#define SY_ENGINE_TRACE_COLLECT_H

#include "engine/audio.h"
#include "engine/trace_log.h"

typedef struct SyTraceCollector {
    const SySegment *segment;
    const SyAudio *audio;
    SyTraceLog *log;
    uint64_t seen; /* blocks up to this one have been looked at */
    uint64_t moments_seen;
    uint64_t last_serial; /* of the plans that have been seen to play */
    uint64_t n_dropped;   /* blocks, ever */
} SyTraceCollector;

/* Begins with the block that comes next.  Thread: any.  RT: no. */
void sy_trace_collector_init(SyTraceCollector *collector, const SySegment *segment,
                             const SyAudio *audio, SyTraceLog *log);

/* Leaves out all blocks up to the one that was handed out last, which nobody has recorded.
 * Thread: any.  RT: no. */
void sy_trace_collector_skip(SyTraceCollector *collector);

/* Takes what there is.  Thread: any.  RT: no. */
void sy_trace_collect(SyTraceCollector *collector);

#endif
