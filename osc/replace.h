/* Files that are written whole or not at all: beside the one that is there, whose name the new one
 * takes when it is complete. */
#ifndef SY_OSC_REPLACE_H
#define SY_OSC_REPLACE_H

#include <limits.h>
#include <stdbool.h>

#include "osc/text.h"

typedef struct SyReplace {
    char path[PATH_MAX]; /* what is to be replaced; a symbolic link stays one */
    char beside[PATH_MAX];
    int fd; /* to write to, between open and close */
} SyReplace;

/* Says what the system refused, by errno. Returns SY_ERR_PERMISSION or SY_ERR_FILE.
 * Thread: any.  RT: no. */
SyStatus sy_file_problem(SyError *error, const char *what, const char *path);

/* Finds out what `path` stands for. Nothing need be there. Returns SY_OK or as sy_file_problem().
 * Thread: any.  RT: no. */
SyStatus sy_replace_find(SyReplace *replace, const char *path, SyError *error);

/* Begins a new file beside it. Returns SY_OK or as sy_file_problem().  Thread: any.  RT: no. */
SyStatus sy_replace_open(SyReplace *replace, SyError *error);

/* Ends it. If all was `written`, and the disk has it, it takes the name; or else it goes, with
 * errno as the reason. Returns SY_OK or as sy_file_problem().  Thread: any.  RT: no. */
SyStatus sy_replace_close(SyReplace *replace, bool written, SyError *error);

#endif
