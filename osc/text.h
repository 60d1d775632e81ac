/* Texts for a person: errors, and hints at what was meant. */
#ifndef SY_OSC_TEXT_H
#define SY_OSC_TEXT_H

#include <stddef.h>

#include "engine/status.h"

#define SY_NAMES_MAX 64 /* names that one hint can choose from */

/* One error's text. Too long ones are cut. */
typedef struct SyError {
    char text[480];
} SyError;

/* Writes what went wrong and hands `status` on, so that a function can return it.
 * `error` may be NULL.  Thread: any.  RT: no. */
SyStatus sy_problem(SyError *error, SyStatus status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* The same, put in front of the text that is there already: "line 3: " + text.
 * Thread: any.  RT: no. */
void sy_problem_prefix(SyError *error, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Copies an error's text to a caller who has it as bytes. `text` may be NULL if size is 0. */
void sy_problem_copy(const SyError *error, char *text, size_t size);

/* The names that a hint can offer; those past SY_NAMES_MAX are forgotten. */
typedef struct SyNames {
    const char *names[SY_NAMES_MAX];
    size_t n;
} SyNames;

/* Adds a name, which the caller keeps alive. */
void sy_names_add(SyNames *list, const char *name);

/* The name that `word` (of `length` bytes, not terminated) most likely meant, or NULL if none is
 * near: at most one typing error in three letters. Source: Damerau, "A technique for computer
 * detection and correction of spelling errors" (1964), in the restricted form that changes no
 * letter twice.  Thread: any.  RT: no. */
const char *sy_names_nearest(const SyNames *list, const char *word, size_t length);

/* Writes "did you mean 'a'? there are: a, b, c", or only its second half, or "there are none".
 * Thread: any.  RT: no. */
void sy_names_hint(const SyNames *list, const char *word, size_t length, char *text, size_t size);

#endif
