/* The loader: a process that makes of an audio file what a module reads.
 *
 *     loader.c         the process: from the path to the answer
 *     loader_decode.c  the file's frames, by libsndfile and libsamplerate
 *     loader_walls.c   what the process can do and touch once the file is open: next to nothing
 *
 * Files come from anywhere, and who reads them may crash, hang, or be led astray. So that is done
 * by a process of its own, forked by the zygote for each load, which opens the file and then shuts
 * itself in: no other file, no socket, no program, no memory that others write, 20 s of CPU time.
 * Its end, however it comes, costs nothing but that load.
 *
 * Engine and loader talk over two pages of the segment, each written by one side:
 *
 *     engine                            loader
 *     wanted (the zygote forks)    -->
 *                                  <--  OPENED, with the file's identity
 *     GO, or NEEDLESS: it is there -->
 *                                  <--  SIZED, with the bytes it will write
 *     PLACE, or NO_ROOM            -->
 *                                  <--  DONE, and it ends
 *
 * or FAILED at any time. Numbered as cited in the code:
 *   F1  whatever the loader says is checked, and holds only when its process has ended: then nobody
 *       writes to the place any more
 *   F2  all words carry the load's ticket, and one loader can begin with a ticket (`seat`), so one
 *       that was given up for lost is not heard
 *   F3  it dies with its zygote; the engine then asks the next one, with a new ticket */
#ifndef SY_ENGINE_LOADER_H
#define SY_ENGINE_LOADER_H

#include "engine/worker.h"

typedef enum SyLoaderStage {
    SY_LOADER_NOTHING,
    SY_LOADER_OPENED,
    SY_LOADER_SIZED,
    SY_LOADER_DONE,
    SY_LOADER_FAILED,
} SyLoaderStage;

typedef enum SyLoaderAnswer {
    SY_LOADER_GO,
    SY_LOADER_NEEDLESS, /* it is there already, or there is no room: end */
    SY_LOADER_PLACE,
    SY_LOADER_NO_ANSWER,
} SyLoaderAnswer;

#define SY_FILE_CHANNELS_MAX 16

/* A whole file in the caller's memory. */
typedef struct SyDecoded {
    SyFileAudio audio;
    float *channels[SY_FILE_CHANNELS_MAX];
} SyDecoded;

/* Lives as the loader for one ticket. Returns an exit code.  Thread: loader.  RT: no. */
int sy_loader_run(SySegment *segment, uint32_t ticket, const SyWorkerTables *tables);

/* Reads the audio of an open file, up to wish->frames_max frames, at `rate` if the module wants
 * that. Returns SY_OK, with a remark in `text` if something is left out, or SY_ERR_FILE or
 * SY_ERR_MEMORY with a sentence that goes on after the file's name. The memory is the process's,
 * which is about to end.  Thread: loader.  RT: no. */
SyStatus sy_loader_decode(int fd, const SyModuleFile *wish, double rate, SyDecoded *decoded,
                          char *text, size_t text_size);

/* Puts up the walls: from then on the process can read from `fd` and use memory of its own, and of
 * the segment it has the two pages of the loader and, unreadable yet, the library. Does nothing
 * where workers are threads. Returns 0 or an errno.  Thread: loader.  RT: no. */
int sy_loader_walls(SySegment *segment, int fd);

/* Opens [at, at + bytes) of the library, whole pages, for writing. Returns 0 or an errno.
 * Thread: loader.  RT: no. */
int sy_loader_open_place(SySegment *segment, uint64_t at, uint64_t bytes);

/* Makes the walls' filter, as sy_cage_build().  Thread: zygote, at its start.  RT: no. */
int sy_loader_walls_build(void);

#endif
