/* Files on their way to modules; for engine/control*.c only.
 *
 *     control_files.c       which files there are, and when one goes
 *     control_loader.c      asks the loader for one after the other, and believes it nothing
 *     control_file_edits.c  what is done when a file is there, or is not to be had
 *     control_file_hold.c   transactions that wait as a whole
 *
 * An edit that names a file is carried out at once: the module is there and can be patched, silent
 * until its file is loaded. Then it is replaced by itself with the file, as if it had been
 * destroyed and made again with its parameters and cables, whose fades are the path that does not
 * click; and only then the edit is answered. If it cannot be loaded, a module that was made for it
 * goes again, and one that had another keeps that.
 *
 * A patch that is loaded is different: it replaces all or nothing, so it waits as a whole until all
 * its files are there, and what comes meanwhile is done first, to the patch that is still playing.
 */
#ifndef SY_ENGINE_CONTROL_FILES_H
#define SY_ENGINE_CONTROL_FILES_H

#include "engine/control_edit.h"
#include "engine/loader.h"

/* A command whose answer waits for a file. */
typedef struct SyFileWait {
    SyTransaction *transaction;
    size_t index;
    uint32_t file;
    SyModuleRef module;
    SyOutcome outcome; /* create: as it was carried out */
} SyFileWait;

/* What became of a file, or of a module that was to have it. */
typedef struct SyFileResult {
    SyStatus status;
    char text[256];
} SyFileResult;

/* A transaction that waits for its files before it is carried out. */
typedef struct SyFileHeld {
    SyTransaction *transaction;
    uint32_t *files; /* [n_commands], SY_NONE where there is none */
    size_t n_missing;
    ptrdiff_t culprit; /* command whose file could not be loaded, or -1 */
    SyStatus status;
    char text[256];
} SyFileHeld;

typedef enum SyLoadState {
    SY_LOAD_IDLE,
    SY_LOAD_ASKED,
    SY_LOAD_ENDING,  /* it is known what has become of it; the process has yet to end */
    SY_LOAD_PRESENT, /* loaded: its pages have yet to be present to all workers */
} SyLoadState;

typedef struct SyFiles {
    SyArena *library;

    /* The load in hand. */
    SyLoadState state;
    uint32_t file, ticket, tries, heard; /* heard: SyLoaderStage */
    int64_t since_ns;
    uint64_t place_at, place_bytes;
    bool succeeded;
    uint32_t found; /* the same file, there already; or SY_NONE */
    SyStatus status;
    char text[256];

    uint64_t leaving[SY_FILES_MAX]; /* serial of the first plan that no module with it is in; 0 */
    uint32_t held_by[SY_FILES_MAX]; /* held transactions that name it */
    SyFileWait *waits;              /* [n_waits] in the order of their edits */
    size_t n_waits, waits_room;
    SyFileHeld **held; /* [n_held] */
    size_t n_held, held_room;
} SyFiles;

/* Returns NULL without memory.  Thread: setup. */
SyFiles *sy_files_new(const SySegment *segment);
void sy_files_free(SyFiles *files);

/* Releases the transactions that still wait, at the end. */
void sy_files_release(SyFiles *files);

/* Takes up what an engine that died has left in the graph and in the library. */
void sy_files_resume(SyControl *control);

/* Whether something is under way that has to be looked at often. */
bool sy_files_are_busy(const SyControl *control);

/* Asks for a file. Returns its number, or SY_NONE when there are too many. */
uint32_t sy_files_want(SyControl *control, uint16_t type, const char *path);

/* What is wrong with a path, or NULL. */
const char *sy_files_wrong_with(const SyModule *type, const char *path);

/* Lets go of files that no module has any more, once no plan that names them is read. */
void sy_files_give_back(SyControl *control);

/* control_loader.c: takes the load in hand one step further, or begins the next. */
void sy_files_load(SyControl *control);

/* control_file_hold.c. */

/* Whether a transaction has to wait for files; then it has been put aside, or answered. */
bool sy_files_hold(SyControl *control, SyTransaction *transaction);

/* A file is there, or is not to be had. */
void sy_files_settle_held(SyControl *control, uint32_t file, uint32_t found,
                          const SyFileResult *loaded);

/* Carries out what waits for nothing any more. */
void sy_files_let_go(SyControl *control);

/* control_file_edits.c. */

/* Remembers a command that is to be answered later. Returns false without memory. */
bool sy_files_wait(SyEdit *edit, size_t index);

/* A file is there (`found` is its number), or could not be loaded: everybody who waited for `file`
 * hears of it. `text`: why not, or a remark, or "". */
void sy_files_settle(SyControl *control, uint32_t file, SyStatus status, uint32_t found,
                     const char *text);

#endif
