/* A whole worker inside this process: sy_worker_run on a stack of its own. Where it would go to
 * sleep, control comes back here. So it computes a block for the price of a function call, and that
 * it would have slept for ever is seen at once.
 *
 * It has a mapping of the segment to itself, because a worker makes read-only what it may not
 * write. */
#ifndef SY_TESTS_INSTRUCTIONS_HOST_H
#define SY_TESTS_INSTRUCTIONS_HOST_H

#include "engine/worker.h"

typedef struct Host Host;

/* Starts worker `index` as `incarnation` and lets it get ready. */
Host *host_start(SySegment *segment, uint32_t index, uint32_t incarnation,
                 const SyWorkerTables *tables);
void host_end(Host *host);

/* Lets it run until it parks. Returns false if it waits for others instead, of whom there are none;
 * the segment is of no more use then. */
bool host_run(Host *host);

/* Where it has the segment. */
SySegment *host_view(const Host *host);

#endif
