#include "osc/packet.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

#define BUNDLE_HEADER 16                   /* "#bundle", its zero, and the timetag */
#define UNIX_EPOCH    UINT64_C(2208988800) /* seconds from 1900, where OSC begins, to 1970 */

/* What is left of the packet. `at` never goes past `end`. */
typedef struct Reader {
    const uint8_t *start, *at, *end;
    SyError *error;
    size_t n_messages;
} Reader;

static SyStatus refuse(const Reader *reader, const char *reason)
{
    return sy_problem(reader->error, SY_ERR_PACKET, "malformed packet: %s at byte %zu", reason,
                      (size_t)(reader->at - reader->start));
}

static size_t left(const Reader *reader)
{
    return (size_t)(reader->end - reader->at);
}

static uint32_t read_u32(const uint8_t *bytes)
{
    return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
}

static uint64_t read_u64(const uint8_t *bytes)
{
    return (uint64_t)read_u32(bytes) << 32 | read_u32(bytes + 4);
}

/* Steps over `n` bytes and the zeros that fill them up to a multiple of 4. */
static SyStatus skip_padded(Reader *reader, size_t n)
{
    const size_t padded = (n + 3) & ~(size_t)3;
    if (padded > left(reader)) {
        return refuse(reader, "it ends before its data does");
    }
    for (size_t i = n; i < padded; i++) {
        if (reader->at[i] != 0) {
            reader->at += i;
            return refuse(reader, "padding that is not zero");
        }
    }
    reader->at += padded;
    return SY_OK;
}

/* Steps over a string with its terminator and padding. */
static SyStatus skip_string(Reader *reader)
{
    const uint8_t *zero = memchr(reader->at, 0, left(reader));
    if (!zero) {
        return refuse(reader, "a string without an end");
    }
    return skip_padded(reader, (size_t)(zero - reader->at) + 1);
}

static SyStatus skip_blob(Reader *reader)
{
    if (left(reader) < 4) {
        return refuse(reader, "a blob without its size");
    }
    const uint32_t size = read_u32(reader->at);
    if (size > left(reader) - 4) {
        return refuse(reader, "a blob larger than its packet");
    }
    reader->at += 4;
    return skip_padded(reader, size);
}

static SyStatus skip_fixed(Reader *reader, size_t n)
{
    if (n > left(reader)) {
        return refuse(reader, "an argument is missing");
    }
    reader->at += n;
    return SY_OK;
}

static SyStatus skip_argument(Reader *reader, char type)
{
    switch (type) {
    case 'i':
    case 'f':
    case 'c':
    case 'm':
        return skip_fixed(reader, 4);
    case 'h':
    case 'd':
    case 't':
        return skip_fixed(reader, 8);
    case 's':
    case 'S':
        return skip_string(reader);
    case 'b':
        return skip_blob(reader);
    case 'T':
    case 'F':
    case 'N':
    case 'I':
        return SY_OK;
    default:
        return sy_problem(reader->error, SY_ERR_PACKET,
                          "malformed packet: type tag '%c' (0x%02x) is not taken",
                          type >= 0x20 && type < 0x7f ? type : '?', (unsigned char)type);
    }
}

/* An address is made of printable ASCII after a slash; the characters of patterns are welcome. */
static SyStatus check_address(Reader *reader)
{
    if (reader->at == reader->end || *reader->at != '/') {
        return refuse(reader, "an address that does not begin with a slash");
    }
    const Reader begin = *reader;
    const SyStatus status = skip_string(reader);
    if (status != SY_OK) {
        return status;
    }
    for (const uint8_t *c = begin.at; *c != 0; c++) {
        if (*c <= 0x20 || *c >= 0x7f || *c == '#') {
            return refuse(&begin, "an address with a character that cannot be in one");
        }
    }
    return SY_OK;
}

static SyStatus check_message(Reader *reader)
{
    SyStatus status = check_address(reader);
    if (status != SY_OK) {
        return status;
    }
    if (left(reader) == 0 || *reader->at != ',') {
        return refuse(reader, "a message without type tags");
    }
    const char *types = (const char *)reader->at + 1;
    status = skip_string(reader);
    for (; status == SY_OK && *types != '\0'; types++) {
        status = skip_argument(reader, *types);
    }
    if (status == SY_OK && left(reader) > 0) {
        status = refuse(reader, "bytes after the last argument");
    }
    reader->n_messages++;
    return status;
}

static bool is_bundle(const uint8_t *bytes, size_t size)
{
    return size >= 8 && memcmp(bytes, "#bundle", 8) == 0;
}

static SyStatus check_element(Reader *reader, int depth);

/* The elements of a bundle, each behind its size. */
static SyStatus check_bundle(Reader *reader, int depth)
{
    if (depth >= SY_PACKET_NESTING) {
        return refuse(reader, "bundles nested too deeply");
    }
    SyStatus status = skip_fixed(reader, BUNDLE_HEADER);
    while (status == SY_OK && left(reader) > 0) {
        if (left(reader) < 4 || read_u32(reader->at) > left(reader) - 4) {
            return refuse(reader, "an element larger than its bundle");
        }
        const uint32_t size = read_u32(reader->at);
        reader->at += 4;
        Reader element = *reader;
        element.end = reader->at + size;
        status = check_element(&element, depth + 1);
        reader->n_messages = element.n_messages;
        reader->at = element.end;
    }
    return status;
}

static SyStatus check_element(Reader *reader, int depth)
{
    if (left(reader) == 0 || left(reader) % 4 != 0) {
        return refuse(reader, "a size that is not a multiple of 4, or nothing");
    }
    return is_bundle(reader->at, left(reader)) ? check_bundle(reader, depth)
                                               : check_message(reader);
}

SyStatus sy_packet_check(const void *packet, size_t size, size_t *n_messages, SyError *error)
{
    Reader reader = {.start = packet, .at = packet, .end = (const uint8_t *)packet + size};
    reader.error = error;
    if (size > SY_PACKET_MAX) {
        return sy_problem(error, SY_ERR_PACKET, "packet larger than %d bytes", SY_PACKET_MAX);
    }
    const SyStatus status = check_element(&reader, 0);
    if (n_messages) {
        *n_messages = reader.n_messages;
    }
    return status;
}

static void walk(const uint8_t *at, size_t size, uint64_t timetag, SyPacketFunc *func, void *user)
{
    if (!is_bundle(at, size)) {
        func(user, timetag, at, size);
        return;
    }
    /* An inner bundle is never earlier than the one around it; 0 and 1 mean "with it". */
    const uint64_t inner = read_u64(at + 8);
    const uint64_t own = inner > timetag ? inner : timetag;
    for (size_t i = BUNDLE_HEADER; i < size;) {
        const uint32_t n = read_u32(at + i);
        walk(at + i + 4, n, own, func, user);
        i += 4 + (size_t)n;
    }
}

void sy_packet_walk(const void *packet, size_t size, SyPacketFunc *func, void *user)
{
    walk(packet, size, SY_TIMETAG_NOW, func, user);
}

double sy_timetag_unix(uint64_t timetag)
{
    const double seconds = (double)(timetag >> 32) - (double)UNIX_EPOCH;
    return seconds + (double)(timetag & 0xffffffff) / 4294967296.0;
}

uint64_t sy_timetag_from_unix(double seconds)
{
    const double whole = floor(seconds);
    const uint64_t fraction = (uint64_t)((seconds - whole) * 4294967296.0);
    return ((uint64_t)(int64_t)whole + UNIX_EPOCH) << 32 | fraction;
}
