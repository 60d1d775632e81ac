/* Edits: a transaction's commands as text, and back; what the journal keeps between two whole
 * patches.
 *
 *     set vco/1/freq 110
 *     disconnect vco/1/saw out/1/left
 *     destroy out/1
 *
 * A patch describes the whole; edits go on from a patch that is there. */
#ifndef SY_OSC_EDITS_H
#define SY_OSC_EDITS_H

#include "engine/command.h"
#include "osc/route.h"

/* Writes commands that have changed the patch, in their order, a line each: create, destroy,
 * connect, disconnect, set and clear; the others change no patch and give no line. They must have
 * been in order once: types, ports and parameters that there are, values that are finite. The text
 * does not tell whether the transaction replaced the patch: one that did is told by
 * sy_patch_format() instead. The caller frees the text, which is terminated; it can be empty.
 * Returns NULL when out of memory.  Thread: any.  RT: no. */
char *sy_edits_format(const SyCommand *commands, size_t n, size_t *size);

/* Reads edits back: the same commands, with their line numbers. Returns as sy_patch_parse() does,
 * but takes destroy, disconnect and clear lines too, and leaves it to the engine whether a module
 * is there. So a create line must have its --id (SY_ERR_USAGE), and a pattern matches nothing.
 * Thread: any.  RT: no. */
SyStatus sy_edits_parse(const char *text, size_t size, SyCommandList *list, SyError *error);

#endif
