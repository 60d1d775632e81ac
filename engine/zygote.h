/* The zygote: makes workers, and hears of their end.
 *
 * It is forked before any thread exists and stays single-threaded, so that what it forks is whole.
 * It builds every table once; its children share those pages until somebody writes to them, and
 * nobody does. Requests come through the segment (SyPlaceShared.wanted and a bell), so an engine
 * that is restarted finds the zygote as it was. */
#ifndef SY_ENGINE_ZYGOTE_H
#define SY_ENGINE_ZYGOTE_H

#include "engine/worker.h"

/* Lives as the zygote until SySegment.closing is set; then ends its workers and returns 0. Returns
 * an exit code (SyStatus) if it cannot begin; `zygote_ready` tells the others which. Thread: the
 * zygote's only one.  RT: no. */
int sy_zygote_run(SySegment *segment, const char *isa);

/* Takes note of the end of a worker's process, as wait() told it. Returns false for a pid that is
 * no worker's.  Thread: zygote, or keeper for the workers of a zygote that has died.  RT:
 * no. */
bool sy_zygote_note_end(SySegment *segment, int pid, int exit_status);

/* How a worker is made: forked (spawn_fork.c), or, in the build for ThreadSanitizer, as a thread
 * (spawn_threads.c). */

/* Starts worker `index`. Returns its pid, or -errno.  Thread: zygote.  RT: no. */
int sy_spawn(SySegment *segment, uint32_t index, uint32_t incarnation,
             const SyWorkerTables *tables);

/* Writes down who has been made; the zygote does, and the worker too, should its zygote have died
 * in between.  Thread: zygote, worker at its start.  RT: yes. */
void sy_spawn_note(SySegment *segment, uint32_t index, uint32_t incarnation);

/* Starts the loader for a ticket, as sy_spawn. It ends with its zygote.  Thread: zygote.  RT: no.
 */
int sy_spawn_loader(SySegment *segment, uint32_t ticket, const SyWorkerTables *tables);

/* Whether workers are threads, so that the zygote has to be one of the engine's too.
 * Thread: any.  RT: yes. */
bool sy_spawn_makes_threads(void);

/* Makes the ends of workers ring the zygote's bell.  Thread: zygote, once.  RT: no. */
void sy_spawn_init(SySegment *segment);

/* Takes note of one worker that has ended: its pid, or 0 if there is none.
 * Thread: zygote.  RT: no. */
int sy_spawn_reap(int *exit_status);

/* Ends a worker at once.  Thread: zygote.  RT: no. */
void sy_spawn_kill(int pid);

#endif
