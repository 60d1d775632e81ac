#include "engine/control_files.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

SyFiles *sy_files_new(const SySegment *segment)
{
    SyFiles *files = calloc(1, sizeof(*files));

    if (files) {
        files->library = sy_arena_new(segment->library_at, segment->size - segment->library_at);
    }
    if (!files || !files->library) {
        free(files);
        return NULL;
    }
    return files;
}

/* A transaction with several waits is released once. */
void sy_files_release(SyFiles *files)
{
    for (size_t i = 0; i < files->n_waits; i++) {
        SyTransaction *transaction = files->waits[i].transaction;
        bool is_last = transaction != NULL;
        for (size_t k = i + 1; k < files->n_waits; k++) {
            is_last &= files->waits[k].transaction != transaction;
        }
        if (is_last) {
            transaction->release(transaction);
        }
    }
    for (size_t i = 0; i < files->n_held; i++) {
        files->held[i]->transaction->release(files->held[i]->transaction);
        free(files->held[i]->files);
        free(files->held[i]);
    }
    files->n_waits = files->n_held = 0;
}

void sy_files_free(SyFiles *files)
{
    if (files) {
        free(files->waits);
        free(files->held);
        sy_arena_free(files->library);
        free(files);
    }
}

/* Who waited for an answer is gone with the engine; modules that want a file still do. A loader
 * that is still at work is told to end, and waited for. */
void sy_files_resume(SyControl *control)
{
    SyFiles *files = control->files;
    SyGraph *graph = control->graph;
    SyLoaderAsked *asked = &control->segment->loader_asked;

    for (uint32_t i = graph->file_top; i-- > 0;) {
        SyGraphFile *file = &graph->files[i];
        if (file->state == SY_FILE_THERE) {
            sy_arena_claim(files->library, file->at, file->bytes);
        } else if (file->state == SY_FILE_WANTED && !sy_graph_uses_file(graph, i)) {
            sy_graph_remove_file(graph, i);
        }
    }
    if (asked->ticket != 0 && atomic_load(&asked->ended) != asked->ticket) {
        files->state = SY_LOAD_ENDING;
        files->file = files->found = SY_NONE;
        files->ticket = asked->ticket;
        files->since_ns = sy_now_ns();
        atomic_store(&asked->unwanted, asked->ticket);
        sy_bell_ring(&control->segment->zygote_bell);
    }
}

bool sy_files_are_busy(const SyControl *control)
{
    const SyFiles *files = control->files;

    if (files->state != SY_LOAD_IDLE) {
        return true;
    }
    for (uint32_t i = 0; i < control->graph->file_top; i++) {
        if (control->graph->files[i].state == SY_FILE_WANTED || files->leaving[i] != 0) {
            return true;
        }
    }
    return false;
}

const char *sy_files_wrong_with(const SyModule *type, const char *path)
{
    if (!type->file) {
        return "takes no file";
    }
    if (path[0] != '/') {
        return "needs a file's whole path, from / on";
    }
    if (strpbrk(path, "\"\n")) { /* no patch could name it */
        return "cannot take a path with a double quote or a line's end in it";
    }
    return strlen(path) >= SY_PATH_MAX ? "cannot take a path that is so long" : NULL;
}

uint32_t sy_files_want(SyControl *control, uint16_t type, const char *path)
{
    const SyFiles *files = control->files;
    SyGraph *graph = control->graph;

    for (uint32_t i = 0; i < graph->file_top; i++) {
        const SyGraphFile *file = &graph->files[i];
        const bool has_begun = files->state != SY_LOAD_IDLE && files->file == i;
        if (file->state == SY_FILE_WANTED && !has_begun && file->type == type &&
            strcmp(file->path, path) == 0) {
            return i;
        }
    }
    return sy_graph_add_file(graph, type, path);
}

/* The last plan that was put down is of the graph as it is now, unless the graph has changed since.
 */
static uint64_t first_plan_without(const SyControl *control)
{
    return control->dirty ? sy_control_next_serial(control) : control->serial;
}

void sy_files_give_back(SyControl *control)
{
    SyFiles *files = control->files;
    SyGraph *graph = control->graph;
    const uint64_t adopted = atomic_load_explicit(&control->audio->adopted, memory_order_seq_cst);

    for (uint32_t i = graph->file_top; i-- > 0;) {
        const SyGraphFile *file = &graph->files[i];
        /* What is about to be given to a module: just read, or found to be there already. */
        const bool is_due = (files->state == SY_LOAD_PRESENT && files->file == i) ||
                            (files->state != SY_LOAD_IDLE && files->found == i);
        if (file->state != SY_FILE_THERE || is_due || files->held_by[i] > 0 ||
            sy_graph_uses_file(graph, i)) {
            files->leaving[i] = 0;
        } else if (files->leaving[i] == 0) {
            files->leaving[i] = first_plan_without(control);
        } else if (adopted >= files->leaving[i] &&
                   sy_pool_is_past(&control->pool, files->leaving[i])) {
            files->leaving[i] = 0;
            sy_arena_give(files->library, file->at, file->bytes);
            sy_graph_remove_file(graph, i);
            sy_control_write_books(control);
        }
    }
}
