/* The engine's side of a load; see loader.h for the talk and F1 to F3. */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

#include "engine/control_files.h"
#include "engine/zygote.h"

#define LOAD_WAIT_NS  30000000000 /* from asking to the end */
#define ZYGOTES_TRIED 3
#define PRESENT_WAIT_NS                                                                            \
    5000000000 /* after which a worker that still lacks pages plays all the same */

static void end_load(SyControl *control, SyStatus status, const char *text)
{
    SyFiles *files = control->files;

    files->state = SY_LOAD_ENDING;
    files->status = status;
    snprintf(files->text, sizeof(files->text), "%s", text);
}

static void answer(SyControl *control, SyLoaderAnswer answer)
{
    SyLoaderAsked *asked = &control->segment->loader_asked;

    atomic_store_explicit(&asked->answer, control->files->ticket << 2 | answer,
                          memory_order_release);
    sy_futex_wake(&asked->answer, 1);
}

static void ask(SyControl *control, uint32_t number)
{
    SyFiles *files = control->files;
    SyLoaderAsked *asked = &control->segment->loader_asked;
    SyLoaderTold *told = &control->segment->loader;
    const SyGraphFile *file = &control->graph->files[number];

    files->ticket = asked->ticket = asked->ticket % ((1u << 29) - 1) + 1;
    files->state = SY_LOAD_ASKED;
    files->file = number;
    files->found = SY_NONE;
    files->heard = SY_LOADER_NOTHING;
    asked->zygote = atomic_load(&control->segment->zygotes);
    files->place_at = files->place_bytes = 0;
    asked->type = file->type;
    memcpy(asked->path, file->path, sizeof(asked->path));
    atomic_store(&asked->answer, files->ticket << 2 | SY_LOADER_NO_ANSWER);
    atomic_store(&told->life, 0); /* the last one's end is not this one's */
    atomic_store(&told->stage, 0);
    atomic_store(&told->seat, files->ticket);
    atomic_store(&asked->wanted, files->ticket);
    sy_bell_ring(&control->segment->zygote_bell);
}

/* Who waits for a file that nobody will have hears of that too. */
static bool is_still_wanted(const SyControl *control, uint32_t number)
{
    return control->files->held_by[number] > 0 || sy_graph_uses_file(control->graph, number);
}

static uint32_t next_wanted(const SyControl *control)
{
    const SyGraph *graph = control->graph;
    uint32_t next = SY_NONE;

    for (uint32_t i = 0; i < graph->file_top; i++) {
        if (graph->files[i].state == SY_FILE_WANTED &&
            (next == SY_NONE || graph->files[i].order < graph->files[next].order)) {
            next = i;
        }
    }
    return next;
}

static void begin_next(SyControl *control)
{
    SyFiles *files = control->files;
    const uint32_t next = next_wanted(control);

    if (next == SY_NONE) {
        return;
    }
    if (!is_still_wanted(control, next)) {
        sy_files_settle(control, next, SY_ERR_UNKNOWN_MODULE, SY_NONE,
                        "the module was taken away before its file was read");
        return;
    }
    files->tries = 1;
    files->since_ns = sy_now_ns();
    ask(control, next);
}

/* The process has ended, or never began and now never will. */
static bool is_over(const SyControl *control)
{
    const SyFiles *files = control->files;
    SyLoaderAsked *asked = &control->segment->loader_asked;
    SyLoaderTold *told = &control->segment->loader;
    uint32_t ticket = files->ticket;

    if (atomic_load_explicit(&asked->ended, memory_order_acquire) == ticket) {
        return true;
    }
    if (asked->zygote == atomic_load(&control->segment->zygotes)) {
        return false;
    }
    /* F3: whether it had begun, the seat tells, and then its life word; one that was ended between
     * the two will not be heard of again. */
    uint32_t wanted = ticket;
    atomic_compare_exchange_strong(&asked->wanted, &wanted, 0);
    return atomic_compare_exchange_strong(&told->seat, &ticket, 0) ||
           sy_life_is_over(&told->life) ||
           (atomic_load(&told->life) == 0 && sy_now_ns() - files->since_ns > LOAD_WAIT_NS);
}

