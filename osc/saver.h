/* Writes patch files on a thread of its own: a disk can take seconds, and neither the osc thread
 * nor the control thread has them. */
#ifndef SY_OSC_SAVER_H
#define SY_OSC_SAVER_H

#include <pthread.h>
#include <stdbool.h>

#include "osc/text.h"

#define SY_SAVES_MAX 16 /* that can wait at a time */

typedef struct SySave SySave;

/* Called on the saver's thread when the file is written or could not be. */
typedef void SySavedFunc(SySave *save, SyStatus status, const SyError *error);

/* A file to write. Made by the asker, freed by its `done`. */
struct SySave {
    SySave *next;
    const char *path, *text; /* must live until `done` */
    size_t size;
    SySavedFunc *done;
};

typedef struct SySaver {
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    SySave *first, **last;
    int n;
    bool running, stop;
} SySaver;

/* Starts the thread. Returns SY_OK or SY_ERR_FAILED.  Thread: setup. */
SyStatus sy_saver_start(SySaver *saver);

/* Hands over a file to write. Returns SY_OK, or SY_ERR_BUSY when too many wait; the asker keeps it
 * then. Thread: any.  RT: no. */
SyStatus sy_saver_push(SySaver *saver, SySave *save);

/* Writes what waits, then ends the thread.  Thread: setup. */
void sy_saver_stop(SySaver *saver);

#endif
