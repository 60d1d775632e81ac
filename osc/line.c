#include "osc/line.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == '\v' || c == '\f';
}

/* Ends the word at `at` and returns what follows it. Quotes are taken out; NULL if one stays open.
 */
static char *cut_word(char *at)
{
    char *write = at;
    bool quoted = false;
    for (; *at != '\0' && (quoted || !is_blank(*at)); at++) {
        if (*at == '"') {
            quoted = !quoted;
        } else {
            *write++ = *at;
        }
    }
    char *next = *at == '\0' ? at : at + 1;
    *write = '\0';
    return quoted ? NULL : next;
}

SyStatus sy_line_split(char *line, char *words[SY_WORDS_MAX], size_t *n_words, SyError *error)
{
    *n_words = 0;
    for (;;) {
        while (is_blank(*line)) {
            line++;
        }
        if (*line == '\0' || *line == '#') {
            return SY_OK;
        }
        if (*n_words == SY_WORDS_MAX) {
            return sy_problem(error, SY_ERR_SYNTAX, "more than %d words", SY_WORDS_MAX);
        }
        words[(*n_words)++] = line;
        line = cut_word(line);
        if (!line) {
            return sy_problem(error, SY_ERR_SYNTAX, "a double quote is not closed");
        }
    }
}

typedef struct Verb {
    const char *name;
    int min, max; /* words without a dash that follow it */
    const char *usage;
} Verb;

static const Verb verbs[] = {
    {"create", 1, 1, "create TYPE [--id N] [--voices N] [--PARAMETER VALUE]... [--file PATH]"},
    {"destroy", 1, 1, "destroy MODULE"},
    {"revive", 1, 1, "revive MODULE"},
    {"connect", 2, 2, "connect OUTPUT INPUT [--gain G]"},
    {"disconnect", 2, 2, "disconnect OUTPUT INPUT"},
    {"set", 2, 2, "set PARAMETER VALUE"},
    {"get", 1, 1, "get PARAMETER"},
    {"note", 2, 3, "note MODULE NOTE [VELOCITY]"},
    {"clear", 0, 0, "clear"},
    {"workers", 0, 1, "workers [N]"},
};

static const Verb *find_verb(const char *name)
{
    for (size_t i = 0; i < sizeof verbs / sizeof verbs[0]; i++) {
        if (strcmp(verbs[i].name, name) == 0) {
            return &verbs[i];
        }
    }
    return NULL;
}

int sy_line_knows(const char *verb)
{
    return find_verb(verb) != NULL;
}

/* What the words of a line hold. */
typedef struct Words {
    const Verb *verb;
    char *plain[3];
    int n_plain;
    struct {
        const char *name;
        const char *value;
    } options[SY_WORDS_MAX];
    size_t n_options;
} Words;

/* "-3" is a number and "-" a word; "--x" is an option. */
static bool is_option(const char *word)
{
    return word[0] == '-' && word[1] == '-';
}

static SyStatus take_option(Words *words, char *const *list, size_t n, size_t *i, SyError *error)
{
    char *name = list[*i] + 2;
    char *equals = strchr(name, '=');
    const char *value;
    if (equals) {
        *equals = '\0';
        value = equals + 1;
    } else if (*i + 1 < n) {
        value = list[++*i];
    } else {
        return sy_problem(error, SY_ERR_USAGE, "--%.40s needs a value; usage: %s", name,
                          words->verb->usage);
    }
    words->options[words->n_options].name = name;
    words->options[words->n_options++].value = value;
    return SY_OK;
}

static SyStatus sort_words(char *const *list, size_t n, Words *words, SyError *error)
{
    for (size_t i = 1; i < n; i++) {
        if (is_option(list[i])) {
            const SyStatus status = take_option(words, list, n, &i, error);
            if (status != SY_OK) {
                return status;
            }
        } else if (words->n_plain < words->verb->max) {
            words->plain[words->n_plain++] = list[i];
        } else {
            return sy_problem(error, SY_ERR_USAGE, "'%.40s' is one word too many; usage: %s",
                              list[i], words->verb->usage);
        }
    }
    if (words->n_plain < words->verb->min) {
        return sy_problem(error, SY_ERR_USAGE, "a word is missing; usage: %s", words->verb->usage);
    }
    return SY_OK;
}

static void add(SyLine *line, SyArg arg)
{
    line->args[line->message.n_args++] = arg;
}

static void add_word(SyLine *line, const char *word)
{
    add(line, (SyArg){.type = 's', .s = word});
}

