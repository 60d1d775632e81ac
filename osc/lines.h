/* A text of many lines becomes commands: what patches (patch.c) and edits (edits.c) share. They
 * differ in the verbs they take and in what they want to know of the modules that a line names. */
#ifndef SY_OSC_LINES_H
#define SY_OSC_LINES_H

#include "osc/line.h"
#include "osc/route.h"

/* What a kind of text asks of its lines. The functions return SY_OK, or an error with its text. */
typedef struct SyLines {
    const char *const *verbs; /* that a line may begin with; the last is NULL */
    const char *has;          /* said of another verb: "... does not belong in `has`" */
    SyWorld world;
    /* Judges a message before it is routed. */
    SyStatus (*before)(const SyWorld *world, const SyMessage *message, SyError *error);
    /* Judges a command that a line has made. */
    SyStatus (*after)(const SyWorld *world, const SyCommand *command, SyError *error);
} SyLines;

/* Reads `text[size]`, which need not be terminated, into commands with their line numbers. Returns
 * SY_OK, or the SyStatus of the first line that is wrong, with "line 3: why" in `error`;
 * SY_ERR_SYNTAX for a text with a zero byte; SY_ERR_MEMORY. `list` is then empty.
 * Thread: any.  RT: no. */
SyStatus sy_lines_parse(const SyLines *lines, const char *text, size_t size, SyCommandList *list,
                        SyError *error);

#endif
