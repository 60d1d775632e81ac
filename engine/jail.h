/* Walls around an isolated module: while it runs, its worker can write to that module's own pages,
 * to the scratch its outputs may go to, and to its stack and static data, and to nothing else.
 *
 * The memory that all share can then only be changed in the module's own state, wires and
 * parameters, however wildly it writes. Putting the walls up and taking them down costs seven
 * mprotect() calls, some 10 us, so ordinary modules go without. What a module does to the worker's
 * own stack and data can bring down that worker, which is no loss.
 *
 * Thread: worker.  RT: no: system calls, but bounded. */
#ifndef SY_ENGINE_JAIL_H
#define SY_ENGINE_JAIL_H

#include "engine/worker.h"

/* Puts up the walls around one node, whose memory has pages of its own. Does nothing where workers
 * are threads. */
void sy_jail_enter(const SyWorker *worker, const SyPlanNode *node);

/* Takes them down. */
void sy_jail_leave(const SyWorker *worker);

/* Makes read-only what no worker ever writes: tables, plans, the library, what the engine alone
 * keeps. To be
 * called once, after the pages have been made present. Returns 0 or an errno. */
int sy_jail_protect_tables(const SyWorker *worker);

#endif
