/* OSC 1.0 address patterns: ? * [a-z] [!x] {one,two}, which never reach across a slash. */
#ifndef SY_OSC_PATTERN_H
#define SY_OSC_PATTERN_H

#include <stdbool.h>
#include <stddef.h>

#define SY_PATTERN_NAME_MAX 63 /* bytes of a name; longer ones match nothing */

/* Whether there is anything in `text` that makes it a pattern rather than a name.
 * Thread: any.  RT: yes, bounded by length. */
bool sy_pattern_is(const char *text, size_t length);

/* Whether every bracket and brace of `pattern` is closed.  Thread: any.  RT: yes, bounded by
 * length. */
bool sy_pattern_valid(const char *pattern, size_t length);

/* Whether the pattern, one address part without slashes, matches the whole name. A pattern that is
 * not valid matches nothing.
 * Thread: any.  RT: yes, bounded by length of the pattern x length of the name, however many stars.
 */
bool sy_pattern_match(const char *pattern, size_t length, const char *name, size_t name_length);

/* The same for whole addresses, part by part: as many slashes on either side. Leading slashes are
 * optional.  Thread: any.  RT: yes, bounded likewise. */
bool sy_pattern_match_address(const char *pattern, const char *address);

#endif
