#include "tests/osc/packets.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "osc/packet.h"
#include "osc/parse.h"

#define MESSAGE(bytes)                                                                             \
    {                                                                                              \
        bytes, sizeof(bytes) - 1                                                                   \
    }
#define ROOM 2048

static const struct {
    const char *bytes;
    size_t size;
} messages[] = {
    MESSAGE("/vco/1/freq\0,f\0\0\x43\xdc\0\0"),
    MESSAGE("/vco/1/freq\0,\0\0\0"),
    MESSAGE("/create\0,sisfsi\0vco\0\0\0\0\1freq\0\0\0\0\x42\xdc\0\0voices\0\0\0\0\0\x8"),
    MESSAGE("/connect\0\0\0\0,ssf\0\0\0\0vco/1/saw\0\0\0vcf/1/in\0\0\0\0\x3f\0\0\0"),
    MESSAGE("/{vco,lfo}/[1-4]/fr*q?\0\0,d\0\0\x40\x10\0\0\0\0\0\0"),
    MESSAGE("/keys/1/note\0\0\0\0,ii\0\0\0\0\x3c\0\0\0\x64"),
    MESSAGE("/a\0\0,TFNI\0\0\0"),
    MESSAGE("/b\0\0,htS\0\0\0\0\0\0\0\0\0\0\0\1\0\0\0\0\0\0\0\1sym\0"),
    MESSAGE("/c\0\0,bcm\0\0\0\0\0\0\0\5hello\0\0\0\0\0\0a\0\x90\x3c\x40"),
    MESSAGE("/d\0\0,b\0\0\0\0\0\0"),
    MESSAGE("/sync\0\0\0,i\0\0\0\0\0\7"),
    MESSAGE("/load\0\0\0,s\0\0/tmp/a.synth\0\0\0\0"),
};

#define N_MESSAGES (sizeof messages / sizeof messages[0])

static size_t put_message(uint8_t *at, size_t i)
{
    memcpy(at, messages[i].bytes, messages[i].size);
    return messages[i].size;
}

static void put_u32(uint8_t *at, size_t value)
{
    at[0] = (uint8_t)(value >> 24);
    at[1] = (uint8_t)(value >> 16);
    at[2] = (uint8_t)(value >> 8);
    at[3] = (uint8_t)value;
}

/* A bundle of messages `first` to `last`, with another one like it inside, `depth` deep. */
static size_t put_bundle(uint8_t *at, size_t first, size_t last, int depth)
{
    size_t size = 16;
    memcpy(at, "#bundle\0\0\0\0\0\0\0\0\1", 16);
    for (size_t i = first; i <= last; i++) {
        const size_t n = put_message(at + size + 4, i);
        put_u32(at + size, n);
        size += 4 + n;
    }
    if (depth > 1) {
        const size_t n = put_bundle(at + size + 4, first, first, depth - 1);
        put_u32(at + size, n);
        size += 4 + n;
    }
    return size;
}

size_t sy_packet_samples(void)
{
    return N_MESSAGES + 4;
}

size_t sy_packet_sample(size_t i, uint8_t *packet)
{
    if (i < N_MESSAGES) {
        return put_message(packet, i);
    }
    switch (i - N_MESSAGES) {
    case 0:
        return put_bundle(packet, 1, 0, 1); /* nothing in it */
    case 1:
        return put_bundle(packet, 0, 2, 1);
    case 2:
        return put_bundle(packet, 0, N_MESSAGES - 1, 2);
    case 3:
        return put_bundle(packet, 9, 10, SY_PACKET_NESTING);
    default:
        return 0;
    }
}

uint32_t sy_random(uint64_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return (uint32_t)(*state >> 32);
}

static size_t pick(uint64_t *state, size_t n)
{
    return n > 0 ? sy_random(state) % n : 0;
}

/* Values that sizes and counts go wrong at. */
static void put_nasty_size(uint8_t *packet, size_t size, uint64_t *state)
{
    static const uint32_t nasty[] = {0,  1,          3,          4,          5,
                                     16, 0x7fffffff, 0x80000000, 0xfffffffc, 0xffffffff};
    if (size >= 4) {
        const size_t at = 4 * pick(state, size / 4);
        put_u32(packet + at, nasty[pick(state, sizeof nasty / sizeof nasty[0])]);
    }
}

/* Repeats a piece where it is. */
static size_t repeat(uint8_t *packet, size_t size, uint64_t *state)
{
    const size_t from = pick(state, size), n = pick(state, size - from);
    if (size + n > ROOM) {
        return size;
    }
    memmove(packet + from + n, packet + from, size - from);
    return size + n;
}

static size_t cut(uint8_t *packet, size_t size, uint64_t *state)
{
    const size_t from = pick(state, size), n = pick(state, size - from);
    memmove(packet + from, packet + from + n, size - from - n);
    return size - n;
}

static size_t spoil_once(uint8_t *packet, size_t size, uint64_t *state)
{
    static const char telling[] = "/,#b\0sfidhTFNI[]*?{}\xff\x7f";
    const uint32_t way = sy_random(state) % 8;
    const size_t at = pick(state, size);
    switch (way) {
    case 0:
        packet[at] ^= (uint8_t)(1u << sy_random(state) % 8);
        return size;
    case 1:
        packet[at] = (uint8_t)sy_random(state);
        return size;
    case 2:
        packet[at] = (uint8_t)telling[pick(state, sizeof telling)];
        return size;
    case 3:
        put_nasty_size(packet, size, state);
        return size;
    case 4:
        return cut(packet, size, state);
    case 5:
        return cut(packet, size, state) & ~(size_t)3;
    case 6:
        return repeat(packet, size, state);
    default:
        return size > 4 ? at & ~(size_t)3 : size;
    }
}

size_t sy_packet_spoil(uint8_t *packet, size_t size, uint64_t *state)
{
    const uint32_t times = 1 + sy_random(state) % 4;
    for (uint32_t i = 0; i < times && size > 0; i++) {
        size = spoil_once(packet, size, state);
    }
    return size;
}

uint8_t *sy_packet_fence(size_t size)
{
    static uint8_t *fence;
    const size_t page = (size_t)sysconf(_SC_PAGESIZE);
    if (!fence) {
        uint8_t *pages = mmap(NULL, 17 * page + page, PROT_READ | PROT_WRITE,
                              MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (pages == MAP_FAILED || mprotect(pages + 17 * page, page, PROT_NONE) != 0) {
            abort();
        }
        fence = pages + 17 * page;
    }
    return fence - size;
}

/* What liblo refuses it must refuse without reading past the end; both outcomes are fine. */
static void read_message(void *user, uint64_t timetag, const void *message, size_t size)
{
    SyParsed parsed;
    (void)timetag;
    if (sy_parsed_init(&parsed, message, size, NULL) == SY_OK) {
        *(int *)user += (int)parsed.message.n_args;
        sy_parsed_deinit(&parsed);
    }
}

int sy_packet_try(const uint8_t *packet, size_t size)
{
    uint8_t *at = sy_packet_fence(size);
    int n_args = 0;
    memcpy(at, packet, size);
    if (sy_packet_check(at, size, NULL, NULL) != SY_OK) {
        return 0;
    }
    sy_packet_walk(at, size, read_message, &n_args);
    return 1;
}
