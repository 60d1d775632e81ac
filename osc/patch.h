/* Patch files: a list of lines as synthctl reads them, with # comments.
 *
 *     create vco --id 1 --freq 110
 *     create out --id 1
 *     create convolver --id 1 --file "halls/large.wav"
 *     connect vco/1/saw out/1/left --gain 0.2
 *
 * A path that does not begin with / counts from the patch's folder.
 *
 * A patch describes the whole: what it does not name goes when it is loaded. */
#ifndef SY_OSC_PATCH_H
#define SY_OSC_PATCH_H

#include "engine/command.h"
#include "osc/route.h"

#define SY_PATCH_SIZE_MAX (16u << 20) /* bytes of a patch file */

/* Reads a patch's text (`size` bytes, need not be terminated) into commands with their line
 * numbers. Returns SY_OK, or the SyStatus of the first line that is wrong, with "line 3: why" in
 * `error`: SY_ERR_SYNTAX for what is no create, connect, set or note line, SY_ERR_UNKNOWN_MODULE
 * for a module that no line before has created, SY_ERR_ID_IN_USE for one created twice, and those
 * of sy_route(). `list` is then empty. Thread: any.  RT: no. */
SyStatus sy_patch_parse(const char *text, size_t size, SyCommandList *list, SyError *error);

/* Reads a patch file into a transaction that replaces the whole patch or refuses as a whole. The
 * caller owns it until the engine takes it, may set .answer and .user, and frees it by .release.
 * Returns SY_OK; SY_ERR_FILE if it cannot be read, is no regular file, or is too large;
 * SY_ERR_MEMORY; or the errors of sy_patch_parse() with the path in front. `error` has room for
 * error_size bytes. Thread: any.  RT: no. */
SyStatus sy_patch_read(const char *path, SyTransaction **out, char *error, size_t error_size);

/* Makes a transaction of `text[size]`, as sy_patch_read() does: of a whole patch (sy_patch_parse),
 * or else of edits (sy_edits_parse), which go on from the patch there is and of which each is
 * carried out or refused by itself. Returns SY_OK; SY_ERR_MEMORY; or their errors. Thread: any. RT:
 * no. */
SyStatus sy_patch_transaction(const char *text, size_t size, bool whole, SyTransaction **out,
                              char *error, size_t error_size);

/* Reads the commands alone, as sy_patch_read() does. */
SyStatus sy_patch_read_commands(const char *path, SyCommandList *list, SyError *error);

/* Writes a patch as text: modules by type and id, then cables by where they end; only what differs
 * from the defaults; files by their whole paths. Reading the text back gives the same patch. The
 * caller frees the text. Returns NULL when out of memory.  Thread: any.  RT: no. */
char *sy_patch_format(const SyGraphView *graph, size_t *size);

/* The same for a file in `folder`: files of modules that lie in or below it are named from there.
 */
char *sy_patch_format_in(const SyGraphView *graph, const char *folder, size_t *size);

/* Writes a text to a file: the file is there whole or as it was before, even if the power fails. A
 * file that is not a patch is not overwritten. Returns SY_OK, SY_ERR_FILE with the reason, or
 * SY_ERR_PERMISSION.  Thread: any.  RT: no. */
SyStatus sy_patch_write(const char *path, const char *text, size_t size, SyError *error);

#endif
