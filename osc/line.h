/* A line as a person writes it, in a patch file or on a command line, becomes a message:
 *
 *     create vco --id 1 --freq 110 --voices 8     /create "vco" 1 "freq" 110 "voices" 8
 *     connect vco/1/saw vcf/1/in --gain 0.5       /connect "vco/1/saw" "vcf/1/in" 0.5
 */
#ifndef SY_OSC_LINE_H
#define SY_OSC_LINE_H

#include "osc/message.h"
#include "osc/text.h"

#define SY_WORDS_MAX 64 /* words of one line */

/* Cuts `line` in place into words at blanks. Double quotes keep blanks together; a # that begins a
 * word begins a comment. The words point into `line`.
 * Returns SY_OK, or SY_ERR_SYNTAX: a quote that is not closed, or too many words.
 * Thread: any.  RT: no. */
SyStatus sy_line_split(char *line, char *words[SY_WORDS_MAX], size_t *n_words, SyError *error);

/* Room for a message made of words. */
typedef struct SyLine {
    SyMessage message; /* points to what is below and to the words */
    char address[24];
    SyArg args[SY_ARGS_MAX];
} SyLine;

/* Whether words beginning with `verb` can become a message. */
int sy_line_knows(const char *verb);

/* Makes a message of words: the verb, what it is about, and options (--name value or --name=value).
 * All optional arguments of connect, note and workers are filled in, so that a request number can
 * follow. The words may be cut further and must outlive `line`.
 * Returns SY_OK, or SY_ERR_USAGE: no such verb, a word too many or too few, an option that the verb
 * does not have. Names and values are not judged here; sy_route() does that.
 * Thread: any.  RT: no. */
SyStatus sy_line_message(char *const *words, size_t n_words, SyLine *line, SyError *error);

#endif
