#include "osc/allow.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const uint8_t v4_prefix[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

/* Stores 16 bytes; false for a family that has none. */
static bool bytes_of(const struct sockaddr *address, uint8_t bytes[16])
{
    if (address->sa_family == AF_INET) {
        const struct sockaddr_in *in = (const struct sockaddr_in *)(const void *)address;
        memcpy(bytes, v4_prefix, 12);
        memcpy(bytes + 12, &in->sin_addr, 4);
        return true;
    }
    if (address->sa_family == AF_INET6) {
        const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)(const void *)address;
        memcpy(bytes, &in6->sin6_addr, 16);
        return true;
    }
    return false;
}

static bool parse_bits(const char *text, int max, int *bits)
{
    char *end;
    const long value = strtol(text, &end, 10);
    *bits = (int)value;
    return text[0] >= '0' && text[0] <= '9' && *end == '\0' && value <= max;
}

static bool parse_range(const char *text, uint8_t bytes[16], int *bits)
{
    char address[INET6_ADDRSTRLEN];
    const char *slash = strchr(text, '/');
    const size_t length = slash ? (size_t)(slash - text) : strlen(text);
    if (length >= sizeof address) {
        return false;
    }
    memcpy(address, text, length);
    address[length] = '\0';
    if (inet_pton(AF_INET, address, bytes + 12) == 1) {
        memcpy(bytes, v4_prefix, 12);
        *bits = 32;
        const bool good = !slash || parse_bits(slash + 1, 32, bits);
        *bits += 96;
        return good;
    }
    *bits = 128;
    return inet_pton(AF_INET6, address, bytes) == 1 && (!slash || parse_bits(slash + 1, 128, bits));
}

SyStatus sy_allow_parse(const char *const *list, size_t n, SyAllow *allow, SyError *error)
{
    memset(allow, 0, sizeof *allow);
    for (size_t i = 0; i < n; i++) {
        if (strcmp(list[i], "any") == 0) {
            allow->any = true;
            continue;
        }
        if (allow->n == SY_ALLOW_RANGES_MAX) {
            return sy_problem(error, SY_ERR_LIMIT, "more than %d --allow ranges",
                              SY_ALLOW_RANGES_MAX);
        }
        if (!parse_range(list[i], allow->ranges[allow->n].address, &allow->ranges[allow->n].bits)) {
            return sy_problem(error, SY_ERR_USAGE,
                              "--allow %.60s is not an address range like 192.168.1.0/24, or 'any'",
                              list[i]);
        }
        allow->n++;
    }
    return SY_OK;
}

static bool in_range(const uint8_t address[16], const uint8_t range[16], int bits)
{
    const int whole = bits / 8;
    if (memcmp(address, range, (size_t)whole) != 0) {
        return false;
    }
    const uint8_t mask = (uint8_t)(0xff00 >> bits % 8);
    return bits % 8 == 0 || (address[whole] & mask) == (range[whole] & mask);
}

bool sy_address_is_loopback(const struct sockaddr *address)
{
    uint8_t bytes[16];
    if (!bytes_of(address, bytes)) {
        return address->sa_family == AF_UNIX;
    }
    return (memcmp(bytes, v4_prefix, 12) == 0 && bytes[12] == 127) ||
           memcmp(bytes, &in6addr_loopback, 16) == 0;
}

bool sy_allow_check(const SyAllow *allow, const struct sockaddr *sender)
{
    uint8_t bytes[16];
    if (allow->any || sy_address_is_loopback(sender)) {
        return true;
    }
    if (!bytes_of(sender, bytes)) {
        return false;
    }
    for (size_t i = 0; i < allow->n; i++) {
        if (in_range(bytes, allow->ranges[i].address, allow->ranges[i].bits)) {
            return true;
        }
    }
    return false;
}
