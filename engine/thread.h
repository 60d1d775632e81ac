/* Threads, and the names of threads and processes as ps shows them. */
#ifndef SY_ENGINE_THREAD_H
#define SY_ENGINE_THREAD_H

#include <pthread.h>

/* Starts a thread that has its name (15 characters count) before anyone can see it: no ps and no
 * trace meets it under the name of the thread that made it. Returns 0, or the error number of
 * pthread_create, and then there is no thread.  Thread: any.  RT: no. */
int sy_thread_start(pthread_t *thread, const char *name, void *(*run)(void *), void *argument);

/* Lets sy_process_name write over the command line, which is as long as it is: to be called with
 * main's argv before any fork.  Thread: setup.  RT: no. */
void sy_process_name_init(int argc, char **argv);

/* Names the calling process as ps shows it, with and without arguments.
 * Thread: setup, in a process that has one thread.  RT: no. */
void sy_process_name(const char *name);

#endif