static void give_place_back(SyFiles *files)
{
    sy_arena_give(files->library, files->place_at, files->place_bytes);
    files->place_at = files->place_bytes = 0;
}

static void describe_end(const SyControl *control, char *text, size_t size)
{
    const int status = atomic_load(&control->segment->loader_asked.exit_status);
    const char *path = control->graph->files[control->files->file].path;

    if (status < 0) {
        snprintf(text, size, "%.150s is not read: no process for it: %s", path, strerror(-status));
    } else if (WIFSIGNALED(status) && WTERMSIG(status) == SIGXCPU) {
        snprintf(text, size, "%.150s takes too much computing to be read", path);
    } else if (WIFSIGNALED(status)) {
        const char *name = sigabbrev_np(WTERMSIG(status));
        snprintf(text, size, "%.150s cannot be read: the loader was ended by SIG%s", path,
                 name ? name : "?");
    } else {
        snprintf(text, size, "%.150s cannot be read: the loader ended with code %d", path,
                 WEXITSTATUS(status));
    }
}

/* Unless the file is there already, the loader goes on. */
static void hear_opened(SyControl *control)
{
    SyFiles *files = control->files;
    SyGraphFile *file = &control->graph->files[files->file];

    file->identity = control->segment->loader.identity;
    files->found = sy_graph_find_file(control->graph, file->type, file->path, &file->identity);
    if (files->found != SY_NONE) {
        end_load(control, SY_OK, "");
    }
    answer(control, files->found == SY_NONE ? SY_LOADER_GO : SY_LOADER_NEEDLESS);
}

static uint64_t whole_pages(uint64_t bytes)
{
    return (bytes + SY_PAGE - 1) & ~(uint64_t)(SY_PAGE - 1);
}

/* Pieces of whole pages, so that two files share none. */
static void hear_sized(SyControl *control)
{
    SyFiles *files = control->files;
    const uint64_t bytes = control->segment->loader.bytes;
    const uint64_t size = sy_arena_size(files->library);
    char text[256];

    const uint64_t at =
        bytes > 0 && bytes <= size ? sy_arena_take(files->library, whole_pages(bytes)) : 0;
    if (at == 0) {
        snprintf(
            text, sizeof(text),
            "%.150s needs %.0f MB, and there is no room for it; start synthd with more --files",
            control->graph->files[files->file].path, (double)bytes / 1048576.0);
        end_load(control, SY_ERR_MEMORY, text);
        answer(control, SY_LOADER_NEEDLESS);
        return;
    }
    files->place_at = control->segment->loader_asked.place_at = at;
    files->place_bytes = whole_pages(bytes);
    answer(control, SY_LOADER_PLACE);
}

/* F1: its words are its own. */
static void copy_text(const SyControl *control, char *text, size_t size)
{
    const char *told = control->segment->loader.text;
    snprintf(text, size, "%.*s", (int)sizeof(control->segment->loader.text) - 1, told);
}

static void hear_failed(SyControl *control)
{
    const int32_t status = control->segment->loader.status;
    char text[256];

    copy_text(control, text, sizeof(text));
    end_load(control, status > SY_OK && status < SY_STATUS_COUNT ? (SyStatus)status : SY_ERR_FILE,
             text);
}

static void hear_done(SyControl *control)
{
    char text[256];

    copy_text(control, text, sizeof(text));
    end_load(control, SY_OK, text);
}

/* Every stage is heard once, and in their order. */
static void listen(SyControl *control)
{
    SyFiles *files = control->files;
    const uint32_t word =
        atomic_load_explicit(&control->segment->loader.stage, memory_order_acquire);
    const uint32_t stage = word & 7;

    if (word >> 3 != files->ticket || stage == files->heard) {
        return;
    }
    const bool in_order = stage == files->heard + 1 || stage == SY_LOADER_FAILED;
    files->heard = stage;
    if (!in_order) {
        end_load(control, SY_ERR_FILE, "the loader makes no sense");
    } else if (stage == SY_LOADER_OPENED) {
        hear_opened(control);
    } else if (stage == SY_LOADER_SIZED) {
        hear_sized(control);
    } else if (stage == SY_LOADER_DONE) {
        hear_done(control);
    } else {
        hear_failed(control);
    }
}

