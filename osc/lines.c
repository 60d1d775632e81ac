#include "osc/lines.h"

#include <stdlib.h>
#include <string.h>

static bool takes(const SyLines *lines, const char *verb)
{
    const char *const *known = lines->verbs;
    while (*known && strcmp(*known, verb) != 0) {
        known++;
    }
    return *known != NULL;
}

static SyStatus route_line(const SyLines *lines, const SyMessage *message, uint32_t number,
                           SyCommandList *list, SyError *error)
{
    SyRoute route;
    SyStatus status = sy_route(message, &lines->world, list, &route, error);
    for (size_t i = 0; status == SY_OK && i < route.n_commands; i++) {
        SyCommand *command = &list->items[route.first + i];
        command->line = number;
        status = lines->after(&lines->world, command, error);
    }
    return status;
}

static SyStatus parse_line(const SyLines *lines, char *text, uint32_t number, SyCommandList *list,
                           SyError *error)
{
    SyLine line;
    char *words[SY_WORDS_MAX];
    size_t n_words = 0;
    SyStatus status = sy_line_split(text, words, &n_words, error);
    if (status != SY_OK || n_words == 0) {
        return status;
    }
    if (!takes(lines, words[0])) {
        return sy_problem(error, SY_ERR_SYNTAX, "'%.40s' does not belong in %s", words[0],
                          lines->has);
    }
    status = sy_line_message(words, n_words, &line, error);
    if (status == SY_OK) {
        status = lines->before(&lines->world, &line.message, error);
    }
    return status == SY_OK ? route_line(lines, &line.message, number, list, error) : status;
}

/* Parses the text, cutting it up. */
static SyStatus parse_all(const SyLines *lines, char *text, SyCommandList *list, SyError *error)
{
    SyStatus status = SY_OK;
    uint32_t number = 0;
    while (status == SY_OK && text) {
        char *end = strchr(text, '\n');
        if (end) {
            *end++ = '\0';
        }
        status = parse_line(lines, text, ++number, list, error);
        text = end;
    }
    if (status != SY_OK) {
        sy_problem_prefix(error, "line %u: ", number);
    }
    return status;
}

SyStatus sy_lines_parse(const SyLines *lines, const char *text, size_t size, SyCommandList *list,
                        SyError *error)
{
    *list = (SyCommandList){NULL, 0, 0};
    if (memchr(text, 0, size)) {
        return sy_problem(error, SY_ERR_SYNTAX, "not a text: it has a zero byte");
    }
    char *copy = malloc(size + 1);
    if (!copy) {
        return sy_problem(error, SY_ERR_MEMORY, "out of memory");
    }
    memcpy(copy, text, size);
    copy[size] = '\0';
    const SyStatus status = parse_all(lines, copy, list, error);
    if (status != SY_OK) {
        sy_commands_clear(list);
    }
    free(copy);
    return status;
}
