#include "osc/text.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define WORD_MAX 31 /* longer words are not compared */

SyStatus sy_problem(SyError *error, SyStatus status, const char *format, ...)
{
    if (error) {
        va_list args;
        va_start(args, format);
        vsnprintf(error->text, sizeof error->text, format, args);
        va_end(args);
    }
    return status;
}

void sy_problem_prefix(SyError *error, const char *format, ...)
{
    char joined[sizeof error->text];
    va_list args;
    va_start(args, format);
    const int n = vsnprintf(joined, sizeof joined, format, args);
    va_end(args);
    if (n >= 0 && (size_t)n < sizeof joined) {
        snprintf(joined + n, sizeof joined - (size_t)n, "%s", error->text);
    }
    memcpy(error->text, joined, sizeof joined);
}

void sy_problem_copy(const SyError *error, char *text, size_t size)
{
    if (size > 0) {
        snprintf(text, size, "%s", error->text);
    }
}

void sy_names_add(SyNames *list, const char *name)
{
    if (list->n < SY_NAMES_MAX) {
        list->names[list->n++] = name;
    }
}

static int min3(int a, int b, int c)
{
    const int ab = a < b ? a : b;
    return ab < c ? ab : c;
}

static int lower(char c)
{
    return tolower((unsigned char)c);
}

/* Insertions, deletions, changes and swaps of neighbours that make b out of a. */
static int distance(const char *a, size_t n_a, const char *b, size_t n_b)
{
    int row[WORD_MAX + 2][WORD_MAX + 2];
    for (size_t i = 0; i <= n_a; i++) {
        row[i][0] = (int)i;
    }
    for (size_t j = 0; j <= n_b; j++) {
        row[0][j] = (int)j;
    }
    for (size_t i = 1; i <= n_a; i++) {
        for (size_t j = 1; j <= n_b; j++) {
            const int change = lower(a[i - 1]) != lower(b[j - 1]);
            int d = min3(row[i - 1][j] + 1, row[i][j - 1] + 1, row[i - 1][j - 1] + change);
            if (i > 1 && j > 1 && lower(a[i - 1]) == lower(b[j - 2]) &&
                lower(a[i - 2]) == lower(b[j - 1]) && row[i - 2][j - 2] + 1 < d) {
                d = row[i - 2][j - 2] + 1;
            }
            row[i][j] = d;
        }
    }
    return row[n_a][n_b];
}

/* How far `name` is from `word`; an unfinished word ("cut" for "cutoff") is near. */
static int farness(const char *word, size_t length, const char *name)
{
    const size_t n_name = strlen(name);
    if (length == 0 || length > WORD_MAX || n_name > WORD_MAX) {
        return WORD_MAX;
    }
    if (length >= 2 && length < n_name && strncasecmp(word, name, length) == 0) {
        return 1;
    }
    return distance(word, length, name, n_name);
}

const char *sy_names_nearest(const SyNames *list, const char *word, size_t length)
{
    const char *nearest = NULL;
    int best = 1 + (length < 3 ? 1 : (int)length / 3);
    for (size_t i = 0; i < list->n; i++) {
        const int d = farness(word, length, list->names[i]);
        if (d < best) {
            best = d;
            nearest = list->names[i];
        }
    }
    return nearest;
}

static size_t append(char *text, size_t size, size_t used, const char *more)
{
    const int n = used < size ? snprintf(text + used, size - used, "%s", more) : 0;
    return used + (size_t)(n > 0 ? n : 0);
}

void sy_names_hint(const SyNames *list, const char *word, size_t length, char *text, size_t size)
{
    const char *nearest = sy_names_nearest(list, word, length);
    size_t used = 0;
    if (size > 0) {
        text[0] = '\0';
    }
    if (list->n == 0) {
        append(text, size, 0, "there are none");
        return;
    }
    if (nearest) {
        used = append(text, size, used, "did you mean '");
        used = append(text, size, used, nearest);
        used = append(text, size, used, "'? ");
    }
    used = append(text, size, used, "there are: ");
    for (size_t i = 0; i < list->n; i++) {
        used = append(text, size, used, i > 0 ? ", " : "");
        used = append(text, size, used, list->names[i]);
    }
}