/* What came of it without a word. */
static void look_for_end(SyControl *control)
{
    SyFiles *files = control->files;
    const SyLoaderAsked *asked = &control->segment->loader_asked;
    char text[256];

    if (is_over(control)) {
        if (atomic_load(&asked->ended) != files->ticket && files->tries < ZYGOTES_TRIED) {
            give_place_back(files);
            files->tries++;
            ask(control, files->file); /* F3 */
            return;
        }
        describe_end(control, text, sizeof(text));
        end_load(control, SY_ERR_FILE, text);
    } else if (sy_now_ns() - files->since_ns > LOAD_WAIT_NS) {
        snprintf(text, sizeof(text), "%.150s takes too long to be read",
                 control->graph->files[files->file].path);
        end_load(control, SY_ERR_TIMEOUT, text);
    }
}

/* A process that does not end by itself is ended. */
static void hasten_end(SyControl *control)
{
    SyLoaderAsked *asked = &control->segment->loader_asked;

    if (control->files->heard == SY_LOADER_DONE || control->files->status != SY_OK ||
        control->files->found != SY_NONE) {
        atomic_store(&asked->unwanted, control->files->ticket);
        sy_bell_ring(&control->segment->zygote_bell);
    }
}

static void raise_top(SyControl *control, uint64_t end)
{
    if (atomic_load(&control->segment->library_top) < end) {
        atomic_store(&control->segment->library_top, end);
        for (uint32_t i = 0; i < SY_WORKERS_MAX; i++) {
            sy_bell_ring(&control->segment->workers[i].doorbell);
        }
    }
}

/* F1 */
static void take_over(SyControl *control)
{
    SyFiles *files = control->files;
    const uint32_t number = files->file;

    if (number == SY_NONE) { /* an engine's before this one */
        files->state = SY_LOAD_IDLE;
        return;
    }
    if (files->status != SY_OK || files->found != SY_NONE) {
        give_place_back(files);
        files->state = SY_LOAD_IDLE;
        sy_files_settle(control, number, files->status, files->found, files->text);
        return;
    }
    SyGraphFile *file = &control->graph->files[number];
    file->at = files->place_at;
    file->bytes = files->place_bytes;
    file->state = SY_FILE_THERE;
    files->state = SY_LOAD_PRESENT;
    files->since_ns = sy_now_ns();
    raise_top(control, file->at + file->bytes);
}

static bool is_present(const SyControl *control)
{
    const uint64_t top = atomic_load(&control->segment->library_top);

    for (uint32_t i = 0; i < SY_WORKERS_MAX; i++) {
        if (sy_pool_is_ready(&control->pool, i) &&
            atomic_load(&control->segment->workers[i].library_to) < top) {
            return false;
        }
    }
    return true;
}

/* Whether the file may be named in a plan. */
static bool may_be_played(const SyControl *control)
{
    const SyFiles *files = control->files;

    if (is_present(control)) {
        return true;
    }
    if (sy_now_ns() - files->since_ns < PRESENT_WAIT_NS) {
        return false;
    }
    fprintf(stderr, "synthd: %s is not yet in the memory of every worker: it may be heard late\n",
            control->graph->files[files->file].path);
    return true;
}

void sy_files_load(SyControl *control)
{
    SyFiles *files = control->files;

    if (files->state == SY_LOAD_IDLE) {
        begin_next(control);
    }
    if (files->state == SY_LOAD_ASKED) {
        listen(control);
    }
    if (files->state == SY_LOAD_ASKED) {
        look_for_end(control);
    }
    if (files->state == SY_LOAD_ENDING) {
        if (is_over(control)) {
            take_over(control);
        } else {
            hasten_end(control);
        }
    }
    if (files->state == SY_LOAD_PRESENT && may_be_played(control)) {
        files->state = SY_LOAD_IDLE;
        sy_files_settle(control, files->file, SY_OK, files->file, files->text);
    }
}
