/* A set of places in the name is one 64-bit word: bit p says "the pattern so far can have matched
 * the first p bytes". Every element of the pattern turns the set into the next one, so nothing is
 * ever tried twice and no pattern, however hostile, takes more than its length times the name's. */
#include "osc/pattern.h"

#include <stdint.h>
#include <string.h>

bool sy_pattern_is(const char *text, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        if (strchr("?*[]{}", text[i]) && text[i] != '\0') {
            return true;
        }
    }
    return false;
}

/* The length of the element that begins the pattern, or 0 if it is never closed. */
static size_t element_length(const char *pattern, size_t length)
{
    const char opening = pattern[0];
    if (opening != '[' && opening != '{') {
        return opening == ']' || opening == '}' ? 0 : 1;
    }
    const char *end = memchr(pattern + 1, opening == '[' ? ']' : '}', length - 1);
    return end ? (size_t)(end - pattern) + 1 : 0;
}

bool sy_pattern_valid(const char *pattern, size_t length)
{
    while (length > 0) {
        const size_t n = element_length(pattern, length);
        if (n == 0) {
            return false;
        }
        pattern += n;
        length -= n;
    }
    return true;
}

/* `list` is what stands between the brackets. */
static bool in_brackets(const char *list, size_t length, char c)
{
    const bool negated = length > 0 && list[0] == '!';
    bool found = false;
    for (size_t i = negated; i < length; i++) {
        if (i + 2 < length && list[i + 1] == '-') {
            found |= (list[i] <= c && c <= list[i + 2]) || (list[i + 2] <= c && c <= list[i]);
            i += 2;
        } else {
            found |= list[i] == c;
        }
    }
    return found != negated;
}

/* The places after one byte for which the element stands. */
static uint64_t after_byte(uint64_t places, const char *element, size_t length, const char *name,
                           size_t name_length)
{
    uint64_t next = 0;
    for (size_t p = 0; p < name_length; p++) {
        const bool fits = element[0] == '?'   ? true
                          : element[0] == '[' ? in_brackets(element + 1, length - 2, name[p])
                                              : element[0] == name[p];
        if ((places >> p & 1) && fits) {
            next |= UINT64_C(2) << p;
        }
    }
    return next;
}

static uint64_t after_word(uint64_t places, const char *word, size_t length, const char *name,
                           size_t name_length)
{
    uint64_t next = 0;
    for (size_t p = 0; p + length <= name_length; p++) {
        if ((places >> p & 1) && memcmp(word, name + p, length) == 0) {
            next |= UINT64_C(1) << (p + length);
        }
    }
    return next;
}

/* `list` is what stands between the braces. */
static uint64_t after_braces(uint64_t places, const char *list, size_t length, const char *name,
                             size_t name_length)
{
    uint64_t next = 0;
    for (;;) {
        const char *comma = memchr(list, ',', length);
        const size_t n = comma ? (size_t)(comma - list) : length;
        next |= after_word(places, list, n, name, name_length);
        if (!comma) {
            return next;
        }
        list += n + 1;
        length -= n + 1;
    }
}

bool sy_pattern_match(const char *pattern, size_t length, const char *name, size_t name_length)
{
    if (name_length > SY_PATTERN_NAME_MAX || !sy_pattern_valid(pattern, length)) {
        return false;
    }
    uint64_t places = 1;
    while (length > 0 && places != 0) {
        const size_t n = element_length(pattern, length);
        if (pattern[0] == '*') {
            places |= ~(places - 1); /* from the first place on, all of them */
        } else if (pattern[0] == '{') {
            places = after_braces(places, pattern + 1, n - 2, name, name_length);
        } else {
            places = after_byte(places, pattern, n, name, name_length);
        }
        pattern += n;
        length -= n;
    }
    return places >> name_length & 1;
}

bool sy_pattern_match_address(const char *pattern, const char *address)
{
    pattern += pattern[0] == '/';
    address += address[0] == '/';
    for (;;) {
        const size_t n_pattern = strcspn(pattern, "/");
        const size_t n_address = strcspn(address, "/");
        if (!sy_pattern_match(pattern, n_pattern, address, n_address)) {
            return false;
        }
        pattern += n_pattern;
        address += n_address;
        if (*pattern == '\0' || *address == '\0') {
            return *pattern == *address;
        }
        pattern++;
        address++;
    }
}
