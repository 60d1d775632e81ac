#include "engine/books.h"

#include <string.h>
#include <sys/mman.h>

SyBooks *sy_books_map(void)
{
    void *books =
        mmap(NULL, sizeof(SyBooks), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    return books == MAP_FAILED ? NULL : books;
}

void sy_books_unmap(SyBooks *books)
{
    if (books) {
        munmap(books, sizeof(*books));
    }
}

/* Slots are not held any more: nothing is made before the plan that held them is past. The index
 * is made anew by who reads it. */
static void copy_graph(SyGraph *to, const SyGraph *from)
{
    to->n_modules = from->n_modules;
    to->n_cables = from->n_cables;
    to->module_top = from->module_top;
    to->cable_top = from->cable_top;
    to->next_order = from->next_order;
    memcpy(to->modules, from->modules, from->module_top * sizeof(from->modules[0]));
    memcpy(to->cables, from->cables, from->cable_top * sizeof(from->cables[0]));
    /* So that none is left of what the copy had before, for these have holes. */
    const uint32_t file_top = to->file_top > from->file_top ? to->file_top : from->file_top;
    memcpy(to->files, from->files, file_top * sizeof(from->files[0]));
    to->file_top = from->file_top;
}

void sy_books_write(SyBooks *books, const SyGraph *graph, uint64_t serial)
{
    const uint32_t next = atomic_load_explicit(&books->current, memory_order_relaxed) == 1 ? 1 : 0;

    copy_graph(&books->copies[next].graph, graph);
    books->copies[next].serial = serial;
    atomic_store_explicit(&books->current, 1 + next, memory_order_release);
}

bool sy_books_read(const SyBooks *books, SyGraph *graph, uint64_t *serial)
{
    const uint32_t current = atomic_load_explicit(&books->current, memory_order_acquire);

    if (current == 0) {
        return false;
    }
    const SyBook *book = &books->copies[(current - 1) & 1];
    copy_graph(graph, &book->graph);
    sy_graph_index_make(graph);
    *serial = book->serial;
    return true;
}
