#include "osc/saver.h"

#include <string.h>

#include "engine/thread.h"
#include "osc/patch.h"

/* The next file to write, or NULL when it is over. */
static SySave *take(SySaver *saver)
{
    pthread_mutex_lock(&saver->lock);
    while (!saver->first && !saver->stop) {
        pthread_cond_wait(&saver->changed, &saver->lock);
    }
    SySave *save = saver->first;
    if (save) {
        saver->first = save->next;
        saver->last = saver->first ? saver->last : &saver->first;
        saver->n--;
    }
    pthread_mutex_unlock(&saver->lock);
    return save;
}

static void *run(void *user)
{
    SySave *save;
    while ((save = take(user)) != NULL) {
        SyError error = {""};
        const SyStatus status = sy_patch_write(save->path, save->text, save->size, &error);
        save->done(save, status, &error);
    }
    return NULL;
}

SyStatus sy_saver_start(SySaver *saver)
{
    memset(saver, 0, sizeof *saver);
    pthread_mutex_init(&saver->lock, NULL);
    pthread_cond_init(&saver->changed, NULL);
    saver->last = &saver->first;
    saver->running = sy_thread_start(&saver->thread, "sy-save", run, saver) == 0;
    return saver->running ? SY_OK : SY_ERR_FAILED;
}

SyStatus sy_saver_push(SySaver *saver, SySave *save)
{
    pthread_mutex_lock(&saver->lock);
    const bool room = saver->running && !saver->stop && saver->n < SY_SAVES_MAX;
    if (room) {
        save->next = NULL;
        *saver->last = save;
        saver->last = &save->next;
        saver->n++;
        pthread_cond_signal(&saver->changed);
    }
    pthread_mutex_unlock(&saver->lock);
    return room ? SY_OK : SY_ERR_BUSY;
}

void sy_saver_stop(SySaver *saver)
{
    if (!saver->running) {
        return;
    }
    pthread_mutex_lock(&saver->lock);
    saver->stop = true;
    pthread_cond_signal(&saver->changed);
    pthread_mutex_unlock(&saver->lock);
    pthread_join(saver->thread, NULL);
    saver->running = false;
}