/* A number if it reads as one, else a word: a parameter's choices have names. */
static void add_value(SyLine *line, const char *word)
{
    char *end;
    const float value = strtof(word, &end);
    if (end != word && *end == '\0') {
        add(line, (SyArg){.type = 'f', .f = value});
    } else {
        add_word(line, word);
    }
}

static const char *take_named(Words *words, const char *name)
{
    for (size_t i = 0; i < words->n_options; i++) {
        if (words->options[i].name && strcmp(words->options[i].name, name) == 0) {
            words->options[i].name = NULL;
            return words->options[i].value;
        }
    }
    return NULL;
}

static SyStatus no_more_options(const Words *words, SyError *error)
{
    for (size_t i = 0; i < words->n_options; i++) {
        if (words->options[i].name) {
            return sy_problem(error, SY_ERR_USAGE, "%s has no option --%.40s; usage: %s",
                              words->verb->name, words->options[i].name, words->verb->usage);
        }
    }
    return SY_OK;
}

static SyStatus create_args(Words *words, SyLine *line, SyError *error)
{
    const char *id = take_named(words, "id");
    char *type = words->plain[0] + (words->plain[0][0] == '/');
    char *slash = strchr(type, '/');
    if (!id && slash) { /* create vco/1 is create vco --id 1 */
        *slash = '\0';
        id = slash + 1;
    }
    add_word(line, type);
    add_value(line, id ? id : "-1");
    if (2 + 2 * words->n_options >= SY_ARGS_MAX) {
        return sy_problem(error, SY_ERR_USAGE, "too many options");
    }
    for (size_t i = 0; i < words->n_options; i++) {
        if (words->options[i].name) {
            add_word(line, words->options[i].name);
            if (strcmp(words->options[i].name, "file") == 0) { /* whatever it is called */
                add_word(line, words->options[i].value);
            } else {
                add_value(line, words->options[i].value);
            }
        }
    }
    return SY_OK;
}

static SyStatus connect_args(Words *words, SyLine *line, SyError *error)
{
    const char *gain = take_named(words, "gain");
    add_word(line, words->plain[0]);
    add_word(line, words->plain[1]);
    add_value(line, gain ? gain : "1");
    return no_more_options(words, error);
}

static bool ends_with(const char *word, const char *end)
{
    const size_t n_word = strlen(word), n_end = strlen(end);
    return n_word >= n_end && strcmp(word + n_word - n_end, end) == 0;
}

/* Addresses first, then values; a file's path is a word, whatever it is called. */
static SyStatus other_args(Words *words, SyLine *line, SyError *error)
{
    const bool ends = strcmp(words->verb->name, "disconnect") == 0;
    const bool workers = strcmp(words->verb->name, "workers") == 0;
    const bool path = strcmp(words->verb->name, "set") == 0 && ends_with(words->plain[0], "/file");
    for (int i = 0; i < words->n_plain; i++) {
        if (workers || (i > 0 && !ends && !path)) {
            add_value(line, words->plain[i]);
        } else {
            add_word(line, words->plain[i]);
        }
    }
    if (strcmp(words->verb->name, "note") == 0 && words->n_plain == 2) {
        add_value(line, "100");
    }
    if (workers && words->n_plain == 0) {
        add_value(line, "0");
    }
    return no_more_options(words, error);
}

SyStatus sy_line_message(char *const *words, size_t n_words, SyLine *line, SyError *error)
{
    static char nothing[] = "";
    Words sorted = {.verb = n_words > 0 ? find_verb(words[0]) : NULL,
                    .plain = {nothing, nothing, nothing}};
    if (!sorted.verb) {
        SyNames names = {.n = 0};
        char hint[240];
        const char *word = n_words > 0 ? words[0] : "";
        for (size_t i = 0; i < sizeof verbs / sizeof verbs[0]; i++) {
            sy_names_add(&names, verbs[i].name);
        }
        sy_names_hint(&names, word, strlen(word), hint, sizeof hint);
        return sy_problem(error, SY_ERR_USAGE, "no verb '%.40s'; %s", word, hint);
    }
    snprintf(line->address, sizeof line->address, "/%s", sorted.verb->name);
    line->message = (SyMessage){line->address, line->args, 0};
    const SyStatus status = sort_words(words, n_words, &sorted, error);
    if (status != SY_OK) {
        return status;
    }
    if (strcmp(sorted.verb->name, "create") == 0) {
        return create_args(&sorted, line, error);
    }
    if (strcmp(sorted.verb->name, "connect") == 0) {
        return connect_args(&sorted, line, error);
    }
    return other_args(&sorted, line, error);
}
